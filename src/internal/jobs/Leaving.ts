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
  /** Succeeds when the runner begins to leave. */
  readonly begun: Effect.Effect<void>
  /** Runs something that the runner does not leave before it has ended. */
  readonly hold: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Begins to leave, and waits for what is held. */
  readonly leave: Effect.Effect<void>
}

export const Leaving = Context.GenericTag<Leaving>("effect-stigg/internal/Leaving")

/** How long a runner that leaves waits. */
const patience = Duration.seconds(10)

export const layer: Layer.Layer<Leaving> = Layer.effect(
  Leaving,
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const empty = yield* Deferred.make<void>()
    // Mutable: parts begin and end at any time.
    let held = 0
    const isLeaving = Deferred.isDone(begun)
    const tellIfEmpty = Effect.whenEffect(
      Deferred.succeed(empty, undefined),
      Effect.map(isLeaving, (isLeaving) => isLeaving && held === 0)
    )
    return {
      isLeaving,
      begun: Deferred.await(begun),
      hold: (effect) =>
        Effect.acquireUseRelease(
          Effect.sync(() => {
            held += 1
          }),
          () => effect,
          () =>
            Effect.suspend(() => {
              held -= 1
              return tellIfEmpty
            })
        ),
      leave: Deferred.succeed(begun, undefined).pipe(
        Effect.zipRight(tellIfEmpty),
        Effect.zipRight(Effect.timeoutOption(Deferred.await(empty), patience)),
        Effect.asVoid
      )
    }
  })
)

/** Leaves when the scope closes. It must be built after what it lets end, so that it closes before. */
export const layerLeave: Layer.Layer<never, never, Leaving> = Layer.scopedDiscard(
  Effect.flatMap(Leaving, ({ leave }) => Effect.addFinalizer(() => leave))
)
