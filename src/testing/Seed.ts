import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Schemas from "../Schemas.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const Id = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" })
)

/** A moment: an RFC 3339 string, or a `DateTime.Utc`. */
const Moment: Schema.Schema<DateTime.Utc, string | DateTime.Utc> = Schema.Union(
  Schemas.Timestamp,
  Schema.DateTimeUtcFromSelf
)

const optionalNull = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalWith(Schema.NullOr(schema), { default: () => null })

const optionalList = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalWith(Schema.Array(schema), { default: () => [] })

const flag = Schema.optionalWith(Schema.Boolean, { default: () => false })

const Feature = Schema.Struct({
  id: Id,
  displayName: Schema.optional(Schema.String),
  type: Schema.Literal("BOOLEAN", "NUMBER", "ENUM"),
  status: Schema.optionalWith(Schema.Literal("NEW", "SUSPENDED", "ACTIVE"), { default: () => "ACTIVE" as const })
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

const PlanFeature = Schema.Struct({
  featureId: Id,
  usageLimit: optionalNull(Schema.NonNegative),
  hasUnlimitedUsage: flag,
  hasSoftLimit: flag,
  resetPeriod: optionalNull(Schema.Literal(...resetPeriods)),
  resetAccordingTo: optionalNull(Schema.String),
  values: optionalList(Schema.String)
})

const PlanCredits = Schema.Struct({ currencyId: Id, amount: Schema.NonNegative })

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
  endDate: optionalNull(Moment)
})

const Usage = Schema.Struct({
  of: Id,
  used: Schema.NonNegative,
  resourceId: optionalNull(Id),
  at: Schema.optional(Moment)
})

const Credits = Schema.Struct({
  currencyId: Id,
  amount: Schema.NonNegative,
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
  metadata: Schema.optionalWith(Schemas.Dictionary, { default: () => ({}) }),
  passthrough: optionalNull(Schemas.PassthroughParams),
  defaultPaymentMethod: optionalNull(Schemas.PaymentMethod),
  createdAt: Schema.optional(Moment),
  updatedAt: Schema.optional(Moment),
  archivedAt: optionalNull(Moment),
  /** A plan of the whole customer: the short form of a subscription. */
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

const Shape = Schema.Struct({
  features: optionalList(Feature),
  currencies: optionalList(Currency),
  plans: optionalList(Plan),
  customers: optionalList(Customer)
}).annotations({ identifier: "Seed", ...strict })

/**
 * The schema of {@link Seed}: what is named must exist, and no id may come twice.
 *
 * @category models
 * @since 0.1.0
 */
export const Seed = Shape.pipe(Schema.filter((seed) => Array.from(faultsOf(seed))))

/**
 * A world, complete: every default filled in.
 *
 * @category models
 * @since 0.1.0
 */
export type Seed = typeof Seed.Type

/**
 * A world as it is written down: JSON, of which only what matters need be there. A moment left out is the moment at
 * which the emulator starts.
 *
 * @example
 * import type { Seed } from "effect-stigg/testing"
 *
 * const seed: Seed.Input = {
 *   features: [{ id: "feature-seats", type: "NUMBER" }],
 *   plans: [{ id: "plan-pro", features: [{ featureId: "feature-seats", usageLimit: 10 }] }],
 *   customers: [{ id: "customer-acme", plan: "plan-pro", usage: [{ of: "feature-seats", used: 9 }] }]
 * }
 * console.log(seed.customers?.length) // 1
 *
 * @category models
 * @since 0.1.0
 */
export type Input = typeof Seed.Encoded

/**
 * A seed that breaks a rule; the message names the path in it.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidSeed extends Data.TaggedError("InvalidSeed")<{
  /** Such as `customers.3.plan`. */
  readonly path: string
  readonly message: string
}> {}

const decodeShape = Schema.decodeUnknown(Seed)

/** Reads a seed. */
export const decode = (input: unknown): Effect.Effect<Seed, InvalidSeed> =>
  Effect.mapError(decodeShape(input), (error) => {
    const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
    const path = issue?.path.join(".") ?? ""
    return new InvalidSeed({ path, message: `${path}: ${issue?.message ?? error.message}` })
  })

function* faultsOf(seed: typeof Shape.Type): Iterable<Schema.FilterIssue> {
  for (const list of ["features", "currencies", "plans", "customers"] as const) {
    yield* twice([list], seed[list])
  }
  const features = new Set(seed.features.map(({ id }) => id))
  const currencies = new Set(seed.currencies.map(({ id }) => id))
  const plans = new Set(seed.plans.map(({ id }) => id))
  const unknown = function* (what: string, known: ReadonlySet<string>, id: string, path: ReadonlyArray<PropertyKey>) {
    if (!known.has(id)) yield { path, message: `there is no ${what} ${id}` }
  }
  for (const [i, plan] of seed.plans.entries()) {
    for (const [j, { featureId }] of plan.features.entries()) {
      yield* unknown("feature", features, featureId, ["plans", i, "features", j, "featureId"])
    }
    for (const [j, { currencyId }] of plan.credits.entries()) {
      yield* unknown("currency", currencies, currencyId, ["plans", i, "credits", j, "currencyId"])
    }
  }
  const countable = new Set([...features, ...currencies])
  for (const [i, customer] of seed.customers.entries()) {
    const at = (...path: ReadonlyArray<PropertyKey>) => ["customers", i, ...path]
    if (customer.plan !== undefined) yield* unknown("plan", plans, customer.plan, at("plan"))
    for (const [j, { planId }] of customer.subscriptions.entries()) {
      yield* unknown("plan", plans, planId, at("subscriptions", j, "planId"))
    }
    for (const [j, { of }] of customer.usage.entries()) {
      yield* unknown("feature or currency", countable, of, at("usage", j, "of"))
    }
    for (const [j, { currencyId }] of customer.credits.entries()) {
      yield* unknown("currency", currencies, currencyId, at("credits", j, "currencyId"))
    }
    for (const [j, { grant }] of customer.grants.entries()) {
      if (features.size > 0) yield* unknown("feature", features, grant.featureId, at("grants", j, "grant", "featureId"))
    }
    yield* twice(at("integrations"), customer.integrations)
    yield* twice(at("resources"), customer.resources)
  }
}

function* twice(
  path: ReadonlyArray<PropertyKey>,
  entries: ReadonlyArray<{ readonly id: string }>
): Iterable<Schema.FilterIssue> {
  const seen = new Set<string>()
  for (const [i, { id }] of entries.entries()) {
    if (seen.has(id)) yield { path: [...path, i, "id"], message: `the id ${id} is there twice` }
    seen.add(id)
  }
}
