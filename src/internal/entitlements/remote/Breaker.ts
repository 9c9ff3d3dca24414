import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as StiggError from "../../../StiggError.js"
import * as Metrics from "../Metrics.js"
import type { Settings } from "../Settings.js"

/**
 * A circuit breaker: stops requests to a failing API, and sends a probe now and then to see whether it has recovered.
 */
export interface Breaker {
  /** The error that opened the breaker; undefined while it is closed. Cheap, because every cache miss reads it. */
  readonly refusal: () => StiggError.StiggError | undefined
  /** Whether the breaker is open and the next probe is due. */
  readonly isDue: (now: number) => boolean
  /** Admits a request, whose outcome the caller must record, or refuses it with the error that opened the breaker. */
  readonly admit: (now: number) => Admission
}

type Admission =
  | { readonly refusal: StiggError.StiggError }
  | { readonly record: (exit: Exit.Exit<unknown, StiggError.StiggError>, endedAt: number) => Effect.Effect<void> }

/**
 * Whether an error means that the API is down, so that cached data or a fallback may answer instead: no connection, a
 * timeout, 408, 429, 5xx, an unreadable body, a 404 that is not the API's own, a status outside 4xx and 5xx. Any other
 * 4xx is the API's answer. An invalid request was never sent.
 */
export const isFailing = (error: StiggError.StiggError): boolean => {
  switch (error._tag) {
    case "StiggAPIConnectionError":
    case "StiggAPITimeoutError":
    case "StiggRateLimitError":
    case "StiggInternalServerError":
    case "StiggResponseDecodeError":
    case "StiggResponseTooLargeError":
    case "StiggRouteNotFoundError":
      return true
    case "StiggAPIStatusError":
      return error.status === 408 || error.status < 400 || error.status >= 500
    default:
      return false
  }
}

export const make = ({ coolDown, failures }: Settings["breaker"]): Breaker => {
  // Mutable, and changed by synchronous code only: a `Ref` would cost an effect on every cache miss.
  let consecutive = 0
  let open: Open | undefined
  let isProbing = false
  let warnedAt = -Infinity
  let hasWarned = false
  Metrics.breakerIs("closed")

  const succeed = () => {
    consecutive = 0
    if (open === undefined) return Effect.void
    open = undefined
    Metrics.breakerIs("closed")
    if (!hasWarned) return Effect.void
    hasWarned = false
    return Effect.logInfo("The Stigg API has recovered: the circuit breaker is closed")
  }

  const fail = (error: StiggError.StiggError, sentAt: number, now: number) => {
    // A request that was sent before the breaker opened says nothing about the API since then.
    if (open !== undefined && sentAt < open.since) return Effect.void
    consecutive++
    if (consecutive < failures && open === undefined) return Effect.void
    const retryAfter = StiggError.retryAfter(error)
    const until = now + Math.max(coolDown, retryAfter === null ? 0 : Duration.toMillis(retryAfter))
    open = { error, until, since: open?.since ?? now }
    Metrics.breakerIs("open")
    // An API that fails now and then opens the breaker repeatedly: one warning per cool-down is enough.
    if (hasWarned || now - warnedAt < coolDown) return Effect.void
    warnedAt = now
    hasWarned = true
    return Effect.logWarning(
      `The Stigg API failed ${consecutive} times in a row: the circuit breaker is open, and checks no longer wait for it`,
      error.message
    )
  }

  return {
    refusal: () => open?.error,
    isDue: (now) => open !== undefined && !isProbing && now >= open.until,
    admit: (now) => {
      const isProbe = open !== undefined
      if (open !== undefined && (isProbing || now < open.until)) return { refusal: open.error }
      if (isProbe) isProbing = true
      return {
        record: (exit, endedAt) => {
          if (isProbe) isProbing = false
          if (Exit.isSuccess(exit)) return succeed()
          const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
          // An interrupted request says nothing about the API, nor does one that was never sent.
          if (error === undefined || error._tag === "StiggInvalidRequestError") return Effect.void
          return isFailing(error) ? fail(error, now, endedAt) : succeed()
        }
      }
    }
  }
}

/** The error that opened the breaker, when it opened, and when the next probe is due. */
interface Open {
  readonly error: StiggError.StiggError
  readonly since: number
  readonly until: number
}
