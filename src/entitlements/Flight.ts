import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as Scope from "effect/Scope"

/** One run of an effect for all who want its outcome. */
export interface Flight<A, E> {
  readonly outcome: Deferred.Deferred<A, E>
  /** How many fibers wait for it; one that was started in the background counts as waiting to its end. */
  waiting: number
  fiber: Fiber.RuntimeFiber<Exit.Exit<A, E>> | undefined
  /** Makes room for the next run, so that nobody joins one that is over. */
  readonly leave: () => void
}

/**
 * Starts a run in a scope. It is a fiber of its own, so that the first who asked may be interrupted without the others
 * noticing. `enter` and `leave` put it where others find it, and take it away before those who wait hear of its end.
 */
export const start = <A, E>(
  run: Effect.Effect<A, E>,
  options: {
    readonly scope: Scope.Scope
    readonly inBackground: boolean
    readonly enter: (flight: Flight<A, E>) => void
    readonly leave: (flight: Flight<A, E>) => void
  }
): Effect.Effect<Flight<A, E>> =>
  Effect.uninterruptible(
    Effect.suspend(() => {
      const flight: Flight<A, E> = {
        outcome: Deferred.unsafeMake(FiberId.none),
        waiting: options.inBackground ? 1 : 0,
        fiber: undefined,
        leave: () => options.leave(flight)
      }
      options.enter(flight)
      return Effect.interruptible(run).pipe(
        Effect.exit,
        Effect.tap((exit) => {
          flight.leave()
          return Deferred.done(flight.outcome, exit)
        }),
        Effect.forkIn(options.scope),
        Effect.map((fiber) => {
          flight.fiber = fiber
          return flight
        })
      )
    })
  )

/** Waits for the outcome. When the last who waits is interrupted, so is the run. */
export const join = <A, E>(flight: Flight<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    flight.waiting++
    return Effect.onInterrupt(Deferred.await(flight.outcome), () =>
      Effect.suspend(() => {
        flight.waiting--
        if (flight.waiting > 0 || flight.fiber === undefined) return Effect.void
        flight.leave()
        return Fiber.interrupt(flight.fiber)
      })
    )
  })
