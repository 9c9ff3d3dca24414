import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"

/** How often the locks are polled. */
const interval = "20 millis"

/** The fibers that wait for one lock. */
interface Waiting {
  readonly released: Deferred.Deferred<void>
  /** When the first of them times out, in milliseconds since the epoch. */
  until: number
}

/**
 * Waits until a lock is released, or until a time. All locks are polled with one read, because a cold process may wait
 * for hundreds of them.
 *
 * @param held returns which of the given locks are held; the wait for any other lock ends.
 */
export const make = (
  held: (locks: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>,
  scope: Scope.Scope
): ((lock: string, until: number) => Effect.Effect<void>) => {
  // Mutable, and changed by synchronous code only.
  const all = new Map<string, Waiting>()
  let isPolling = false

  const poll: Effect.Effect<void> = Effect.gen(function* () {
    while (all.size > 0) {
      yield* Effect.sleep(interval)
      const stillHeld = yield* held([...all.keys()])
      const now = yield* Clock.currentTimeMillis
      for (const [lock, { released, until }] of all) {
        if (stillHeld.has(lock) && now < until) continue
        all.delete(lock)
        yield* Deferred.succeed(released, undefined)
      }
    }
    isPolling = false
  })

  return (lock, until) =>
    Effect.suspend(() => {
      const waiting = all.get(lock) ?? { released: Deferred.unsafeMake<void>(FiberId.none), until }
      waiting.until = Math.min(waiting.until, until)
      all.set(lock, waiting)
      const starts = !isPolling
      isPolling = true
      return Effect.zipRight(starts ? Effect.forkIn(poll, scope) : Effect.void, Deferred.await(waiting.released))
    })
}
