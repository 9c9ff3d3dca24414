/**
 * How requests are sent: timeout, headers, query, idempotency key. As a layer for all calls of a client, or as an
 * override for the calls of one effect or stream.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Record from "effect/Record"
import type * as Stream from "effect/Stream"
import * as Override from "./transport/Override.js"

/**
 * Options for all calls of a client.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.Options = { timeout: "5 seconds", headers: { "x-tenant": "eu" } }
 * console.log(options.timeout)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How long one attempt may take, the answer's last byte included. 60 seconds by default; `Duration.infinity` for none. */
  readonly timeout?: Duration.DurationInput | undefined
  /** More headers. They win over those that the client sets. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** More query parameters. They win over those of the operation. */
  readonly query?: Readonly<Record<string, string>> | undefined
}

/**
 * Options for the calls of one effect or stream.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.CallOptions = { idempotencyKey: "signup-4711" }
 * console.log(options.idempotencyKey)
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions extends Options {
  /**
   * The `Idempotency-Key` of a POST, in place of a random one: the API does what has one key once, and answers it again
   * for 24 hours. For one call: two different calls under one key are one to the API.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The options of a client, read once when it is built. Optional: without the layer an attempt has 60 seconds.
 *
 * @example
 * import { Layer } from "effect"
 * import { RequestOptions, Stigg } from "effect-stigg"
 *
 * const StiggLive = Stigg.layerEnv.pipe(Layer.provide(RequestOptions.layer({ timeout: "5 seconds" })))
 *
 * @category tags
 * @since 0.1.0
 */
export class RequestOptions extends Context.Tag("effect-stigg/RequestOptions")<RequestOptions, Options>() {}

/**
 * A layer with options for all calls of the clients built on it. A header that no HTTP header can be fails each call with
 * `InvalidRequestError`.
 *
 * @example
 * import { Layer } from "effect"
 * import { RequestOptions, Stigg } from "effect-stigg"
 *
 * const StiggLive = Stigg.layerEnv.pipe(Layer.provide(RequestOptions.layer({ headers: { "x-tenant": "eu" } })))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<RequestOptions> => Layer.succeed(RequestOptions, options)

/** The overrides in force where a call is made. */
export class Current extends Context.Reference<Current>()("effect-stigg/RequestOptions/Current", {
  defaultValue: (): CallOptions => ({})
}) {}

/**
 * Overrides options for the calls of an effect or a stream. Fields merge one by one, headers and query parameters
 * likewise; of overrides within each other the innermost wins.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, RequestOptions } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   RequestOptions.locally({ timeout: "2 seconds" })
 * )
 *
 * @category combinators
 * @since 0.1.0
 */
export const locally: {
  (
    options: CallOptions
  ): <X extends Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>>(self: X) => X
  <X extends Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>>(
    self: X,
    options: CallOptions
  ): X
} = dual(2, (self: Override.Target, options: CallOptions) => Override.locally(self, Current, options, merge))

/** The options `over` on top of `under`. */
export const merge = (under: CallOptions, over: CallOptions): CallOptions => ({
  ...under,
  ...Override.defined(over),
  headers: { ...lowerCase(under.headers), ...lowerCase(over.headers) },
  query: { ...under.query, ...over.query }
})

/** A header is the same one however its name is written. */
const lowerCase = (headers: Options["headers"] = {}): Readonly<Record<string, string>> =>
  Record.mapKeys(headers, (name) => name.toLowerCase())

/** How long an attempt has when nobody says. */
export const defaultTimeout: Duration.Duration = Duration.seconds(60)
