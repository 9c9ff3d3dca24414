/**
 * Which errors are retried, when, and how often. A layer sets the policy for all calls of a client; {@link locally}
 * overrides it for the calls of one effect or stream.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Schedule from "effect/Schedule"
import type * as Stream from "effect/Stream"
import type { StiggError } from "./StiggError.js"
import * as Override from "./internal/options/Override.js"
import { Current, defaultSchedule, merge } from "./internal/options/Retry.js"

export { defaultSchedule }

/**
 * Options for the calls of one effect or stream.
 *
 * @example
 * import { Schedule } from "effect"
 * import { RetryPolicy } from "effect-stigg"
 *
 * const patient: RetryPolicy.CallOptions = { maxRetries: 10, schedule: Schedule.spaced("5 seconds") }
 * console.log(patient.maxRetries) // 10
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions {
  /** The maximum number of retries of a call: 2 by default, 0 for none, `Infinity` for no limit. */
  readonly maxRetries?: number | undefined
  /** When to retry: {@link defaultSchedule} by default. A `Retry-After` header overrides its delay. */
  readonly schedule?: Schedule.Schedule<unknown, StiggError> | undefined
  /** Which errors to retry: `StiggError.isRetryable` by default. */
  readonly while?: ((error: StiggError) => boolean) | undefined
  /** The longest `Retry-After` to wait for: 60 seconds by default. If it is longer, the call fails at once. */
  readonly retryAfterCap?: Duration.DurationInput | undefined
}

/**
 * A token budget that keeps retries from multiplying the load during an outage. A retry costs tokens, a success refunds
 * some, and a call is not retried when too few tokens are left.
 *
 * @example
 * import { RetryPolicy } from "effect-stigg"
 *
 * const budget: RetryPolicy.Budget = { capacity: 100, cost: 5, refund: 1 }
 * console.log(budget.capacity / budget.cost) // 20
 *
 * @category models
 * @since 0.1.0
 */
export interface Budget {
  /** Tokens of a new client, and the most it can have: 100 by default. */
  readonly capacity: number
  /** Tokens per retry: 5 by default. */
  readonly cost: number
  /** Tokens refunded per success: 1 by default. */
  readonly refund: number
}

/**
 * Options for all calls of a client.
 *
 * @example
 * import { RetryPolicy } from "effect-stigg"
 *
 * const options: RetryPolicy.Options = { maxRetries: 5, budget: false }
 * console.log(options.maxRetries) // 5
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends CallOptions {
  /** The client's retry budget; false for none. */
  readonly budget?: Partial<Budget> | false | undefined
}

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
