import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

/** How often beats are looked at. */
export const watchInterval = Duration.seconds(3)

/**
 * How long something may show no sign of life before another runner takes it. The engine replaces a runner that died
 * within 15 seconds. This is for one that hangs, and for executions that the engine does not get to.
 */
export const stallAfter = Duration.seconds(20)

/** Watches the beats of parts. */
export interface Watch {
  /** Succeeds once a part has shown no sign of life for {@link stallAfter}, counted from this call at the earliest. */
  readonly stalled: (part: number) => Effect.Effect<void>
}

/**
 * Watches until the scope closes. Only the own clock is used, and only changes are compared: the clocks of runners may
 * differ.
 */
export const make = (
  beats: Effect.Effect<ReadonlyArray<{ readonly part: number; readonly beat: number }>>
): Effect.Effect<Watch, never, Scope.Scope> =>
  Effect.gen(function* () {
    // Mutable: parts come and go while the watch looks.
    const watched = new Map<number, { beat: number | null; since: number; readonly stalled: Deferred.Deferred<void> }>()
    const look = Effect.gen(function* () {
      if (watched.size === 0) return
      const now = yield* Clock.currentTimeMillis
      const seen = new Map((yield* beats).map(({ beat, part }) => [part, beat]))
      for (const [part, state] of watched) {
        const beat = seen.get(part) ?? null
        if (beat !== state.beat) {
          state.beat = beat
          state.since = now
        } else if (now - state.since >= Duration.toMillis(stallAfter)) {
          yield* Deferred.succeed(state.stalled, undefined)
        }
      }
    })
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(watchInterval)))
    return {
      stalled: (part) =>
        Effect.gen(function* () {
          const stalled = yield* Deferred.make<void>()
          const since = yield* Clock.currentTimeMillis
          watched.set(part, { beat: null, since, stalled })
          yield* Effect.ensuring(
            Deferred.await(stalled),
            Effect.sync(() => watched.delete(part))
          )
        })
    }
  })
