import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Deadline from "../../transport/Deadline.js"
import * as Metrics from "../Metrics.js"

/** How patient a program is with its store. */
export interface Options {
  /** How long a read or a write may take. */
  readonly timeout: Duration.Duration
  /** After how many failures in a row the store is left alone. */
  readonly failures: number
  /** For how many milliseconds it is left alone, and how often a warning may be logged. */
  readonly coolDown: number
}

/** Runs what may fail or take too long, and goes on without it. Reads and writes fail each for themselves. */
export interface StoreGuard {
  readonly read: Kind
  readonly write: Kind
  /** An entry that cannot be read: counted, and told of once. */
  readonly corrupt: (cause: Cause.Cause<unknown>) => Effect.Effect<void>
}

export interface Kind {
  /** Runs an operation in the time that there is; none where it fails, and while the store is left alone. */
  readonly attempt: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<Option.Option<A>>
  /** As `attempt`, at less than half of its price, for a promise that cannot be aborted. */
  readonly attemptPromise: <A>(run: () => Promise<A>) => Effect.Effect<Option.Option<A>>
  /** Runs an operation whether or not the store is left alone, and for as long as it takes. */
  readonly insist: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<Option.Option<A>>
  readonly isDown: (now: number) => boolean
}

class TooSlow extends Data.TaggedError("TooSlow")<{ readonly message: string }> {}

export const make = ({ coolDown, failures, timeout }: Options): StoreGuard => {
  // Mutable, and changed by synchronous code alone.
  let hasSaidCorrupt = false
  let down = 0
  let warnedAt = -Infinity
  let hasWarned = false

  const tooSlow = () => new TooSlow({ message: `It took longer than ${Duration.format(timeout)}` })

  const corrupt = (cause: Cause.Cause<unknown>) =>
    Effect.suspend(() => {
      Metrics.storeWasCorrupt()
      if (hasSaidCorrupt) return Effect.void
      hasSaidCorrupt = true
      return Effect.logWarning(
        "An entry in the store of entitlements is corrupt: it is treated as absent. Others will be only counted",
        cause
      )
    })

  const kind = (): Kind => {
    let inARow = 0
    let until: number | undefined

    const succeeded = Effect.suspend(() => {
      inARow = 0
      if (until === undefined) return Effect.void
      until = undefined
      down--
      if (!hasWarned || down > 0) return Effect.void
      hasWarned = false
      return Effect.logInfo("The store of entitlements works again")
    })

    const failed = (cause: Cause.Cause<unknown>, before: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        Metrics.storeFailed()
        // Operations that were under way together fail together: one hiccup of the store is one failure.
        if (inARow === before) inARow++
        if (inARow < failures && until === undefined) return Effect.void
        if (until === undefined) down++
        until = now + coolDown
        // What was under way when the store was given up fails later, and one warning is enough.
        if (hasWarned || now - warnedAt < coolDown) return Effect.void
        warnedAt = now
        hasWarned = true
        return Effect.logWarning("The store of entitlements does not work: only states in memory are used", cause)
      })

    const insist = <A, E>(self: Effect.Effect<A, E>): Effect.Effect<Option.Option<A>> =>
      Effect.suspend(() => {
        const before = inARow
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
