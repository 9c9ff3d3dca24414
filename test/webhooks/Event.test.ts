import { describe, expect, it } from "@effect/vitest"
import * as Webhooks from "effect-stigg/Webhooks"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import * as Match from "effect/Match"
import * as Schema from "effect/Schema"

const decode = Schema.decodeUnknownSync(Webhooks.Event)

/** Each type of the vendor's documents, in each spelling that occurs there, and its tag. */
const documented: ReadonlyArray<readonly [type: string, tag: Webhooks.EventTag]> = [
  ["customer.created", "CustomerCreated"],
  ["customer.updated", "CustomerUpdated"],
  ["customer.deleted", "CustomerDeleted"],
  ["customer.payment_failed", "CustomerPaymentFailed"],
  ["payment_method.attached", "PaymentMethodAttached"],
  ["payment_method.detached", "PaymentMethodDetached"],
  ["entitlements.updated", "EntitlementsUpdated"],
  ["entitlement.usage_exceeded", "EntitlementUsageExceeded"],
  ["entitlement_usage_exceeded", "EntitlementUsageExceeded"],
  ["entitlement.granted", "EntitlementGranted"],
  ["entitlement.denied", "EntitlementDenied"],
  ["entitlement.requested", "EntitlementRequested"],
  ...(["promotionalEntitlement", "promotional_entitlement"] as const).flatMap((prefix) =>
    (
      [
        ["granted", "PromotionalEntitlementGranted"],
        ["updated", "PromotionalEntitlementUpdated"],
        ["revoked", "PromotionalEntitlementRevoked"],
        ["expired", "PromotionalEntitlementExpired"],
        ["ends_soon", "PromotionalEntitlementEndsSoon"]
      ] as const
    ).map(([suffix, tag]) => [`${prefix}.${suffix}`, tag] as const)
  ),
  ...(["credit_balance", "credit.balance", "credits.balance"] as const).flatMap((prefix) =>
    (
      [
        ["low", "CreditBalanceLow"],
        ["usage_low", "CreditBalanceLow"],
        ["depleted", "CreditBalanceDepleted"]
      ] as const
    ).map(([suffix, tag]) => [`${prefix}.${suffix}`, tag] as const)
  ),
  ["credit.grant.created", "CreditGrantCreated"],
  ["credits.granted", "CreditGrantCreated"],
  ["credit.grant.updated", "CreditGrantUpdated"],
  ["credit.grant.depleted", "CreditGrantDepleted"],
  ["credit.grant.expired", "CreditGrantExpired"],
  ["credits.expired", "CreditGrantExpired"],
  ["credit.grant.balance_low", "CreditGrantBalanceLow"],
  ["credit.grant.usage_low", "CreditGrantBalanceLow"],
  ["automatic_recharge.operation.attempted", "AutomaticRechargeAttempted"],
  ["credits.automatic_recharge_limit_exceeded", "AutomaticRechargeLimitExceeded"],
  ["automatic_recharge.configuration.changed", "AutomaticRechargeConfigurationChanged"],
  ["subscription.created", "SubscriptionCreated"],
  ["subscription.updated", "SubscriptionUpdated"],
  ["subscription.canceled", "SubscriptionCanceled"],
  ["subscription.creation_failed", "SubscriptionCreationFailed"],
  ["subscription.expired_non_recurring", "SubscriptionExpiredNonRecurring"],
  ["subscription.spend_limit_exceeded", "SubscriptionSpendLimitExceeded"],
  ["billing.month_ends_soon", "BillingMonthEndsSoon"],
  ["trial.started", "TrialStarted"],
  ["trial.ends_soon", "TrialEndsSoon"],
  ["trial.expired", "TrialExpired"],
  ["trial.converted", "TrialConverted"],
  // The reference pages begin these with `subscription`. That of `trial.started` is inferred from the others.
  ["subscription.billing_month.ends_soon", "BillingMonthEndsSoon"],
  ["subscription.trial_started", "TrialStarted"],
  ["subscription.trial.ends_soon", "TrialEndsSoon"],
  ["subscription.trial_expired", "TrialExpired"],
  ["subscription.trial_converted", "TrialConverted"],
  ["plan.created", "CatalogueChanged"],
  ["addon.updated", "CatalogueChanged"],
  ["feature.archived", "CatalogueChanged"],
  ["coupon.created", "CatalogueChanged"],
  ["product.updated", "CatalogueChanged"],
  ["third_party_sync_failed", "ThirdPartySyncFailed"],
  ["measurement.reported", "MeasurementReported"]
]

const customer = {
  ...{ entityId: "0b1f6c1e-0000-4000-8000-000000000009", id: "customer-acme", name: "Acme", email: "billing@acme.com" },
  ...{ billingId: null, crmId: null, metadata: { tier: "gold" }, excludeFromExperiment: null, experimentInfo: null },
  billingCurrency: null
}

/** The fields of an event, as most types carry them. */
const fieldsOf = (type: string) =>
  /^customer\.(created|updated|deleted)$/.test(type) ? customer : { customer, resource: null }

describe("an event", () => {
  it.each(documented)("of type %s is a %s, in both envelopes", (type, tag) => {
    const outer = { type, messageId: "message-1", traceId: "trace-1" }
    const flat = { ...outer, timestamp: "2026-11-13T21:41:56.923Z", ...fieldsOf(type) }
    const nested = { ...outer, createdAt: "2026-11-13T21:41:56.923Z", data: fieldsOf(type) }
    for (const sent of [flat, nested]) {
      const event = decode(sent)
      expect(event).toMatchObject({ _tag: tag, type, messageId: "message-1", traceId: "trace-1", fields: sent })
      expect(event.timestamp?.epochMillis).toBe(Date.parse("2026-11-13T21:41:56.923Z"))
      if (tag !== "CatalogueChanged") expect(Webhooks.customerIdOf(event)).toBe("customer-acme")
    }
  })

  it("covers every tag", () => {
    const tags = new Set(documented.map(([, tag]) => tag))
    expect(Object.keys(Webhooks.eventTypes).filter((tag) => !tags.has(tag as Webhooks.EventTag))).toEqual([])
  })

  it("of each tag has spellings of its own", () => {
    for (const [tag, types] of Object.entries(Webhooks.eventTypes)) {
      for (const type of types) expect(decode({ type, ...fieldsOf(type) })._tag).toBe(tag)
    }
  })

  it("with the entitlements has their numbers", () => {
    const event = decode({
      ...{ type: "entitlements.updated", messageId: "0b1f6c1e-0000-4000-8000-000000000001" },
      customer: { id: "customer-acme", name: "Acme", email: "billing@acme.com", billingId: null },
      resource: { id: "site", entityId: "0b1f6c1e-0000-4000-8000-000000000004" },
      entitlements: [
        {
          feature: { id: "feature-seats", name: "Seats", featureType: "NUMBER", meterType: "FLUCTUATING" },
          ...{ usageLimit: 10, hasUnlimitedUsage: false, hasSoftLimit: false, currentUsage: 9, resetPeriod: null }
        }
      ],
      entitlementsUpdatedAt: "2026-11-13T21:41:56.500Z"
    })
    if (event._tag !== "EntitlementsUpdated") throw new Error(event._tag)
    expect(event.resource?.id).toBe("site")
    expect(event.entitlements?.[0]).toMatchObject({ usageLimit: 10, currentUsage: 9, usagePeriodEnd: null })
    expect(event.entitlements?.[0]?.feature?.id).toBe("feature-seats")
    expect(event.entitlementsUpdatedAt?.epochMillis).toBe(Date.parse("2026-11-13T21:41:56.500Z"))
  })

  it("about credits may have the customer's id alone", () => {
    const event = decode({ type: "credits.balance.depleted", customerId: "customer-acme", currentBalance: 0 })
    expect(event).toMatchObject({ _tag: "CreditBalanceDepleted", customerId: "customer-acme", customer: null })
  })

  it("of an unknown type, or without its customer, is Unknown and keeps what was sent", () => {
    for (const sent of [
      { type: "quota.paused", customer, level: 3 },
      { type: "entitlements.updated", entitlements: [] },
      { type: "customer.created", id: "" }
    ]) {
      expect(decode(sent)).toMatchObject({ _tag: "Unknown", type: sent.type, fields: sent })
    }
  })

  it("has null for a field of another shape, and passes fields and values that are new", () => {
    const event = decode({
      ...{ type: "promotionalEntitlement.granted", customer: { id: "customer-acme", email: 5, metadata: "x" } },
      ...{ usageLimit: "many", status: "Napping", endDate: "soon", feature: [], newField: { deep: [1] } }
    })
    expect(event).toMatchObject({
      _tag: "PromotionalEntitlementGranted",
      usageLimit: null,
      endDate: null,
      feature: null
    })
    expect(event).toMatchObject({ status: "Napping", customer: { id: "customer-acme", email: null, metadata: null } })
    expect(event.fields["newField"]).toEqual({ deep: [1] })
  })

  it("is whatever JSON with a type, and anything else is an error, never a defect", () => {
    // A field `__proto__` is left out.
    const fields = fc.dictionary(
      fc.string().filter((name) => name !== "__proto__"),
      fc.jsonValue()
    )
    const types = fc.oneof(fc.constantFrom(...documented.map(([type]) => type)), fc.string({ minLength: 1 }))
    fc.assert(
      fc.property(types, fields, fc.jsonValue(), (type, fields, data) => {
        for (const sent of [
          { ...fields, type },
          { data, ...fields, type },
          { customer: data, ...fields, type }
        ]) {
          expect(decode(sent).fields).toEqual(sent)
        }
      }),
      { numRuns: 500 }
    )
    fc.assert(
      fc.property(fc.jsonValue(), (sent) => {
        const hasType =
          typeof sent === "object" &&
          sent !== null &&
          "type" in sent &&
          typeof sent.type === "string" &&
          sent.type !== ""
        expect(Either.isRight(Schema.decodeUnknownEither(Webhooks.Event)(sent))).toBe(hasType && !Array.isArray(sent))
      })
    )
  })

  it("is matched by its tag", () => {
    const name = Match.type<Webhooks.Event>().pipe(
      Match.tag("CustomerCreated", ({ customer }) => customer.name),
      Match.tag("Unknown", ({ type }) => type),
      Match.orElse(() => null)
    )
    expect([name(decode({ type: "customer.created", ...customer })), name(decode({ type: "new.one" }))]).toEqual([
      "Acme",
      "new.one"
    ])
  })
})
