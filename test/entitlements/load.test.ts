import { describe, expect, it } from "@effect/vitest"
import { Entitlements } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "../transport/ScriptedClient.js"
import { brief, check, failWith, layer, seed, sent, switchOn, tag } from "./world.js"

/** High concurrency, and an API or an event loop that is slow. */

const sso = { featureId: "sso" } as const
const audit = { featureId: "audit" } as const

const granted = {
  type: "FEATURE",
  isGranted: true,
  feature: { id: "sso", displayName: "SSO", featureType: "BOOLEAN", featureStatus: "ACTIVE" }
}

const state = ScriptedClient.ok({ entitlements: [granted] })

const ids = (count: number) => Array.makeBy(count, (index) => `customer-${index}`)

const checkAll = (count: number) => Effect.forEach(ids(count), (id) => check(id, sso), { concurrency: "unbounded" })

describe("loads", () => {
  it.effect("are limited by the option, and the timeout of each starts with its own request", () => {
    let inFlight = 0
    let most = 0
    const scripted = ScriptedClient.make(() =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          most = Math.max(most, ++inFlight)
        }),
        () => Effect.delay(state, "900 millis"),
        () => Effect.sync(() => inFlight--)
      )
    )
    return Effect.gen(function* () {
      const checks = yield* Effect.fork(checkAll(20))
      yield* TestClock.adjust("4500 millis")
      const answers = yield* Fiber.join(checks)
      expect(new Set(answers.map(({ isGranted, source }) => `${isGranted} ${source}`))).toEqual(new Set(["true api"]))
      expect(most).toBe(4)
    }).pipe(
      Effect.provide(Entitlements.layer({ concurrency: 4, timeout: "1 second", fallback: false })),
      Effect.provide(ScriptedClient.services(scripted))
    )
  })

  it.effect("time out in an uninterruptible region too", () =>
    Effect.gen(function* () {
      const answer = yield* Effect.fork(Effect.uninterruptible(check("customer-1", sso)))
      yield* TestClock.adjust("1 second")
      expect(yield* Effect.map(Fiber.join(answer), brief)).toEqual([false, "Unknown", "fallback"])
    }).pipe(
      Effect.provide(Entitlements.layer({ timeout: "1 second", fallback: false })),
      Effect.provide(ScriptedClient.services(ScriptedClient.make(() => Effect.never)))
    )
  )

  it.effect("that time out open the breaker, with a warning", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => lines.push(String(message)))
    return Effect.gen(function* () {
      const checks = yield* Effect.fork(checkAll(3))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(checks)
      expect(lines).toEqual([expect.stringContaining("The Stigg API failed 3 times in a row")])
    }).pipe(
      Effect.provide(Entitlements.layer({ timeout: "1 second", fallback: false, breaker: { failures: 3 } })),
      Effect.provide(ScriptedClient.services(ScriptedClient.make(() => Effect.never))),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
  })

  it.effect("run 64 at once by default", () => {
    const scripted = ScriptedClient.make(() => Effect.delay(state, "1 second"))
    return Effect.gen(function* () {
      yield* Effect.fork(checkAll(200))
      yield* TestClock.adjust("999 millis")
      expect(scripted.sent).toHaveLength(64)
    }).pipe(Effect.provide(Entitlements.layer()), Effect.provide(ScriptedClient.services(scripted)))
  })

  it.effect("are not sent for callers that stopped waiting", () => {
    const scripted = ScriptedClient.make(() => Effect.delay(state, "1 second"))
    return Effect.gen(function* () {
      yield* Effect.fork(check("first", sso))
      yield* TestClock.adjust(0)
      const queued = yield* Effect.fork(check("second", sso))
      const last = yield* Effect.fork(check("third", sso))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(queued)
      yield* TestClock.adjust("1500 millis")
      yield* Fiber.join(last)
      expect(scripted.sent.map(({ target }) => target.split("/")[4])).toEqual(["first", "third"])
    }).pipe(Effect.provide(Entitlements.layer({ concurrency: 1 })), Effect.provide(ScriptedClient.services(scripted)))
  })

  it.effect("are not sent while queued when the breaker opens", () =>
    Effect.gen(function* () {
      yield* failWith(Faults.stall)
      const checks = yield* Effect.fork(checkAll(20))
      yield* TestClock.adjust("2 seconds")
      // The two requests sent between the first timeout and the third have their own timeout.
      yield* TestClock.adjust("2 seconds")
      expect(new Set((yield* Fiber.join(checks)).map(({ source }) => source))).toEqual(new Set(["fallback"]))
      expect(yield* sent).toHaveLength(6)
    }).pipe(Effect.provide(layer({ fallback: true, concurrency: 4 })))
  )
})

/** Blocks the event loop. */
const block = (millis: number) =>
  Effect.sync(() => {
    const end = performance.now() + millis
    while (performance.now() < end);
  })

describe("a blocked event loop", () => {
  /** Like a socket: data that arrived is read after the timers have run. */
  const arrived = (millis: number) =>
    Effect.async<void>((resume) => {
      const timer = setTimeout(() => setImmediate(() => resume(Effect.void)), millis)
      return Effect.sync(() => clearTimeout(timer))
    })

  it.live("causes no timeout for a response that arrived in time, and does not open the breaker", () => {
    const scripted = ScriptedClient.make(() => Effect.zipRight(arrived(30), state))
    return Effect.gen(function* () {
      for (let round = 0; round < 5; round++) {
        const asked = yield* Effect.fork(check(`customer-${round}`, sso))
        yield* Effect.sleep("5 millis")
        yield* block(400)
        expect(brief(yield* Fiber.join(asked))).toEqual([true, null, "api"])
      }
    }).pipe(
      Effect.provide(Entitlements.layer({ timeout: "200 millis", fallback: false })),
      Effect.provide(ScriptedClient.services(scripted))
    )
  })

  it.live("does not keep a request without a response open forever", () => {
    const scripted = ScriptedClient.make(() => Effect.never)
    return Effect.gen(function* () {
      const [waited, error] = yield* Effect.timed(Effect.flip(check("acme", sso)))
      expect(tag(error)).toBe("StiggAPITimeoutError")
      expect(Duration.toMillis(waited)).toBeLessThan(2000)
    }).pipe(
      Effect.provide(Entitlements.layer({ timeout: "100 millis" })),
      Effect.provide(ScriptedClient.services(scripted))
    )
  })
})

describe("states that were loaded together", () => {
  it.effect("do not refresh together", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* prefetch(ids(200))
      const refreshedBy = (millis: number) =>
        Effect.gen(function* () {
          yield* TestClock.adjust(millis)
          yield* sent
          yield* checkAll(200)
          yield* TestClock.adjust(0)
          return (yield* sent).length
        })
      // 0.9 to 1 times 0.8 of a minute.
      expect(yield* refreshedBy(43_199)).toBe(0)
      const parts = [yield* refreshedBy(1601), yield* refreshedBy(1600), yield* refreshedBy(1600)]
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(200)
      for (const part of parts) expect(part).toBeGreaterThan(20)
    }).pipe(
      Effect.provide(
        layer({ timeToLive: "1 minute" }, { ...seed, customers: ids(200).map((id) => ({ id, plan: "pro" })) })
      )
    )
  )
})

describe("a slow API", () => {
  const slow = Effect.zipRight(
    Effect.orDie(Emulator.inject({ fault: Faults.latency("1 second") })),
    TestClock.adjust("30 seconds")
  )

  it.effect("delays the first check by 10 milliseconds while a recently fresh state grants access", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* check("globex", sso)
      yield* slow
      const first = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("9 millis")
      expect(Option.isNone(yield* Fiber.poll(first))).toBe(true)
      yield* TestClock.adjust("1 millis")
      expect(brief(yield* Fiber.join(first))).toEqual([true, null, "stale"])
      // The clock does not move: a check that waits would never end.
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "stale"])
      expect(brief(yield* check("globex", sso))).toEqual([true, null, "stale"])
    }).pipe(Effect.provide(layer({ fallback: false })))
  )

  it.effect("gets one background request, whose response serves the next checks", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* slow
      yield* sent
      const first = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("10 millis")
      yield* Fiber.join(first)
      yield* Effect.replicateEffect(check("acme", sso), 10)
      yield* TestClock.adjust("1 second")
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "cache"])
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("that fails in the background leaves the state to the next checks", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* failWith(Faults.status(503))
      yield* TestClock.adjust("30 seconds")
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "stale"])
      yield* switchOn
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "api"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("delays the check if the state would deny access", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* slow
      const asked = yield* Effect.fork(check("acme", audit))
      yield* TestClock.adjust("1500 millis")
      expect(Option.isNone(yield* Fiber.poll(asked))).toBe(true)
      yield* TestClock.adjust("500 millis")
      expect(brief(yield* Fiber.join(asked))).toEqual([false, "NoFeatureEntitlementInSubscription", "api"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect.each([
    ["past staleWhileRevalidate", {}, "61 seconds"],
    ["with staleWhileRevalidate 0", { staleWhileRevalidate: 0 }, "1 second"]
  ] as const)("delays the check %s", ([, options, past]) =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* slow
      yield* TestClock.adjust(past)
      const asked = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("999 millis")
      expect(Option.isNone(yield* Fiber.poll(asked))).toBe(true)
      yield* TestClock.adjust("1 millis")
      expect(brief(yield* Fiber.join(asked))).toEqual([true, null, "api"])
    }).pipe(Effect.provide(layer(options)))
  )
})
