import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Emulator, Limits } from "effect-stigg/testing"
import { customers, emulated, failure, get, patch, post, provisioned, remove } from "./exchange.js"

const seed = { customers: [{ id: "acme" }, { id: "other" }] }
const limited = { status: 429, code: "RateLimitExceeded" }
const acme = `${customers}/acme`

describe("limits", () => {
  it.effect("are off by default", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.replicateEffect(patch(acme, { name: "x" }), 300)
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    }).pipe(Effect.provide(emulated({ seed })))
  )

  it.effect("allow 30 changes per minute to a customer, whatever the operation, and say when to retry", () =>
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

  it.effect("default to the API's own", () =>
    Effect.gen(function* () {
      const own = { customerChanges: 30, imports: 250, writes: 250, reads: 3000, revokes: 500 }
      expect(yield* Limits.decode(true)).toEqual(Option.some(own))
      expect(yield* Limits.decode({ reads: 10 })).toEqual(Option.some({ ...own, reads: 10 }))
      expect(yield* Limits.decode(false)).toEqual(Option.none())
    })
  )

  const link = { syncedEntityId: "e", vendorIdentifier: "STRIPE" }
  const change = {
    update: patch(acme, {}),
    archive: post(`${acme}/archive`),
    unarchive: post(`${acme}/unarchive`),
    attach: post(`${acme}/payment-method`, { integrationId: "i", paymentMethodId: "p", vendorIdentifier: "STRIPE" }),
    detach: remove(`${acme}/payment-method`),
    grant: post(`${acme}/promotional-entitlements`, {
      promotionalEntitlements: [{ featureId: "f", period: "lifetime" }]
    }),
    revoke: remove(`${acme}/promotional-entitlements/f`),
    link: post(`${acme}/integrations`, { id: "new", ...link }),
    relink: patch(`${acme}/integrations/i`, { syncedEntityId: "f" }),
    unlink: remove(`${acme}/integrations/i`)
  }

  it.effect.each(Object.keys(change) as Array<keyof typeof change>)("count %s as a change to the customer", (name) =>
    Effect.gen(function* () {
      expect((yield* patch(acme, {})).status).toBe(200)
      expect(failure(yield* change[name])).toEqual(limited)
      yield* TestClock.adjust("59 seconds")
      expect(failure(yield* change[name])).toEqual(limited)
      yield* TestClock.adjust("1 second")
      expect((yield* change[name]).status).not.toBe(429)
    }).pipe(Effect.provide(emulated({ seed, limits: { customerChanges: 1 } })))
  )

  it.effect("match a customer's id, however the path encodes it", () =>
    Effect.gen(function* () {
      expect((yield* patch(acme, {})).status).toBe(200)
      expect(failure(yield* patch(`${customers}/%61cme`, {}))).toEqual(limited)
    }).pipe(Effect.provide(emulated({ seed, limits: { customerChanges: 1 } })))
  )

  it.effect("do not count reads as changes", () =>
    Effect.gen(function* () {
      yield* patch(acme, {})
      const paths = ["", "/entitlements", "/resources", "/integrations", "/promotional-entitlements", "/invoices"]
      const statuses = yield* Effect.forEach(paths, (path) => Effect.map(get(`${acme}${path}`), ({ status }) => status))
      expect(new Set(statuses)).toEqual(new Set([200]))
    }).pipe(Effect.provide(emulated({ seed, limits: { customerChanges: 1 } })))
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
  ] as const)("of %s apply to the whole environment", ([kind, request]) =>
    Effect.gen(function* () {
      const statuses = Effect.map(request, ({ status }) => status)
      const [first, second, third] = yield* Effect.replicateEffect(statuses, 3)
      expect([first, second]).not.toContain(429)
      expect(third).toBe(429)
      yield* TestClock.adjust("1 minute")
      expect(yield* statuses).toBe(first)
    }).pipe(Effect.provide(emulated({ seed, limits: { [kind]: 2 } })))
  )

  it.effect("do not count a POST that is answered from its Idempotency-Key", () =>
    Effect.gen(function* () {
      const keyed = { headers: { "idempotency-key": "k" } }
      yield* Effect.replicateEffect(post(`${acme}/archive`, undefined, keyed), 40)
      expect((yield* post(`${acme}/unarchive`)).status).toBe(200)
    }).pipe(Effect.provide(emulated({ seed, limits: { customerChanges: 2 } })))
  )

  it.effect.each([
    [{ unknown: 1 }, '"customerChanges"'],
    [{ reads: 0 }, "reads: "]
  ] as const)("are rejected if invalid: %j", ([limits, part]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.provide(Emulator.Emulator, Emulator.layer({ limits: limits as Limits.Input }))
      )
      expect(error._tag).toBe("StiggInvalidLimitsError")
      expect(error.message).toContain(part)
    })
  )
})
