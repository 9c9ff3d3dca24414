import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { customers, emulated, failure, get, patch, post, provisioned, send } from "./exchange.js"

const acme = `${customers}/acme`

describe("provision", () => {
  it.effect("responds with 201 and the customer with every given field", () =>
    Effect.gen(function* () {
      const given = {
        id: "acme",
        name: "Acme Corp",
        email: "billing@acme.com",
        billingId: "cus_1",
        billingCurrency: "eur",
        couponId: "coupon",
        language: "en",
        timezone: "UTC",
        metadata: { plan: "gold", constructor: "x" },
        integrations: [{ id: "stripe", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }],
        defaultPaymentMethod: {
          billingId: "pm_1",
          type: "CARD",
          cardLast4Digits: "4242",
          cardExpiryMonth: 1,
          cardExpiryYear: 2030
        },
        passthrough: { stripe: { customerName: "Acme", taxIds: [{ type: "eu_vat", value: "DE1" }] } }
      }
      const { data, status } = yield* post(customers, given)
      expect(status).toBe(201)
      expect(data).toMatchObject(given)
      expect(data).toMatchObject({ createdAt: "1970-01-01T00:00:00.000Z", archivedAt: null })
      expect((yield* get(acme)).data).toEqual(data)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("keeps a __proto__ key in metadata", () =>
    Effect.gen(function* () {
      yield* post(customers, undefined, { text: '{"id":"acme","metadata":{"__proto__":"kept"}}' })
      const { data } = yield* get(acme)
      expect(JSON.stringify(data["metadata"])).toBe('{"__proto__":"kept"}')
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("responds with 409 to an existing id, archived or not", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const duplicate = { status: 409, code: "DuplicatedEntityNotAllowed" }
      expect(failure(yield* provisioned("acme"))).toEqual(duplicate)
      yield* post(`${acme}/archive`)
      expect(failure(yield* provisioned("acme"))).toEqual(duplicate)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("a coupon", () => {
  it.effect("is stored by any id, because the emulator has none, as the documentation of couponId says", () =>
    Effect.gen(function* () {
      expect(yield* provisioned("acme", { couponId: "no-such-coupon" })).toMatchObject({ status: 201 })
      expect((yield* get(acme)).data).toMatchObject({ couponId: "no-such-coupon" })
      expect(yield* patch(acme, { couponId: "nor-this-one" })).toMatchObject({
        status: 200,
        data: { couponId: "nor-this-one" }
      })
    }).pipe(Effect.provide(emulated()))
  )
})

describe("update", () => {
  it.effect("clears fields that are null, keeps absent ones, and replaces metadata as a whole", () =>
    Effect.gen(function* () {
      yield* provisioned("acme", { name: "Acme", email: "a@acme.com", metadata: { a: "1", b: "2" } })
      yield* TestClock.adjust("1 second")
      const { data } = yield* patch(acme, { name: null, metadata: { c: "3" }, couponId: "" })
      expect(data).toMatchObject({ name: null, email: "a@acme.com", couponId: "" })
      expect(data["metadata"]).toEqual({ c: "3" })
      expect(data).toMatchObject({ createdAt: "1970-01-01T00:00:00.000Z", updatedAt: "1970-01-01T00:00:01.000Z" })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("replaces the integrations", () =>
    Effect.gen(function* () {
      const link = (id: string) => ({ id, syncedEntityId: null, vendorIdentifier: "STRIPE" })
      yield* provisioned("acme", { integrations: [link("a"), link("b")] })
      const { data } = yield* patch(acme, { integrations: [link("b"), link("c")] })
      expect(data["integrations"]).toEqual([link("b"), link("c")])
      expect((yield* get(`${acme}/integrations`)).ids).toEqual(["b", "c"])
    }).pipe(Effect.provide(emulated()))
  )
})

describe("an unknown customer", () => {
  const notFound = { status: 404, code: "CustomerNotFound" }
  it.effect.each([
    ["GET", ""],
    ["PATCH", ""],
    ["POST", "/archive"],
    ["POST", "/unarchive"],
    ["GET", "/entitlements"],
    ["GET", "/contracts"],
    ["GET", "/invoices"],
    ["GET", "/resources"],
    ["POST", "/payment-method"],
    ["DELETE", "/payment-method"],
    ["POST", "/promotional-entitlements"],
    ["GET", "/promotional-entitlements"],
    ["DELETE", "/promotional-entitlements/feature"],
    ["GET", "/integrations"],
    ["POST", "/integrations"],
    ["GET", "/integrations/i"],
    ["PATCH", "/integrations/i"],
    ["DELETE", "/integrations/i"]
  ] as const)("is a 404 for %s %s", ([method, path]) =>
    Effect.gen(function* () {
      const bodies: { readonly [path: string]: unknown } = {
        "/payment-method": { integrationId: "i", paymentMethodId: "p", vendorIdentifier: "STRIPE" },
        "/promotional-entitlements": { promotionalEntitlements: [{ featureId: "f", period: "lifetime" }] },
        "/integrations": { id: "i", syncedEntityId: "e", vendorIdentifier: "STRIPE" },
        "/integrations/i": { syncedEntityId: "e" },
        "": {}
      }
      const body = method === "GET" || method === "DELETE" ? undefined : bodies[path]
      expect(failure(yield* send(method, `${customers}/nobody${path}`, { body }))).toEqual(notFound)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("an archived customer", () => {
  const archived = emulated({
    seed: { customers: [{ id: "acme", name: "Acme", email: "a@acme.com", archivedAt: "1970-01-01T00:00:00.000Z" }] }
  })

  it.effect("loses name and email and does not get them back", () =>
    Effect.gen(function* () {
      yield* provisioned("acme", { name: "Acme", email: "a@acme.com" })
      const { data, status } = yield* post(`${acme}/archive`)
      expect(status).toBe(200)
      expect(data).toMatchObject({ name: null, email: null, archivedAt: "1970-01-01T00:00:00.000Z" })
      expect((yield* post(`${acme}/unarchive`)).data).toMatchObject({ name: null, email: null, archivedAt: null })
      expect((yield* get(acme)).data).toMatchObject({ name: null, email: null })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("is not listed until it is unarchived", () =>
    Effect.gen(function* () {
      expect((yield* get(customers)).ids).toEqual([])
      yield* post(`${acme}/unarchive`)
      expect((yield* get(customers)).ids).toEqual(["acme"])
    }).pipe(Effect.provide(archived))
  )

  it.effect("is a 404 for retrieve, update, attach, link, and grant", () =>
    Effect.gen(function* () {
      const answers = [
        yield* get(acme),
        yield* patch(acme, { name: "x" }),
        yield* post(`${acme}/payment-method`, { integrationId: "i", paymentMethodId: "p", vendorIdentifier: "STRIPE" }),
        yield* post(`${acme}/integrations`, { id: "i", syncedEntityId: "e", vendorIdentifier: "STRIPE" }),
        yield* post(`${acme}/promotional-entitlements`, {
          promotionalEntitlements: [{ featureId: "f", period: "lifetime" }]
        })
      ]
      expect(answers.map(failure)).toEqual(answers.map(() => ({ status: 404, code: "CustomerNotFound" })))
    }).pipe(Effect.provide(archived))
  )

  it.effect("is returned unchanged when archived again, as an active one is when unarchived", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const active = yield* get(acme)
      yield* TestClock.adjust("1 minute")
      expect((yield* post(`${acme}/unarchive`)).data).toEqual(active.data)
      const archived = yield* post(`${acme}/archive`)
      yield* TestClock.adjust("1 minute")
      expect(yield* post(`${acme}/archive`)).toEqual(archived)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("import", () => {
  const row = (id: string, more: object = {}) => ({ id, name: id, email: `${id}@example.com`, ...more })

  it.effect("creates new customers, updates the others, and returns only the new ids", () =>
    Effect.gen(function* () {
      yield* provisioned("old", { name: "Old" })
      const { data, status } = yield* post(`${customers}/import`, { customers: [row("old"), row("new")] })
      expect(status).toBe(200)
      expect(data).toEqual({ newCustomers: ["new"] })
      expect((yield* get(`${customers}/old`)).data["name"]).toBe("old")
      const again = yield* post(`${customers}/import`, { customers: [row("old"), row("new")] })
      expect(again.data).toEqual({ newCustomers: [] })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("skips a row that is older than the stored customer", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2))
      yield* provisioned("a", { name: "stored" })
      yield* provisioned("b", { name: "stored" })
      yield* post(`${customers}/import`, {
        customers: [
          row("a", { updatedAt: "2026-01-01T00:00:00.000Z" }),
          row("b", { updatedAt: "2026-01-03T00:00:00.000Z" })
        ]
      })
      expect((yield* get(`${customers}/a`)).data["name"]).toBe("stored")
      expect((yield* get(`${customers}/b`)).data["name"]).toBe("b")
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("accepts a row that is as old as the stored customer or has no updatedAt", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2))
      yield* post(`${customers}/import`, { customers: [row("a"), row("b")] })
      yield* post(`${customers}/import`, {
        customers: [row("a", { name: "new", updatedAt: "2026-01-02T00:00:00.000Z" }), row("b", { name: "new" })]
      })
      expect((yield* get(`${customers}/a`)).data["name"]).toBe("new")
      expect((yield* get(`${customers}/b`)).data["name"]).toBe("new")
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("keeps fields that a row omits and sets the payment method that it has", () =>
    Effect.gen(function* () {
      yield* provisioned("acme", { billingId: "cus_1", metadata: { a: "b" }, language: "en" })
      yield* post(`${customers}/import`, { customers: [row("acme", { paymentMethodId: "pm_1" })] })
      const { data } = yield* get(acme)
      expect(data).toMatchObject({ name: "acme", billingId: "cus_1", metadata: { a: "b" }, language: "en" })
      expect(data["defaultPaymentMethod"]).toMatchObject({ billingId: "pm_1", type: "CARD" })
      yield* post(`${customers}/import`, { customers: [row("acme")] })
      expect((yield* get(acme)).data["defaultPaymentMethod"]).toMatchObject({ billingId: "pm_1" })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("does not unarchive customers", () =>
    Effect.gen(function* () {
      yield* provisioned("acme", { name: "Acme" })
      yield* post(`${acme}/archive`)
      expect((yield* post(`${customers}/import`, { customers: [row("acme")] })).data).toEqual({ newCustomers: [] })
      expect((yield* post(`${acme}/unarchive`)).data["name"]).toBe(null)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("takes the last of two rows for one new customer and returns its id once", () =>
    Effect.gen(function* () {
      const rows = [row("a", { name: "first", billingId: "cus_1" }), row("a", { name: "second" })]
      expect((yield* post(`${customers}/import`, { customers: rows })).data).toEqual({ newCustomers: ["a"] })
      expect((yield* get(customers)).ids).toEqual(["a"])
      expect((yield* get(`${customers}/a`)).data).toMatchObject({ name: "second", billingId: "cus_1" })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect(
    "accepts 1,000 customers, ignores unknown fields, and keeps metadata, billing ids, and Salesforce ids",
    () =>
      Effect.gen(function* () {
        const rows = Array.from({ length: 1000 }, (_, i) =>
          row(`c${i}`, { metadata: { i: String(i) }, billingId: `cus_${i}`, salesforceId: `sf${i}`, unknown: true })
        )
        const { data } = yield* post(`${customers}/import`, { customers: rows })
        expect(data["newCustomers"]).toHaveLength(1000)
        expect((yield* get(`${customers}/c7`)).data).toMatchObject({ metadata: { i: "7" }, billingId: "cus_7" })
        expect((yield* get(`${customers}/c7`)).data["integrations"]).toEqual([
          { id: "salesforce", syncedEntityId: "sf7", vendorIdentifier: "SALESFORCE" }
        ])
      }).pipe(Effect.provide(emulated()))
  )
})

describe("an id", () => {
  it.effect("is one path segment, percent-encoded or not, of any length", () =>
    Effect.gen(function* () {
      for (const id of ["a/b?c#d%é", "a%2Fb", "a;b=c,d", "é".repeat(255)]) {
        expect((yield* get(`${customers}/${encodeURIComponent(id)}`)).data["id"]).toBe(id)
      }
    }).pipe(
      Effect.provide(
        emulated({ seed: { customers: ["a/b?c#d%é", "a%2Fb", "a;b=c,d", "é".repeat(255)].map((id) => ({ id })) } })
      )
    )
  )
})
