import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"

/** The most keys of one request to the store: a longer one would keep Redis from its other clients. */
const most = 256

/**
 * Turns lookups that begin in one turn of the event loop into one request. A cold process looks up thousands of states at
 * once, and a request for each costs more than all else that a cache hit in the store does.
 *
 * @param run Looks up all keys, in their order.
 */
export const make = <K, A>(
  run: (keys: ReadonlyArray<K>) => Effect.Effect<ReadonlyArray<A>>
): Effect.Effect<(key: K) => Effect.Effect<A>> =>
  Effect.map(Effect.runtime<never>(), (runtime) => {
    // Mutable, and changed by synchronous code alone.
    let waiting: globalThis.Array<{ readonly key: K; readonly resume: (found: Effect.Effect<A>) => void }> = []

    const flush = () => {
      const all = waiting
      waiting = []
      for (const part of Array.chunksOf(all, most)) {
        const lookUp = Effect.matchCauseEffect(run(part.map(({ key }) => key)), {
          onFailure: (cause) => Effect.sync(() => part.forEach(({ resume }) => resume(Effect.failCause(cause)))),
          onSuccess: (found) =>
            Effect.sync(() => Array.zipWith(part, found, ({ resume }, one) => resume(Effect.succeed(one))))
        })
        Runtime.runFork(runtime, lookUp)
      }
    }

    return (key) =>
      Effect.async((resume) => {
        if (waiting.length === 0) setTimeout(flush)
        waiting.push({ key, resume })
      })
  })
