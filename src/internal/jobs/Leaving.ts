import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * Lets a runner leave in good order: its parts end after the batch in flight and are free for other runners. Without
 * it, the engine would wait for whole parts, because it does not interrupt the run of a workflow.
 */
export interface Leaving {
  readonly isLeaving: Effect.Effect<boolean>
  /** Runs a part. The layer does not close before it has ended. */
  readonly hold: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const Leaving = Context.GenericTag<Leaving>("effect-stigg/internal/Leaving")

/** How long a runner that leaves waits for its parts. */
const patience = Duration.seconds(10)

export const layer: Layer.Layer<Leaving> = Layer.scoped(
  Leaving,
  Effect.gen(function* () {
    // Mutable: parts begin and end at any time.
    let isLeaving = false
    let held = 0
    const empty = yield* Deferred.make<void>()
    const leave = Effect.suspend(() => (isLeaving && held === 0 ? Deferred.succeed(empty, undefined) : Effect.void))
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        isLeaving = true
        return Effect.zipRight(leave, Effect.timeoutOption(Deferred.await(empty), patience))
      })
    )
    return {
      isLeaving: Effect.sync(() => isLeaving),
      hold: (effect) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            held += 1
          }),
          () => effect,
          () =>
            Effect.suspend(() => {
              held -= 1
              return leave
            })
        )
    }
  })
)
