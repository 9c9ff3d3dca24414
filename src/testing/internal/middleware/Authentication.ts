import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ApiFailure from "../contract/ApiFailure.js"

/** Rejects a request without credentials, or with an API key other than the configured one. */
export const check = (
  apiKey: Option.Option<Redacted.Redacted>
): Effect.Effect<void, ApiFailure.ApiFailure, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const key = headers["x-api-key"] ?? ""
    if (key !== "") {
      return Option.isNone(apiKey) || Redacted.value(apiKey.value) === key
        ? Effect.void
        : ApiFailure.unauthenticated("The API key is not valid")
    }
    const token = /^Bearer\s+\S/i.test(headers["authorization"] ?? "")
    if (!token) return ApiFailure.unauthenticated("X-API-KEY or a user token is required")
    return (headers["x-environment-id"] ?? "") === ""
      ? ApiFailure.unauthenticated("X-ENVIRONMENT-ID is required with a user token")
      : Effect.void
  })
