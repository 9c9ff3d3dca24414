import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Deadline from "../../transport/Deadline.js"

/** One run of an effect for all who want its outcome. */
export interface Flight<A, E> {
  /** Milliseconds of the epoch. */
  readonly startedAt: number
  /** How many fibers wait for it; one that was started in the background counts as waiting to its end. */
  waiting: number
  /** Why it ran out of time, when it did. */
  timedOut: E | undefined
  /** Set as soon as it starts. */
  fiber: Fiber.RuntimeFiber<A, E> | undefined
  /** Makes room for the next run, so that nobody joins one that is over. */
  readonly leave: () => void
}

/** The deadlines of a flight. */
export interface Timer<E> {
  /**
   * Ends the flight unless an effect of it is over in time. The time in which this process was busy does not count.
   * `learn` hears how it went.
   */
  readonly within: <A>(
    self: Effect.Effect<A, E>,
    options: {
      readonly millis: number
      readonly onTimeout: () => E
      readonly learn: (exit: Exit.Exit<A, E>) => Effect.Effect<void>
    }
  ) => Effect.Effect<A, E>
}

/** The flights of a service, which end with it. */
export interface Flights {
  /**
   * Starts a run on a fiber of its own, so that the first who asked may be interrupted without the others noticing.
   * `enter` and `leave` put it where others find it, and take it away before those who wait hear of its end.
   */
  readonly start: <A, E>(
    run: (timer: Timer<E>) => Effect.Effect<A, E>,
    options: Options<A, E>
  ) => Effect.Effect<Flight<A, E>>
}

interface Options<A, E> {
  readonly inBackground: boolean
  readonly enter: (flight: Flight<A, E>) => void
  readonly leave: (flight: Flight<A, E>) => void
}

/** Flights that are interrupted when the scope closes. */
export const make: Effect.Effect<Flights, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new Set<Fiber.RuntimeFiber<unknown, unknown>>()),
    (fibers) => Fiber.interruptAll(fibers)
  ),
  (fibers) => ({
    start: <A, E>(run: (timer: Timer<E>) => Effect.Effect<A, E>, { enter, inBackground, leave }: Options<A, E>) =>
      // It is found and it runs in one step: `Effect.fork` could yield in between.
      Effect.zipWith(Effect.clock, Effect.runtime<never>(), (clock, runtime) => {
        const flight: Flight<A, E> = {
          startedAt: clock.unsafeCurrentTimeMillis(),
          waiting: inBackground ? 1 : 0,
          timedOut: undefined,
          fiber: undefined,
          leave: () => leave(flight)
        }
        enter(flight)
        const ended = Effect.sync(flight.leave)
        const fiber = Runtime.runFork(
          runtime,
          Effect.onExit(Effect.interruptible(run(timer(flight))), () => ended),
          { immediate: false }
        )
        flight.fiber = fiber
        fibers.add(fiber)
        fiber.addObserver(() => fibers.delete(fiber))
        return flight
      })
  })
)

/** A fiber that is there already is interrupted in time: one more, as `Effect.timeout` takes, would cost as much again. */
const timer = <A, E>(flight: Flight<A, E>): Timer<E> => ({
  within: (self, { learn, millis, onTimeout }) =>
    Effect.clockWith((clock) =>
      Effect.withFiberRuntime((fiber) => {
        const cancel = Deadline.start(clock, millis, () => {
          flight.timedOut = onTimeout()
          fiber.unsafeInterruptAsFork(FiberId.none)
        })
        return Effect.onExit(self, (exit) => {
          cancel()
          return learn(outcome(flight, exit))
        })
      })
    )
})

/** How it went, where the interruption of a flight that ran out of time is a failure. */
const outcome = <A, B, E>(flight: Flight<B, E>, exit: Exit.Exit<A, E>): Exit.Exit<A, E> =>
  flight.timedOut !== undefined && Exit.isInterrupted(exit) ? Exit.fail(flight.timedOut) : exit

/** Waits for the outcome. When the last who waits is interrupted, so is the run. */
export const join = <A, E>(flight: Flight<A, E>): Effect.Effect<A, E> =>
  Effect.async((resume) => {
    const { fiber } = flight
    // It starts in one step with being found.
    if (fiber === undefined) return resume(Effect.interrupt)
    const heard = (exit: Exit.Exit<A, E>) => resume(outcome(flight, exit))
    flight.waiting++
    fiber.addObserver(heard)
    return Effect.suspend(() => {
      fiber.removeObserver(heard)
      if (--flight.waiting > 0) return Effect.void
      flight.leave()
      return Fiber.interrupt(fiber)
    })
  })
