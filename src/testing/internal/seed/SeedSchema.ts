import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

export const Id = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" })
)

/** Keeps every moment within the range of `Date`, about 270,000 years. */
const maxSpan = Duration.days(100_000 * 365)

const Span = Schema.String.pipe(
  Schema.filter((text) => Option.exists(Duration.decodeUnknown(text), Duration.lessThanOrEqualTo(maxSpan)))
)

/** The schema of a point in time. */
export const Moment = Schema.Union(
  Schemas.Timestamp,
  // In JSON there are only strings.
  Schema.DateTimeUtcFromSelf.annotations({ jsonSchema: { type: "string", format: "date-time" } }),
  Schema.Struct({ ago: Span }),
  Schema.Struct({ in: Span })
).annotations({
  identifier: "Moment",
  message: () => ({
    message: 'Expected an RFC 3339 timestamp, or { "ago" } or { "in" } with a duration such as "14 days"',
    override: true
  })
})

// No defaults here: in a schema they cost several times as much as the rest of decoding, and seeds can be large.
const optionalNull = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))
const optionalList = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.Array(schema))
const flag = Schema.optional(Schema.Boolean)

/** Larger ones could add up to infinity, which JSON cannot express. */
export const maxAmount = Number.MAX_SAFE_INTEGER

const Amount = Schema.Finite.pipe(Schema.nonNegative(), Schema.lessThanOrEqualTo(maxAmount))

const Feature = Schema.Struct({
  id: Id,
  displayName: Schema.optional(Schema.String),
  type: Schema.Literal("BOOLEAN", "NUMBER", "ENUM"),
  status: Schema.optional(Schema.Literal("NEW", "SUSPENDED", "ACTIVE"))
})

const Currency = Schema.Struct({
  id: Id,
  displayName: Schema.optional(Schema.String),
  description: optionalNull(Schema.String),
  metadata: optionalNull(Schemas.Dictionary),
  unitSingular: optionalNull(Schema.String),
  unitPlural: optionalNull(Schema.String)
})

const resetPeriods = ["YEAR", "MONTH", "WEEK", "DAY", "HOUR"] as const

export const PlanFeature = Schema.Struct({
  featureId: Id,
  usageLimit: optionalNull(Amount),
  hasUnlimitedUsage: flag,
  hasSoftLimit: flag,
  resetPeriod: optionalNull(Schema.Literal(...resetPeriods)),
  resetAccordingTo: optionalNull(Schema.String),
  values: optionalList(Schema.String)
})

export const PlanCredits = Schema.Struct({ currencyId: Id, amount: Amount })

const Plan = Schema.Struct({
  id: Id,
  displayName: Schema.optional(Schema.String),
  features: optionalList(PlanFeature),
  credits: optionalList(PlanCredits)
})

const Subscription = Schema.Struct({
  planId: Id,
  resourceId: optionalNull(Id),
  startDate: Schema.optional(Moment),
  endDate: optionalNull(Moment),
  /** Whether it is a trial, which ends at `endDate`. */
  isTrial: flag
})

const Usage = Schema.Struct({
  of: Id,
  used: Amount,
  resourceId: optionalNull(Id),
  at: Schema.optional(Moment)
})

const Credits = Schema.Struct({
  currencyId: Id,
  amount: Amount,
  resourceId: optionalNull(Id),
  startDate: Schema.optional(Moment),
  endDate: optionalNull(Moment)
})

const Resource = Schema.Struct({ id: Id, createdAt: Schema.optional(Moment), updatedAt: Schema.optional(Moment) })

const Integration = Schema.Struct({
  id: Id,
  syncedEntityId: optionalNull(Schema.String),
  vendorIdentifier: Schemas.VendorIdentifier,
  syncData: optionalNull(Schemas.SyncData)
})

const Grant = Schema.Struct({
  grant: Schemas.GrantPromotionalEntitlement,
  startDate: Schema.optional(Moment),
  isPaused: flag
})

const Customer = Schema.Struct({
  id: Id,
  name: optionalNull(Schema.String),
  email: optionalNull(Schema.String),
  billingId: optionalNull(Schema.String),
  billingCurrency: optionalNull(Schemas.Currency),
  couponId: optionalNull(Schema.String),
  language: optionalNull(Schema.String),
  timezone: optionalNull(Schema.String),
  metadata: Schema.optional(Schemas.Dictionary),
  passthrough: optionalNull(Schemas.PassthroughParams),
  defaultPaymentMethod: optionalNull(Schemas.PaymentMethod),
  createdAt: Schema.optional(Moment),
  updatedAt: Schema.optional(Moment),
  archivedAt: optionalNull(Moment),
  /** Shorthand for a subscription of the whole customer to this plan. */
  plan: Schema.optional(Id),
  subscriptions: optionalList(Subscription),
  usage: optionalList(Usage),
  credits: optionalList(Credits),
  resources: optionalList(Resource),
  integrations: optionalList(Integration),
  grants: optionalList(Grant),
  contracts: optionalList(Schemas.Contract),
  invoices: optionalList(Schemas.Invoice)
})

/** The types of a seed. `Seed` adds the checks of references and duplicate ids. */
export const SeedSchema = Schema.Struct({
  features: optionalList(Feature),
  currencies: optionalList(Currency),
  plans: optionalList(Plan),
  customers: optionalList(Customer)
}).annotations({ identifier: "Seed", ...strict })
