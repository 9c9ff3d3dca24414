import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/RateLimiter"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import type { StiggError } from "../../StiggError.js"

/** How fast requests go out. */
export interface Pace {
  /** Sends one request when the rate, the API and the requests before it let it. */
  readonly request: <A, R>(send: Effect.Effect<A, StiggError, R>) => Effect.Effect<A, StiggError, R>
  /** How many requests may be on their way at once by now. */
  readonly concurrency: Effect.Effect<number>
  /** How many requests went out. */
  readonly requests: Effect.Effect<number>
}

interface State {
  readonly concurrency: number
  /** Counts the times that it went down: an answer to a request from before does not take it down again. */
  readonly era: number
  /** Answers without a 429 since it changed. */
  readonly calm: number
  /** Nothing goes out before: milliseconds of the clock. */
  readonly resumeAt: number
  readonly requests: number
}

/**
 * A limiter that holds in every minute, wherever it begins: at most `perMinute` requests start within any 60 seconds. A
 * token bucket gives what it holds at once and refills meanwhile, so a twenty-fifth is held and the rest refilled.
 */
export const limiter = (perMinute: number): Effect.Effect<RateLimiter.RateLimiter, never, Scope.Scope> => {
  const burst = Math.max(1, Math.floor(perMinute / 25))
  const refilled = Math.max(1, perMinute - burst)
  return RateLimiter.make({ limit: burst, interval: Duration.millis((60_000 * burst) / refilled) })
}

/**
 * Requests at a rate, at most so many at once. A 429 stops all of them for as long as it says, up to `cap`, and halves
 * how many go out at once; as many answers without one let one more.
 */
export const make = (options: {
  readonly limiter: RateLimiter.RateLimiter | null
  readonly concurrency: number
  readonly cap: Duration.Duration
}): Effect.Effect<Pace> =>
  Effect.gen(function* () {
    const slots = yield* Effect.makeSemaphore(options.concurrency)
    const state = yield* Ref.make<State>({
      concurrency: options.concurrency,
      era: 0,
      calm: 0,
      resumeAt: 0,
      requests: 0
    })
    const token = options.limiter === null ? Effect.void : options.limiter(Effect.void)

    const resumed: Effect.Effect<void> = Effect.gen(function* () {
      const { resumeAt } = yield* Ref.get(state)
      const now = yield* Clock.currentTimeMillis
      if (resumeAt <= now) return
      yield* Effect.sleep(resumeAt - now)
      // It may have been put off meanwhile.
      return yield* resumed
    })

    const clear: Effect.Effect<void> = Effect.gen(function* () {
      yield* resumed
      yield* token
      const { resumeAt } = yield* Ref.get(state)
      // While it waited for the limiter the API may have asked for a pause; what it holds is given up.
      if (resumeAt > (yield* Clock.currentTimeMillis)) return yield* clear
    })

    const answered = (era: number, error: StiggError | null) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const { concurrency } = yield* Ref.updateAndGet(state, (before) => {
          if (error?._tag !== "StiggRateLimitError") {
            const calm = before.calm + 1
            const goesUp = calm >= before.concurrency && before.concurrency < options.concurrency
            return goesUp ? { ...before, calm: 0, concurrency: before.concurrency + 1 } : { ...before, calm }
          }
          const pause = error.retryAfter === null ? 0 : Duration.toMillis(error.retryAfter)
          const resumeAt =
            pause <= Duration.toMillis(options.cap) ? Math.max(before.resumeAt, now + pause) : before.resumeAt
          return era === before.era
            ? { ...before, resumeAt, calm: 0, era: era + 1, concurrency: Math.max(1, before.concurrency >> 1) }
            : { ...before, resumeAt, calm: 0 }
        })
        yield* slots.resize(concurrency)
      })

    return {
      request: (send) =>
        slots.withPermits(1)(
          Effect.gen(function* () {
            yield* clear
            const { era } = yield* Ref.updateAndGet(state, (before) => ({ ...before, requests: before.requests + 1 }))
            return yield* send.pipe(
              Effect.tapBoth({ onSuccess: () => answered(era, null), onFailure: (error) => answered(era, error) })
            )
          })
        ),
      concurrency: Effect.map(Ref.get(state), ({ concurrency }) => concurrency),
      requests: Effect.map(Ref.get(state), ({ requests }) => requests)
    }
  })
