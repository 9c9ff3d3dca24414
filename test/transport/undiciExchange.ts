import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Handler } from "./HandlerServer.js"
import * as HandlerServer from "./HandlerServer.js"

/** Sends one request to a server with this handler, and uses the response while the client is open. */
export const exchange = <A, E>(
  handler: Handler,
  request: HttpClientRequest.HttpClientRequest,
  use: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const server = yield* HandlerServer.make(handler)
    const client = yield* HttpClient.HttpClient
    return yield* Effect.flatMap(client.execute(HttpClientRequest.prependUrl(request, server.url)), use)
  }).pipe(Effect.scoped, Effect.provide(UndiciHttpClient.layer))

/** A server and an open client. */
export const withServer = <A, E>(
  handler: Handler,
  use: (client: HttpClient.HttpClient, server: HandlerServer.HandlerServer) => Effect.Effect<A, E, Scope.Scope>
) =>
  Effect.gen(function* () {
    const server = yield* HandlerServer.make(handler)
    return yield* use(yield* HttpClient.HttpClient, server)
  }).pipe(Effect.scoped, Effect.provide(UndiciHttpClient.layer))

export const until = (isTrue: () => boolean) =>
  Effect.repeat(Effect.sync(isTrue), { until: (is) => is, schedule: Schedule.spaced("1 millis") })
