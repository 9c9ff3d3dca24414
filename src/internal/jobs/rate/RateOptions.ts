import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { RateOptions } from "../../../jobs/FleetRate.js"
import { InvalidOptionsError } from "../../../StiggError.js"
import * as InvalidOption from "../../options/InvalidOption.js"
import * as Quantity from "../../options/Quantity.js"

/** The options with all defaults filled in, as a token bucket. */
export interface RateSettings {
  readonly name: string
  /** The capacity of the bucket. */
  readonly limit: number
  /** The time in which an empty bucket fills up. */
  readonly window: Duration.Duration
}

/**
 * How much later than its turn a request may begin. A runner that was suspended, or that waited for the store, must not
 * make up for the turns that it missed: they would add to those of the other runners.
 */
export const maxLateness = Duration.seconds(1)

/**
 * A token bucket releases all of its tokens at once and refills meanwhile. So its capacity and what it refills in a
 * minute make `perMinute` together. The minute is longer by {@link maxLateness}, for late requests.
 */
export const make = (options: RateOptions): Effect.Effect<RateSettings, InvalidOptionsError> => {
  const perMinute = options.perMinute ?? 250
  const invalid = InvalidOption.first([
    ["perMinute", Quantity.wholeRule(perMinute, 2)],
    ["burst", Quantity.wholeRule(options.burst, 1, perMinute - 1)]
  ])
  if (invalid !== null) return Effect.fail(new InvalidOptionsError(invalid))
  const limit = options.burst ?? Math.max(1, Math.floor(perMinute / 25))
  const minute = Duration.toMillis(Duration.sum("1 minute", maxLateness))
  return Effect.succeed({
    name: options.name ?? "default",
    limit,
    window: Duration.millis((minute * limit) / (perMinute - limit))
  })
}
