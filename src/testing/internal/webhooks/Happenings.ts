import * as EntitlementEvaluation from "../world/EntitlementEvaluation.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { CreditBalance, GrantEntry } from "../world/World.js"
import type { WebhookEvent } from "../../WebhookEvent.js"
import type { At, Event, Events } from "./Event.js"
import * as Parts from "./Parts.js"

const event = (type: WebhookEvent, customer: CustomerEntry, fields: Event["fields"]): Event => ({
  type,
  customer,
  fields
})

/** An event whose fields are those of the customer itself. */
export const customer =
  (type: "customer.created" | "customer.updated" | "customer.deleted", entry: CustomerEntry): Events =>
  ({ world }) => [event(type, entry, () => Parts.customer(world, entry))]

export const paymentMethod =
  (type: "payment_method.attached" | "payment_method.detached", entry: CustomerEntry): Events =>
  ({ world }) => [
    event(type, entry, () => ({
      customer: Parts.customer(world, entry),
      paymentMethodId: entry.customer.defaultPaymentMethod?.billingId ?? null
    }))
  ]

export const paymentFailed =
  (entry: CustomerEntry, reason: string, invoiceId: string | null): Events =>
  (at) => {
    const position = entry.subscriptions.findLastIndex(
      ({ endDate, startDate }) => startDate <= at.now && (endDate === null || at.now < endDate)
    )
    return [
      event("customer.payment_failed", entry, () => ({
        customer: Parts.customer(at.world, entry),
        subscription: position === -1 ? null : Parts.subscription(at, entry, position),
        invoiceId,
        error: { code: "PaymentFailed", message: reason }
      }))
    ]
  }

/**
 * The new entitlements of a resource, with all that is in force. A change to the whole customer (`resourceId` null) also
 * changes those of each resource, in an event of its own.
 */
export const entitlements =
  (entry: CustomerEntry, trigger: string, resourceId: string | null = null): Events =>
  (at) => {
    const scopes = resourceId === null ? [null, ...Parts.resourceIds(entry)] : [resourceId]
    return scopes.map((scope) =>
      event("entitlements.updated", entry, () => ({
        trigger,
        customer: Parts.customer(at.world, entry),
        resource: Parts.resource(at.world, entry, scope),
        entitlements: EntitlementEvaluation.inForce(at.world, entry, scope, at.now).map((one) => ({
          feature: Parts.feature(at.world, one.feature),
          ...usage(one),
          enumValues: one.feature.type === "ENUM" ? one.allows.values : null,
          // The catalogue charges no feature in credits.
          creditBalance: null
        })),
        entitlementsUpdatedAt: Parts.moment(at.now)
      }))
    )
  }

/** The fields about usage that several events have. */
const usage = ({ allows, entitlement }: EntitlementEvaluation.InForce) => ({
  usageLimit: entitlement.usageLimit,
  hasUnlimitedUsage: entitlement.hasUnlimitedUsage ?? false,
  hasSoftLimit: allows.hasSoftLimit,
  currentUsage: entitlement.currentUsage ?? 0,
  usagePeriodAnchor: Parts.moment(entitlement.usagePeriodAnchor?.epochMillis),
  usagePeriodStart: Parts.moment(entitlement.usagePeriodStart?.epochMillis),
  usagePeriodEnd: Parts.moment(entitlement.usagePeriodEnd?.epochMillis),
  resetPeriod: entitlement.resetPeriod,
  resetPeriodConfiguration: allows.resetAccordingTo === null ? null : { accordingTo: allows.resetAccordingTo }
})

/** The threshold of `entitlement.usage_exceeded`, in percent of the limit. */
const threshold = 100

/** A report of usage of a feature or of credits. */
export interface Report {
  readonly of: string
  readonly resourceId: string | null
  /** How much the report added. */
  readonly change: number
  /** The usage that counted before. */
  readonly before: number
}

/** A usage report: the measurement, and that it crossed the limit, if it did. */
export const measurement =
  (entry: CustomerEntry, { before, change, of, resourceId }: Report): Events =>
  (at) => {
    const one = EntitlementEvaluation.inForce(at.world, entry, resourceId, at.now).find(
      ({ feature }) => feature.id === of
    )
    if (one === undefined) return []
    const { currentUsage, usageLimit, ...rest } = usage(one)
    const percentOf = (used: number) =>
      usageLimit === null ? null : usageLimit === 0 ? (used > 0 ? threshold : 0) : (used / usageLimit) * 100
    const percentage = percentOf(currentUsage)
    const percentageBefore = percentOf(before)
    const fields = {
      currentUsage,
      usageLimit,
      ...rest,
      usageUsedPercentage: percentage === null ? null : Math.round(percentage),
      feature: Parts.feature(at.world, one.feature),
      customer: Parts.customer(at.world, entry),
      resource: Parts.resource(at.world, entry, resourceId),
      activeSubscriptions: Parts.activeSubscriptions(at, entry, resourceId)
    }
    const reported = event("measurement.reported", entry, () => ({ currentChange: change, ...fields }))
    if (percentage === null || percentageBefore === null) return [reported]
    if (percentageBefore >= threshold || percentage < threshold) return [reported]
    return [
      reported,
      event("entitlement.usage_exceeded", entry, () => ({
        thresholdPercentage: threshold,
        ...fields,
        // The documents have two names for each of these.
        usagePercentage: fields.usageUsedPercentage,
        subscriptions: fields.activeSubscriptions
      }))
    ]
  }

const grantFields = ({ world }: At, entry: CustomerEntry, { allowance, grant }: GrantEntry, status: string) => {
  const feature = world.features.get(allowance.featureId)
  return {
    id: grant.id,
    status,
    feature: feature === undefined ? null : Parts.feature(world, feature),
    customer: Parts.customer(world, entry),
    hasUnlimitedUsage: allowance.hasUnlimitedUsage,
    usageLimit: allowance.usageLimit,
    resetPeriod: allowance.resetPeriod,
    resetPeriodConfiguration: grant.resetPeriodConfiguration,
    isVisible: grant.isVisible,
    period: grant.period,
    endDate: Parts.moment(grant.endDate?.epochMillis)
  }
}

export const granted =
  (entry: CustomerEntry, grant: GrantEntry): Events =>
  (at) => [event("promotionalEntitlement.granted", entry, () => grantFields(at, entry, grant, grant.grant.status))]

export const revoked =
  (entry: CustomerEntry, grant: GrantEntry): Events =>
  (at) => [event("promotionalEntitlement.revoked", entry, () => grantFields(at, entry, grant, "Revoked"))]

export const endsSoon =
  (entry: CustomerEntry, grant: GrantEntry): Events =>
  (at) => [event("promotionalEntitlement.ends_soon", entry, () => grantFields(at, entry, grant, grant.grant.status))]

export const expired =
  (entry: CustomerEntry, grant: GrantEntry): Events =>
  (at) => {
    const { customer, endDate, feature, id, status } = grantFields(at, entry, grant, "Expired")
    return [event("promotionalEntitlement.expired", entry, () => ({ id, status, feature, customer, endDate }))]
  }

/** A subscription as the fields of its event. `position` is its index in the customer's list. */
export const subscription =
  (
    type: Extract<WebhookEvent, `subscription.${string}` | `trial.${string}`>,
    entry: CustomerEntry,
    position: number
  ): Events =>
  (at) => [
    event(type, entry, () => ({
      ...Parts.subscription(at, entry, position),
      customer: Parts.customer(at.world, entry)
    }))
  ]

export const creditGrant =
  (type: "credit.grant.created" | "credit.grant.expired", entry: CustomerEntry, position: number): Events =>
  ({ world }) => {
    const balance: CreditBalance | undefined = entry.credits[position]
    if (balance === undefined) return []
    const entityId = world.ids.uuid(`credits of ${entry.serial}`, position)
    return [
      event(type, entry, () => ({
        entityId,
        grantId: `grant-${entityId.slice(0, 8)}`,
        customerId: entry.id,
        customer: Parts.customer(world, entry),
        resource: Parts.resource(world, entry, balance.resourceId),
        currencyId: balance.currencyId,
        displayName: Parts.currency(world, balance.currencyId)["name"],
        amount: balance.amount,
        cost: { amount: 0, currency: entry.customer.billingCurrency ?? "usd" },
        effectiveAt: Parts.moment(balance.startDate),
        expireAt: Parts.moment(balance.endDate),
        grantType: "PROMO",
        priority: 0
      }))
    ]
  }

/** The thresholds of `credit_balance.low`, in percent of all granted credits that remain. */
const lowCredits: ReadonlyArray<number> = [20, 50, 80]

/** What a report of spent credits did to the balance: it is low, it ran out, or both. */
export const creditsSpent =
  (entry: CustomerEntry, { before, of, resourceId }: Report): Events =>
  ({ now, world }) => {
    const { currentUsage, usageLimit } = EntitlementEvaluation.checkCredits(world, entry, of, resourceId, {}, now)
    const remaining = (used: number) => Math.max(0, usageLimit - used)
    const isCrossed = (threshold: number) => {
      const limit = (usageLimit * threshold) / 100
      return remaining(before) > limit && remaining(currentUsage) <= limit
    }
    const balance = () => {
      const consumedPercentage = Math.round((currentUsage / usageLimit) * 100)
      const currency = Parts.currency(world, of)
      // The documents have two names for most of these.
      return {
        customer: Parts.customer(world, entry),
        resource: Parts.resource(world, entry, resourceId),
        currency,
        creditCurrency: currency,
        totalGranted: usageLimit,
        currentBalance: remaining(currentUsage),
        remainingBalance: remaining(currentUsage),
        remainingBalancePercentage: Math.max(0, 100 - consumedPercentage),
        usedPercentage: consumedPercentage,
        consumedPercentage
      }
    }
    const low = lowCredits.find(isCrossed)
    return [
      ...(low === undefined
        ? []
        : [event("credit_balance.low", entry, () => ({ ...balance(), thresholdPercentage: low }))]),
      ...(isCrossed(0) ? [event("credit_balance.depleted", entry, balance)] : [])
    ]
  }
