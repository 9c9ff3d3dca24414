import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type { Options } from "../../Entitlements.js"
import { InvalidOptionsError } from "../../StiggError.js"
import * as InvalidOption from "../options/InvalidOption.js"
import * as Quantity from "../options/Quantity.js"
import type { Fallbacks } from "./Fallback.js"

/** The options with all defaults filled in; durations are in milliseconds. */
export interface Settings extends Fallbacks {
  readonly timeToLive: number
  readonly connectedTimeToLive: number
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

export const toInvalidOptions = (invalid: InvalidOption.InvalidOption): InvalidOptionsError =>
  new InvalidOptionsError(invalid)

export const toConfigError = ({ field, rule }: InvalidOption.InvalidOption): ConfigError.ConfigError =>
  ConfigError.InvalidData(field.split("."), rule)

/** The first invalid option and the rule it breaks, or null. */
const invalidOption = (options: Options): InvalidOption.InvalidOption | null =>
  InvalidOption.first([
    ["timeToLive", Quantity.finiteDurationRule(options.timeToLive)],
    ["connectedTimeToLive", Quantity.finiteDurationRule(options.connectedTimeToLive)],
    ["refreshAhead", Quantity.fractionRule(options.refreshAhead)],
    ["staleWhileRevalidate", Quantity.finiteDurationRule(options.staleWhileRevalidate)],
    ["staleFor", Quantity.finiteDurationRule(options.staleFor)],
    ["notFoundTimeToLive", Quantity.finiteDurationRule(options.notFoundTimeToLive)],
    ["capacity", Quantity.wholeRule(options.capacity, 1)],
    ["timeout", Quantity.finiteDurationRule(options.timeout)],
    ["concurrency", Quantity.wholeRule(options.concurrency, 1)],
    ["breaker.failures", Quantity.wholeRule(options.breaker?.failures, 1)],
    ["breaker.coolDown", Quantity.finiteDurationRule(options.breaker?.coolDown)]
  ])

/** Validates the options and fills in the defaults. The left is the first invalid option. */
export const make = (options: Options): Either.Either<Settings, InvalidOption.InvalidOption> => {
  const invalid = invalidOption(options)
  if (invalid !== null) return Either.left(invalid)
  const timeToLive = Duration.toMillis(options.timeToLive ?? "30 seconds")
  return Either.right({
    timeToLive,
    connectedTimeToLive: Math.max(timeToLive, Duration.toMillis(options.connectedTimeToLive ?? timeToLive)),
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
