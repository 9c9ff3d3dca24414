import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as StiggError from "../StiggError.js"
import * as Metrics from "./Metrics.js"
import type { Settings } from "./Settings.js"

/** Leaves a failing API alone, and lets one request through now and then to see whether it is back. */
export interface Breaker {
  /** Why the API is not to be asked; undefined while it may be. Reads a field: each check may ask. */
  readonly refusal: () => StiggError.StiggError | undefined
  /** Whether it is time to see whether the API is back. */
  readonly isDue: (now: number) => boolean
  /** Runs a request and learns from it, or fails at once with what the API failed with before. */
  readonly guard: <A>(request: Effect.Effect<A, StiggError.StiggError>) => Effect.Effect<A, StiggError.StiggError>
}

/**
 * Whether the API failed, so that what is known may stand in for its answer: no connection, no answer in time, 429, 5xx,
 * a body that cannot be read, a status that no API gives. Any other 4xx is its answer, and so is what was never sent.
 */
export const isFailing = (error: StiggError.StiggError): boolean => {
  switch (error._tag) {
    case "StiggAPIConnectionError":
    case "StiggAPITimeoutError":
    case "StiggRateLimitError":
    case "StiggInternalServerError":
    case "StiggResponseDecodeError":
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
  let open: { readonly error: StiggError.StiggError; readonly until: number } | undefined
  let isProbing = false
  Metrics.breakerIs("closed")

  const succeed = Effect.suspend(() => {
    inARow = 0
    if (open === undefined) return Effect.void
    open = undefined
    Metrics.breakerIs("closed")
    return Effect.logInfo("The Stigg API is back: entitlements are asked for again")
  })

  const fail = (error: StiggError.StiggError, now: number) => {
    const wasOpen = open !== undefined
    inARow++
    if (inARow < failures && !wasOpen) return Effect.void
    const asked = StiggError.retryAfter(error)
    open = { error, until: now + Math.max(coolDown, asked === null ? 0 : Duration.toMillis(asked)) }
    Metrics.breakerIs("open")
    return wasOpen
      ? Effect.void
      : Effect.logWarning(
          `The Stigg API failed ${inARow} times in a row: it is left alone, and what is known of entitlements answers`,
          error.message
        )
  }

  return {
    refusal: () => open?.error,
    isDue: (now) => open !== undefined && !isProbing && now >= open.until,
    guard: (request) =>
      Effect.flatMap(Clock.currentTimeMillis, (asked) => {
        const isProbe = open !== undefined
        if (open !== undefined && (isProbing || asked < open.until)) return Effect.fail(open.error)
        if (isProbe) isProbing = true
        return Effect.onExit(request, (exit) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            if (isProbe) isProbing = false
            if (Exit.isSuccess(exit)) return succeed
            const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
            // An interrupted request tells nothing, nor does one that was never sent.
            if (error === undefined || error._tag === "StiggInvalidRequestError") return Effect.void
            return isFailing(error) ? fail(error, now) : succeed
          })
        )
      })
  }
}
