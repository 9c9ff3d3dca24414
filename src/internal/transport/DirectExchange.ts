import type * as HttpClient from "@effect/platform/HttpClient"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Deadline from "./Deadline.js"
import type { Exchange, Options } from "./Exchange.js"
import type { Broken, TextResponse, TooLarge } from "./TextResponse.js"
import type { OutgoingRequest } from "./Request.js"
import { broken } from "./TextResponse.js"

/** A complete request. */
export interface DirectRequest {
  readonly method: string
  readonly url: URL
  /** The names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** The maximum size of the response body in bytes, after decompression. */
  readonly limit: number
}

/**
 * Starts an exchange, and calls back once, when the response is complete or the exchange is broken. Returns a function
 * that aborts the exchange and closes its socket; after that it does not call back.
 */
export type DirectExchange = (
  request: DirectRequest,
  onEnd: (result: Either.Either<TextResponse, Broken | TooLarge>) => void
) => () => void

const TypeId: unique symbol = Symbol.for("effect-stigg/DirectExchange")

/** An `HttpClient` that can also do an exchange by callbacks, which takes no fiber. */
interface DirectClient extends HttpClient.HttpClient {
  readonly [TypeId]: DirectExchange
}

/** Adds a direct exchange to a client. A wrapper of the client does not have it, so no wrapper is bypassed. */
export const attach = (client: HttpClient.HttpClient, exchange: DirectExchange): HttpClient.HttpClient =>
  Object.assign(client, { [TypeId]: exchange })

/** The direct exchange of a client, or null. */
export const of = (client: HttpClient.HttpClient): DirectExchange | null => (isDirect(client) ? client[TypeId] : null)

const isDirect = (client: HttpClient.HttpClient): client is DirectClient => Predicate.hasProperty(client, TypeId)

/**
 * Runs a direct exchange and its timer as one asynchronous effect. Unlike {@link Deadline.within}, the timeout needs no
 * separate fiber, not even in an uninterruptible region.
 */
export const toEffect =
  (direct: DirectExchange): Exchange =>
  <E>(
    { body, headers, method, url, urlParams }: OutgoingRequest,
    { headers: tracing, maxBytes, onFailure, timeout }: Options<E>
  ) =>
    Effect.clockWith((clock) =>
      Effect.async<TextResponse, E>((resume) => {
        const parsed = UrlParams.makeUrl(url, urlParams, Option.none())
        if (Either.isLeft(parsed)) return resume(Effect.fail(onFailure(broken("request", parsed.left))))
        let abort = () => {}
        const cancelTimer =
          timeout === null
            ? () => {}
            : Deadline.start(clock, Duration.toMillis(timeout), () => {
                abort()
                resume(Effect.fail(onFailure({ reason: "timeout" })))
              })
        abort = direct(
          { method, url: parsed.right, headers: { ...headers, ...tracing }, body, limit: maxBytes },
          (result) => {
            cancelTimer()
            resume(Either.mapLeft(result, onFailure))
          }
        )
        return Effect.sync(() => {
          cancelTimer()
          abort()
        })
      })
    )
