import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Options } from "../../Entitlements.js"
import { InvalidOptionsError } from "../../StiggError.js"
import * as Fault from "../options/Fault.js"
import * as Quantity from "../options/Quantity.js"
import type { Fallbacks } from "./Fallback.js"

/** The options with all defaults filled in; durations are in milliseconds. */
export interface Settings extends Fallbacks {
  readonly timeToLive: number
  readonly refreshAhead: number
  readonly staleWhileRevalidate: number
  readonly staleFor: number
  readonly notFoundTimeToLive: number
  readonly capacity: number
  readonly timeout: number
  readonly concurrency: number
  readonly breaker: { readonly failures: number; readonly coolDown: number }
  readonly offline: boolean
}

export const toInvalidOptions = (fault: Fault.Fault): InvalidOptionsError => new InvalidOptionsError(fault)

export const toConfigError = ({ field, rule }: Fault.Fault): ConfigError.ConfigError =>
  ConfigError.InvalidData(field.split("."), rule)

/** The first invalid option and the rule it breaks, or null. */
const invalidOption = (options: Options): Fault.Fault | null =>
  Fault.first([
    ["timeToLive", Quantity.finiteDurationFault(options.timeToLive)],
    ["refreshAhead", Quantity.fractionFault(options.refreshAhead)],
    ["staleWhileRevalidate", Quantity.finiteDurationFault(options.staleWhileRevalidate)],
    ["staleFor", Quantity.finiteDurationFault(options.staleFor)],
    ["notFoundTimeToLive", Quantity.finiteDurationFault(options.notFoundTimeToLive)],
    ["capacity", Quantity.wholeFault(options.capacity, 1)],
    ["timeout", Quantity.finiteDurationFault(options.timeout)],
    ["concurrency", Quantity.wholeFault(options.concurrency, 1)],
    ["breaker.failures", Quantity.wholeFault(options.breaker?.failures, 1)],
    ["breaker.coolDown", Quantity.finiteDurationFault(options.breaker?.coolDown)]
  ])

/** Validates the options and fills in the defaults. The left is the first invalid option. */
export const make = (options: Options): Either.Either<Settings, Fault.Fault> => {
  const invalid = invalidOption(options)
  if (invalid !== null) return Either.left(invalid)
  const timeToLive = Duration.toMillis(options.timeToLive ?? "30 seconds")
  return Either.right({
    timeToLive,
    refreshAhead: options.refreshAhead ?? 0.8,
    staleWhileRevalidate: Duration.toMillis(options.staleWhileRevalidate ?? "1 minute"),
    staleFor: Duration.toMillis(options.staleFor ?? "1 hour"),
    notFoundTimeToLive: Math.min(timeToLive, Duration.toMillis(options.notFoundTimeToLive ?? "5 seconds")),
    capacity: options.capacity ?? 10_000,
    timeout: Duration.toMillis(options.timeout ?? "2 seconds"),
    concurrency: options.concurrency ?? 64,
    breaker: {
      failures: options.breaker?.failures ?? 3,
      coolDown: Duration.toMillis(options.breaker?.coolDown ?? "5 seconds")
    },
    ...fallbacks(options),
    offline: options.offline ?? false
  })
}

/** The fallbacks as maps, so that an id such as "constructor" does not find a property of `Object`. */
export const fallbacks = (options: Pick<Options, "fallback" | "fallbacks" | "creditFallbacks">): Fallbacks => ({
  fallbacks: new Map(Object.entries(options.fallbacks ?? {})),
  creditFallbacks: new Map(Object.entries(options.creditFallbacks ?? {})),
  fallback: options.fallback
})
