import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/**
 * As `Effect.timeoutFail`, at less than half of its price, and it holds in an uninterruptible region too, such as a
 * finalizer: the effect runs on a fiber that is nobody else's, which can be interrupted whatever its surroundings say. What
 * the effect sets in a `FiberRef` stays on that fiber.
 */
export const within =
  <E2>(duration: Duration.Duration, onTimeout: () => E2) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkDaemon(Effect.interruptible(self)), (fiber) =>
        restore(exitOf(fiber, duration)).pipe(
          Effect.onInterrupt(() => Fiber.interrupt(fiber)),
          Effect.flatMap(
            (exit): Effect.Effect<A, E | E2> =>
              exit ?? Effect.zipRight(Fiber.interrupt(fiber), Effect.failSync(onTimeout))
          )
        )
      )
    )

/** How a fiber ended; null when it did not in time. */
const exitOf = <A, E>(
  fiber: Fiber.RuntimeFiber<A, E>,
  duration: Duration.Duration
): Effect.Effect<Exit.Exit<A, E> | null> =>
  Effect.clockWith((clock) => {
    const millis = Duration.toMillis(duration)
    // The live clock is asked for a timer, which is cheaper than a fiber that sleeps. Any other clock, such as
    // `TestClock`, knows of sleeps alone.
    return clock === live && millis <= longestTimer
      ? timed(fiber, millis)
      : Effect.raceFirst(Fiber.await(fiber), Effect.as(clock.sleep(duration), null))
  })

const live = Context.get(DefaultServices.liveServices, Clock.Clock)

/** Past it, timers fire at once. */
const longestTimer = 2 ** 31 - 1

const timed = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, millis: number): Effect.Effect<Exit.Exit<A, E> | null> =>
  Effect.async((resume) => {
    const timer = setTimeout(() => resume(Effect.succeed(null)), millis)
    const done = (exit: Exit.Exit<A, E>) => {
      clearTimeout(timer)
      resume(Effect.succeed(exit))
    }
    fiber.addObserver(done)
    return Effect.sync(() => {
      clearTimeout(timer)
      fiber.removeObserver(done)
    })
  })
