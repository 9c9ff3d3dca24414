import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { FleetRate } from "../../../src/jobs/FleetRate.js"
import { rateMemory } from "../../../src/internal/jobs/rate/MemoryRate.js"
import { most, takeTurns } from "./fleet.js"

const minute = 60_000

/** Starts a take after each gap, and pauses for 7 seconds after the given one. */
const load = FastCheck.record({
  perMinute: FastCheck.integer({ min: 2, max: 16 }),
  gaps: FastCheck.array(FastCheck.constantFrom(0, 0, 0, 1, 130, 1700, 25_000), { minLength: 20, maxLength: 30 }),
  pauseAfter: FastCheck.integer({ min: 0, max: 40 })
})

describe("the rate in memory", () => {
  it.effect.prop(
    "lets at most perMinute requests begin in any 60 seconds",
    [load],
    ([{ gaps, pauseAfter, perMinute }]) =>
      Effect.gen(function* () {
        const rate = yield* FleetRate
        const times: Array<number> = []
        let at = 0
        const takes = yield* Effect.forkAll(
          gaps.map((gap, index) => {
            at += gap
            const pause = index === pauseAfter ? rate.pause(Duration.seconds(7)) : Effect.void
            return Effect.delay(Effect.zipRight(takeTurns(rate, 1, times), pause), at)
          })
        )
        yield* TestClock.adjust("2 hours")
        yield* Fiber.join(takes)
        expect(times).toHaveLength(gaps.length)
        expect(most(times, minute)).toBeLessThanOrEqual(perMinute)
      }).pipe(Effect.provide(rateMemory({ perMinute }))),
    { fastCheck: { numRuns: 6 }, timeout: 30_000 }
  )
})
