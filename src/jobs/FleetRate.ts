import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/**
 * The rate of requests that all runners share.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const inTurn = <A, E, R>(request: Effect.Effect<A, E, R>) =>
 *   Effect.flatMap(CustomerJobs.FleetRate, (rate) => Effect.zipRight(rate.take, request))
 *
 * @category models
 * @since 0.1.0
 */
export interface FleetRate {
  /**
   * Waits for the turn of a request, which must then begin at once. If the shared store cannot be reached, it retries
   * until it can. If it is interrupted, its turn is lost.
   */
  readonly take: Effect.Effect<void>
  /**
   * No runner sends a request before this time has passed: the `Retry-After` of a 429, or 5 minutes if that is longer.
   * A shorter pause does not end a longer one. Returns when the store knows of it, or when it is over.
   */
  readonly pause: (duration: Duration.Duration) => Effect.Effect<void>
}

/**
 * The tag of the rate that all runners share. Provide one of your own as the `rate` of {@link Options}, or take part in
 * that of the jobs with other requests.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const oneAtATime = Layer.effect(
 *   CustomerJobs.FleetRate,
 *   Effect.map(Effect.makeSemaphore(1), (turns) => ({
 *     take: turns.withPermits(1)(Effect.sleep("1 second")),
 *     pause: (duration) => turns.withPermits(1)(Effect.sleep(duration))
 *   }))
 * )
 * const JobsLive = CustomerJobs.layerMemory({ rate: oneAtATime })
 * console.log(JobsLive)
 *
 * @category tags
 * @since 0.1.0
 */
export const FleetRate = Context.GenericTag<FleetRate>("effect-stigg/FleetRate")

/**
 * Options of {@link rateMemory} and {@link rateSql}.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const half: CustomerJobs.RateOptions = { perMinute: 125, name: "production" }
 * console.log(half.perMinute) // 125
 *
 * @category models
 * @since 0.1.0
 */
export interface RateOptions {
  /**
   * The most requests of the fleet in any 60 seconds, wherever they start: 250 by default, the API's limit of imports.
   * At least 2. In the long run, the fleet sends what `burst` leaves of it, less 2 %: 236 of 250.
   */
  readonly perMinute?: number | undefined
  /**
   * How many requests may begin at once after a time without any: by default a 25th of `perMinute`. It must be less than
   * `perMinute`. The rest of `perMinute` is spread evenly.
   */
  readonly burst?: number | undefined
  /**
   * Runners with the same name share one rate: `"default"` by default. Give each environment of Stigg its own name if
   * several use one store, because the API limits each of them separately.
   */
  readonly name?: string | undefined
}
