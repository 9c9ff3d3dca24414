import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { Seed } from "effect-stigg/testing"
import { json, list } from "./document.js"
import { customers, emulated, get, post, remove } from "./exchange.js"

const seed: Seed.Input = {
  features: [
    { id: "sso", type: "BOOLEAN", displayName: "Single sign-on" },
    { id: "seats", type: "NUMBER" },
    { id: "calls", type: "NUMBER" },
    { id: "region", type: "ENUM" },
    { id: "unsold", type: "BOOLEAN" }
  ],
  currencies: [
    { id: "credits", displayName: "Credits", unitSingular: "credit", unitPlural: "credits" },
    { id: "gems" }
  ],
  plans: [
    { id: "empty" },
    {
      id: "pro",
      features: [
        { featureId: "sso" },
        { featureId: "seats", usageLimit: 10 },
        { featureId: "calls", usageLimit: 100, resetPeriod: "MONTH" },
        { featureId: "region", values: ["eu", "us"] }
      ],
      credits: [{ currencyId: "credits", amount: 50 }]
    },
    { id: "soft", features: [{ featureId: "seats", usageLimit: 5, hasSoftLimit: true }] },
    { id: "unlimited", features: [{ featureId: "seats", hasUnlimitedUsage: true }] }
  ],
  customers: [
    { id: "nothing" },
    { id: "empty", plan: "empty" },
    {
      id: "pro",
      plan: "pro",
      usage: [
        { of: "seats", used: 8 },
        { of: "calls", used: 90 },
        { of: "credits", used: 45 }
      ]
    },
    { id: "soft", plan: "soft", usage: [{ of: "seats", used: 50 }] },
    { id: "unlimited", plan: "unlimited", usage: [{ of: "seats", used: 1000 }] },
    { id: "several", subscriptions: [{ planId: "soft" }, { planId: "pro" }, { planId: "unlimited" }] },
    { id: "archived", plan: "pro", archivedAt: "1970-01-01T00:00:00.000Z" },
    {
      id: "sites",
      resources: [{ id: "site-3" }],
      subscriptions: [
        { planId: "pro", resourceId: "site-1" },
        { planId: "soft", resourceId: "site-2" }
      ],
      usage: [{ of: "seats", used: 10, resourceId: "site-1" }]
    },
    { id: "trial", subscriptions: [{ planId: "pro", endDate: "1970-01-15T00:00:00.000Z" }] },
    { id: "future", subscriptions: [{ planId: "pro", startDate: "1970-02-01T00:00:00.000Z" }] },
    { id: "balance", credits: [{ currencyId: "gems", amount: 3 }], usage: [{ of: "gems", used: 5 }] }
  ]
}
const world = emulated({ seed })

const check = (customer: string, query: string) =>
  Effect.map(get(`${customers}/${customer}/entitlements/check?${query}`), ({ data, status }) => {
    expect(status).toBe(200)
    return data
  })
const reason = (customer: string, query: string) =>
  Effect.map(check(customer, query), (entitlement) => {
    expect(entitlement["isGranted"]).toBe(entitlement["accessDeniedReason"] === null)
    return entitlement["accessDeniedReason"]
  })
const grant = (customer: string, fields: object) =>
  post(`${customers}/${customer}/promotional-entitlements`, { promotionalEntitlements: [fields] })

describe("a check", () => {
  it.effect.each([
    // The customer
    ["nobody", "featureId=sso", "CustomerNotFound"],
    ["nobody", "currencyId=credits", "CustomerNotFound"],
    ["archived", "featureId=sso", "CustomerIsArchived"],
    ["archived", "currencyId=credits", "CustomerIsArchived"],
    ["nothing", "featureId=sso", "NoActiveSubscription"],
    ["nothing", "currencyId=credits", "NoActiveSubscription"],
    ["future", "featureId=sso", "NoActiveSubscription"],
    // The feature
    ["pro", "featureId=nonsense", "FeatureNotFound"],
    ["pro", "featureId=unsold", "NoFeatureEntitlementInSubscription"],
    ["empty", "featureId=sso", "NoFeatureEntitlementInSubscription"],
    ["pro", "featureId=sso", null],
    ["pro", "featureId=sso&requestedUsage=1", "FeatureTypeMismatch"],
    ["pro", "featureId=sso&requestedValues=a", "FeatureTypeMismatch"],
    // Numbers
    ["pro", "featureId=seats", null],
    ["pro", "featureId=seats&requestedUsage=0", null],
    ["pro", "featureId=seats&requestedUsage=2", null],
    ["pro", "featureId=seats&requestedUsage=3", "RequestedUsageExceedingLimit"],
    ["pro", "featureId=seats&requestedValues=a", "FeatureTypeMismatch"],
    ["soft", "featureId=seats&requestedUsage=3", null],
    ["unlimited", "featureId=seats&requestedUsage=1000000", null],
    // Enums
    ["pro", "featureId=region", null],
    ["pro", "featureId=region&requestedValues=eu", null],
    ["pro", "featureId=region&requestedValues=eu,us", null],
    ["pro", "featureId=region&requestedValues=eu%2Casia", "RequestedValuesMismatch"],
    ["pro", "featureId=region&requestedUsage=1", "FeatureTypeMismatch"],
    // Credits
    ["pro", "currencyId=credits", null],
    ["pro", "currencyId=credits&requestedUsage=5", null],
    ["pro", "currencyId=credits&requestedUsage=6", "InsufficientCredits"],
    ["pro", "currencyId=gems", "EntitlementNotFound"],
    ["pro", "currencyId=nonsense", "EntitlementNotFound"],
    ["balance", "currencyId=gems", "InsufficientCredits"],
    // Resources
    ["sites", "featureId=sso", "NoActiveSubscription"],
    ["sites", "featureId=sso&resourceId=site-1", null],
    ["sites", "featureId=seats&resourceId=site-1&requestedUsage=1", "RequestedUsageExceedingLimit"],
    ["sites", "featureId=seats&resourceId=site-2&requestedUsage=1", null],
    ["sites", "featureId=sso&resourceId=site-3", "NoActiveSubscription"],
    ["sites", "featureId=sso&resourceId=site-4", "CustomerResourceNotFound"],
    ["sites", "currencyId=credits&resourceId=site-1", null],
    ["pro", "featureId=sso&resourceId=site-1", "CustomerResourceNotFound"]
  ] as const)("of %s for %s has the denial reason %s", ([customer, query, expected]) =>
    Effect.gen(function* () {
      expect(yield* reason(customer, query)).toBe(expected)
    }).pipe(Effect.provide(world))
  )

  it.effect("of a number returns usage, limit, period, and when to check again", () =>
    Effect.gen(function* () {
      expect(yield* check("pro", "featureId=calls")).toEqual({
        type: "FEATURE",
        isGranted: true,
        accessDeniedReason: null,
        feature: { id: "calls", displayName: "calls", featureType: "NUMBER", featureStatus: "ACTIVE" },
        currentUsage: 90,
        usageLimit: 100,
        hasUnlimitedUsage: false,
        resetPeriod: "MONTH",
        usagePeriodAnchor: "1970-01-01T00:00:00.000Z",
        usagePeriodStart: "1970-01-01T00:00:00.000Z",
        usagePeriodEnd: "1970-02-01T00:00:00.000Z",
        entitlementUpdatedAt: "1970-01-01T00:00:00.000Z",
        validUntil: "1970-02-01T00:00:00.000Z"
      })
    }).pipe(Effect.provide(world))
  )

  it.effect("of a boolean returns no usage", () =>
    Effect.gen(function* () {
      const { feature, ...rest } = yield* check("pro", "featureId=sso")
      expect(json(feature)["displayName"]).toBe("Single sign-on")
      expect(Object.keys(rest)).not.toContain("currentUsage")
      expect(Object.keys(rest)).not.toContain("hasUnlimitedUsage")
    }).pipe(Effect.provide(world))
  )

  it.effect("counts the usage of its resource", () =>
    Effect.gen(function* () {
      const used = (site: string) =>
        Effect.map(check("sites", `featureId=seats&resourceId=${site}`), (answer) => answer["currentUsage"])
      expect([yield* used("site-1"), yield* used("site-2")]).toEqual([10, 0])
    }).pipe(Effect.provide(world))
  )

  it.effect("of credits returns them, also when overdrawn", () =>
    Effect.gen(function* () {
      expect(yield* check("balance", "currencyId=gems")).toMatchObject({
        type: "CREDIT",
        isGranted: false,
        currency: { currencyId: "gems", displayName: "gems" },
        currentUsage: 5,
        usageLimit: 3
      })
    }).pipe(Effect.provide(world))
  )

  it.effect("uses the most generous source and does not add limits", () =>
    Effect.gen(function* () {
      expect(yield* check("several", "featureId=seats")).toMatchObject({ hasUnlimitedUsage: true, usageLimit: null })
      yield* grant("pro", { featureId: "seats", period: "lifetime", usageLimit: 9 })
      expect(yield* check("pro", "featureId=seats")).toMatchObject({ usageLimit: 10 })
      yield* grant("pro", { featureId: "seats", period: "lifetime", usageLimit: 11 })
      expect(yield* check("pro", "featureId=seats")).toMatchObject({ usageLimit: 11 })
    }).pipe(Effect.provide(world))
  )

  it.effect("starts a new usage count in each period", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("31 days")
      expect(yield* check("pro", "featureId=calls")).toMatchObject({
        currentUsage: 0,
        usagePeriodStart: "1970-02-01T00:00:00.000Z",
        usagePeriodEnd: "1970-03-01T00:00:00.000Z"
      })
      expect(yield* check("pro", "featureId=seats")).toMatchObject({ currentUsage: 8 })
    }).pipe(Effect.provide(world))
  )

  it.effect("of a trial is denied from the moment it ends", () =>
    Effect.gen(function* () {
      expect(yield* check("trial", "featureId=sso")).toMatchObject({ validUntil: "1970-01-15T00:00:00.000Z" })
      yield* TestClock.adjust("14 days")
      expect(yield* reason("trial", "featureId=sso")).toBe("NoActiveSubscription")
    }).pipe(Effect.provide(world))
  )
})

describe("a check uses the most generous of several sources", () => {
  const sold = (plans: Seed.Input["plans"], more: Partial<NonNullable<Seed.Input["customers"]>[number]> = {}) => {
    const subscriptions = (plans ?? []).map(({ id }) => ({ planId: id }))
    return emulated({ seed: { ...seed, plans, customers: [{ id: "acme", subscriptions, ...more }] } })
  }
  const both = <A>(one: A, other: A) => [
    [one, other],
    [other, one]
  ]

  it.effect.each(both(["eu", "us", "asia"], ["africa"]))(
    "an enum uses the values of one source, the one that allows the requested ones: %j and %j",
    ([first = [], second = []]) =>
      Effect.gen(function* () {
        const asked = (values: string) => reason("acme", `featureId=region&requestedValues=${values}`)
        expect(yield* asked("africa")).toBe(null)
        expect(yield* asked("eu,asia")).toBe(null)
        expect(yield* asked("eu,africa")).toBe("RequestedValuesMismatch")
      }).pipe(
        Effect.provide(
          sold([
            { id: "one", features: [{ featureId: "region", values: first }] },
            { id: "two", features: [{ featureId: "region", values: second }] }
          ])
        )
      )
  )

  it.effect.each(both({ usageLimit: 5, hasSoftLimit: true }, { usageLimit: 100 }))(
    "a soft limit wins, because it denies nobody: %j and %j",
    ([first, second]) =>
      Effect.gen(function* () {
        expect(yield* check("acme", "featureId=seats&requestedUsage=1000")).toMatchObject({
          isGranted: true,
          usageLimit: 5
        })
      }).pipe(
        Effect.provide(
          sold([
            { id: "one", features: [{ featureId: "seats", ...first }] },
            { id: "two", features: [{ featureId: "seats", ...second }] }
          ])
        )
      )
  )

  it.effect.each(both(3, 50))(
    "credits of a plan and of the customer itself add up: %s and %s",
    ([first = 0, second = 0]) =>
      Effect.gen(function* () {
        expect(yield* check("acme", "currencyId=gems&requestedUsage=53")).toMatchObject({
          isGranted: true,
          usageLimit: 53
        })
        expect(yield* reason("acme", "currencyId=gems&requestedUsage=54")).toBe("InsufficientCredits")
      }).pipe(
        Effect.provide(
          sold([{ id: "one", credits: [{ currencyId: "gems", amount: first }] }], {
            credits: [{ currencyId: "gems", amount: second }]
          })
        )
      )
  )

  it.effect("a resource also has what the customer has, but the customer does not have what a resource has", () =>
    Effect.gen(function* () {
      expect(yield* reason("acme", "featureId=sso&resourceId=site")).toBe(null)
      expect(yield* reason("acme", "featureId=calls&resourceId=site")).toBe(null)
      expect(yield* reason("acme", "featureId=sso")).toBe(null)
      expect(yield* reason("acme", "featureId=calls")).toBe("NoFeatureEntitlementInSubscription")
    }).pipe(
      Effect.provide(
        sold(
          [
            { id: "whole", features: [{ featureId: "sso" }] },
            { id: "site", features: [{ featureId: "calls", usageLimit: 1 }] }
          ],
          { subscriptions: [{ planId: "whole" }, { planId: "site", resourceId: "site" }] }
        )
      )
    )
  )

  it.effect("an inactive source does not count: expired credits, a paused grant", () =>
    Effect.gen(function* () {
      expect(yield* reason("acme", "currencyId=gems")).toBe(null)
      yield* TestClock.adjust("1 day")
      expect(yield* reason("acme", "currencyId=gems")).toBe("EntitlementNotFound")
      expect(yield* reason("acme", "featureId=sso")).toBe("NoFeatureEntitlementInSubscription")
    }).pipe(
      Effect.provide(
        sold([{ id: "empty" }], {
          credits: [{ currencyId: "gems", amount: 1, endDate: { in: "1 day" } }],
          grants: [{ grant: { featureId: "sso", period: "lifetime" }, isPaused: true }]
        })
      )
    )
  )
})

describe("a grant", () => {
  it.effect("adds what the plan lacks until it expires", () =>
    Effect.gen(function* () {
      expect(yield* reason("nothing", "featureId=sso")).toBe("NoActiveSubscription")
      yield* grant("nothing", { featureId: "sso", period: "1 month" })
      expect(yield* reason("nothing", "featureId=sso")).toBe(null)
      yield* TestClock.adjust("31 days")
      expect(yield* reason("nothing", "featureId=sso")).toBe("NoActiveSubscription")
    }).pipe(Effect.provide(world))
  )

  it.effect("is reported as revoked, unlike one that never existed", () =>
    Effect.gen(function* () {
      yield* grant("empty", { featureId: "sso", period: "lifetime" })
      yield* remove(`${customers}/empty/promotional-entitlements/sso`)
      expect(yield* reason("empty", "featureId=sso")).toBe("Revoked")
      expect(yield* reason("empty", "featureId=seats")).toBe("NoFeatureEntitlementInSubscription")
      yield* grant("empty", { featureId: "sso", period: "lifetime" })
      expect(yield* reason("empty", "featureId=sso")).toBe(null)
    }).pipe(Effect.provide(world))
  )

  it.effect("is reported as revoked also if the customer has no plan and no other grant", () =>
    Effect.gen(function* () {
      yield* grant("nothing", { featureId: "sso", period: "lifetime" })
      yield* remove(`${customers}/nothing/promotional-entitlements/sso`)
      expect(yield* reason("nothing", "featureId=sso")).toBe("Revoked")
      expect(yield* reason("nothing", "featureId=seats")).toBe("NoActiveSubscription")
      expect(yield* reason("nothing", "featureId=sso&resourceId=site-4")).toBe("CustomerResourceNotFound")
    }).pipe(Effect.provide(world))
  )
})

describe("the state", () => {
  const state = (customer: string, query = "") =>
    Effect.map(get(`${customers}/${customer}/entitlements${query}`), ({ data, status }) => {
      expect(status).toBe(200)
      return {
        reason: data["accessDeniedReason"],
        of: list(data["entitlements"]).map((entitlement) => {
          const { currency, feature } = json(entitlement)
          return json(feature)["id"] ?? json(currency)["currencyId"]
        })
      }
    })

  it.effect.each([
    ["pro", "", null, ["sso", "seats", "calls", "region", "credits"]],
    ["empty", "", null, []],
    ["nothing", "", "NoActiveSubscription", []],
    ["archived", "", "CustomerIsArchived", []],
    ["sites", "", "NoActiveSubscription", []],
    ["sites", "?resourceId=site-2", null, ["seats"]],
    // The contract does not list CustomerResourceNotFound for a state.
    ["sites", "?resourceId=nowhere", "NoActiveSubscription", []]
  ] as const)("of %s%s has the reason %s", ([customer, query, reason, of]) =>
    Effect.gen(function* () {
      expect(yield* state(customer, query)).toEqual({ reason, of })
    }).pipe(Effect.provide(world))
  )
})
