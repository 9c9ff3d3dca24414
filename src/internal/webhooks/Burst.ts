import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** How long ids are collected. */
const collectFor = Duration.millis(25)

/** Collects ids and runs an effect with all of them. Each call returns when the run with its id has ended. */
export const make = (
  run: (ids: ReadonlyArray<string>) => Effect.Effect<void>
): Effect.Effect<(id: string) => Effect.Effect<void>, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    let collecting: { readonly ids: Set<string>; readonly done: Deferred.Deferred<void> } | undefined
    return (id: string) =>
      Effect.suspend(() => {
        if (collecting !== undefined) {
          collecting.ids.add(id)
          return Deferred.await(collecting.done)
        }
        return Effect.flatMap(Deferred.make<void>(), (done) => {
          const burst = { ids: new Set([id]), done }
          collecting = burst
          const ended = Effect.suspend(() => {
            collecting = undefined
            return run(Array.from(burst.ids))
          }).pipe(Effect.delay(collectFor), Effect.intoDeferred(done))
          // Not with the request that came first: others wait for it too.
          return Effect.zipRight(Effect.forkIn(Effect.interruptible(ended), scope), Deferred.await(done))
        })
      })
  })
