import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import type { Seed } from "effect-stigg/testing"
import { Act, Emulator } from "effect-stigg/testing"
import { json, list } from "./document.js"
import { customers, emulated, get } from "./exchange.js"

const seed: Seed.Input = {
  features: [
    { id: "sso", type: "BOOLEAN" },
    { id: "seats", type: "NUMBER" },
    { id: "calls", type: "NUMBER" }
  ],
  currencies: [{ id: "gems" }],
  plans: [
    {
      id: "pro",
      features: [{ featureId: "sso" }, { featureId: "seats", usageLimit: 10 }],
      credits: [{ currencyId: "gems", amount: 50 }]
    },
    { id: "metered", features: [{ featureId: "calls", usageLimit: 100, resetPeriod: "MONTH" }] }
  ],
  customers: [
    { id: "none" },
    { id: "acme", plan: "pro", resources: [{ id: "site" }] },
    { id: "metered", plan: "metered", usage: [{ of: "calls", used: 30 }] },
    { id: "archived", plan: "pro", archivedAt: "1970-01-01T00:00:00.000Z" },
    {
      id: "billed",
      contracts: [
        {
          contractId: "c1",
          externalId: "contract-1",
          billingId: "bill-1",
          state: "ACTIVE",
          latestInvoice: {
            billingId: "in_1",
            createdAt: "1970-01-01T00:00:00.000Z",
            requiresAction: false,
            status: "OPEN",
            amountDue: 49
          }
        }
      ],
      invoices: [
        { invoiceId: "in_1", state: "OPEN", total: 49, contractExternalId: "contract-1" },
        { invoiceId: "in_0", state: "PAID" }
      ]
    }
  ]
}
const world = emulated({ seed })

const check = (customer: string, query: string) =>
  Effect.map(get(`${customers}/${customer}/entitlements/check?${query}`), ({ data }) => data)
const reason = (customer: string, query: string) =>
  Effect.map(check(customer, query), (entitlement) => entitlement["accessDeniedReason"])
const entitled = (customer: string, query = "") =>
  Effect.map(get(`${customers}/${customer}/entitlements${query}`), ({ data }) =>
    list(data["entitlements"]).map(
      (one) => json(json(one)["feature"])["id"] ?? json(json(one)["currency"])["currencyId"]
    )
  )
const used = (customer: string, query: string) =>
  Effect.map(check(customer, query), (entitlement) => entitlement["currentUsage"])

describe("an act", () => {
  it.effect("reports usage, which counts at once", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: 9 }))
      expect(yield* reason("acme", "featureId=seats&requestedUsage=1")).toBe(null)
      yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: 1 }))
      expect(yield* reason("acme", "featureId=seats&requestedUsage=1")).toBe("RequestedUsageExceedingLimit")
      yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: 4, updateBehavior: "SET" }))
      expect(yield* used("acme", "featureId=seats")).toBe(4)
      yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: -5 }))
      expect(yield* used("acme", "featureId=seats")).toBe(0)
      yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: 2 }))
      expect(yield* used("acme", "featureId=seats")).toBe(2)
    }).pipe(Effect.provide(world))
  )

  it.effect("reports usage of the current period only", () =>
    Effect.gen(function* () {
      expect(yield* used("metered", "featureId=calls")).toBe(30)
      yield* TestClock.adjust("31 days")
      yield* Emulator.act(Act.reportUsage({ customerId: "metered", of: "calls", value: -1 }))
      expect(yield* used("metered", "featureId=calls")).toBe(0)
      yield* Emulator.act(Act.reportUsage({ customerId: "metered", of: "calls", value: 7 }))
      expect(yield* used("metered", "featureId=calls")).toBe(7)
      yield* TestClock.adjust("31 days")
      expect(yield* used("metered", "featureId=calls")).toBe(0)
    }).pipe(Effect.provide(world))
  )

  it.effect("reports usage of a resource", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.subscribe({ customerId: "none", planId: "pro", resourceId: "site" }))
      yield* Emulator.act(Act.reportUsage({ customerId: "none", of: "seats", value: 3, resourceId: "site" }))
      expect(yield* used("none", "featureId=seats&resourceId=site")).toBe(3)
      yield* Emulator.act(Act.reportUsage({ customerId: "none", of: "seats", value: 3 }))
      expect(yield* used("none", "featureId=seats&resourceId=site")).toBe(3)
    }).pipe(Effect.provide(world))
  )

  it.effect("subscribes to a plan until it ends", () =>
    Effect.gen(function* () {
      expect(yield* reason("none", "featureId=sso")).toBe("NoActiveSubscription")
      yield* Emulator.act(
        Act.subscribe({ customerId: "none", planId: "pro", startDate: { in: "1 day" }, endDate: { in: "3 days" } })
      )
      expect(yield* entitled("none")).toEqual([])
      yield* TestClock.adjust("1 day")
      expect(yield* entitled("none")).toEqual(["sso", "seats", "gems"])
      yield* TestClock.adjust("2 days")
      expect(yield* reason("none", "featureId=sso")).toBe("NoActiveSubscription")
    }).pipe(Effect.provide(world))
  )

  it.effect("subscribes a resource, which is listed from then on", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.subscribe({ customerId: "none", planId: "pro", resourceId: "site" }))
      expect((yield* get(`${customers}/none/resources`)).ids).toEqual(["site"])
      expect(yield* entitled("none")).toEqual([])
      expect(yield* entitled("none", "?resourceId=site")).toEqual(["sso", "seats", "gems"])
    }).pipe(Effect.provide(world))
  )

  it.effect("starts a trial, which ends unless it becomes a subscription", () =>
    Effect.gen(function* () {
      const trial = { planId: "pro", isTrial: true, endDate: { in: "14 days" } }
      yield* Emulator.act(Act.subscribe({ customerId: "none", ...trial }))
      yield* Emulator.act(Act.subscribe({ customerId: "metered", ...trial }))
      yield* TestClock.adjust("13 days")
      yield* Emulator.act(Act.subscribe({ customerId: "metered", planId: "pro" }))
      expect([yield* reason("none", "featureId=sso"), yield* reason("metered", "featureId=sso")]).toEqual([null, null])
      yield* TestClock.adjust("1 day")
      expect(yield* reason("none", "featureId=sso")).toBe("NoActiveSubscription")
      expect(yield* reason("metered", "featureId=sso")).toBe(null)
    }).pipe(Effect.provide(world))
  )

  it.effect("leaves a plan at once or later", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.unsubscribe({ customerId: "acme", planId: "pro", endDate: { in: "1 day" } }))
      expect(yield* reason("acme", "featureId=sso")).toBe(null)
      yield* TestClock.adjust("1 day")
      expect(yield* reason("acme", "featureId=sso")).toBe("NoActiveSubscription")
      yield* Emulator.act(Act.unsubscribe({ customerId: "metered", planId: "metered" }))
      expect(yield* reason("metered", "featureId=calls")).toBe("NoActiveSubscription")
      yield* Emulator.act(Act.subscribe({ customerId: "metered", planId: "metered" }))
      expect(yield* reason("metered", "featureId=calls")).toBe(null)
    }).pipe(Effect.provide(world))
  )

  it.effect("changes a plan for all of its subscribers", () =>
    Effect.gen(function* () {
      yield* Emulator.act(
        Act.changePlan({
          planId: "pro",
          features: [
            { featureId: "seats", usageLimit: 5 },
            { featureId: "calls", hasUnlimitedUsage: true }
          ],
          credits: [{ currencyId: "gems", amount: 7 }]
        })
      )
      expect(yield* check("acme", "featureId=seats")).toMatchObject({ usageLimit: 5 })
      expect(yield* check("acme", "featureId=calls")).toMatchObject({ hasUnlimitedUsage: true })
      expect(yield* check("acme", "currencyId=gems")).toMatchObject({ usageLimit: 7 })
      expect(yield* entitled("acme")).toEqual(["sso", "seats", "calls", "gems"])
    }).pipe(Effect.provide(world))
  )

  it.effect("grants and spends credits", () =>
    Effect.gen(function* () {
      yield* Emulator.act(
        Act.grantCredits({ customerId: "acme", currencyId: "gems", amount: 10, endDate: { in: "1 day" } })
      )
      expect(yield* check("acme", "currencyId=gems")).toMatchObject({
        usageLimit: 60,
        currentUsage: 0,
        validUntil: "1970-01-02T00:00:00.000Z"
      })
      yield* Emulator.act(Act.spendCredits({ customerId: "acme", currencyId: "gems", amount: 60 }))
      expect(yield* check("acme", "currencyId=gems&requestedUsage=1")).toMatchObject({
        currentUsage: 60,
        accessDeniedReason: "InsufficientCredits"
      })
      yield* Emulator.act(Act.grantCredits({ customerId: "none", currencyId: "gems", amount: 1 }))
      expect(yield* reason("none", "currencyId=gems&requestedUsage=1")).toBe(null)
    }).pipe(Effect.provide(world))
  )

  it.effect("pays an open invoice", () =>
    Effect.gen(function* () {
      const invoices = (state: string) =>
        Effect.map(get(`${customers}/billed/invoices?stateIn=${state}`), ({ body }) => list(body["data"]).map(json))
      const latest = Effect.map(get(`${customers}/billed/contracts`), ({ body }) =>
        json(json(list(body["data"])[0])["latestInvoice"])
      )
      yield* Emulator.act(Act.failPayment({ customerId: "billed", invoiceId: "in_1" }))
      expect(yield* invoices("OPEN")).toMatchObject([{ invoiceId: "in_1", paidDate: null }])
      expect(yield* latest).toMatchObject({ requiresAction: true, status: "OPEN", amountDue: 49 })
      yield* TestClock.adjust("1 hour")
      yield* Emulator.act(Act.payInvoice({ customerId: "billed", invoiceId: "in_1" }))
      expect(yield* invoices("OPEN")).toEqual([])
      expect((yield* invoices("PAID")).find(({ invoiceId }) => invoiceId === "in_1")).toMatchObject({
        paidDate: "1970-01-01T01:00:00.000Z"
      })
      expect(yield* latest).toMatchObject({ requiresAction: false, status: "PAID", amountDue: 0 })
    }).pipe(Effect.provide(world))
  )
})

describe("an invalid act names the field and changes nothing", () => {
  const acme = { customerId: "acme" }
  it.effect.each<readonly [act: Act.Act, message: string]>([
    [Act.subscribe({ ...acme, planId: "x" }), "planId: unknown plan x"],
    [Act.subscribe({ customerId: "x", planId: "pro" }), "customerId: unknown customer x"],
    [Act.subscribe({ customerId: "archived", planId: "metered" }), "customerId: customer archived is archived"],
    [Act.subscribe({ ...acme, planId: "pro" }), "planId: customer acme is subscribed to pro already"],
    [Act.subscribe({ ...acme, planId: "metered", isTrial: true }), "endDate: required for a trial"],
    [
      Act.subscribe({ ...acme, planId: "metered", endDate: { ago: "1 day" } }),
      "endDate: expected a time after the start, and after now"
    ],
    [Act.unsubscribe({ ...acme, planId: "metered" }), "planId: customer acme is not subscribed to metered"],
    [
      Act.unsubscribe({ ...acme, planId: "pro", endDate: { ago: "1 day" } }),
      "endDate: expected a time that is not past"
    ],
    [Act.reportUsage({ ...acme, of: "x", value: 1 }), "of: unknown feature or currency x"],
    [Act.reportUsage({ ...acme, of: "sso", value: 1 }), "of: feature sso is not numeric and has no usage"],
    [
      Act.reportUsage({ ...acme, of: "seats", value: -1, updateBehavior: "SET" }),
      "value: expected at least 0 with SET"
    ],
    [
      Act.reportUsage({ ...acme, of: "seats", value: 1, resourceId: "x" }),
      "resourceId: unknown resource x of customer acme"
    ],
    [
      Act.changePlan({ planId: "pro", features: [{ featureId: "sso" }, { featureId: "x" }] }),
      "features.1.featureId: unknown feature x"
    ],
    [
      Act.changePlan({ planId: "pro", features: [{ featureId: "sso", usageLimit: 0 }] }),
      "features.0.usageLimit: feature sso is not numeric"
    ],
    [
      Act.changePlan({ planId: "pro", features: [{ featureId: "seats", usageLimit: 1, values: ["a"] }] }),
      "features.0.values: feature seats is no enum feature"
    ],
    [
      Act.changePlan({ planId: "pro", credits: [{ currencyId: "x", amount: 1 }] }),
      "credits.0.currencyId: unknown currency x"
    ],
    [Act.grantCredits({ ...acme, currencyId: "x", amount: 1 }), "currencyId: unknown currency x"],
    [Act.spendCredits({ ...acme, currencyId: "x", amount: 1 }), "currencyId: unknown currency x"],
    [Act.payInvoice({ customerId: "billed", invoiceId: "x" }), "invoiceId: unknown invoice x of customer billed"],
    [Act.payInvoice({ customerId: "billed", invoiceId: "in_0" }), "invoiceId: invoice in_0 is PAID"],
    [Act.failPayment({ customerId: "billed", invoiceId: "in_0" }), "invoiceId: invoice in_0 is PAID"]
  ])("%j: %s", ([act, message]) =>
    Effect.gen(function* () {
      const before = yield* Emulator.snapshot
      const error = yield* Effect.flip(Emulator.act(act))
      expect(error).toMatchObject({ _tag: "StiggInvalidActError", message, path: message.replace(/:.*/s, "") })
      expect(yield* Emulator.snapshot).toEqual(before)
    }).pipe(Effect.provide(world))
  )

  it.effect.each<readonly [act: unknown, path: string]>([
    [{ type: "payInvoice", customerId: "acme" }, "invoiceId"],
    [{ type: "payInvoice", customerId: "acme", invoiceId: "in_1", amount: 3 }, "amount"],
    [{ type: "explode", customerId: "acme" }, "type"],
    [Act.spendCredits({ ...acme, currencyId: "gems", amount: 0 }), "amount"],
    [Act.reportUsage({ ...acme, of: "seats", value: Number.NaN }), "value"],
    [Act.reportUsage({ ...acme, of: "seats", value: -1e300 }), "value"],
    [Act.grantCredits({ ...acme, currencyId: "gems", amount: 1e300 }), "amount"],
    [Act.changePlan({ planId: "p", features: [{ featureId: "f", usageLimit: 1e300 }] }), "features.0.usageLimit"],
    ["text", "act"]
  ])("%j: %s", ([act, path]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Act.decode(act))
      expect(error.path).toBe(path)
      expect(error.message.startsWith(`${path}: `), error.message).toBe(true)
    })
  )

  it("and every constructor's act decodes", () => {
    const acts: ReadonlyArray<Act.Act> = [
      Act.reportUsage({ ...acme, of: "seats", value: 1, updateBehavior: "SET", resourceId: null }),
      Act.subscribe({ ...acme, planId: "p", startDate: { in: "1 day" }, endDate: null, isTrial: false }),
      Act.unsubscribe({ ...acme, planId: "p", endDate: "2026-01-01T00:00:00Z" }),
      Act.changePlan({ planId: "p", features: [{ featureId: "f", resetPeriod: "DAY" }] }),
      Act.grantCredits({ ...acme, currencyId: "c", amount: 0.5, endDate: { ago: "1 day" } }),
      Act.spendCredits({ ...acme, currencyId: "c", amount: 1 }),
      Act.failPayment(acme),
      Act.payInvoice({ ...acme, invoiceId: "i" })
    ]
    for (const act of acts) expect(() => Schema.decodeUnknownSync(Act.Act)(act)).not.toThrow()
  })
})
