import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Spelling from "../internal/webhooks/Spelling.js"

/** A field that is null if it is missing or of another shape: a reader requires none but the customer. */
const open = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalWith(Schema.NullOr(schema).annotations({ decodingFallback: () => Effect.succeed(null) }), {
    default: () => null
  })

const text = open(Schema.String)
const flag = open(Schema.Boolean)
const number = open(Schema.Finite)
const moment = open(Schema.DateTimeUtc)
const record = open(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
const list = open(Schema.Array(Schema.Unknown))

/**
 * The schema of a {@link WebhookCustomer}.
 *
 * @example
 * import { Schema } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * console.log(Schema.decodeUnknownSync(Webhooks.WebhookCustomer)({ id: "customer-acme" }).name) // null
 *
 * @category models
 * @since 0.1.0
 */
export const WebhookCustomer = Schema.Struct({
  /** The customer's id, as the API takes it. */
  id: Schema.NonEmptyString,
  /** Stigg's own UUID. */
  entityId: text,
  name: text,
  email: text,
  billingId: text,
  crmId: text,
  metadata: record,
  excludeFromExperiment: flag,
  experimentInfo: record,
  billingCurrency: text
})

/**
 * A customer within an event. All fields but `id` are null if the event does not have them.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const label = ({ id, name }: Webhooks.WebhookCustomer): string => name ?? id
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookCustomer = typeof WebhookCustomer.Type

/**
 * The schema of a {@link WebhookResource}.
 *
 * @example
 * import { Schema } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * console.log(Schema.decodeUnknownSync(Webhooks.WebhookResource)({ id: "resource-site" }).entityId) // null
 *
 * @category models
 * @since 0.1.0
 */
export const WebhookResource = Schema.Struct({ id: Schema.NonEmptyString, entityId: text })

/**
 * A resource of a customer within an event.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const idOf = (resource: Webhooks.WebhookResource | null): string | null => resource?.id ?? null
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookResource = typeof WebhookResource.Type

/**
 * The schema of a {@link WebhookFeature}.
 *
 * @example
 * import { Schema } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * console.log(Schema.decodeUnknownSync(Webhooks.WebhookFeature)({ id: "feature-sso" }).id) // feature-sso
 *
 * @category models
 * @since 0.1.0
 */
export const WebhookFeature = Schema.Struct({
  id: text,
  entityId: text,
  name: text,
  description: text,
  featureType: text,
  meterType: text,
  unit: text,
  units: text,
  status: text,
  enumConfiguration: list
})

/**
 * A feature within an event. Its enums are texts, because other values will come.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const isNumeric = ({ featureType }: Webhooks.WebhookFeature): boolean => featureType === "NUMBER"
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookFeature = typeof WebhookFeature.Type

const usage = {
  usageLimit: number,
  hasUnlimitedUsage: flag,
  hasSoftLimit: flag,
  currentUsage: number,
  usagePeriodAnchor: moment,
  usagePeriodStart: moment,
  usagePeriodEnd: moment,
  resetPeriod: text,
  resetPeriodConfiguration: record
}

/**
 * The schema of a {@link WebhookEntitlement}.
 *
 * @example
 * import { Schema } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const read = Schema.decodeUnknownSync(Webhooks.WebhookEntitlement)
 * console.log(read({ usageLimit: 10, currentUsage: 9 }).usageLimit) // 10
 *
 * @category models
 * @since 0.1.0
 */
export const WebhookEntitlement = Schema.Struct({
  feature: open(WebhookFeature),
  ...usage,
  enumValues: list,
  creditBalance: record
})

/**
 * An entitlement within `EntitlementsUpdated`. It has no `validUntil` and no reason for a denial: it tells that a state
 * is out of date, and its numbers, and does not replace the state.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const isUsedUp = ({ currentUsage, usageLimit }: Webhooks.WebhookEntitlement): boolean =>
 *   currentUsage !== null && usageLimit !== null && currentUsage >= usageLimit
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookEntitlement = typeof WebhookEntitlement.Type

/** What each event has. */
const common = {
  /** The spelling in which the type came. */
  type: Schema.String,
  /** The same for each copy of a message. */
  messageId: text,
  traceId: text,
  /** The event that caused the message. */
  eventId: text,
  environmentId: text,
  /** When it happened. */
  timestamp: moment,
  actor: open(Schema.Struct({ type: text })),
  /** What caused it, such as `subscription_updated`. */
  trigger: text,
  /** All that was sent, as it was sent. */
  fields: Schema.Record({ key: Schema.String, value: Schema.Unknown })
}

const ofCustomer = { ...common, customer: WebhookCustomer, resource: open(WebhookResource) }

const promotion = {
  ...ofCustomer,
  /** The id of the grant. */
  id: text,
  status: text,
  feature: open(WebhookFeature),
  usageLimit: number,
  hasUnlimitedUsage: flag,
  resetPeriod: text,
  resetPeriodConfiguration: record,
  isVisible: flag,
  period: text,
  startDate: moment,
  endDate: moment
}

/** The names of the amounts are uncertain, so they are read where they are there. */
const credits = {
  ...common,
  customerId: Schema.NonEmptyString,
  /** Null if the event has the id alone. */
  customer: open(WebhookCustomer),
  resource: open(WebhookResource),
  currency: record,
  totalGranted: number,
  currentBalance: number
}

const subscription = { ...ofCustomer, subscription: record, plan: record }

const shapes = {
  customer: { ...common, customer: WebhookCustomer },
  entitlements: {
    ...ofCustomer,
    /** All that are in force. */
    entitlements: open(Schema.Array(WebhookEntitlement)),
    /** When they were computed: of two for one customer and resource, the later counts, whichever came first. */
    entitlementsUpdatedAt: moment
  },
  usageExceeded: {
    ...ofCustomer,
    ...usage,
    feature: open(WebhookFeature),
    /** The threshold that was crossed, in percent. */
    threshold: number,
    usagePercentage: number,
    subscriptions: list
  },
  entitlement: { ...ofCustomer, feature: open(WebhookFeature) },
  promotion,
  credits,
  subscription,
  anyone: { ...common, customer: open(WebhookCustomer) },
  catalogue: {
    ...common,
    /** `plan`, `addon`, `feature`, `coupon` or `product`. */
    entity: Schema.String,
    id: text
  }
} as const

const known = [
  Schema.TaggedStruct("CustomerCreated", shapes.customer),
  Schema.TaggedStruct("CustomerUpdated", shapes.customer),
  Schema.TaggedStruct("CustomerDeleted", shapes.customer),
  Schema.TaggedStruct("CustomerPaymentFailed", shapes.customer),
  Schema.TaggedStruct("PaymentMethodAttached", shapes.customer),
  Schema.TaggedStruct("PaymentMethodDetached", shapes.customer),
  Schema.TaggedStruct("EntitlementsUpdated", shapes.entitlements),
  Schema.TaggedStruct("EntitlementUsageExceeded", shapes.usageExceeded),
  Schema.TaggedStruct("EntitlementGranted", shapes.entitlement),
  Schema.TaggedStruct("EntitlementDenied", shapes.entitlement),
  Schema.TaggedStruct("EntitlementRequested", shapes.entitlement),
  Schema.TaggedStruct("PromotionalEntitlementGranted", shapes.promotion),
  Schema.TaggedStruct("PromotionalEntitlementUpdated", shapes.promotion),
  Schema.TaggedStruct("PromotionalEntitlementRevoked", shapes.promotion),
  Schema.TaggedStruct("PromotionalEntitlementExpired", shapes.promotion),
  Schema.TaggedStruct("PromotionalEntitlementEndsSoon", shapes.promotion),
  Schema.TaggedStruct("CreditBalanceLow", shapes.credits),
  Schema.TaggedStruct("CreditBalanceDepleted", shapes.credits),
  Schema.TaggedStruct("CreditGrantCreated", shapes.credits),
  Schema.TaggedStruct("CreditGrantUpdated", shapes.credits),
  Schema.TaggedStruct("CreditGrantDepleted", shapes.credits),
  Schema.TaggedStruct("CreditGrantExpired", shapes.credits),
  Schema.TaggedStruct("CreditGrantBalanceLow", shapes.credits),
  Schema.TaggedStruct("AutomaticRechargeAttempted", shapes.credits),
  Schema.TaggedStruct("AutomaticRechargeLimitExceeded", shapes.credits),
  Schema.TaggedStruct("AutomaticRechargeConfigurationChanged", shapes.credits),
  Schema.TaggedStruct("SubscriptionCreated", shapes.subscription),
  Schema.TaggedStruct("SubscriptionUpdated", shapes.subscription),
  Schema.TaggedStruct("SubscriptionCanceled", shapes.subscription),
  Schema.TaggedStruct("SubscriptionCreationFailed", shapes.subscription),
  Schema.TaggedStruct("SubscriptionExpiredNonRecurring", shapes.subscription),
  Schema.TaggedStruct("SubscriptionSpendLimitExceeded", shapes.subscription),
  Schema.TaggedStruct("BillingMonthEndsSoon", shapes.subscription),
  Schema.TaggedStruct("TrialStarted", shapes.subscription),
  Schema.TaggedStruct("TrialEndsSoon", shapes.subscription),
  Schema.TaggedStruct("TrialExpired", shapes.subscription),
  Schema.TaggedStruct("TrialConverted", shapes.subscription),
  Schema.TaggedStruct("CatalogueChanged", shapes.catalogue),
  Schema.TaggedStruct("ThirdPartySyncFailed", shapes.anyone),
  Schema.TaggedStruct("MeasurementReported", shapes.anyone)
] as const

/** An event of an unknown type, or one of a known type without the customer that it must have. */
const Unknown = Schema.TaggedStruct("Unknown", common)

const Events = Schema.Union(...known, Unknown)

/**
 * An event of a webhook, by its tag. `fields` has all that was sent, as it was sent. `Unknown` is for the types that this
 * version does not know, and for an event without the customer that it is about.
 *
 * @example
 * import { Match } from "effect"
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const customerOf = Match.type<Webhooks.Event>().pipe(
 *   Match.tag("EntitlementsUpdated", "CustomerDeleted", ({ customer }) => customer.id),
 *   Match.tag("CreditBalanceDepleted", ({ customerId }) => customerId),
 *   Match.orElse(() => null)
 * )
 *
 * @category models
 * @since 0.1.0
 */
export type Event = typeof Events.Type

/**
 * The tag of an {@link Event}.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const tag: Webhooks.EventTag = "EntitlementsUpdated"
 * console.log(tag)
 *
 * @category models
 * @since 0.1.0
 */
export type EventTag = Event["_tag"]

type KnownTag = Exclude<EventTag, "Unknown">

/** Every tag has its spellings: one that is forgotten does not compile. */
const spellings: Readonly<Record<Exclude<KnownTag, "CatalogueChanged">, ReadonlyArray<string>>> = {
  CustomerCreated: ["customer.created"],
  CustomerUpdated: ["customer.updated"],
  CustomerDeleted: ["customer.deleted"],
  CustomerPaymentFailed: ["customer.payment_failed"],
  PaymentMethodAttached: ["payment_method.attached"],
  PaymentMethodDetached: ["payment_method.detached"],
  EntitlementsUpdated: ["entitlements.updated"],
  EntitlementUsageExceeded: ["entitlement.usage_exceeded"],
  EntitlementGranted: ["entitlement.granted"],
  EntitlementDenied: ["entitlement.denied"],
  EntitlementRequested: ["entitlement.requested"],
  PromotionalEntitlementGranted: ["promotionalEntitlement.granted"],
  PromotionalEntitlementUpdated: ["promotionalEntitlement.updated"],
  PromotionalEntitlementRevoked: ["promotionalEntitlement.revoked"],
  PromotionalEntitlementExpired: ["promotionalEntitlement.expired"],
  PromotionalEntitlementEndsSoon: ["promotionalEntitlement.ends_soon"],
  CreditBalanceLow: ["credit.balance.low", "credit.balance.usage_low"],
  CreditBalanceDepleted: ["credit.balance.depleted"],
  CreditGrantCreated: ["credit.grant.created", "credit.granted"],
  CreditGrantUpdated: ["credit.grant.updated"],
  CreditGrantDepleted: ["credit.grant.depleted"],
  CreditGrantExpired: ["credit.grant.expired", "credit.expired"],
  CreditGrantBalanceLow: ["credit.grant.balance_low", "credit.grant.usage_low"],
  AutomaticRechargeAttempted: ["automatic_recharge.operation.attempted"],
  AutomaticRechargeLimitExceeded: ["credit.automatic_recharge_limit_exceeded"],
  AutomaticRechargeConfigurationChanged: ["automatic_recharge.configuration.changed"],
  SubscriptionCreated: ["subscription.created"],
  SubscriptionUpdated: ["subscription.updated"],
  SubscriptionCanceled: ["subscription.canceled"],
  SubscriptionCreationFailed: ["subscription.creation_failed"],
  SubscriptionExpiredNonRecurring: ["subscription.expired_non_recurring"],
  SubscriptionSpendLimitExceeded: ["subscription.spend_limit_exceeded"],
  BillingMonthEndsSoon: ["billing.month_ends_soon", "subscription.billing_month.ends_soon"],
  TrialStarted: ["trial.started", "subscription.trial_started"],
  TrialEndsSoon: ["trial.ends_soon", "subscription.trial.ends_soon"],
  TrialExpired: ["trial.expired", "subscription.trial_expired"],
  TrialConverted: ["trial.converted", "subscription.trial_converted"],
  ThirdPartySyncFailed: ["third_party_sync_failed"],
  MeasurementReported: ["measurement.reported"]
}

const tagOf = Spelling.table(spellings)
const catalogueEntity = /^(plan|addon|feature|coupon|product)\./i

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  Predicate.isRecord(value) && !Array.isArray(value)

/** Both envelopes as one: the fields may be beside `type`, or under `data`. */
const flat = (input: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } => {
  const { createdAt, data, ...outer } = input
  if (!isRecord(data)) return input
  return { ...(createdAt === undefined ? {} : { timestamp: createdAt }), ...data, ...outer }
}

/** What the fields of an event decode from. */
const wire = (tag: EventTag, fields: { readonly [key: string]: unknown }) => {
  const customer = fields["customer"]
  switch (tag) {
    case "CustomerCreated":
    case "CustomerUpdated":
    case "CustomerDeleted":
      // These carry the customer beside the type.
      return { ...fields, customer: isRecord(customer) ? customer : fields }
    case "CatalogueChanged":
      return { ...fields, entity: catalogueEntity.exec(String(fields["type"]))?.[1]?.toLowerCase() }
    default:
      return isRecord(customer) && fields["customerId"] === undefined
        ? { ...fields, customerId: customer["id"] }
        : fields
  }
}

const decodeAny = Schema.decodeUnknownEither(Events)

const Typed = Schema.Struct({ type: Schema.NonEmptyString }, { key: Schema.String, value: Schema.Unknown })

const EventFromWire = Schema.transformOrFail(Typed, Schema.typeSchema(Events), {
  strict: true,
  decode: (sent, _, ast) => {
    const fields: { readonly [key: string]: unknown } = flat(sent)
    const tag = tagOf(sent.type) ?? (catalogueEntity.test(sent.type) ? "CatalogueChanged" : "Unknown")
    const found = decodeAny({ ...wire(tag, fields), type: sent.type, fields: sent, _tag: tag })
    const decoded = Either.isRight(found)
      ? found
      : decodeAny({ ...fields, type: sent.type, fields: sent, _tag: "Unknown" })
    return Either.mapLeft(decoded, ({ issue }) => new ParseResult.Composite(ast, sent, issue))
  },
  // What was sent is kept.
  encode: ({ fields, type }) => ParseResult.succeed({ ...fields, type })
})

/**
 * The schema of an {@link Event}, from the JSON that Stigg sends. Every documented spelling of a type has one tag, and both
 * envelopes are read: the fields beside `type`, or under `data`. Only `type` is required. A field that is missing or of
 * another shape is null.
 *
 * @example
 * import { Schema } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const event = Schema.decodeUnknownSync(Webhooks.Event)({
 *   type: "credits.balance.depleted",
 *   customerId: "customer-acme"
 * })
 * console.log(event._tag) // CreditBalanceDepleted
 *
 * @category models
 * @since 0.1.0
 */
export const Event: Schema.Schema<Event, { readonly type: string; readonly [key: string]: unknown }> = EventFromWire

/**
 * The tags of all events that this version knows, with the spellings of their types: without the catalogue, whose types
 * are `plan.…`, `addon.…`, `feature.…`, `coupon.…` and `product.…`. Case, `_` and `.` make no difference, and neither
 * does `credits` for `credit`.
 *
 * @example
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * console.log(Webhooks.eventTypes.EntitlementsUpdated) // [ "entitlements.updated" ]
 *
 * @category models
 * @since 0.1.0
 */
export const eventTypes = spellings

/**
 * Whose entitlements an event may have changed; null if it is about no customer.
 *
 * @example
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const log = (event: Webhooks.Event) => console.log(Webhooks.customerIdOf(event))
 *
 * @category accessors
 * @since 0.1.0
 */
export const customerIdOf = (event: Event): string | null => {
  if ("customerId" in event) return event.customerId
  return "customer" in event ? (event.customer?.id ?? null) : null
}

/**
 * How old an event is, in milliseconds; null if it does not say when it happened.
 *
 * @param now in milliseconds since 1970
 *
 * @example
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const isLate = (event: Webhooks.Event) => (Webhooks.ageOf(event, Date.now()) ?? 0) > 60_000
 *
 * @category accessors
 * @since 0.1.0
 */
export const ageOf = ({ timestamp }: Event, now: number): number | null =>
  timestamp === null ? null : Math.max(0, now - DateTime.toEpochMillis(timestamp))
