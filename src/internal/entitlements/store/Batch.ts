import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"

/** The maximum number of keys per request to the store: a longer request would block other clients of Redis. */
const most = 256

/**
 * Batches the lookups of one turn of the event loop into one request. A cold process looks up thousands of states at
 * once, and a request for each would cost more than the rest of a store hit.
 *
 * @param run Looks up all keys, in order.
 */
export const make = <K, A>(
  run: (keys: ReadonlyArray<K>) => Effect.Effect<ReadonlyArray<A>>
): Effect.Effect<(key: K) => Effect.Effect<A>> =>
  Effect.map(Effect.runtime<never>(), (runtime) => {
    // Mutable, and changed by synchronous code only.
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
