import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as StiggError from "../../../StiggError.js"
import * as Metrics from "../Metrics.js"
import type { Settings } from "../Settings.js"

/** Leaves a failing API alone, and lets one request through now and then to see whether it is back. */
export interface Breaker {
  /** Why the API is not to be asked; undefined while it may be. Reads a field: each check may ask. */
  readonly refusal: () => StiggError.StiggError | undefined
  /** Whether it is time to see whether the API is back. */
  readonly isDue: (now: number) => boolean
  /** Lets a request pass, and is to learn from it; otherwise says what the API failed with before. */
  readonly admit: (now: number) => Admission
}

type Admission =
  | { readonly refusal: StiggError.StiggError }
  | { readonly learn: (exit: Exit.Exit<unknown, StiggError.StiggError>) => Effect.Effect<void> }

/**
 * Whether the API failed, so that what is known may stand in for its answer: no connection, no answer in time, 429, 5xx,
 * a body that cannot be read, a 404 that is not its own, a status that no API gives. Any other 4xx is its answer, and so
 * is what was never sent.
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
  // Mutable, and read by synchronous code alone: a `Ref` would make an effect of what each check looks at.
  let inARow = 0
  let open: Open | undefined
  let isProbing = false
  let warnedAt = -Infinity
  let hasWarned = false
  Metrics.breakerIs("closed")

  const succeed = Effect.suspend(() => {
    inARow = 0
    if (open === undefined) return Effect.void
    open = undefined
    Metrics.breakerIs("closed")
    if (!hasWarned) return Effect.void
    hasWarned = false
    return Effect.logInfo("The Stigg API is back: entitlements are asked for again")
  })

  const fail = (error: StiggError.StiggError, asked: number, now: number) => {
    // What was sent before the breaker opened says nothing about the API since.
    if (open !== undefined && asked < open.since) return Effect.void
    inARow++
    if (inARow < failures && open === undefined) return Effect.void
    const wanted = StiggError.retryAfter(error)
    const until = now + Math.max(coolDown, wanted === null ? 0 : Duration.toMillis(wanted))
    open = { error, until, since: open?.since ?? now }
    Metrics.breakerIs("open")
    // An API that fails now and then opens it again and again: one warning a cool-down is enough.
    if (hasWarned || now - warnedAt < coolDown) return Effect.void
    warnedAt = now
    hasWarned = true
    return Effect.logWarning(
      `The Stigg API failed ${inARow} times in a row: it is left alone, and what is known of entitlements answers`,
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
        learn: (exit) =>
          Effect.flatMap(Clock.currentTimeMillis, (ended) => {
            if (isProbe) isProbing = false
            if (Exit.isSuccess(exit)) return succeed
            const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
            // An interrupted request tells nothing, nor does one that was never sent.
            if (error === undefined || error._tag === "StiggInvalidRequestError") return Effect.void
            return isFailing(error) ? fail(error, now, ended) : succeed
          })
      }
    }
  }
}

/** Why the API is left alone, since when, and until when at least. */
interface Open {
  readonly error: StiggError.StiggError
  readonly since: number
  readonly until: number
}
