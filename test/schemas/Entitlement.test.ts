import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { complaints, faults } from "./exported.js"

const decode = Schema.decodeUnknownSync(Schemas.Entitlement)
const decodeEither = Schema.decodeUnknownEither(Schemas.Entitlement)

const feature = {
  type: "FEATURE",
  isGranted: true,
  accessDeniedReason: null,
  feature: { id: "seats", displayName: "Seats", featureType: "NUMBER", featureStatus: "ACTIVE" },
  usageLimit: 10
}

const credit = {
  type: "CREDIT",
  isGranted: false,
  accessDeniedReason: "InsufficientCredits",
  currency: { currencyId: "tokens", displayName: "Tokens" },
  currentUsage: 120,
  usageLimit: 100,
  usageUpdatedAt: "2026-06-13T10:00:00.000Z"
}

const bundle = { type: "BUNDLE", isGranted: false, accessDeniedReason: "SomethingNew", features: [{ id: "seats" }] }

describe("Entitlement", () => {
  it("decodes a feature entitlement", () => {
    expect(decode(feature)).toMatchObject({ type: "FEATURE", usageLimit: 10, currentUsage: null, validUntil: null })
  })

  it("decodes a credit entitlement, also with a negative balance", () => {
    expect(decode(credit)).toMatchObject({
      type: "CREDIT",
      currentUsage: 120,
      usageLimit: 100,
      usageUpdatedAt: DateTime.unsafeMake("2026-06-13T10:00:00.000Z"),
      currency: { currencyId: "tokens", metadata: null }
    })
  })

  it("decodes an unknown type and keeps all of its fields", () => {
    expect(decode(bundle)).toStrictEqual({
      type: "BUNDLE",
      isGranted: false,
      accessDeniedReason: "SomethingNew",
      raw: bundle
    })
  })

  it("decodes an unknown type without a reason with null as the reason", () => {
    expect(decode({ type: "BUNDLE", isGranted: true })).toMatchObject({ accessDeniedReason: null })
  })

  it("encodes an unknown type as received", () => {
    expect(Schema.encodeSync(Schemas.Entitlement)(decode(bundle))).toBe(bundle)
  })

  it.each([
    ["no type", { isGranted: true }, "type"],
    ["a type that is not a string", { ...bundle, type: 1 }, "type"],
    ["an unknown type that does not say whether it is granted", { type: "BUNDLE" }, "isGranted"],
    ["an unknown type with a reason that is not a string", { ...bundle, accessDeniedReason: 1 }, "accessDeniedReason"],
    ["a feature with a wrong limit", { ...feature, usageLimit: "10" }, "usageLimit"],
    ["an incomplete feature", { ...feature, feature: { id: "seats" } }, "feature.displayName"],
    ["credits without a currency", { ...credit, currency: null }, "currency"]
  ])("rejects %s with the path to it", (_, json, path) => {
    expect(faults(decodeEither(json))).toEqual([path])
  })

  it("reports errors only against the shape of its type", () => {
    expect(complaints(decodeEither({ ...feature, usageLimit: "10" }))).toEqual([
      'usageLimit: Expected number, actual "10"'
    ])
  })

  it.each([null, "FEATURE", 1, []])("rejects %j", (json) => {
    expect(faults(decodeEither(json))).toEqual([""])
  })

  it("narrows by its type", () => {
    const limit = (entitlement: Schemas.Entitlement): unknown => {
      if (entitlement.type === "FEATURE") {
        expectTypeOf(entitlement).toEqualTypeOf<Schemas.FeatureEntitlement>()
        return entitlement.usageLimit
      }
      if (entitlement.type === "CREDIT") {
        expectTypeOf(entitlement).toEqualTypeOf<Schemas.CreditEntitlement>()
        return entitlement.usageLimit
      }
      expectTypeOf(entitlement).toEqualTypeOf<Schemas.UnknownEntitlement>()
      return entitlement.raw["features"]
    }
    expect([feature, credit, bundle].map((json) => limit(decode(json)))).toEqual([10, 100, bundle.features])
  })

  it("has the common fields before it is narrowed", () => {
    expectTypeOf<Schemas.Entitlement["isGranted"]>().toEqualTypeOf<boolean>()
    expectTypeOf<Schemas.Entitlement["accessDeniedReason"]>().toEqualTypeOf<Schemas.EntitlementDeniedReason | null>()
  })
})

describe("EntitlementsState", () => {
  it("decodes as the API documents it, with entitlements of a future type", () => {
    const state = Schema.decodeUnknownSync(Schemas.EntitlementsState)({
      accessDeniedReason: null,
      entitlements: [feature, bundle, credit]
    })
    expect(state.accessDeniedReason).toBeNull()
    expect(state.entitlements.map((entitlement) => entitlement.type)).toEqual(["FEATURE", "BUNDLE", "CREDIT"])
  })

  it("names the entitlement that is invalid", () => {
    const json = { accessDeniedReason: null, entitlements: [feature, { ...credit, currentUsage: null }] }
    expect(faults(Schema.decodeUnknownEither(Schemas.EntitlementsState)(json))).toEqual(["entitlements.1.currentUsage"])
  })
})

describe("Integration", () => {
  const read = (syncData: unknown) =>
    Schema.decodeUnknownSync(Schemas.Integration)({
      id: "stripe",
      syncedEntityId: "cus_1",
      vendorIdentifier: "STRIPE",
      syncData
    }).syncData

  it.each([
    { billingId: "cus_1", billingLinkUrl: "https://example.com", priceGroupPackageBillingId: "p" },
    { billingId: "cus_1", billingLinkUrl: "https://example.com" },
    { dimensions: "seats" }
  ])("decodes the sync data %j", (syncData) => {
    expect(read(syncData)).toStrictEqual(syncData)
  })

  it.each([{ accountUrl: "https://example.com", nested: { list: [1, null] } }, { billingId: "cus_1" }, {}])(
    "decodes sync data of an unknown shape, %j, as a record",
    (syncData) => {
      expect(read(syncData)).toBe(syncData)
    }
  )

  it("decodes null for missing sync data", () => {
    expect(read(null)).toBeNull()
    expect(read(undefined)).toBeNull()
  })
})

describe("PromotionalEntitlement", () => {
  it.each(["SubscriptionStart", "StartOfTheMonth", "EveryMonday", "EverySecondTuesday"])(
    "decodes a reset by %s into the one reset configuration",
    (accordingTo) => {
      const read = Schema.decodeUnknownSync(Schemas.ResetPeriodConfiguration)
      expect(read({ accordingTo, unknown: 1 })).toStrictEqual({ accordingTo })
    }
  )

  it("has one type for the three kinds of reset", () => {
    expectTypeOf<
      Schemas.PromotionalEntitlement["resetPeriodConfiguration"]
    >().toEqualTypeOf<Schemas.ResetPeriodConfiguration | null>()
    expectTypeOf<Schemas.YearlyReset>().toExtend<Schemas.ResetPeriodConfiguration>()
    expectTypeOf<Schemas.MonthlyReset>().toExtend<Schemas.ResetPeriodConfiguration>()
    expectTypeOf<Schemas.WeeklyReset>().toExtend<Schemas.ResetPeriodConfiguration>()
  })
})
