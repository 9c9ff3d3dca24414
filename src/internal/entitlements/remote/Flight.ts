import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
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
  /** Its timer: when it must have fired, in milliseconds since the epoch, and what it does. Set when it starts. */
  timer: { readonly firedBy: number; readonly fire: () => void } | undefined
}

/** How late a timer can be, in milliseconds, because the process was busy. */
const maxLag = 60_000

/**
 * A flight that a caller can join. If its timer has not fired when it must have, as in a Worker that canceled the request
 * and the timers of the caller that started it, the flight ends with its timeout error, and this returns undefined.
 */
export const joinable = <A, E>(flight: Flight<A, E> | undefined, clock: Clock.Clock): Flight<A, E> | undefined => {
  if (flight?.timer === undefined || clock.unsafeCurrentTimeMillis() < flight.timer.firedBy) return flight
  flight.unregister()
  flight.timer.fire()
  return undefined
}

/** What the effect of a flight can use of its flight. */
export interface Flying<E> {
  /**
   * Runs `release` once with the outcome of an effect, which must run next: when the effect ends or, after an
   * interruption, when the flight ends. `Effect.onExit` would take several times as many steps of the fiber.
   */
  readonly onExit: <A>(
    self: Effect.Effect<A, E>,
    release: (exit: Exit.Exit<unknown, E>) => Effect.Effect<void>
  ) => Effect.Effect<A, E>
  /**
   * Calls back after a time in milliseconds, not counting the time in which this process was busy, and then ends the
   * flight with the error. Returns a function that cancels it.
   */
  readonly startTimer: (clock: Clock.Clock, millis: number, onTimeout: () => E) => () => void
}

/** Starts flights. They are interrupted when the scope of the service closes. */
export interface Flights {
  /**
   * Starts a run on a fiber of its own, so that interrupting the first caller does not affect the others. `register`
   * stores the flight where other callers find it; `unregister` removes it before the waiting callers resume.
   */
  readonly start: <A, E>(run: (flying: Flying<E>) => Effect.Effect<A, E>, options: Options<A, E>) => Flight<A, E>
}

interface Options<A, E> {
  readonly caller: Fiber.RuntimeFiber<unknown, unknown>
  readonly runtimeFlags: RuntimeFlags.RuntimeFlags
  /** The context of the run. */
  readonly context: Context.Context<never>
  readonly inBackground: boolean
  readonly register: (flight: Flight<A, E>) => void
  readonly unregister: (flight: Flight<A, E>) => void
}

export const make: Effect.Effect<Flights, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new Set<Fiber.RuntimeFiber<unknown, unknown>>()),
    (fibers) => Fiber.interruptAll(fibers)
  ),
  (fibers): Flights => ({
    // Synchronous, so that no caller finds the flight before it runs: `Effect.fork` could yield in between.
    start: <A, E>(
      run: (flying: Flying<E>) => Effect.Effect<A, E>,
      { caller, context, inBackground, register, runtimeFlags, unregister }: Options<A, E>
    ) => {
      const flight: Flight<A, E> = {
        startedAt: Context.get(caller.currentDefaultServices, Clock.Clock).unsafeCurrentTimeMillis(),
        waiting: inBackground ? 1 : 0,
        timeout: undefined,
        fiber: undefined,
        timer: undefined,
        unregister: () => unregister(flight)
      }
      register(flight)
      const runtime = Runtime.make({
        context,
        fiberRefs: caller.getFiberRefs(),
        runtimeFlags: RuntimeFlags.enable(runtimeFlags, RuntimeFlags.Interruption)
      })
      const runFork = Runtime.runFork(runtime)
      const releases: Array<(exit: Exit.Exit<unknown, E>) => Effect.Effect<void>> = []
      const fiber = runFork(run(makeFlying(flight, releases)), { immediate: false })
      flight.fiber = fiber
      fibers.add(fiber)
      fiber.addObserver((exit) => {
        flight.unregister()
        fibers.delete(fiber)
        for (const release of releases) {
          const effect = release(outcome(flight, exit))
          if (effect !== Effect.void) runFork(effect)
        }
      })
      return flight
    }
  })
)

const makeFlying = <A, E>(
  flight: Flight<A, E>,
  releases: Array<(exit: Exit.Exit<unknown, E>) => Effect.Effect<void>>
): Flying<E> => ({
  onExit: (self, release) => {
    let isReleased = false
    const releaseOnce = (exit: Exit.Exit<unknown, E>) => {
      if (isReleased) return Effect.void
      isReleased = true
      return release(exit)
    }
    releases.push(releaseOnce)
    return Effect.matchCauseEffect(self, {
      onSuccess: (value) => then(releaseOnce(Exit.void), Exit.succeed(value)),
      onFailure: (cause) => {
        const exit = outcome(flight, Exit.failCause(cause))
        return then(releaseOnce(exit), exit)
      }
    })
  },

  startTimer: (clock, millis, onTimeout) => {
    const fire = () => {
      flight.timeout = onTimeout()
      // `Effect.timeout` would start another fiber, which doubles the cost.
      flight.fiber?.unsafeInterruptAsFork(FiberId.none)
    }
    flight.timer = { firedBy: clock.unsafeCurrentTimeMillis() + millis + maxLag, fire }
    return Deadline.start(clock, millis, fire)
  }
})

const then = <A, E>(first: Effect.Effect<void>, exit: Exit.Exit<A, E>): Effect.Effect<A, E> =>
  first === Effect.void ? exit : Effect.zipRight(first, exit)

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
