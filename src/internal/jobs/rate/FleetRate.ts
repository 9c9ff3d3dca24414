import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"

/** The rate of requests that all runners share. */
export interface FleetRate {
  /** Waits for the turn of a request. If the shared store cannot be reached, it retries until it can. */
  readonly take: Effect.Effect<void>
  /** No runner sends a request before this time has passed. */
  readonly pause: (duration: Duration.Duration) => Effect.Effect<void>
}

export const FleetRate = Context.GenericTag<FleetRate>("effect-stigg/internal/FleetRate")
