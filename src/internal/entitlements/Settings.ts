import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { InvalidOptionsError } from "../../StiggError.js"
import * as Fault from "../options/Fault.js"
import * as Quantity from "../options/Quantity.js"
import type { Fallback, Fallbacks } from "./Fallback.js"

/**
 * How entitlements are cached, and what answers when they are not known.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const options: Entitlements.Options = {
 *   timeToLive: "1 minute",
 *   fallbacks: { "feature-sso": true },
 *   fallback: false
 * }
 * console.log(options.timeToLive) // 1 minute
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How long a state is fresh. 30 seconds by default; never beyond the `validUntil` of one of its entitlements. */
  readonly timeToLive?: Duration.DurationInput | undefined
  /**
   * The part of `timeToLive` after which a state that is in use is refreshed in the background, from 0 to 1: 0.8 by
   * default, brought forward at random by up to a tenth, so that states that were loaded together are not refreshed
   * together. 1 turns it off.
   */
  readonly refreshAhead?: number | undefined
  /**
   * How long after its `timeToLive` a state may grant access while the API takes longer than 10 milliseconds to answer;
   * the refresh goes on in the background. 1 minute by default; 0 waits for the API. What such a state would deny is
   * always asked of the API.
   */
  readonly staleWhileRevalidate?: Duration.DurationInput | undefined
  /** How long after its `timeToLive` a state may answer while the API fails. 1 hour by default; 0 turns it off. */
  readonly staleFor?: Duration.DurationInput | undefined
  /** How long the API's word that there is no such customer holds: 5 seconds by default, and `timeToLive` at most. */
  readonly notFoundTimeToLive?: Duration.DurationInput | undefined
  /** How many states are kept at most, of a customer or of one of its resources; 10,000 by default. */
  readonly capacity?: number | undefined
  /**
   * How long the API may take for an answer, retries included; 2 seconds by default. The time begins when the request
   * is sent, and does not include the time in which this process was too busy to read the answer.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** How many requests to the API are in flight at once, 64 by default. The others wait, and their timeout with them. */
  readonly concurrency?: number | undefined
  /** When a failing API is left alone, and for how long. */
  readonly breaker?: BreakerOptions | undefined
  /**
   * What answers when the API cannot and nothing is known, by feature id or currency id. An id that is in no answer of
   * the API is accepted.
   */
  readonly fallbacks?: Readonly<Record<string, Fallback>> | undefined
  /** As `fallbacks`, by currency id alone. With `offline`, a `state` shows these as credits. */
  readonly creditFallbacks?: Readonly<Record<string, Fallback>> | undefined
  /**
   * What answers where `fallbacks` does not. There is none by default, so that the check fails with the API's error:
   * whether a customer is let in or kept out while the API is down is for the program to decide.
   */
  readonly fallback?: Fallback | undefined
  /** Asks nobody: every answer is a fallback. For development. */
  readonly offline?: boolean | undefined
}

/**
 * When a failing API is left alone, and for how long.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const breaker: Entitlements.BreakerOptions = { failures: 5, coolDown: "10 seconds" }
 * console.log(breaker.failures) // 5
 *
 * @category models
 * @since 0.1.0
 */
export interface BreakerOptions {
  /** After how many failures in a row; 3 by default. */
  readonly failures?: number | undefined
  /** How long until one request tries again; 5 seconds by default, and as long as a 429 asks for. */
  readonly coolDown?: Duration.DurationInput | undefined
}

/** The options with all defaults filled in; times are milliseconds. */
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

/** What is wrong with options, or null. */
const fault = (options: Options): Fault.Fault | null =>
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

/** The settings that options stand for; on the left the first option that cannot be used. */
export const make = (options: Options): Either.Either<Settings, Fault.Fault> => {
  const invalid = fault(options)
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

/** The fallbacks of a program, as maps: an id such as "constructor" must find nothing where nothing was given. */
export const fallbacks = (options: Pick<Options, "fallback" | "fallbacks" | "creditFallbacks">): Fallbacks => ({
  fallbacks: new Map(Object.entries(options.fallbacks ?? {})),
  creditFallbacks: new Map(Object.entries(options.creditFallbacks ?? {})),
  fallback: options.fallback
})
