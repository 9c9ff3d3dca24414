import { describe, expect, it } from "@effect/vitest"
import type * as CustomerJobs from "effect-stigg/CustomerJobs"
import { RateLimiterStore, RateLimitStoreError } from "@effect/experimental/RateLimiter"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/TestClock"
import * as RateOptions from "../../../src/internal/jobs/rate/RateOptions.js"
import * as SharedRate from "../../../src/internal/jobs/rate/SharedRate.js"
import * as TokenBucket from "../../../src/internal/jobs/rate/TokenBucket.js"
import { takeTurns } from "./fleet.js"

const down = new RateLimitStoreError({ message: "down" })

/** A store with one token a second, whose state a test sets. */
const setUp = Effect.gen(function* () {
  const state = {
    /** Instead of the store's answer to each request for a token or for the pause. */
    answer: Effect.void as Effect.Effect<void, RateLimitStoreError>,
    left: 0,
    resumeAt: 0,
    taken: 0
  }
  const reply = Effect.suspend(() => state.answer)
  const store = TokenBucket.make(({ tokens }) =>
    Effect.zipRight(
      reply,
      Effect.sync(() => {
        state.taken += tokens
        return (state.left -= tokens)
      })
    )
  )
  const rate = yield* Effect.flatMap(RateOptions.make({ perMinute: 62, burst: 1 }), (settings) =>
    SharedRate.make(settings, {
      left: Effect.zipRight(
        reply,
        Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, state.resumeAt - now))
      ),
      extend: (millis) =>
        Effect.zipRight(
          reply,
          Effect.map(Clock.currentTimeMillis, (now) => {
            state.resumeAt = Math.max(state.resumeAt, now + millis)
          })
        )
    })
  ).pipe(Effect.provideService(RateLimiterStore, store))
  return { rate, state }
})

const logged = () => {
  const lines: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    lines.push(`${logLevel.label} ${String(Array.isArray(message) ? message[0] : message)}`)
  })
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

const unreachable = "WARN The store of the rate that runners share cannot be reached: no request is sent until it can"
const reachable = "INFO The store of the rate that runners share can be reached again"

describe("a turn", () => {
  it.effect("comes at once while there are tokens, and else after the delay", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.left = 2
      const times: Array<number> = []
      const takes = yield* Effect.fork(takeTurns(rate, 3, times))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(takes)
      expect(times).toEqual([0, 0, 1000])
    })
  )

  it.effect("is lost to a pause that begins meanwhile, also of another runner", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.left = -3
      const times: Array<number> = []
      const take = yield* Effect.fork(takeTurns(rate, 1, times))
      yield* TestClock.adjust("1 seconds")
      state.resumeAt = 10_000
      state.left = 5
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(take)
      expect(times).toEqual([10_000])
      expect(state.taken).toBe(2)
    })
  )

  it.effect("is lost while a runner hangs, or waits for the store", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.left = -1
      const times: Array<number> = []
      const take = yield* Effect.fork(takeTurns(rate, 1, times))
      yield* TestClock.adjust("1 seconds")
      state.answer = down
      yield* TestClock.adjust("10 seconds")
      expect(times).toEqual([])
      state.answer = Effect.void
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(take)
      expect(state.taken).toBe(2)
      // The second token is the third in line.
      expect(times[0]).toBeGreaterThanOrEqual(14_000)
      expect(times[0]).toBeLessThanOrEqual(15_000)
    }).pipe(Effect.provide(logged().layer))
  )

  it.effect("is not waited for any longer after an interruption, even if the store hangs", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.answer = Effect.uninterruptible(Effect.never)
      const take = yield* Effect.fork(rate.take)
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(take)
      expect(state.taken).toBe(0)
    })
  )
})

describe("a pause", () => {
  it.effect("holds every take until it is over, and a shorter one does not end it", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.left = 100
      yield* rate.pause(Duration.seconds(30))
      yield* rate.pause(Duration.seconds(1))
      const times: Array<number> = []
      const takes = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 3 }, () => takeTurns(rate, 1, times)),
          { concurrency: 3 }
        )
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(takes)
      expect(times).toEqual([30_000, 30_000, 30_000])
    })
  )

  it.effect.each<readonly [Duration.Duration, number]>([
    [Duration.zero, 0],
    [Duration.millis(0.4), 0.4],
    [Duration.minutes(5), 300_000],
    [Duration.hours(1), 300_000],
    [Duration.infinity, 300_000]
  ])("is at most 5 minutes long (%#)", ([duration, resumeAt]) =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      yield* rate.pause(duration)
      expect(state.resumeAt).toBe(resumeAt)
    })
  )

  it.effect("reaches a store that comes back, for the time that is left", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.answer = down
      const pause = yield* Effect.fork(rate.pause(Duration.seconds(30)))
      yield* TestClock.adjust("10 seconds")
      state.answer = Effect.void
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(pause)
      expect(state.resumeAt).toBe(30_000)
    }).pipe(Effect.provide(logged().layer))
  )

  it.effect("is over when the store does not come back in its time", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      state.answer = down
      const pause = yield* Effect.fork(rate.pause(Duration.seconds(30)))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(pause)
      expect(state.resumeAt).toBe(0)
    }).pipe(Effect.provide(logged().layer))
  )
})

describe("an outage of the store", () => {
  const { layer, lines } = logged()

  it.effect.each<readonly [string, Effect.Effect<void, RateLimitStoreError>]>([
    ["fails", down],
    ["hangs", Effect.never],
    ["hangs and cannot be interrupted", Effect.uninterruptible(Effect.never)]
  ])("that %s stops all turns, is logged once, and ends within a second", ([, answer]) =>
    Effect.gen(function* () {
      lines.length = 0
      const { rate, state } = yield* setUp
      state.left = 100
      state.answer = answer
      const times: Array<number> = []
      const takes = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 5 }, () => takeTurns(rate, 1, times)),
          { concurrency: 5 }
        )
      )
      yield* TestClock.adjust("20 seconds")
      expect(times).toEqual([])
      expect(lines).toEqual([unreachable])
      state.answer = Effect.void
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(takes)
      expect(Math.max(...times)).toBeLessThanOrEqual(22_000)
      expect(lines).toEqual([unreachable, reachable])
    }).pipe(Effect.provide(layer))
  )

  it.effect("of less than a second is not logged", () =>
    Effect.gen(function* () {
      lines.length = 0
      const { rate, state } = yield* setUp
      state.left = 100
      state.answer = down
      const take = yield* Effect.fork(rate.take)
      yield* TestClock.adjust("500 millis")
      state.answer = Effect.void
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(take)
      expect(lines).toEqual([])
    }).pipe(Effect.provide(layer))
  )

  it.effect("is probed by one operation, at most 20 times in the first second and then twice a second at most", () =>
    Effect.gen(function* () {
      const { rate, state } = yield* setUp
      let attempts = 0
      state.answer = Effect.zipRight(
        Effect.sync(() => attempts++),
        down
      )
      const takes = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 50 }, () => rate.take),
          { concurrency: 50 }
        )
      )
      yield* TestClock.adjust("1 seconds")
      expect(attempts).toBeLessThanOrEqual(50 + 20)
      attempts = 0
      yield* TestClock.adjust("20 seconds")
      expect(attempts).toBeGreaterThanOrEqual(15)
      expect(attempts).toBeLessThanOrEqual(45)
      yield* Fiber.interrupt(takes)
    }).pipe(Effect.provide(layer))
  )
})

describe("an option out of range", () => {
  it.effect.each<readonly [CustomerJobs.RateOptions, string, string]>([
    [{ perMinute: 1 }, "perMinute", "Expected a whole number of at least 2"],
    [{ perMinute: Number.NaN }, "perMinute", "Expected a whole number of at least 2"],
    [{ perMinute: Infinity }, "perMinute", "Expected a whole number of at least 2"],
    [{ burst: 0 }, "burst", "Expected a whole number from 1 to 249"],
    [{ perMinute: 10, burst: 10 }, "burst", "Expected a whole number from 1 to 9"]
  ])("is named by the error (%#)", ([options, field, rule]) =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(RateOptions.make(options))).toMatchObject({ field, rule })
    })
  )
})
