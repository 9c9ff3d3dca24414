import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as ApiFailure from "./ApiFailure.js"

/** The answer to a page by two cursors that do not enclose one. */
export const exclusive: ApiFailure.ApiFailure = ApiFailure.badInput("before", "after and before are mutually exclusive")

/** Refuses a request with both cursors. */
export const oneOf = <A, E, R>(
  handled: Effect.Effect<A, E, R>
): Effect.Effect<A, E | ApiFailure.ApiFailure, R | HttpServerRequest.ParsedSearchParams> =>
  Effect.flatMap(
    HttpServerRequest.ParsedSearchParams,
    ({ after, before }): Effect.Effect<A, E | ApiFailure.ApiFailure, R> =>
      after === undefined || before === undefined ? handled : exclusive
  )
