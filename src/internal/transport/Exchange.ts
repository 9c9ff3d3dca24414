import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"
import * as BoundedResponse from "./BoundedResponse.js"

/** A response whose body was read completely. */
export interface TextResponse {
  readonly status: number
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An exchange without a complete response. */
export interface Broken {
  /** Where it broke: before the response headers, or inside the body. */
  readonly reason: "request" | "body"
  /** The system's error code, such as `ECONNRESET`. */
  readonly code: string | null
  /** Never the platform's own error, which contains the request and its key. */
  readonly cause: unknown
}

/** A response whose body is longer than the limit. */
export interface TooLarge {
  readonly reason: "size"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** In bytes, after decompression. */
  readonly limit: number
}

/**
 * Sends a request and reads the complete response, whatever its status. Does not follow redirects: fetch would send the
 * key along. If the exchange fails or is interrupted, the request is aborted and its socket closed.
 */
export const make = (
  client: HttpClient.HttpClient,
  transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
) => {
  const transformed = transformClient(BoundedResponse.client(client))
  // The platform's spans contain the request headers, and end with errors that do. Each attempt has its own span.
  const scoped = HttpClient.withScope(HttpClient.withTracerDisabledWhen(transformed, () => true))
  /** @param limit the maximum size of the body, in bytes after decompression */
  return (
    request: HttpClientRequest.HttpClientRequest,
    limit: number
  ): Effect.Effect<TextResponse, Broken | TooLarge> =>
    Effect.flatMap(Scope.make(), (scope) =>
      exchange(scoped, request).pipe(
        Effect.mapInputContext((context: Context.Context<never>) =>
          context.pipe(
            Context.add(Scope.Scope, scope),
            Context.add(BoundedResponse.Limit, limit),
            Context.add(FetchHttpClient.RequestInit, { redirect: "manual" })
          )
        ),
        // After a complete response there is nothing to abort, and the connection can be reused.
        Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
      )
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
        : Effect.fail(broken("request", error))
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
          : broken("body", error)
    })
  )
}

const broken = (reason: Broken["reason"], error: HttpClientError.HttpClientError): Broken => ({
  reason,
  code: systemCode(error.cause),
  cause: error.cause
})

/** The system's error code, which fetch wraps in its own error. */
const systemCode = (cause: unknown): string | null => {
  // Bounded, because an error may be its own cause.
  for (let at = cause, depth = 0; Predicate.isRecord(at) && depth < 8; at = at["cause"], depth++) {
    if (Predicate.isString(at["code"])) return at["code"]
  }
  return null
}
