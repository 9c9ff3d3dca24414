import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Emulator, Faults, Seed } from "effect-stigg/testing"
import { customers, emulated, get, patch, post, provisioned } from "./exchange.js"

const createdAt = (id: string) => Effect.map(provisioned(id), ({ data }) => data["createdAt"])
const isoTime = Effect.map(Emulator.time, ({ now }) => DateTime.formatIso(now))

describe("the time of an emulator", () => {
  it.effect("is the program's until it is moved, and passes with it afterwards", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      expect(yield* createdAt("a")).toBe("1970-01-01T01:00:00.000Z")
      yield* Emulator.setTime("2026-03-01T00:00:00Z")
      yield* TestClock.adjust("1 hour")
      expect(yield* createdAt("b")).toBe("2026-03-01T01:00:00.000Z")
      yield* Emulator.advanceTime("2 days")
      expect(yield* createdAt("c")).toBe("2026-03-03T01:00:00.000Z")
      expect(yield* Clock.currentTimeMillis).toBe(2 * 3_600_000)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("stands still while it is paused, but can be advanced, and passes on from there", () =>
    Effect.gen(function* () {
      yield* Emulator.pauseTime
      yield* TestClock.adjust("1 day")
      expect(yield* Emulator.time).toMatchObject({ isPaused: true })
      expect(yield* isoTime).toBe("1970-01-01T00:00:00.000Z")
      yield* Emulator.advanceTime("1 minute")
      expect(yield* isoTime).toBe("1970-01-01T00:01:00.000Z")
      yield* Emulator.resumeTime
      yield* TestClock.adjust("1 second")
      expect([yield* isoTime, (yield* Emulator.time).isPaused]).toEqual(["1970-01-01T00:01:01.000Z", false])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("ends grants and trials, and resets usage", () =>
    Effect.gen(function* () {
      const reason = (id: string, query: string) =>
        Effect.map(get(`${customers}/${id}/entitlements/check?${query}`), ({ data }) => data["accessDeniedReason"])
      const grants = { promotionalEntitlements: [{ featureId: "feature-sso", period: "1 week" }] }
      yield* post(`${customers}/customer-new/promotional-entitlements`, grants)
      const seats = "featureId=feature-api-calls&requestedUsage=8000"
      const before = [
        yield* reason("customer-new", "featureId=feature-sso"),
        yield* reason("customer-trial", "featureId=feature-sso"),
        yield* reason("customer-acme", seats)
      ]
      expect(before).toEqual([null, null, "RequestedUsageExceedingLimit"])
      yield* Emulator.advanceTime("31 days")
      const after = [
        yield* reason("customer-new", "featureId=feature-sso"),
        yield* reason("customer-trial", "featureId=feature-sso"),
        yield* reason("customer-acme", seats)
      ]
      expect(after).toEqual(["NoActiveSubscription", "NoActiveSubscription", null])
    }).pipe(Effect.provide(emulated({ seed: Seed.demo })))
  )

  it.effect("moves the windows of rate limits, forward and back", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const status = Effect.map(patch(`${customers}/acme`, {}), ({ status }) => status)
      const used = yield* Effect.replicateEffect(status, 30)
      expect([used[28], used[29]]).toEqual([200, 429])
      yield* Emulator.advanceTime("1 minute")
      expect(yield* status).toBe(200)
      yield* Effect.replicateEffect(status, 29)
      expect(yield* status).toBe(429)
      yield* Emulator.setTime(0)
      expect(yield* status).toBe(200)
    }).pipe(Effect.provide(emulated({ limits: { customerChanges: 30 } })))
  )

  it.effect("does not change how long a latency takes", () =>
    Effect.gen(function* () {
      yield* Emulator.pauseTime
      yield* Emulator.inject({ fault: Faults.latency("2 seconds") })
      const answer = yield* Effect.fork(get(customers))
      yield* TestClock.adjust("1999 millis")
      expect(yield* Fiber.poll(answer)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 millis")
      expect((yield* Fiber.join(answer)).status).toBe(200)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect.each([
    ["setTime", Emulator.setTime("+010000-01-01T00:00:00Z")],
    ["setTime", Emulator.setTime("tomorrow")],
    ["advanceTime", Emulator.advanceTime("4000000 days")],
    ["advanceTime", Emulator.advanceTime(Infinity)]
  ] as const)("refuses what no timestamp can express: %s", ([, moved]) =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(moved)).toMatchObject({ _tag: "StiggInvalidOptionsError" })
      expect(yield* isoTime).toBe("1970-01-01T00:00:00.000Z")
    }).pipe(Effect.provide(emulated()))
  )
})

describe("Emulator.reset", () => {
  it.effect("makes all as it was at the start", () =>
    Effect.gen(function* () {
      const start = yield* Emulator.save
      const key = { headers: { "idempotency-key": "key" } }
      yield* post(customers, { id: "other" }, key)
      yield* Effect.replicateEffect(patch(`${customers}/acme`, { name: "changed" }), 4)
      yield* Emulator.clearFaults
      yield* Emulator.inject({ fault: Faults.reset, operation: "customers.archive" })
      yield* Emulator.advanceTime("1 day")
      yield* Emulator.reset
      expect(yield* Emulator.save).toEqual(start)
      expect(yield* Emulator.received()).toEqual([])
      expect((yield* post(customers, { id: "other" }, key)).status).toBe(201)
    }).pipe(
      Effect.provide(
        emulated({
          seed: { customers: [{ id: "acme", createdAt: "2026-01-01T00:00:00Z" }] },
          faults: [{ fault: Faults.status(500), operation: "customers.list", probability: 0.5 }],
          limits: true
        })
      )
    )
  )

  it.effect("samples faults as after the start", () =>
    Effect.gen(function* () {
      const statuses = Effect.replicateEffect(
        Effect.map(get(customers), ({ status }) => status),
        20
      )
      const first = yield* statuses
      expect(new Set(first)).toEqual(new Set([200, 500]))
      yield* Emulator.reset
      expect(yield* statuses).toEqual(first)
    }).pipe(Effect.provide(emulated({ faults: [{ fault: Faults.status(500), probability: 0.5 }] })))
  )
})

describe("Emulator.seed", () => {
  it.effect("replaces the customers, with moments relative to the emulator's time", () =>
    Effect.gen(function* () {
      yield* Emulator.setTime("2026-03-01T00:00:00Z")
      yield* Emulator.seed({ customers: [{ id: "globex", createdAt: { ago: "1 day" } }] })
      const { body, ids } = yield* get(customers)
      expect(ids).toEqual(["globex"])
      expect(JSON.stringify(body)).toContain("2026-02-28T00:00:00.000Z")
    }).pipe(Effect.provide(emulated({ seed: { customers: [{ id: "acme" }] } })))
  )

  it.effect("changes nothing if the seed is invalid, and names the path", () =>
    Effect.gen(function* () {
      const before = yield* Emulator.save
      const refused = yield* Effect.flip(Emulator.seed({ customers: [{ id: "globex", plan: "plan-unknown" }] }))
      expect(refused).toMatchObject({ _tag: "StiggInvalidSeedError", path: "customers.0.plan" })
      expect(yield* Emulator.save).toEqual(before)
    }).pipe(Effect.provide(emulated({ seed: { customers: [{ id: "acme" }] } })))
  )
})
