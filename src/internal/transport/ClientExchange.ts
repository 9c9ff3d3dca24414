import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as BoundedResponse from "./BoundedResponse.js"
import * as Deadline from "./Deadline.js"
import type { Exchange } from "./Exchange.js"
import type { OutgoingRequest } from "./Request.js"
import type { Broken, TextResponse, TooLarge } from "./TextResponse.js"
import { broken } from "./TextResponse.js"

/** An exchange over any `HttpClient`. With a timeout, it runs on a separate fiber. */
export const make = (client: HttpClient.HttpClient): Exchange => {
  // The platform's spans contain the request headers, and end with errors that do. Each attempt has its own span.
  const scoped = HttpClient.withScope(HttpClient.withTracerDisabledWhen(client, () => true))
  return (request, { headers, maxBytes, onFailure, timeout }) => {
    const exchanging = Effect.flatMap(Scope.make(), (scope) =>
      exchange(scoped, HttpClientRequest.setHeaders(toClientRequest(request), headers)).pipe(
        Effect.mapInputContext((context: Context.Context<never>) =>
          context.pipe(
            Context.add(Scope.Scope, scope),
            Context.add(BoundedResponse.Limit, maxBytes),
            Context.add(FetchHttpClient.RequestInit, { redirect: "manual" }),
            request.body === null ? identity : Context.add(FetchHttpClient.Fetch, withoutLength(context))
          )
        ),
        Effect.mapError(onFailure),
        // After a complete response there is nothing to abort, and the connection can be reused.
        Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
      )
    )
    return timeout === null ? exchanging : Deadline.within(timeout, () => onFailure({ reason: "timeout" }))(exchanging)
  }
}

/**
 * The `fetch` of a context, without the header `content-length`, which `fetch` sets itself. Platform 0.96 sends it too,
 * and the undici of some versions of Node then fails with "invalid content-length header".
 */
const withoutLength = (context: Context.Context<never>): typeof globalThis.fetch => {
  const fetch = Option.getOrElse(Context.getOption(context, FetchHttpClient.Fetch), () => globalThis.fetch)
  return (input, init) => {
    const headers = new Headers(init?.headers)
    if (!headers.has("content-length")) return fetch(input, init)
    headers.delete("content-length")
    return fetch(input, { ...init, headers: Object.fromEntries(headers) })
  }
}

const toClientRequest = ({ body, headers, method, url, urlParams }: OutgoingRequest) => {
  const request = HttpClientRequest.make(method)(url, { urlParams })
  return HttpClientRequest.setHeaders(
    body === null ? request : HttpClientRequest.bodyText(request, body, "application/json"),
    headers
  )
}

const exchange = (
  client: HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>,
  request: HttpClientRequest.HttpClientRequest
) =>
  client.execute(request).pipe(
    Effect.catchAll((error) =>
      // The error of a client that fails on some statuses still contains the response.
      error._tag === "ResponseError" && error.reason === "StatusCode"
        ? Effect.succeed(error.response)
        : Effect.fail(broken("request", error.cause))
    ),
    Effect.flatMap(read)
  )

const read = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<TextResponse, Broken | TooLarge> => {
  const { status } = response
  const headers = { ...response.headers }
  // A client that `transformClient` returns instead of the given one does not bound its responses.
  return Effect.flatMap(BoundedResponse.make(response), ({ text }) =>
    Effect.mapBoth(text, {
      onSuccess: (body) => ({ status, headers, body }),
      // The platform reports a reset inside a body as a decode failure. Reading text fails only if the connection does.
      onFailure: (error) =>
        error.cause instanceof BoundedResponse.TooLarge
          ? { reason: "size", status, headers, limit: error.cause.limit }
          : broken("body", error.cause)
    })
  )
}
