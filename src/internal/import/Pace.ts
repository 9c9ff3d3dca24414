import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/RateLimiter"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import type { StiggError } from "../../StiggError.js"

/** Controls when requests are sent. */
export interface Pace {
  /** Sends a request once the rate limit, the API and the in-flight requests allow it. */
  readonly request: <A, R>(send: Effect.Effect<A, StiggError, R>) => Effect.Effect<A, StiggError, R>
  /** The current maximum of in-flight requests. */
  readonly concurrency: Effect.Effect<number>
  /** The number of requests sent so far. */
  readonly requests: Effect.Effect<number>
}

interface State {
  readonly concurrency: number
  /**
   * The number of reductions. A 429 does not reduce the concurrency again if its request was sent before the last one.
   */
  readonly reductions: number
  /** Requests that ended without a 429 since the last 429 or the last increase. */
  readonly successes: number
  /** No request is sent before this time, in milliseconds since the epoch. */
  readonly resumeAt: number
  readonly requests: number
}

/**
 * A rate limiter that holds for any 60 seconds, wherever they start: at most `perMinute` requests begin in them. A
 * token bucket releases all of its tokens at once and refills meanwhile. So its capacity is a 25th of the limit, and
 * the refill rate provides the rest.
 */
export const limiter = (perMinute: number): Effect.Effect<RateLimiter.RateLimiter, never, Scope.Scope> => {
  const burst = Math.max(1, Math.floor(perMinute / 25))
  const refilled = Math.max(1, perMinute - burst)
  return RateLimiter.make({ limit: burst, interval: Duration.millis((60_000 * burst) / refilled) })
}

/**
 * Limits the rate and the concurrency of requests. A 429 pauses all requests for its `Retry-After`, unless that is
 * longer than `cap`, and halves the concurrency. Each time as many requests as are allowed in flight have ended without
 * a 429, the concurrency grows by one.
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
      reductions: 0,
      successes: 0,
      resumeAt: 0,
      requests: 0
    })
    const token = options.limiter === null ? Effect.void : options.limiter(Effect.void)

    const awaitPause: Effect.Effect<void> = Effect.gen(function* () {
      const { resumeAt } = yield* Ref.get(state)
      const now = yield* Clock.currentTimeMillis
      if (resumeAt <= now) return
      yield* Effect.sleep(resumeAt - now)
      // Another 429 may have extended the pause.
      return yield* awaitPause
    })

    const awaitTurn: Effect.Effect<void> = Effect.gen(function* () {
      yield* awaitPause
      yield* token
      const { resumeAt } = yield* Ref.get(state)
      // A 429 may have started a pause while this request waited for its token. The token is then lost.
      if (resumeAt > (yield* Clock.currentTimeMillis)) return yield* awaitTurn
    })

    const onResponse = (reductions: number, error: StiggError | null) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const { concurrency } = yield* Ref.updateAndGet(state, (before) => {
          if (error?._tag !== "StiggRateLimitError") {
            const successes = before.successes + 1
            const increases = successes >= before.concurrency && before.concurrency < options.concurrency
            return increases
              ? { ...before, successes: 0, concurrency: before.concurrency + 1 }
              : { ...before, successes }
          }
          const pause = error.retryAfter === null ? 0 : Duration.toMillis(error.retryAfter)
          const resumeAt =
            pause <= Duration.toMillis(options.cap) ? Math.max(before.resumeAt, now + pause) : before.resumeAt
          return reductions === before.reductions
            ? {
                ...before,
                resumeAt,
                successes: 0,
                reductions: reductions + 1,
                concurrency: Math.max(1, before.concurrency >> 1)
              }
            : { ...before, resumeAt, successes: 0 }
        })
        yield* slots.resize(concurrency)
      })

    return {
      request: (send) =>
        slots.withPermits(1)(
          Effect.gen(function* () {
            yield* awaitTurn
            const { reductions } = yield* Ref.updateAndGet(state, (before) => ({
              ...before,
              requests: before.requests + 1
            }))
            return yield* send.pipe(
              Effect.tapBoth({
                onSuccess: () => onResponse(reductions, null),
                onFailure: (error) => onResponse(reductions, error)
              })
            )
          })
        ),
      concurrency: Effect.map(Ref.get(state), ({ concurrency }) => concurrency),
      requests: Effect.map(Ref.get(state), ({ requests }) => requests)
    }
  })
