import { describe, expect, it } from "@effect/vitest"
import { Entitlements, RetryPolicy } from "effect-stigg"
import { Faults } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "../transport/ScriptedClient.js"
import { check, failWith, layer, sent, switchOff, switchOn, tag } from "./world.js"

const sso = { featureId: "sso" } as const
const sourceOf = (customerId: string) => Effect.map(check(customerId, sso), ({ source }) => source)

const open = Effect.zipRight(switchOff, Effect.replicateEffect(Effect.either(check("acme", sso)), 3))

describe("the breaker", () => {
  it.effect("opens after three failures in a row, for any customers", () =>
    Effect.gen(function* () {
      yield* switchOff
      for (const customer of ["acme", "globex", "initech", "acme", "umbrella"]) {
        expect(yield* sourceOf(customer)).toBe("fallback")
      }
      expect(yield* sent).toHaveLength(3)
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("resets its count after a success, and a 404 counts as one", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 3; i++) {
        yield* switchOff
        yield* check("acme", sso)
        yield* check("globex", sso)
        yield* switchOn
        yield* check(`nobody-${i}`, sso)
      }
      expect(yield* sent).toHaveLength(9)
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("does not wait for a failing API: a check takes no time", () =>
    Effect.gen(function* () {
      yield* failWith(Faults.stall)
      for (let i = 0; i < 3; i++) {
        const waiting = yield* Effect.fork(check("acme", sso))
        yield* TestClock.adjust("2 seconds")
        yield* Fiber.join(waiting)
      }
      yield* sent
      // The clock does not move: a check that waits would never end.
      expect(new Set(yield* Effect.replicateEffect(sourceOf("acme"), 100))).toEqual(new Set(["fallback"]))
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("fails with the API's last error if there is no fallback", () =>
    Effect.gen(function* () {
      yield* failWith(Faults.status(503))
      yield* Effect.replicateEffect(Effect.either(check("acme", sso)), 3)
      yield* sent
      expect(tag(yield* Effect.flip(check("globex", sso)))).toBe("StiggInternalServerError")
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("probes after five seconds with one request, and no check waits for it", () =>
    Effect.gen(function* () {
      yield* open
      yield* failWith(Faults.stall)
      yield* TestClock.adjust("4999 millis")
      yield* sent
      yield* sourceOf("acme")
      expect(yield* sent).toEqual([])
      yield* TestClock.adjust("1 millis")
      expect(yield* Effect.replicateEffect(sourceOf("acme"), 3)).toEqual(["fallback", "fallback", "fallback"])
      expect(yield* sourceOf("globex")).toBe("fallback")
      yield* TestClock.adjust(0)
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("stays open for five more seconds after a failed probe", () =>
    Effect.gen(function* () {
      yield* open
      yield* TestClock.adjust("5 seconds")
      yield* check("acme", sso)
      yield* TestClock.adjust("4999 millis")
      yield* sent
      yield* check("acme", sso)
      expect(yield* sent).toEqual([])
      yield* TestClock.adjust("1 millis")
      yield* check("acme", sso)
      yield* TestClock.adjust(0)
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("closes after a successful probe", () =>
    Effect.gen(function* () {
      yield* open
      yield* switchOn
      yield* TestClock.adjust("5 seconds")
      expect(yield* sourceOf("acme")).toBe("fallback")
      yield* TestClock.adjust(0)
      expect(yield* sourceOf("acme")).toBe("cache")
      expect(yield* sourceOf("globex")).toBe("api")
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("sends nothing for as long as a 429 asks", () =>
    Effect.gen(function* () {
      yield* failWith(Faults.status(429, { headers: { "retry-after": "30" } }))
      yield* Effect.replicateEffect(check("acme", sso), 3)
      yield* TestClock.adjust("29 seconds")
      yield* sent
      yield* check("acme", sso)
      expect(yield* sent).toEqual([])
      yield* TestClock.adjust("1 second")
      yield* check("acme", sso)
      yield* TestClock.adjust(0)
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("does not open on an error that the API returns on purpose", () =>
    Effect.gen(function* () {
      yield* failWith(Faults.status(401))
      yield* Effect.replicateEffect(Effect.either(check("acme", sso)), 10)
      expect(yield* sent).toHaveLength(10)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("logs that it opens once per cool-down, however often an unstable API opens it", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => lines.push(String(message)))
    // In each group of four, the fourth response arrives after the others failed and closes the breaker.
    const scripted = ScriptedClient.make(({ target }) =>
      target.includes("good")
        ? Effect.delay(ScriptedClient.ok({ entitlements: [] }), "10 millis")
        : ScriptedClient.reset
    )
    return Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      for (let round = 0; round < 10; round++) {
        const good = yield* Effect.fork(state(`good-${round}`))
        yield* TestClock.adjust(0)
        for (const bad of ["a", "b", "c"]) yield* Effect.either(state(`bad-${bad}-${round}`))
        yield* TestClock.adjust("10 millis")
        yield* Fiber.join(good)
      }
      expect(scripted.sent).toHaveLength(40)
      expect(lines.filter((line) => line.includes("failed 3 times in a row"))).toHaveLength(1)
    }).pipe(
      Effect.provide(Entitlements.layer()),
      Effect.provide(ScriptedClient.services(scripted)),
      Effect.provide(RetryPolicy.none),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
  })

  it.effect("logs once when it opens and once when it closes", () => {
    const lines: Array<unknown> = []
    const logger = Logger.make(({ message }) =>
      lines.push(Array.isArray(message) ? (message as ReadonlyArray<unknown>)[0] : message)
    )
    return Effect.gen(function* () {
      yield* open
      yield* TestClock.adjust("5 seconds")
      yield* check("acme", sso)
      yield* TestClock.adjust("5 seconds")
      yield* switchOn
      yield* check("acme", sso)
      yield* TestClock.adjust(0)
      expect(lines).toEqual([
        "The Stigg API failed 3 times in a row: the circuit breaker is open, and checks no longer wait for it",
        "The Stigg API has recovered: the circuit breaker is closed"
      ])
    }).pipe(Effect.provide(layer({ fallback: true })), Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  })
})
