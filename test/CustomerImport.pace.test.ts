import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/RateLimiter"
import * as Stream from "effect/Stream"
import { collect, customers, hasten, known, make, refusal, rowsOf } from "./import/harness.js"

const run = (count: number, options: CustomerImport.Options = {}) =>
  collect(CustomerImport.run(rowsOf(customers(count)), { batchSize: 1, ...options }))

/** The most requests that started within any window of the given milliseconds. */
const most = (times: ReadonlyArray<number>, span: number): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + span).length))

describe("the rate", () => {
  it.effect(
    "is at most 250 requests in any 60-second window, and close to it",
    () => {
      const { layer, sent } = make(() => Effect.succeed(known()))
      return Effect.gen(function* () {
        yield* hasten(run(290, { concurrency: 20 }), "10 seconds")
        const times = sent.map(({ at }) => at)
        expect(times).toHaveLength(290)
        expect(most(times, 60_000)).toBeLessThanOrEqual(250)
        expect(most(times, 60_000)).toBeGreaterThan(240)
      }).pipe(Effect.provide(layer))
    },
    20_000
  )

  it.effect("counts retries and the halves of a batch", () => {
    const { layer, sent } = make(({ ids }, index) =>
      Effect.succeed(index % 3 === 0 ? refusal(503) : ids.includes("c-3") ? refusal(400) : known())
    )
    return Effect.gen(function* () {
      const { summary } = yield* hasten(run(8, { batchSize: 8, rateLimit: 25 }), "100 millis")
      expect(summary.requests).toBe(sent.length)
      expect(
        most(
          sent.map(({ at }) => at),
          60_000
        )
      ).toBeLessThanOrEqual(25)
      const gaps = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0))
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2400)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is shared by imports that use the same limiter", () => {
    const { layer, sent } = make(() => Effect.succeed(known()))
    return Effect.gen(function* () {
      const rateLimit = yield* RateLimiter.make({ limit: 1, interval: "1 seconds" })
      yield* hasten(Effect.all([run(5, { rateLimit }), run(5, { rateLimit })], { concurrency: 2 }), "100 millis")
      expect(
        most(
          sent.map(({ at }) => at),
          1000
        )
      ).toBe(1)
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.effect("is unlimited when set to false", () => {
    const { layer, sent } = make(() => Effect.succeed(known()))
    return Effect.gen(function* () {
      yield* run(300, { rateLimit: false })
      expect(new Set(sent.map(({ at }) => at)).size).toBe(1)
    }).pipe(Effect.provide(layer))
  })
})

describe("a 429", () => {
  it.effect("pauses every request for as long as Retry-After says", () => {
    const { layer, sent } = make((_, index) =>
      index === 0
        ? Effect.succeed(refusal(429, { "retry-after": "30" })).pipe(Effect.delay("1 seconds"))
        : Effect.succeed(known()).pipe(Effect.delay("2 seconds"))
    )
    return Effect.gen(function* () {
      const { summary } = yield* hasten(run(12, { rateLimit: false, concurrency: 3 }))
      expect(summary).toMatchObject({ rows: 12, rejected: 0 })
      expect(sent.slice(0, 3).map(({ at }) => at)).toEqual([0, 0, 0])
      expect(Math.min(...sent.slice(3).map(({ at }) => at))).toBeGreaterThanOrEqual(31_000)
    }).pipe(Effect.provide(layer))
  })

  it.effect("halves concurrency at once, once for all requests sent together, and lets it recover", () => {
    let running = 0
    const peaks: Array<number> = []
    const { layer } = make((_, index) =>
      Effect.acquireUseRelease(
        Effect.sync(() => peaks.push((running += 1))),
        () => Effect.succeed(index < 8 ? refusal(429) : known()).pipe(Effect.delay("1 seconds")),
        () => Effect.sync(() => (running -= 1))
      )
    )
    return Effect.gen(function* () {
      const { batches, summary } = yield* hasten(run(120, { rateLimit: false, concurrency: 8 }), "100 millis")
      expect(Math.max(...peaks.slice(0, 8))).toBe(8)
      expect(Math.max(...peaks.slice(8, 12))).toBe(4)
      expect(batches[0]?.progress.concurrency).toBeLessThan(8)
      expect(Math.max(...peaks.slice(60))).toBe(8)
      expect(summary).toMatchObject({ rows: 120, rejected: 0, concurrency: 8 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("never reduces concurrency below one", () => {
    const { layer } = make((_, index) => Effect.succeed(index < 6 ? refusal(429) : known()))
    return Effect.gen(function* () {
      const { summary } = yield* hasten(run(1, { rateLimit: false, concurrency: 4 }))
      expect(summary).toMatchObject({ rejected: 0, requests: 7 })
      expect(summary.concurrency).toBeGreaterThanOrEqual(1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails its batch at once with retryAfter when it asks for more than 5 minutes", () => {
    const { layer, sent } = make((_, index) =>
      Effect.succeed(index === 0 ? refusal(429, { "retry-after": "301" }) : known())
    )
    return Effect.gen(function* () {
      const { rejected } = yield* run(2, { rateLimit: false, concurrency: 1 })
      expect(rejected).toMatchObject([{ reason: "Failed", error: { _tag: "StiggRateLimitError" } }])
      expect(sent.map(({ at }) => at)).toEqual([0, 0])
    }).pipe(Effect.provide(layer))
  })
})

describe("retries", () => {
  it.effect("happen up to 8 times by default, and as often as the option allows", () => {
    const { layer, sent } = make(() => Effect.succeed(refusal(503)))
    return Effect.gen(function* () {
      yield* hasten(run(1, { rateLimit: false }))
      expect(sent).toHaveLength(9)
      yield* hasten(run(1, { rateLimit: false, retry: { maxRetries: 1 } }))
      expect(sent).toHaveLength(11)
    }).pipe(Effect.provide(layer))
  })

  it.effect("do not block other batches", () => {
    const { layer, sent } = make(({ ids }) => Effect.succeed(ids.includes("c-1") ? refusal(503) : known()))
    return Effect.gen(function* () {
      yield* hasten(run(4, { rateLimit: false, concurrency: 4 }))
      expect(sent.filter(({ at }) => at === 0).map(({ ids }) => ids[0])).toEqual(["c-1", "c-2", "c-3", "c-4"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("stop when the import is interrupted", () => {
    const { layer, sent } = make(() => Effect.succeed(refusal(503)))
    return Effect.gen(function* () {
      const events = CustomerImport.run(rowsOf(customers(3)), { rateLimit: false, batchSize: 1 })
      yield* hasten(Effect.timeoutOption(Stream.runDrain(events), "2 seconds"))
      const before = sent.length
      yield* hasten(Effect.sleep("1 minutes"))
      expect(sent).toHaveLength(before)
    }).pipe(Effect.provide(layer))
  })
})
