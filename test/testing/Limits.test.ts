import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { Limits } from "effect-stigg/testing"
import { Emulator } from "effect-stigg/testing"
import { customers, emulated, failure, get, patch, post, provisioned, remove } from "./exchange.js"

const seed = { customers: [{ id: "acme" }, { id: "other" }] }
const limited = { status: 429, code: "RateLimitExceeded" }
const acme = `${customers}/acme`

describe("limits", () => {
  it.effect("are off unless they are asked for", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.replicateEffect(patch(acme, { name: "x" }), 300)
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    }).pipe(Effect.provide(emulated({ seed })))
  )

  it.effect("let 30 changes a minute through to a customer, whatever the operation, and tell when to come back", () =>
    Effect.gen(function* () {
      yield* Effect.replicateEffect(patch(acme, { name: "x" }), 28)
      yield* post(`${acme}/integrations`, { id: "i", syncedEntityId: "e", vendorIdentifier: "STRIPE" })
      expect((yield* remove(`${acme}/integrations/i`)).status).toBe(200)
      yield* TestClock.adjust("20500 millis")
      const refused = yield* patch(acme, { name: "y" })
      expect(failure(refused)).toEqual(limited)
      expect(refused.headers["retry-after"]).toBe("40")
      expect((yield* get(acme)).data["name"]).toBe("x")
      expect((yield* patch(`${customers}/other`, { name: "y" })).status).toBe(200)
      yield* TestClock.adjust("40 seconds")
      expect((yield* patch(acme, { name: "y" })).status).toBe(200)
    }).pipe(Effect.provide(emulated({ seed, limits: true })))
  )

  it.effect("count the provision of a customer as a change to it", () =>
    Effect.gen(function* () {
      yield* provisioned("new")
      expect((yield* patch(`${customers}/new`, { name: "x" })).status).toBe(200)
      expect(failure(yield* patch(`${customers}/new`, { name: "x" }))).toEqual(limited)
    }).pipe(Effect.provide(emulated({ limits: { customerChanges: 2 } })))
  )

  it.effect.each([
    ["imports", post(`${customers}/import`, { customers: [{ id: "a", name: null, email: null }] })],
    ["writes", patch(acme, { name: "x" })],
    ["reads", get(customers)],
    ["revokes", remove(`${acme}/promotional-entitlements/f`)]
  ] as const)("of %s hold for the whole environment", ([kind, request]) =>
    Effect.gen(function* () {
      const statuses = Effect.map(request, ({ status }) => status)
      const [first, second, third] = yield* Effect.replicateEffect(statuses, 3)
      expect([first, second]).not.toContain(429)
      expect(third).toBe(429)
      yield* TestClock.adjust("1 minute")
      expect(yield* statuses).toBe(first)
    }).pipe(Effect.provide(emulated({ seed, limits: { [kind]: 2 } })))
  )

  it.effect("do not count a POST that is only answered again", () =>
    Effect.gen(function* () {
      const keyed = { headers: { "idempotency-key": "k" } }
      yield* Effect.replicateEffect(post(`${acme}/archive`, undefined, keyed), 40)
      expect((yield* post(`${acme}/unarchive`)).status).toBe(200)
    }).pipe(Effect.provide(emulated({ seed, limits: { customerChanges: 2 } })))
  )

  it.effect.each([
    [{ unknown: 1 }, '"customerChanges"'],
    [{ reads: 0 }, "reads: "]
  ] as const)("that are not valid are refused: %j", ([limits, part]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.provide(Emulator.Emulator, Emulator.layer({ limits: limits as Limits.Input }))
      )
      expect(error._tag).toBe("InvalidLimits")
      expect(error.message).toContain(part)
    })
  )
})
