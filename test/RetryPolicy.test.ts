import { describe, expect, it } from "@effect/vitest"
import type { StiggClient } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, StiggError } from "effect-stigg"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, ok, refusal, reset } = ScriptedClient

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

type Program<A, E> = Effect.Effect<A, E, Customers.Customers | StiggClient.StiggClient>
type Scripted = ReturnType<typeof ScriptedClient.make>

/** The result of a call that never waits. */
const settle = <A, E>(scripted: Scripted, self: Program<A, E>, policy: RetryPolicy.Options = {}) =>
  Effect.either(self).pipe(Effect.provide(Layer.provide(ScriptedClient.services(scripted), RetryPolicy.layer(policy))))

/** Runs a call to its end in test time. Returns its result and the times of its attempts, from 0. */
const run = <A, E>(scripted: Scripted, self: Program<A, E>, policy?: RetryPolicy.Options) =>
  Effect.gen(function* () {
    const layer = ScriptedClient.services(scripted)
    const fiber = yield* Effect.either(self).pipe(
      Effect.provide(policy === undefined ? layer : Layer.provide(layer, RetryPolicy.layer(policy))),
      Effect.fork
    )
    yield* TestClock.adjust("10 minutes")
    const result = yield* Fiber.join(fiber)
    return { result, times: scripted.sent.map(({ at }) => at) }
  })

const gaps = (times: ReadonlyArray<number>) => times.slice(1).map((at, index) => at - (times[index] ?? 0))

describe("a retry", () => {
  it.effect.each<readonly [string, ScriptedClient.Answer]>([
    ["a 408", refusal(408)],
    ["a 429", refusal(429, "RateLimitExceeded")],
    ["a 500", refusal(500)],
    ["a 503", refusal(503)],
    ["a 599", refusal(599)],
    ["a 409 whose code is null", refusal(409)],
    ["a broken connection", reset],
    ["a 400 with x-should-retry: true", refusal(400, null, { "x-should-retry": "true" })]
  ])("happens after %s, and the second response counts", ([, failure]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(failure, ok(customer("customer-acme")))
      const result = yield* settle(scripted, retrieve, { schedule: Schedule.forever })
      expect(Either.isRight(result)).toBe(true)
      expect(scripted.sent).toHaveLength(2)
    })
  )

  it.effect.each<readonly [string, ScriptedClient.Answer]>([
    ["a 400", refusal(400)],
    ["a 401", refusal(401, "Unauthenticated")],
    ["a 403", refusal(403)],
    ["a 404", refusal(404)],
    ["a 409 that names its code", refusal(409, "DuplicatedEntityNotAllowed")],
    ["a 422", refusal(422)],
    ["a redirect", answer(302, "", { location: "https://elsewhere.example" })],
    ["a 503 with x-should-retry: false", refusal(503, null, { "x-should-retry": "false" })],
    ["a 429 with x-should-retry: false", refusal(429, null, { "x-should-retry": "false" })],
    ["a body with another shape", ok({ id: 1 })],
    ["a body that is not JSON", answer(200, "<html>")]
  ])("does not happen after %s", ([, failure]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(failure)
      const result = yield* settle(scripted, retrieve)
      expect(Either.isLeft(result)).toBe(true)
      expect(scripted.sent).toHaveLength(1)
    })
  )

  it.effect("happens after a timeout", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(Effect.never, ok(customer("customer-acme")))
      const { result, times } = yield* run(scripted, retrieve.pipe(RequestOptions.locally({ timeout: "3 seconds" })))
      expect(Either.isRight(result)).toBe(true)
      expect(times[1]).toBeGreaterThanOrEqual(3375)
    })
  )

  it.effect("ignores an x-should-retry that is neither true nor false", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503, null, { "x-should-retry": "maybe" }))
      yield* run(scripted, retrieve)
      expect(scripted.sent).toHaveLength(3)
    })
  )

  it.effect("the error after the last retry has the number of attempts", () =>
    Effect.gen(function* () {
      const { result } = yield* run(ScriptedClient.sequence(refusal(503)), retrieve)
      expect(result).toMatchObject({ left: { _tag: "StiggInternalServerError", attempts: 3 } })
    })
  )

  it.effect("an unlink that gets 404 after a lost response shows it by its attempts", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(reset, refusal(404))
      const { result } = yield* run(
        scripted,
        Effect.flatMap(Customers.Customers, (customers) => customers.integrations.unlink("customer-acme", "stripe-eu"))
      )
      expect(result).toMatchObject({ left: { _tag: "StiggNotFoundError", attempts: 2 } })
    })
  )
})

describe("the delay of retries", () => {
  it.effect("is half a second, then a second by default, each shortened by up to a quarter", () =>
    Effect.gen(function* () {
      const { times } = yield* run(ScriptedClient.sequence(refusal(503)), retrieve)
      const [first = 0, second = 0, ...more] = gaps(times)
      expect(more).toEqual([])
      expect(first).toBeGreaterThanOrEqual(375)
      expect(first).toBeLessThanOrEqual(500)
      expect(second).toBeGreaterThanOrEqual(750)
      expect(second).toBeLessThanOrEqual(1000)
    })
  )

  it.effect("doubles up to 8 seconds", () =>
    Effect.gen(function* () {
      const { times } = yield* run(ScriptedClient.sequence(refusal(503)), retrieve, { maxRetries: 9 })
      const waited = gaps(times)
      expect(waited).toHaveLength(9)
      for (const [index, gap] of waited.entries()) {
        const full = Math.min(500 * 2 ** index, 8000)
        expect(gap).toBeGreaterThanOrEqual(full * 0.75)
        expect(gap).toBeLessThanOrEqual(full)
      }
    })
  )

  it.effect("has jitter, so clients do not retry in step", () =>
    Effect.gen(function* () {
      const first = yield* run(ScriptedClient.sequence(refusal(503)), retrieve, { maxRetries: 8 })
      const second = yield* run(ScriptedClient.sequence(refusal(503)), retrieve, { maxRetries: 8 })
      expect(gaps(first.times)).not.toEqual(gaps(second.times))
    })
  )

  it.effect("can come from any schedule", () =>
    Effect.gen(function* () {
      const { times } = yield* run(ScriptedClient.sequence(refusal(503)), retrieve, {
        maxRetries: 3,
        schedule: Schedule.spaced("2 seconds")
      })
      expect(gaps(times)).toEqual([2000, 2000, 2000])
    })
  )

  it.effect("ends when the schedule ends", () =>
    Effect.gen(function* () {
      const { times } = yield* run(ScriptedClient.sequence(refusal(503)), retrieve, {
        maxRetries: 5,
        schedule: Schedule.recurs(1)
      })
      expect(times).toHaveLength(2)
    })
  )

  it.effect("does not apply with RetryPolicy.none", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      yield* retrieve.pipe(
        Effect.flip,
        Effect.provide(Layer.provide(ScriptedClient.services(scripted), RetryPolicy.none))
      )
      expect(scripted.sent).toHaveLength(1)
    })
  )

  it.effect("applies only to errors that `while` selects", () =>
    Effect.gen(function* () {
      const policy: RetryPolicy.Options = { while: (error) => error._tag === "StiggNotFoundError" }
      const missing = ScriptedClient.sequence(refusal(404), ok(customer("customer-acme")))
      const down = ScriptedClient.sequence(refusal(503))
      yield* run(missing, retrieve, policy)
      yield* run(down, retrieve, policy)
      expect([missing.sent.length, down.sent.length]).toEqual([2, 1])
    })
  )
})

describe("Retry-After", () => {
  const inTwoMinutes = new Date(120_000).toUTCString()

  it.effect.each([
    ["Retry-After in seconds", { "retry-after": "1" }, 1000],
    ["Retry-After with a fraction", { "retry-after": "1.5" }, 1500],
    ["Retry-After of 0", { "retry-after": "0" }, 0],
    ["Retry-After as a date", { "retry-after": new Date(30_000).toUTCString() }, 30_000],
    ["retry-after-ms", { "retry-after-ms": "250" }, 250],
    ["retry-after-ms before Retry-After", { "retry-after-ms": "250", "retry-after": "9" }, 250],
    ["Retry-After after an invalid retry-after-ms", { "retry-after-ms": "soon", "retry-after": "9" }, 9000],
    ["a Retry-After of exactly the cap", { "retry-after": "60" }, 60_000]
  ] as const)("%s is honored", ([, headers, expected]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(429, null, headers), ok(customer("customer-acme")))
      const { result, times } = yield* run(scripted, retrieve)
      expect(Either.isRight(result)).toBe(true)
      expect(gaps(times)).toEqual([expected])
    })
  )

  it.effect("Retry-After is honored on a 503", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(
        refusal(503, null, { "retry-after": "7" }),
        ok(customer("customer-acme"))
      )
      expect(gaps((yield* run(scripted, retrieve)).times)).toEqual([7000])
    })
  )

  it.effect.each([
    ["nonsense", { "retry-after": "soon" }],
    ["nothing", { "retry-after": "" }],
    ["a negative number", { "retry-after": "-5" }],
    ["a negative retry-after-ms", { "retry-after-ms": "-5" }],
    ["a date in the past", { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }],
    ["an invalid date", { "retry-after": "Thu, 99 Foo 2026" }],
    ["Infinity", { "retry-after": "Infinity" }]
  ] as const)("%s is ignored: the schedule applies, and the error has no retryAfter", ([, headers]) =>
    Effect.gen(function* () {
      const { result, times } = yield* run(ScriptedClient.sequence(refusal(429, null, headers)), retrieve, {
        schedule: Schedule.spaced("2 seconds")
      })
      expect(gaps(times)).toEqual([2000, 2000])
      expect(result).toMatchObject({ left: { _tag: "StiggRateLimitError", retryAfter: null } })
    })
  )

  it.effect.each([
    ["a month", { "retry-after": "2592000" }, Duration.days(30)],
    ["two minutes from now", { "retry-after": inTwoMinutes }, Duration.minutes(2)],
    ["an hour in milliseconds", { "retry-after-ms": "3600000" }, Duration.hours(1)]
  ] as const)("%s is above the cap: the call fails at once with retryAfter", ([, headers, expected]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(429, null, headers))
      const error = yield* retrieve.pipe(Effect.flip, Effect.provide(ScriptedClient.services(scripted)))
      expect(scripted.sent).toHaveLength(1)
      expect(error._tag).toBe("StiggRateLimitError")
      expect(StiggError.retryAfter(error)).toEqual(expected)
    })
  )

  it.effect("the cap is an option", () =>
    Effect.gen(function* () {
      const scripted = () =>
        ScriptedClient.sequence(refusal(429, null, { "retry-after": "120" }), ok(customer("customer-acme")))
      const patient = yield* run(scripted(), retrieve, { retryAfterCap: "3 minutes" })
      const hasty = yield* run(scripted(), retrieve, { retryAfterCap: "1 second" })
      expect(gaps(patient.times)).toEqual([120_000])
      expect(hasty.times).toHaveLength(1)
    })
  )
})

describe("the retry budget", () => {
  const failing = (count: number) => Effect.repeatN(Effect.either(retrieve), count - 1)
  // Without a delay, so nothing waits for the clock.
  const policy = { maxRetries: 1, schedule: Schedule.forever }

  it.effect("has 100 tokens at 5 per retry: after 20 retries the client stops retrying", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      yield* settle(scripted, failing(30), policy)
      expect(scripted.sent).toHaveLength(30 + 20)
    })
  )

  it.effect("regains one token per success", () =>
    Effect.gen(function* () {
      // 20 retries empty it. 5 successes pay for one more.
      const scripted = ScriptedClient.make((_, index) =>
        index >= 40 && index < 45 ? ok(customer("customer-acme")) : refusal(503)
      )
      yield* settle(scripted, failing(20 + 5 + 3), policy)
      expect(scripted.sent).toHaveLength(40 + 5 + 3 + 1)
    })
  )

  it.effect("never exceeds its capacity", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.make((_, index) => (index < 50 ? ok(customer("customer-acme")) : refusal(503)))
      yield* settle(scripted, failing(50 + 30), policy)
      expect(scripted.sent).toHaveLength(50 + 30 + 20)
    })
  )

  it.effect("is not charged for a retry that does not happen", () =>
    Effect.gen(function* () {
      // 25 calls that are not retryable, then one that is.
      const scripted = ScriptedClient.make((_, index) => (index < 25 ? refusal(404) : refusal(503)))
      yield* settle(scripted, failing(25 + 20), policy)
      expect(scripted.sent).toHaveLength(25 + 40)
    })
  )

  it.effect("uses the given numbers", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      yield* settle(scripted, failing(10), { ...policy, budget: { capacity: 3, cost: 1 } })
      expect(scripted.sent).toHaveLength(10 + 3)
    })
  )

  it.effect("is disabled with false", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      yield* settle(scripted, failing(50), { ...policy, budget: false })
      expect(scripted.sent).toHaveLength(100)
    })
  )

  it.effect("is separate per client", () =>
    Effect.gen(function* () {
      const first = ScriptedClient.sequence(refusal(503))
      const second = ScriptedClient.sequence(refusal(503))
      yield* settle(first, failing(30), policy)
      yield* settle(second, failing(1), policy)
      expect(second.sent).toHaveLength(2)
    })
  )
})

describe("RetryPolicy.locally", () => {
  it.effect("overrides the layer's policy per field", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      const { times } = yield* run(scripted, retrieve.pipe(RetryPolicy.locally({ maxRetries: 4 })), {
        maxRetries: 1,
        schedule: Schedule.spaced("2 seconds")
      })
      expect(gaps(times)).toEqual([2000, 2000, 2000, 2000])
    })
  )

  it.effect("inside another locally: the innermost field wins, and the other's fields stay", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      const { times } = yield* run(
        scripted,
        retrieve.pipe(
          RetryPolicy.locally({ maxRetries: 3 }),
          RetryPolicy.locally({ maxRetries: 0, schedule: Schedule.spaced("1 second") })
        )
      )
      expect(gaps(times)).toEqual([1000, 1000, 1000])
    })
  )

  it.effect("an undefined field does not override", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      const { times } = yield* run(scripted, retrieve.pipe(RetryPolicy.locally({ maxRetries: undefined })), {
        maxRetries: 1
      })
      expect(times).toHaveLength(2)
    })
  )

  it.effect("also accepts its target first", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      const { times } = yield* run(scripted, RetryPolicy.locally(retrieve, { maxRetries: 0 }))
      expect(times).toHaveLength(1)
    })
  )

  it.effect("ends with the effect that it wraps", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503))
      const twice = Effect.zipRight(
        Effect.either(retrieve.pipe(RetryPolicy.locally({ maxRetries: 0 }))),
        Effect.either(retrieve)
      )
      const { times } = yield* run(scripted, twice)
      expect(times).toHaveLength(1 + 3)
    })
  )
})

it.effect("the layer's policy is read once, when the client is built", () =>
  Effect.gen(function* () {
    const scripted = ScriptedClient.sequence(refusal(503))
    yield* run(scripted, Effect.either(retrieve).pipe(Effect.provide(RetryPolicy.layer({ maxRetries: 7 }))))
    expect(scripted.sent).toHaveLength(3)
  })
)
