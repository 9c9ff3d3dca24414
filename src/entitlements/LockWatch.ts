import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"

/** How often the locks are looked at. */
const interval = "20 millis"

/**
 * Waits until locks are gone. All locks that are waited for are looked at together, for a cold process may wait for
 * thousands of them.
 *
 * @param held Which of these locks are held; those who wait are let go where it cannot be told.
 */
export const make = (
  held: (locks: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>,
  scope: Scope.Scope
): ((lock: string) => Effect.Effect<void>) => {
  // Mutable, and changed by synchronous code alone.
  const waiting = new Map<string, Deferred.Deferred<void>>()
  let isLooking = false

  const look: Effect.Effect<void> = Effect.gen(function* () {
    while (waiting.size > 0) {
      yield* Effect.sleep(interval)
      const stillHeld = yield* held([...waiting.keys()])
      for (const [lock, gone] of waiting) {
        if (stillHeld.has(lock)) continue
        waiting.delete(lock)
        yield* Deferred.succeed(gone, undefined)
      }
    }
    isLooking = false
  })

  return (lock) =>
    Effect.suspend(() => {
      const known = waiting.get(lock)
      if (known !== undefined) return Deferred.await(known)
      const gone = Deferred.unsafeMake<void>(FiberId.none)
      waiting.set(lock, gone)
      const starts = !isLooking
      isLooking = true
      return Effect.zipRight(starts ? Effect.forkIn(look, scope) : Effect.void, Deferred.await(gone))
    })
}
