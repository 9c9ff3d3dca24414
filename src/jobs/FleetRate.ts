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
 * The tag of the rate.
 *
 * @category tags
 * @since 0.1.0
 */
export const FleetRate = Context.GenericTag<FleetRate>("effect-stigg/internal/FleetRate")
