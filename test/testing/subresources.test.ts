import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Emulator, type Seed } from "effect-stigg/testing"
import { json, list } from "./document.js"
import type { Answer } from "./exchange.js"
import { customers, emulated, failure, get, patch, post, provisioned, remove } from "./exchange.js"

const acme = `${customers}/acme`

describe("a payment method", () => {
  const attached = { integrationId: "stripe", paymentMethodId: "pm_1", vendorIdentifier: "STRIPE" }

  it.effect("can be attached, detached, and detached again without a change", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const { data, status } = yield* post(`${acme}/payment-method`, { ...attached, billingCurrency: "eur" })
      expect(status).toBe(200)
      expect(data).toMatchObject({ billingCurrency: "eur", defaultPaymentMethod: { billingId: "pm_1", type: "CARD" } })
      const detached = yield* remove(`${acme}/payment-method`)
      expect(detached.data["defaultPaymentMethod"]).toBe(null)
      yield* TestClock.adjust("1 minute")
      expect(yield* remove(`${acme}/payment-method`)).toEqual(detached)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("an integration", () => {
  const stripe = { id: "stripe", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }

  it.effect("can be linked, retrieved, updated, and unlinked", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      expect((yield* post(`${acme}/integrations`, stripe)).data).toMatchObject(stripe)
      expect((yield* get(`${acme}/integrations/stripe`)).data).toMatchObject(stripe)
      expect((yield* get(acme)).data["integrations"]).toEqual([stripe])
      expect((yield* patch(`${acme}/integrations/stripe`, { syncedEntityId: null })).data["syncedEntityId"]).toBe(null)
      expect((yield* remove(`${acme}/integrations/stripe`)).data["id"]).toBe("stripe")
      expect((yield* get(acme)).data["integrations"]).toEqual([])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("can be linked once: then 409 until it is unlinked", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      yield* post(`${acme}/integrations`, stripe)
      const again = yield* post(`${acme}/integrations`, stripe)
      expect(failure(again)).toEqual({ status: 409, code: "DuplicatedEntityNotAllowed" })
      yield* remove(`${acme}/integrations/stripe`)
      expect((yield* post(`${acme}/integrations`, stripe)).status).toBe(200)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("that does not exist is a 404", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const path = `${acme}/integrations/nothing`
      const answers = [yield* get(path), yield* patch(path, { syncedEntityId: "e" }), yield* remove(path)]
      expect(answers.map(failure)).toEqual(answers.map(() => ({ status: 404, code: "IntegrationNotFound" })))
    }).pipe(Effect.provide(emulated()))
  )
})

describe("a promotional entitlement", () => {
  const path = `${acme}/promotional-entitlements`
  const grant = (...grants: ReadonlyArray<object>) => post(path, { promotionalEntitlements: grants })
  const first = ({ body }: Answer) => json(list(body["data"])[0])

  it.effect.each([
    ["1 week", "2026-02-07T00:00:00.000Z"],
    ["1 month", "2026-02-28T00:00:00.000Z"],
    ["6 month", "2026-07-31T00:00:00.000Z"],
    ["1 year", "2027-01-31T00:00:00.000Z"],
    ["lifetime", null]
  ] as const)("for %s from 31 January ends at %s", ([period, endDate]) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 31))
      yield* provisioned("acme")
      expect(first(yield* grant({ featureId: "f", period }))).toMatchObject({
        period,
        startDate: "2026-01-31T00:00:00.000Z",
        endDate,
        status: "Active"
      })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("cannot end after the year 9999, which the API's timestamps cannot express", () =>
    Effect.gen(function* () {
      yield* Emulator.setTime("9999-12-20T00:00:00.000Z")
      yield* provisioned("acme")
      const refused = yield* grant({ featureId: "f", period: "1 month" })
      expect(failure(refused)).toEqual({ status: 400, code: "BadUserInput" })
      expect(refused.body["message"]).toMatch(/^promotionalEntitlements\.0\.period: /)
      expect((yield* grant({ featureId: "f", period: "1 week" })).status).toBe(200)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("for a custom period ends at its end date", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const customEndDate = "2026-05-05T05:05:05.000Z"
      expect(first(yield* grant({ featureId: "f", period: "custom", customEndDate }))["endDate"]).toBe(customEndDate)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("replaces an active grant of the same feature", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      yield* grant({ featureId: "f", period: "1 week", usageLimit: 1 })
      yield* grant({ featureId: "f", period: "1 month", usageLimit: 2 })
      const { body } = yield* get(path)
      expect(list(body["data"]).map((one) => json(one)["usageLimit"])).toEqual([2])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("is created with all grants of a request or not at all", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const answer = yield* grant({ featureId: "f", period: "1 week" }, { featureId: "g", period: "never" })
      expect(answer.status).toBe(400)
      expect(list((yield* get(path)).body["data"])).toEqual([])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("of a feature that is not in the catalog is a 404", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      expect(failure(yield* grant({ featureId: "nonsense", period: "1 week" }))).toEqual({
        status: 404,
        code: "FeatureNotFound"
      })
    }).pipe(Effect.provide(emulated({ seed: { features: [{ id: "f", type: "BOOLEAN" }] } })))
  )

  it.effect("is revoked by its feature, and is a 404 if it does not exist", () =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      yield* grant({ featureId: "f", period: "lifetime" })
      expect((yield* remove(`${path}/f`)).data["featureId"]).toBe("f")
      expect(failure(yield* remove(`${path}/f`))).toEqual({ status: 404, code: "PromotionalEntitlementNotFound" })
      expect(list((yield* get(path)).body["data"])).toEqual([])
    }).pipe(Effect.provide(emulated()))
  )
})

describe("contracts and invoices", () => {
  const invoice = (n: number, more: object = {}) => ({
    invoiceId: `in_${n}`,
    issueDate: `2026-0${n}-01T00:00:00.000Z`,
    dueDate: `2026-0${9 - n}-01T00:00:00.000Z`,
    total: n % 2 === 0 ? n : -n,
    state: n === 2 ? "PAID" : "OPEN",
    contractExternalId: n < 3 ? "contract-1" : "contract-2",
    ...more
  })
  const seed: Seed.Input = {
    customers: [
      {
        id: "acme",
        contracts: [{ contractId: "c1", externalId: "contract-1", billingId: "bill-1", state: "ACTIVE" }],
        invoices: [invoice(3), invoice(1), invoice(2), invoice(4, { state: "CANCELED" })]
      },
      { id: "empty" }
    ]
  }
  const world = emulated({ seed })
  const ids = (query: string) =>
    Effect.map(get(`${acme}/invoices?${query}`), ({ body }) =>
      list(body["data"])
        .map((one) => String(json(one)["invoiceId"]).slice(3))
        .join("")
    )

  it.effect("are empty without a billing provider", () =>
    Effect.gen(function* () {
      expect((yield* get(`${customers}/empty/contracts`)).body).toEqual({ data: [] })
      expect((yield* get(`${customers}/empty/invoices`)).body).toEqual({
        data: [],
        pagination: { next: null, prev: null }
      })
      expect(list((yield* get(`${acme}/contracts`)).body["data"])).toHaveLength(1)
    }).pipe(Effect.provide(world))
  )

  it.effect.each([
    ["", "1234"],
    ["orderDir=DESC", "4321"],
    ["orderBy=dueDate", "4321"],
    ["orderBy=total", "3124"],
    ["orderBy=total&orderDir=DESC", "4213"],
    ["stateIn=PAID,CANCELED", "24"],
    ["issuedAfter=2026-02-01T00:00:00.000Z&issuedBefore=2026-03-01T00:00:00.000Z", "23"],
    ["contractExternalId=contract-1", "12"],
    ["contractExternalId=bill-1", "12"],
    ["contractExternalId=nonsense", ""]
  ] as const)("are ordered and filtered by %s", ([query, expected]) =>
    Effect.gen(function* () {
      expect(yield* ids(query)).toBe(expected)
    }).pipe(Effect.provide(world))
  )

  it.effect("can be walked both ways, with cursors that are not UUIDs", () =>
    Effect.gen(function* () {
      const page = (query: string) => get(`${acme}/invoices?limit=2&orderDir=DESC&${query}`)
      const first = yield* page("")
      expect(first.prev).toBe(null)
      expect(String(first.next)).not.toMatch(/-/)
      const second = yield* page(`after=${String(first.next)}`)
      expect(second.next).toBe(null)
      expect(yield* ids(`limit=2&orderDir=DESC&after=${String(first.next)}`)).toBe("21")
      expect(yield* page(`before=${String(second.prev)}`)).toEqual(first)
    }).pipe(Effect.provide(world))
  )
})
