/**
 * How requests are sent: timeout, response size, headers, query parameters and idempotency key. A layer sets the
 * options for all calls of a client; {@link locally} overrides them for the calls of one effect or stream.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import { Current, merge } from "./internal/options/CallOptions.js"
import * as Override from "./internal/options/Override.js"

/**
 * Options for all calls of a client.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.Options = { timeout: "5 seconds", headers: { "x-tenant": "eu" } }
 * console.log(options.timeout) // 5 seconds
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The timeout of one attempt, including the response body. 60 seconds by default; `Duration.infinity` for none. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * The maximum size of a response body in bytes, after decompression: 16 MiB by default. With 0, only the runtime's
   * longest string, 512 MiB, limits it. A longer body fails with `StiggResponseTooLargeError`.
   */
  readonly maxResponseBytes?: number | undefined
  /** Extra headers. They override those that the client sets. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Extra query parameters. They override those of the operation. */
  readonly query?: Readonly<Record<string, string>> | undefined
}

/**
 * Options for the calls of one effect or stream.
 *
 * @example
 * import { RequestOptions } from "effect-stigg"
 *
 * const options: RequestOptions.CallOptions = { idempotencyKey: "signup-4711" }
 * console.log(options.idempotencyKey) // signup-4711
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions extends Options {
  /**
   * The `Idempotency-Key` of a POST, instead of a random one. The API executes requests with the same key once, and
   * repeats the first response for 24 hours. Use a key for one call only: the API treats different calls with one key
   * as the same call.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The options of a client, read once when it is built. Without this layer, the client uses the defaults.
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
 * A layer with options for all calls of the clients built on it. An invalid option, such as a timeout of NaN, fails the
 * client's layer with `StiggInvalidOptionsError`.
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

/**
 * Overrides options for the calls of an effect or stream. Fields, headers and query parameters merge one by one; the
 * innermost override wins. An invalid option fails the call with `StiggInvalidRequestError`.
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
