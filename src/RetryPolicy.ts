/**
 * Which errors are retried, when, and how often. A layer sets the policy for all calls of a client; {@link locally}
 * overrides it for the calls of one effect or stream.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as Override from "./internal/options/Override.js"
import type { Budget, CallOptions, Options } from "./internal/options/Retry.js"
import { Current, defaultSchedule, merge } from "./internal/options/Retry.js"

export { defaultSchedule, type Budget, type CallOptions, type Options }

/**
 * The retry policy of a client, read once when it is built. Without this layer, the client uses the defaults.
 *
 * @example
 * import { Layer } from "effect"
 * import { RetryPolicy, Stigg } from "effect-stigg"
 *
 * const StiggLive = Stigg.layerEnv.pipe(Layer.provide(RetryPolicy.layer({ maxRetries: 5 })))
 *
 * @category tags
 * @since 0.1.0
 */
export class RetryPolicy extends Context.Tag("effect-stigg/RetryPolicy")<RetryPolicy, Options>() {}

/**
 * A layer with a policy for all calls of the clients built on it. An invalid option, such as a `maxRetries` of NaN,
 * fails the client's layer with `StiggInvalidOptionsError`.
 *
 * @example
 * import { Layer, Schedule } from "effect"
 * import { RetryPolicy, Stigg } from "effect-stigg"
 *
 * const StiggLive = Stigg.layerEnv.pipe(
 *   Layer.provide(RetryPolicy.layer({ maxRetries: 5, schedule: Schedule.spaced("1 second") }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<RetryPolicy> => Layer.succeed(RetryPolicy, options)

/**
 * A layer with a policy that never retries.
 *
 * @example
 * import { Layer } from "effect"
 * import { RetryPolicy, Stigg } from "effect-stigg"
 *
 * const StiggLive = Stigg.layerEnv.pipe(Layer.provide(RetryPolicy.none))
 *
 * @category layers
 * @since 0.1.0
 */
export const none: Layer.Layer<RetryPolicy> = layer({ maxRetries: 0 })

/**
 * Overrides the policy for the calls of an effect or stream. Fields merge one by one; the innermost override wins. An
 * invalid option fails the call with `StiggInvalidRequestError`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, RetryPolicy } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   RetryPolicy.locally({ maxRetries: 0 })
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
