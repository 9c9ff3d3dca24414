import type { RateLimiterError } from "@effect/experimental/RateLimiter"
import { RateLimitStoreError } from "@effect/experimental/RateLimiter"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"

/** Repeats an operation of the shared store until it succeeds. */
export type Reach = <A>(attempt: Effect.Effect<A, RateLimiterError>) => Effect.Effect<A>

/** A shorter failure, such as a busy database or a first connection, is not worth a warning. */
const outageAfter = Duration.seconds(1)

const backoff = Schedule.exponential("50 millis").pipe(
  Schedule.modifyDelay((_, delay) => Duration.min(delay, "1 second")),
  Schedule.jitteredWith({ min: 0.5, max: 1 })
)

/**
 * Each attempt has a timeout. While the store fails, one operation probes it and the others wait: attempts that reach
 * the store, but whose response is lost, take tokens. An outage is logged once.
 */
export const make = (timeout: Duration.Duration): Effect.Effect<Reach> =>
  Effect.gen(function* () {
    const gate = yield* Effect.makeSemaphore(1)
    const hasWarned = yield* Ref.make(false)

    const warn = (since: number, error: RateLimiterError) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (now - since < Duration.toMillis(outageAfter)) return
        if (yield* Ref.getAndSet(hasWarned, true)) return
        yield* Effect.logWarning(
          "The store of the rate that runners share cannot be reached: no request is sent until it can",
          Cause.fail(error)
        )
      })

    const recovered = Effect.whenEffect(
      Effect.logInfo("The store of the rate that runners share can be reached again"),
      Ref.getAndSet(hasWarned, false)
    )

    return (attempt) => {
      const bounded = attempt.pipe(
        // A driver may wait for the server before it lets go of a query.
        Effect.disconnect,
        Effect.timeoutFail({
          duration: timeout,
          onTimeout: () =>
            new RateLimitStoreError({ message: `The store took longer than ${Duration.format(timeout)}` })
        })
      )
      const probe = Effect.gen(function* () {
        const since = yield* Clock.currentTimeMillis
        const delays = yield* Schedule.driver(backoff)
        const value = yield* bounded.pipe(
          Effect.tapError((error) => Effect.zipRight(warn(since, error), delays.next(error))),
          Effect.eventually
        )
        yield* recovered
        return value
      })
      return Effect.catchAll(bounded, () => gate.withPermits(1)(probe))
    }
  })
