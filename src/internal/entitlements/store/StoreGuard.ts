import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Deadline from "../../transport/Deadline.js"
import * as Metrics from "../Metrics.js"

/** The timeout and the circuit breaker of a store. */
export interface Options {
  /** The timeout of a read or a write. */
  readonly timeout: Duration.Duration
  /** The number of consecutive failures after which the store is considered down. */
  readonly failures: number
  /** How long it is considered down, and the minimum interval between two warnings, in milliseconds. */
  readonly coolDown: number
}

/** Runs store operations that may fail or hang, without failing itself. Reads and writes have a breaker each. */
export interface StoreGuard {
  readonly read: Kind
  readonly write: Kind
  /** Counts an entry that cannot be decoded, and logs the first one. */
  readonly corrupt: (cause: Cause.Cause<unknown>) => Effect.Effect<void>
}

export interface Kind {
  /** Runs an operation with the timeout. Returns none if it fails, and while the store is considered down. */
  readonly attempt: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<Option.Option<A>>
  /** Like `attempt`, at less than half the cost, for a promise that cannot be aborted. */
  readonly attemptPromise: <A>(run: () => Promise<A>) => Effect.Effect<Option.Option<A>>
  /** Runs an operation without the timeout, even while the store is considered down. */
  readonly insist: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<Option.Option<A>>
  readonly isDown: (now: number) => boolean
}

class TooSlow extends Data.TaggedError("TooSlow")<{ readonly message: string }> {}

export const make = ({ coolDown, failures, timeout }: Options): StoreGuard => {
  // Mutable, and changed by synchronous code only.
  let hasLoggedCorrupt = false
  let down = 0
  let warnedAt = -Infinity
  let hasWarned = false

  const tooSlow = () => new TooSlow({ message: `The store took longer than ${Duration.format(timeout)}` })

  const corrupt = (cause: Cause.Cause<unknown>) =>
    Effect.suspend(() => {
      Metrics.storeWasCorrupt()
      if (hasLoggedCorrupt) return Effect.void
      hasLoggedCorrupt = true
      return Effect.logWarning(
        "An entry in the entitlement store is corrupt and treated as absent. Further ones are only counted",
        cause
      )
    })

  const kind = (): Kind => {
    let consecutive = 0
    let until: number | undefined

    const succeeded = Effect.suspend(() => {
      consecutive = 0
      if (until === undefined) return Effect.void
      until = undefined
      down--
      if (!hasWarned || down > 0) return Effect.void
      hasWarned = false
      return Effect.logInfo("The entitlement store has recovered")
    })

    const failed = (cause: Cause.Cause<unknown>, before: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        Metrics.storeFailed()
        // Concurrent operations fail together: one hiccup of the store counts as one failure.
        if (consecutive === before) consecutive++
        if (consecutive < failures && until === undefined) return Effect.void
        if (until === undefined) down++
        until = now + coolDown
        // Operations in flight when the store went down fail later: one warning is enough.
        if (hasWarned || now - warnedAt < coolDown) return Effect.void
        warnedAt = now
        hasWarned = true
        return Effect.logWarning("The entitlement store is failing: only states in memory are used", cause)
      })

    const insist = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<Option.Option<A>> =>
      Effect.suspend(() => {
        const before = consecutive
        return self.pipe(
          Effect.tap(succeeded),
          Effect.asSome,
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause) ? Effect.interrupt : Effect.as(failed(cause, before), Option.none())
          )
        )
      })

    const isDown = (now: number) => until !== undefined && now < until

    const unlessDown = <A, E>(self: (clock: Clock.Clock) => Effect.Effect<A, E>) =>
      Effect.clockWith((clock) => (isDown(clock.unsafeCurrentTimeMillis()) ? Effect.succeedNone : insist(self(clock))))

    return {
      isDown,
      insist,
      attempt: (self) => unlessDown(() => Deadline.within(timeout, tooSlow)(self)),
      attemptPromise: <A>(run: () => Promise<A>) =>
        unlessDown((clock) =>
          Effect.async<A, unknown>((resume) => {
            const cancel = Deadline.start(clock, Duration.toMillis(timeout), () => resume(Effect.fail(tooSlow())))
            const settle = (outcome: Effect.Effect<A, unknown>) => {
              cancel()
              resume(outcome)
            }
            run().then(
              (value) => settle(Effect.succeed(value)),
              (error: unknown) => settle(Effect.fail(error))
            )
            return Effect.sync(cancel)
          })
        )
    }
  }

  return { read: kind(), write: kind(), corrupt }
}
