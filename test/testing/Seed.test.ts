import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Seed } from "effect-stigg/testing"
import { json, list } from "./document.js"
import { customers, emulated, get, post, provisioned, remove } from "./exchange.js"

const plan = { plans: [{ id: "p" }] }
const grant = { featureId: "f", period: "1 week" }
const stripe = { id: "stripe", vendorIdentifier: "STRIPE" }
const trial = (endDate: string) => ({ planId: "p", endDate: { in: endDate } })

describe("an invalid seed fails with the path to the error", () => {
  it.effect.each([
    ["customers.0.id", { customers: [{}] }],
    ["customers.1.id", { customers: [{ id: "a" }, { id: "a" }] }],
    ["customers.0.plan", { customers: [{ id: "a", plan: "nothing" }] }],
    ["customers.0.subscriptions.0.planId", { customers: [{ id: "a", subscriptions: [{ planId: "nothing" }] }] }],
    ["customers.0.subscriptions.0.endDate", { ...plan, customers: [{ id: "a", subscriptions: [trial("never")] }] }],
    [
      "customers.0.subscriptions.0.endDate",
      { plans: [{ id: "p" }], customers: [{ id: "a", subscriptions: [{ planId: "p", isTrial: true }] }] }
    ],
    ["customers.0.createdAt", { customers: [{ id: "a", createdAt: { ago: "999999999999 days" } }] }],
    ["customers.0.archivedAt", { customers: [{ id: "a", archivedAt: "yesterday" }] }],
    ["customers.0.grants.0.startDate", { customers: [{ id: "a", grants: [{ grant, startDate: {} }] }] }],
    ["customers.0.grants.0.grant.featureId", { customers: [{ id: "a", grants: [{ grant: { period: "1 week" } }] }] }],
    ["customers.0.usage.0.of", { customers: [{ id: "a", usage: [{ of: "nothing", used: 1 }] }] }],
    ["customers.0.usage.0.used", { customers: [{ id: "a", usage: [{ of: "nothing", used: -1 }] }] }],
    ["customers.0.credits.0.currencyId", { customers: [{ id: "a", credits: [{ currencyId: "n", amount: 1 }] }] }],
    ["customers.0.integrations.1.id", { customers: [{ id: "a", integrations: [stripe, stripe] }] }],
    ["plans.0.features.0.featureId", { plans: [{ id: "p", features: [{ featureId: "nothing" }] }] }],
    ["plans.0.credits.0.currencyId", { plans: [{ id: "p", credits: [{ currencyId: "nothing", amount: 1 }] }] }],
    ["features.0.type", { features: [{ id: "f", type: "NONSENSE" }] }],
    ["customer", { customer: [] }],
    ["customers.0.nmae", { customers: [{ id: "a", nmae: "Acme" }] }],
    ["", 1]
  ] as const)("%s", ([path, seed]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Seed.decode(seed))
      expect([error._tag, error.path]).toEqual(["StiggInvalidSeedError", path])
      expect(error.message.startsWith(`${path === "" ? "seed" : path}: `)).toBe(true)
    })
  )

  it.effect.each([
    [{ createdAt: { in: "3650000 days" } }],
    [{ archivedAt: { ago: "1000000 days" } }],
    [{ createdAt: "9999-12-31T23:59:59-14:00" }],
    [{ resources: [{ id: "r", createdAt: { in: "3650000 days" } }] }]
  ] as const)("customers.1, for a time that the API's timestamps cannot express: %j", ([fields]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Emulator.make({ seed: { customers: [{ id: "a" }, { id: "b", ...fields }] } }))
      expect(error.message).toBe("customers.1: has a time outside of the years 0 to 9999")
    })
  )

  it.effect("also in the options of a layer", () =>
    Effect.gen(function* () {
      const seed: Seed.Input = { customers: [{ id: "a", plan: "nothing" }] }
      const error = yield* Effect.flip(Effect.provide(Emulator.Emulator, Emulator.layer({ seed })))
      expect(error.message).toBe("customers.0.plan: unknown plan nothing")
    })
  )

  it.effect("also when only a grant's own rules are violated", () =>
    Effect.gen(function* () {
      const grants = [{ grant }, { grant: { ...grant, period: "2 weeks" } }]
      const seed: Seed.Input = { customers: [{ id: "a", grants }] }
      const error = yield* Effect.flip(Effect.provide(Emulator.Emulator, Emulator.layer({ seed })))
      expect(error).toMatchObject({ _tag: "StiggInvalidSeedError", path: "customers.0.grants.1.grant" })
      expect(error.message).toContain("customers.0.grants.1.grant.period: expected one of 1 week, 1 month")
    })
  )
})

it.effect("the message about a seed is bounded, whatever the seed contains", () =>
  Effect.gen(function* () {
    const long = "x".repeat(1_000_000)
    const customer = { id: "a" }
    for (const seed of [
      { customers: [{ ...customer, plan: long }] },
      { customers: [{ ...customer, archivedAt: long }] },
      { customers: [{ ...customer, [long]: 1 }] },
      { features: [{ id: "f", type: long }] },
      { customers: [{ ...customer, grants: [{ grant: { ...grant, period: long } }] }] },
      {
        ...plan,
        features: [{ id: "f", type: "BOOLEAN" }],
        customers: [{ ...customer, grants: [{ grant: { ...grant, featureId: long } }] }]
      }
    ]) {
      const layer = Emulator.layer({ seed: seed as Seed.Input })
      const error = yield* Effect.flip(Effect.provide(Emulator.Emulator, layer))
      expect(error._tag).toBe("StiggInvalidSeedError")
      expect(error.message.length).toBeLessThanOrEqual(1000)
    }
  })
)

const moments = { createdAt: "1969-06-01T00:00:00.000Z", updatedAt: "1969-07-01T00:00:00.000Z" }
const link = { id: "stripe", vendorIdentifier: "STRIPE", syncedEntityId: "cus_1" }
const syncData = { billingId: "cus_1", billingLinkUrl: "https://billing.example/cus_1" }
const given = {
  id: "acme",
  name: "Acme Corp",
  email: "billing@acme.com",
  billingId: "cus_1",
  billingCurrency: "eur",
  couponId: "coupon",
  language: "de",
  timezone: "Europe/Berlin",
  metadata: { plan: "gold" },
  passthrough: { stripe: { customerName: "Acme", metadata: { a: "b" }, invoiceCustomFields: {}, taxIds: [] } },
  defaultPaymentMethod: {
    billingId: "pm_1",
    type: "CARD",
    cardLast4Digits: "4242",
    cardExpiryMonth: 1,
    cardExpiryYear: 2030
  }
}
/** A customer with a value in every field. */
const whole: Seed.Input = {
  features: [{ id: "f", type: "NUMBER" }],
  currencies: [{ id: "c" }],
  plans: [{ id: "p" }],
  customers: [
    {
      ...given,
      ...moments,
      integrations: [{ ...link, syncData }],
      resources: [{ id: "site", ...moments }],
      grants: [{ grant: { featureId: "f", period: "lifetime" }, startDate: moments.createdAt, isPaused: true }],
      subscriptions: [{ planId: "p", resourceId: "site", startDate: moments.updatedAt, endDate: { in: "1 day" } }],
      usage: [{ of: "f", used: 3, resourceId: "site", at: moments.updatedAt }],
      credits: [{ currencyId: "c", amount: 5, startDate: moments.updatedAt }]
    }
  ]
}

describe("a seed", () => {
  it.effect("can give times relative to the start", () =>
    Effect.gen(function* () {
      expect((yield* get(`${customers}/old`)).data["createdAt"]).toBe("1969-12-31T00:00:00.000Z")
      expect((yield* get(`${customers}/now`)).data["createdAt"]).toBe("1970-01-01T00:00:00.000Z")
      const { data } = yield* get(`${customers}/now/entitlements/check?featureId=f`)
      expect(data["validUntil"]).toBe("1970-01-15T00:00:00.000Z")
    }).pipe(
      Effect.provide(
        emulated({
          seed: {
            features: [{ id: "f", type: "BOOLEAN" }],
            plans: [{ id: "p", features: [{ featureId: "f" }] }],
            customers: [
              { id: "old", createdAt: { ago: "1 day" } },
              { id: "now", subscriptions: [{ planId: "p", endDate: { in: "14 days" } }] }
            ]
          }
        })
      )
    )
  )

  it.effect("is stored completely, down to the last field of a customer", () =>
    Effect.gen(function* () {
      const { data } = yield* get(`${customers}/acme`)
      expect(data).toEqual({ ...given, ...moments, integrations: [link], archivedAt: null })
      expect(list((yield* get(`${customers}/acme/integrations`)).body["data"])).toEqual([{ ...link, syncData }])
      expect(list((yield* get(`${customers}/acme/resources`)).body["data"])).toEqual([{ id: "site", ...moments }])
      const grants = list((yield* get(`${customers}/acme/promotional-entitlements`)).body["data"])
      expect(grants).toMatchObject([{ featureId: "f", status: "Paused", startDate: moments.createdAt }])
    }).pipe(Effect.provide(emulated({ seed: whole })))
  )

  it.effect("can be the demo's small world", () =>
    Effect.gen(function* () {
      expect((yield* get(customers)).ids).toEqual([
        "customer-acme",
        "customer-globex",
        "customer-initech",
        "customer-trial",
        "customer-sites",
        "customer-new"
      ])
      const seats = yield* get(`${customers}/customer-acme/entitlements/check?featureId=feature-seats&requestedUsage=3`)
      expect(seats.data["accessDeniedReason"]).toBe("RequestedUsageExceedingLimit")
      expect((yield* get(`${customers}/customer-acme/invoices`)).status).toBe(200)
      expect((yield* get(`${customers}/customer-acme/contracts`)).status).toBe(200)
      const { customers: saved } = yield* Emulator.snapshot
      const trial = saved.find(({ id }) => id === "customer-trial")
      expect(trial?.subscriptions).toMatchObject([{ planId: "plan-pro", state: "trial" }])
    }).pipe(Effect.provide(emulated({ seed: Seed.demo })))
  )

  it.effect("can generate as many random customers as requested, the same for the same number", () =>
    Effect.gen(function* () {
      const one = Seed.random({ customers: 500, seed: 42 })
      expect(Seed.random({ customers: 500, seed: 42 })).toEqual(one)
      expect(Seed.random({ customers: 500, seed: 43 })).not.toEqual(one)
      const { customers: read } = yield* Seed.decode(one)
      expect(read).toHaveLength(500)
    })
  )
})

describe("a snapshot", () => {
  it.effect("also shows internal state that the API does not expose", () =>
    Effect.gen(function* () {
      const { currencies, customers: [acme] = [], features, plans } = yield* Emulator.snapshot
      expect([features, plans, currencies].map((known) => known.map((one) => json(one)["id"]))).toEqual([
        ["f"],
        ["p"],
        [undefined]
      ])
      expect(acme).toMatchObject({
        resources: [{ id: "site", ...moments }],
        subscriptions: [
          { planId: "p", resourceId: "site", startDate: moments.updatedAt, endDate: "1970-01-02T00:00:00.000Z" }
        ],
        usage: [{ of: "f", used: 3, resourceId: "site", at: moments.updatedAt }],
        credits: [{ currencyId: "c", amount: 5, resourceId: null, startDate: moments.updatedAt, endDate: null }],
        revoked: []
      })
      yield* remove(`${customers}/acme/promotional-entitlements/f`)
      const after = (yield* Emulator.snapshot).customers[0]
      expect([after?.promotionalEntitlements, after?.revoked]).toEqual([[], ["f"]])
    }).pipe(Effect.provide(emulated({ seed: whole })))
  )

  it.effect("is the whole state in a comparable form", () =>
    Effect.gen(function* () {
      const empty = yield* Emulator.snapshot
      expect(empty).toEqual({ features: [], currencies: [], plans: [], customers: [] })
      yield* provisioned("acme", { name: "Acme" })
      yield* post(`${customers}/acme/integrations`, { id: "i", syncedEntityId: "e", vendorIdentifier: "STRIPE" })
      const { customers: [acme] = [] } = yield* Emulator.snapshot
      expect(acme?.customer).toEqual((yield* get(`${customers}/acme`)).data)
      expect(acme?.integrations.map((link) => json(link)["id"])).toEqual(["i"])
      yield* get(customers)
      expect((yield* Emulator.snapshot).customers).toEqual([acme])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("is the same for the same seed and the same requests", () =>
    Effect.gen(function* () {
      const run = (idSeed: number) =>
        Effect.gen(function* () {
          yield* provisioned("acme")
          yield* post(`${customers}/acme/promotional-entitlements`, {
            promotionalEntitlements: [{ featureId: "f", period: "1 week" }]
          })
          return yield* Emulator.snapshot
        }).pipe(Effect.provide(emulated({ idSeed })))
      const [one, again, other] = [yield* run(1), yield* run(1), yield* run(2)]
      expect(again).toEqual(one)
      expect(other).not.toEqual(one)
    })
  )
})
