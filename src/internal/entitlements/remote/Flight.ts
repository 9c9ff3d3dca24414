import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Deadline from "../../transport/Deadline.js"

/**
 * One run of an effect that several callers wait for.
 *
 * `RcMap` shares a resource in the same way, but takes 64 µs for each one that it acquires and releases (Node 20), which is
 * as much as all that a load adds to its request. It has no timeout either, and no background run.
 */
export interface Flight<A, E> {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The number of fibers that wait for it. A background flight counts one more, so that no caller can interrupt it. */
  waiting: number
  /** The timeout error, once it timed out. */
  timeout: E | undefined
  /** Set when it starts. */
  fiber: Fiber.RuntimeFiber<A, E> | undefined
  /** Unregisters it, so that no caller joins a flight that has ended. */
  readonly unregister: () => void
}

/** The timeout of a flight. */
export interface Timer<E> {
  /**
   * Interrupts the flight if the effect does not end within `millis`. The time in which this process was busy does not
   * count. Runs `record` with the outcome.
   */
  readonly within: <A>(
    self: Effect.Effect<A, E>,
    options: {
      readonly millis: number
      readonly onTimeout: () => E
      readonly record: (exit: Exit.Exit<A, E>) => Effect.Effect<void>
    }
  ) => Effect.Effect<A, E>
}

/** Starts flights. They are interrupted when the scope of the service closes. */
export interface Flights {
  /**
   * Starts a run on a fiber of its own, so that interrupting the first caller does not affect the others. `register`
   * stores the flight where other callers find it; `unregister` removes it before the waiting callers resume.
   */
  readonly start: <A, E>(
    run: (timer: Timer<E>) => Effect.Effect<A, E>,
    options: Options<A, E>
  ) => Effect.Effect<Flight<A, E>>
}

interface Options<A, E> {
  readonly inBackground: boolean
  readonly register: (flight: Flight<A, E>) => void
  readonly unregister: (flight: Flight<A, E>) => void
}

export const make: Effect.Effect<Flights, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new Set<Fiber.RuntimeFiber<unknown, unknown>>()),
    (fibers) => Fiber.interruptAll(fibers)
  ),
  (fibers) => ({
    start: <A, E>(
      run: (timer: Timer<E>) => Effect.Effect<A, E>,
      { inBackground, register, unregister }: Options<A, E>
    ) =>
      // One synchronous step, so that no caller finds the flight before it runs: `Effect.fork` could yield in between.
      Effect.zipWith(Effect.clock, Effect.runtime<never>(), (clock, runtime) => {
        const flight: Flight<A, E> = {
          startedAt: clock.unsafeCurrentTimeMillis(),
          waiting: inBackground ? 1 : 0,
          timeout: undefined,
          fiber: undefined,
          unregister: () => unregister(flight)
        }
        register(flight)
        const unregistered = Effect.sync(flight.unregister)
        const fiber = Runtime.runFork(
          runtime,
          Effect.onExit(Effect.interruptible(run(timer(flight))), () => unregistered),
          { immediate: false }
        )
        flight.fiber = fiber
        fibers.add(fiber)
        fiber.addObserver(() => fibers.delete(fiber))
        return flight
      })
  })
)

/** Interrupts the flight's own fiber: `Effect.timeout` would start another fiber, which doubles the cost. */
const timer = <A, E>(flight: Flight<A, E>): Timer<E> => ({
  within: (self, { millis, onTimeout, record }) =>
    Effect.clockWith((clock) =>
      Effect.withFiberRuntime((fiber) => {
        const cancel = Deadline.start(clock, millis, () => {
          flight.timeout = onTimeout()
          fiber.unsafeInterruptAsFork(FiberId.none)
        })
        return Effect.onExit(self, (exit) => {
          cancel()
          return record(outcome(flight, exit))
        })
      })
    )
})

/** Turns the interruption of a flight that timed out into its timeout error. */
const outcome = <A, B, E>(flight: Flight<B, E>, exit: Exit.Exit<A, E>): Exit.Exit<A, E> =>
  flight.timeout !== undefined && Exit.isInterrupted(exit) ? Exit.fail(flight.timeout) : exit

/** Waits for the outcome. When the last waiting caller is interrupted, so is the run. */
export const join = <A, E>(flight: Flight<A, E>): Effect.Effect<A, E> =>
  Effect.async((resume) => {
    const { fiber } = flight
    // Never undefined in practice: a flight is registered and started in one step.
    if (fiber === undefined) return resume(Effect.interrupt)
    const onExit = (exit: Exit.Exit<A, E>) => resume(outcome(flight, exit))
    flight.waiting++
    fiber.addObserver(onExit)
    return Effect.suspend(() => {
      fiber.removeObserver(onExit)
      if (--flight.waiting > 0) return Effect.void
      flight.unregister()
      return Fiber.interrupt(fiber)
    })
  })
