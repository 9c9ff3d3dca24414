import { describe, expect, it } from "@effect/vitest"
import { randomUUID } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { RateOptions } from "../../../src/jobs/FleetRate.js"
import { FleetRate } from "../../../src/jobs/FleetRate.js"
import { maxLateness } from "../../../src/internal/jobs/rate/RateOptions.js"
import { skewed } from "../../entitlements/world.js"
import { most, takeTurns } from "./fleet.js"

/** The store under test, whose connections a test can cut. */
export interface Store {
  /** The rate of a runner of its own, with its own connection. */
  readonly layer: (options: RateOptions) => Layer.Layer<FleetRate, unknown>
  /** Until `open`, no runner reaches the store. */
  readonly shut: Effect.Effect<void>
  readonly open: Effect.Effect<void>
}

const warnings = () => {
  const warned: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    if (logLevel.label === "WARN") warned.push(String(Array.isArray(message) ? message[0] : message))
  })
  return { warned, logger: Logger.replace(Logger.defaultLogger, logger) }
}

/** What holds for any store that runners share, on a real one and in real time. */
export const describeStore = (title: string, isMissing: boolean, make: Effect.Effect<Store, unknown, Scope.Scope>) => {
  const runners = (store: Store, count: number, options: RateOptions) =>
    Effect.replicateEffect(
      Effect.map(Layer.build(Layer.fresh(store.layer(options))), (context) => Context.get(context, FleetRate)),
      count,
      { concurrency: count }
    )

  const perMinute = 600
  const burst = 5
  const refillMillis = (60_000 + Duration.toMillis(maxLateness)) / (perMinute - burst)
  /** Waits until turns were taken at or after a time. */
  const until = (times: ReadonlyArray<number>, count: number, from = 0) =>
    Effect.repeat(
      Effect.sync(() => times.filter((at) => at >= from).length),
      { until: (found) => found >= count, schedule: Schedule.spaced("20 millis") }
    )
  const named = () => ({ perMinute, burst, name: `test-${randomUUID()}` })

  describe.skipIf(isMissing)(title, { concurrent: true }, () => {
    it.scopedLive("four runners share one rate, although the clock of one is an hour ahead", () =>
      Effect.gen(function* () {
        const rates = yield* runners(yield* make, 4, named())
        const times: Array<number> = []
        const start = yield* Clock.currentTimeMillis
        const hour = 3_600_000
        const ahead: Array<number> = []
        const [first, ...others] = rates.map((rate, index) => takeTurns(rate, 8, index === 0 ? ahead : times))
        yield* Effect.all([skewed(hour)(first ?? Effect.void), ...others], { concurrency: 4 })
        times.push(...ahead.map((at) => at - hour))
        expect(times).toHaveLength(32)
        // The bucket starts empty. A turn can be late, but never early.
        times
          .toSorted((a, b) => a - b)
          .forEach((at, index) => {
            expect(at - start).toBeGreaterThanOrEqual(Math.floor(index * refillMillis))
          })
        for (const span of [500, 1000, 2000]) {
          const late = Duration.toMillis(maxLateness)
          expect(most(times, span)).toBeLessThanOrEqual(burst + Math.ceil((span + late) / refillMillis))
        }
      })
    )

    it.scopedLive("a bucket that was not used is full, and no fuller", () =>
      Effect.gen(function* () {
        const [rate] = yield* runners(yield* make, 1, { perMinute: 62, burst: 3, name: named().name })
        const times: Array<number> = []
        const take = takeTurns(rate as FleetRate, 1, times)
        yield* take
        yield* Effect.sleep(3 * 1100)
        yield* Effect.all([take, take, take, take], { concurrency: 4 })
        const [first = 0, second = 0, , fourth = 0, fifth = 0] = times
        expect(second - first).toBeGreaterThanOrEqual(3000)
        expect(fourth - second).toBeLessThan(900)
        expect(fifth - second).toBeGreaterThan(900)
      })
    )

    it.scopedLive("a pause stops all runners of that rate, until it is over", () =>
      Effect.gen(function* () {
        const store = yield* make
        const rates = yield* runners(store, 4, named())
        const [other] = yield* runners(store, 1, named())
        const times: Array<number> = []
        const others: Array<number> = []
        const takes = yield* Effect.fork(
          Effect.all(
            [...rates.map((rate) => takeTurns(rate, 1000, times)), takeTurns(other as FleetRate, 1000, others)],
            { concurrency: "unbounded" }
          )
        )
        yield* until(times, 5)
        const began = yield* Clock.currentTimeMillis
        yield* (rates[2] as FleetRate).pause(Duration.seconds(2))
        const set = yield* Clock.currentTimeMillis
        yield* (rates[3] as FleetRate).pause(Duration.millis(100))
        yield* until(times, 1, began + 2000)
        yield* Fiber.interrupt(takes)
        const isDuring = (at: number) => at > set + 500 && at < began + 1990
        expect(times.filter(isDuring)).toEqual([])
        expect(others.filter(isDuring).length).toBeGreaterThan(0)
      })
    )

    it.scopedLive("an outage stops all runners, and they continue within a second or so", () => {
      const { logger, warned } = warnings()
      return Effect.gen(function* () {
        const store = yield* make
        const rates = yield* runners(store, 4, named())
        const times: Array<number> = []
        const takes = yield* Effect.fork(
          Effect.all(
            rates.flatMap((rate) => Array.from({ length: 8 }, () => takeTurns(rate, 1000, times))),
            {
              concurrency: "unbounded"
            }
          )
        )
        yield* until(times, 5)
        yield* store.shut
        const shut = yield* Clock.currentTimeMillis
        yield* Effect.sleep("3 seconds")
        const open = yield* Clock.currentTimeMillis
        yield* store.open
        yield* until(times, 10, open)
        yield* Fiber.interrupt(takes)
        expect(times.filter((at) => at > shut + 500 && at < open)).toEqual([])
        expect(Math.min(...times.filter((at) => at > open)) - open).toBeLessThan(3000)
        // No runner makes up for turns that it missed.
        expect(most(times, 100)).toBeLessThanOrEqual(burst + Math.ceil(1100 / refillMillis))
        // A runner whose turns come later may not notice.
        expect(new Set(warned)).toEqual(
          new Set(["The store of the rate that runners share cannot be reached: no request is sent until it can"])
        )
      }).pipe(Effect.provide(logger))
    })
  })
}
