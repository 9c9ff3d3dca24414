import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"

/** How often the locks are looked at. */
const interval = "20 millis"

/** Those who wait for one lock. */
interface Waiting {
  readonly over: Deferred.Deferred<void>
  /** Until when the first of them waits. */
  until: number
}

/**
 * Waits until locks are gone, or until a time. All locks that are waited for are looked at together, for a cold process
 * may wait for hundreds of them.
 *
 * @param held Which of these locks are held; those who wait are let go where it cannot be told.
 */
export const make = (
  held: (locks: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>,
  scope: Scope.Scope
): ((lock: string, until: number) => Effect.Effect<void>) => {
  // Mutable, and changed by synchronous code alone.
  const all = new Map<string, Waiting>()
  let isLooking = false

  const look: Effect.Effect<void> = Effect.gen(function* () {
    while (all.size > 0) {
      yield* Effect.sleep(interval)
      const stillHeld = yield* held([...all.keys()])
      const now = yield* Clock.currentTimeMillis
      for (const [lock, { over, until }] of all) {
        if (stillHeld.has(lock) && now < until) continue
        all.delete(lock)
        yield* Deferred.succeed(over, undefined)
      }
    }
    isLooking = false
  })

  return (lock, until) =>
    Effect.suspend(() => {
      const waiting = all.get(lock) ?? { over: Deferred.unsafeMake<void>(FiberId.none), until }
      waiting.until = Math.min(waiting.until, until)
      all.set(lock, waiting)
      const starts = !isLooking
      isLooking = true
      return Effect.zipRight(starts ? Effect.forkIn(look, scope) : Effect.void, Deferred.await(waiting.over))
    })
}
