import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Permits from "../../src/internal/entitlements/remote/Permits.js"

/** Counts how many run at once and records the order in which they start. */
const watched = (permits: number) => {
  const withPermit = Permits.make(permits)
  const seen = { running: 0, most: 0, begun: [] as Array<number> }
  const run = (index: number, body: Effect.Effect<void> = Effect.sleep("1 second")) =>
    withPermit(
      Effect.suspend(() => {
        seen.begun.push(index)
        seen.most = Math.max(seen.most, ++seen.running)
        return Effect.ensuring(
          body,
          Effect.sync(() => seen.running--)
        )
      })
    )
  return { seen, run }
}

describe("permits", () => {
  it.effect("allow the given number to run at once and start the others in FIFO order", () =>
    Effect.gen(function* () {
      const { run, seen } = watched(3)
      const all = yield* Effect.forkAll(Array.from({ length: 10 }, (_, index) => run(index)))
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.join(all)
      expect(seen).toEqual({ running: 0, most: 3, begun: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] })
    })
  )

  it.effect("are released after a failure, a defect, and an interruption", () =>
    Effect.gen(function* () {
      const withPermit = Permits.make(1)
      expect(Exit.isFailure(yield* Effect.exit(withPermit(Effect.fail("no"))))).toBe(true)
      expect(Exit.isFailure(yield* Effect.exit(withPermit(Effect.die("no"))))).toBe(true)
      const running = yield* Effect.fork(withPermit(Effect.never))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(running)
      expect(yield* withPermit(Effect.succeed("yes"))).toBe("yes")
    })
  )

  it.effect("skip fibers that left the queue", () =>
    Effect.gen(function* () {
      const { run, seen } = watched(1)
      const gate = yield* Deferred.make<void>()
      const first = yield* Effect.fork(run(0, Deferred.await(gate)))
      yield* Effect.yieldNow()
      const second = yield* Effect.fork(run(1, Effect.void))
      yield* Effect.yieldNow()
      const third = yield* Effect.fork(run(2, Effect.void))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(second)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(first)
      yield* Fiber.join(third)
      expect(seen.begun).toEqual([0, 2])
    })
  )

  it.effect("are not lost when a fiber is interrupted at the moment it gets its permit", () =>
    Effect.gen(function* () {
      const withPermit = Permits.make(1)
      for (let round = 0; round < 50; round++) {
        const gate = yield* Deferred.make<void>()
        const first = yield* Effect.fork(withPermit(Deferred.await(gate)))
        yield* Effect.yieldNow()
        const second = yield* Effect.fork(withPermit(Effect.never))
        yield* Effect.yieldNow()
        yield* Deferred.succeed(gate, undefined)
        yield* Effect.zip(Fiber.interrupt(second), Fiber.join(first), { concurrent: true })
      }
      expect(yield* withPermit(Effect.succeed("free"))).toBe("free")
    })
  )

  it.live("cost the same per fiber with 20,000 waiting", () =>
    Effect.gen(function* () {
      const withPermit = Permits.make(8)
      /** The CPU time for each fiber: other processes use the same cores. */
      const cost = (count: number) =>
        Effect.gen(function* () {
          const before = process.cpuUsage()
          yield* Effect.forEach(Array.from({ length: count }), () => withPermit(Effect.yieldNow()), {
            concurrency: "unbounded",
            discard: true
          })
          const { system, user } = process.cpuUsage(before)
          return (system + user) / count
        })
      yield* cost(2000)
      // A queue that wakes all waiters at each step takes ten times as long per fiber for ten times as many.
      expect((yield* cost(20_000)) / (yield* cost(2000))).toBeLessThan(5)
    })
  )
})
