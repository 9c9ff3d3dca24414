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

/** An answer, its body read to the last byte. */
export interface Answer {
  readonly status: number
  /** Their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * What came back with a result.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggClient } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => StiggClient.withResponse(customers.retrieve("customer-acme"))),
 *   Effect.map(([customer, response]) => [customer.id, response?.traceId])
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface ResponseInfo {
  readonly status: number
  /** Their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** What to give to support; null when the answer holds none. */
  readonly traceId: string | null
}

/** An exchange that brought no whole answer. */
export interface Broken {
  /** Before the headers of the answer, or inside its body. */
  readonly reason: "request" | "body"
  /** The system's code, such as `ECONNRESET`. */
  readonly code: string | null
  /** Never the platform's own error, which carries the request and its key. */
  readonly cause: unknown
}

/** An answer whose body is longer than the limit. */
export interface TooLarge {
  readonly reason: "size"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Bytes, after decompression. */
  readonly limit: number
}

/**
 * One request and its whole answer, whatever the status. A redirect is an answer: fetch alone would follow it with the
 * key. When the exchange fails or is interrupted, the request is aborted and its socket closed.
 */
export const make = (
  client: HttpClient.HttpClient,
  transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
) => {
  const transformed = transformClient(BoundedResponse.client(client))
  // The platform's spans hold the headers of the request, and end with errors that do: an attempt has a span of its own.
  const scoped = HttpClient.withScope(HttpClient.withTracerDisabledWhen(transformed, () => true))
  /** @param limit of the body, in bytes after decompression */
  return (request: HttpClientRequest.HttpClientRequest, limit: number): Effect.Effect<Answer, Broken | TooLarge> =>
    Effect.flatMap(Scope.make(), (scope) =>
      exchange(scoped, request).pipe(
        Effect.mapInputContext((context: Context.Context<never>) =>
          context.pipe(
            Context.add(Scope.Scope, scope),
            Context.add(BoundedResponse.Limit, limit),
            Context.add(FetchHttpClient.RequestInit, { redirect: "manual" })
          )
        ),
        // After a whole answer there is nothing to abort, and the connection is to be used again.
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
      // A client that was taught to fail on a status still holds the answer.
      error._tag === "ResponseError" && error.reason === "StatusCode"
        ? Effect.succeed(error.response)
        : Effect.fail(broken("request", error))
    ),
    Effect.flatMap(read)
  )

const read = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Answer, Broken | TooLarge> => {
  const { status } = response
  const headers = { ...response.headers }
  // A client that was put in place of the one given bounds nothing.
  return Effect.flatMap(BoundedResponse.make(response), ({ text }) =>
    Effect.mapBoth(text, {
      onSuccess: (body) => ({ status, headers, body }),
      // The platform calls a reset inside a body a failure to decode; read as text, it can be nothing but the connection.
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

/** fetch wraps the system's error in one of its own. */
const systemCode = (cause: unknown): string | null => {
  // Bounded, for a cause may be its own.
  for (let at = cause, depth = 0; Predicate.isRecord(at) && depth < 8; at = at["cause"], depth++) {
    if (Predicate.isString(at["code"])) return at["code"]
  }
  return null
}
