import * as Duration from "effect/Duration"
import type { Fallback, Fallbacks } from "./Fallback.js"

/**
 * How entitlements are kept, and what stands in for them when they are not known.
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
   * The part of `timeToLive` after which a state that is in use is fetched anew in the background, from 0 to 1: 0.8 by
   * default. 1 turns it off.
   */
  readonly refreshAhead?: number | undefined
  /** How long after its `timeToLive` a state may still answer while the API cannot. 1 hour by default; 0 turns it off. */
  readonly staleFor?: Duration.DurationInput | undefined
  /** How long the API's word that there is no such customer holds: 5 seconds by default, and `timeToLive` at most. */
  readonly notFoundTimeToLive?: Duration.DurationInput | undefined
  /** How many states are kept at most, of a customer or of one of its resources; 10,000 by default. */
  readonly capacity?: number | undefined
  /** How long the API may take for an answer, retries included; 2 seconds by default. */
  readonly timeout?: Duration.DurationInput | undefined
  /** When a failing API is left alone, and for how long. */
  readonly breaker?: BreakerOptions | undefined
  /**
   * What answers when the API cannot and nothing is known, by feature id or currency id. An id that is in no answer of
   * the API is accepted.
   */
  readonly fallbacks?: Readonly<Record<string, Fallback>> | undefined
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
  readonly staleFor: number
  readonly notFoundTimeToLive: number
  readonly capacity: number
  readonly timeout: number
  readonly breaker: { readonly failures: number; readonly coolDown: number }
  readonly offline: boolean
}

export const make = (options: Options): Settings => {
  const timeToLive = Duration.toMillis(options.timeToLive ?? "30 seconds")
  return {
    timeToLive,
    refreshAhead: Math.min(Math.max(options.refreshAhead ?? 0.8, 0), 1),
    staleFor: Duration.toMillis(options.staleFor ?? "1 hour"),
    notFoundTimeToLive: Math.min(timeToLive, Duration.toMillis(options.notFoundTimeToLive ?? "5 seconds")),
    capacity: Math.max(1, Math.floor(options.capacity ?? 10_000)),
    timeout: Duration.toMillis(options.timeout ?? "2 seconds"),
    breaker: {
      failures: Math.max(1, options.breaker?.failures ?? 3),
      coolDown: Duration.toMillis(options.breaker?.coolDown ?? "5 seconds")
    },
    // A map: an id such as "constructor" must find nothing where nothing was given.
    fallbacks: new Map(Object.entries(options.fallbacks ?? {})),
    fallback: options.fallback,
    offline: options.offline ?? false
  }
}
