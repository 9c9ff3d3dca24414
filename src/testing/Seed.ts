/**
 * What an emulator starts with: features, currencies, plans, and customers with all that hangs on them.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Schemas from "../Schemas.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const Id = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" })
)

/** So long that no moment is out of the range of dates, which is 270,000 years. */
const longest = Duration.days(100_000 * 365)

const Span = Schema.String.pipe(
  Schema.filter((text) => Option.exists(Duration.decodeUnknown(text), Duration.lessThanOrEqualTo(longest)))
)

/**
 * A moment: an RFC 3339 string, a `DateTime.Utc`, or so long before or after the emulator's start.
 *
 * @example
 * import type { Seed } from "effect-stigg/testing"
 *
 * const trial: Seed.Input = {
 *   plans: [{ id: "plan-pro" }],
 *   customers: [{ id: "customer-acme", subscriptions: [{ planId: "plan-pro", endDate: { in: "14 days" } }] }]
 * }
 * console.log(trial.plans?.length)
 *
 * @category models
 * @since 0.1.0
 */
export type Moment = typeof Moment.Type

const Moment = Schema.Union(
  Schemas.Timestamp,
  Schema.DateTimeUtcFromSelf,
  Schema.Struct({ ago: Span }),
  Schema.Struct({ in: Span })
).annotations({
  identifier: "Moment",
  message: () => ({
    message: 'Expected an RFC 3339 timestamp, or { "ago" } or { "in" } with a duration such as "14 days"',
    override: true
  })
})

// Nothing is filled in here: defaults in the schema cost several times the rest, and seeds are large.
const optionalNull = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))
const optionalList = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.Array(schema))
const flag = Schema.optional(Schema.Boolean)

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
  metadata: Schema.optional(Schemas.Dictionary),
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
 * @example
 * import { Schema } from "effect"
 * import { Seed } from "effect-stigg/testing"
 *
 * console.log(Schema.is(Schema.encodedSchema(Seed.Seed))({ customers: [{ id: "customer-acme" }] })) // true
 *
 * @category models
 * @since 0.1.0
 */
export const Seed = Shape.pipe(Schema.filter((seed) => Array.from(faultsOf(seed))))

/**
 * A world, as it is read: moments are moments, and what was left out is left out.
 *
 * @example
 * import { Effect } from "effect"
 * import { Seed } from "effect-stigg/testing"
 *
 * const seed: Effect.Effect<Seed.Seed, Seed.InvalidSeed> = Seed.decode({ customers: [{ id: "customer-acme" }] })
 * void Effect.runPromise(seed)
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

export { demo } from "./DemoSeed.js"
export { random } from "./RandomSeed.js"

/**
 * A seed that breaks a rule; the message names the path in it.
 *
 * @example
 * import { Effect } from "effect"
 * import { Seed } from "effect-stigg/testing"
 *
 * const seed = Seed.decode({ customers: [{}] }).pipe(
 *   Effect.catchTag("InvalidSeed", ({ path }) => Effect.log(path)) // customers.0.id
 * )
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

/**
 * Reads a seed, and fails with {@link InvalidSeed} at the first rule that it breaks.
 *
 * @example
 * import { Effect } from "effect"
 * import { Seed } from "effect-stigg/testing"
 *
 * const { customers = [] } = Effect.runSync(Seed.decode({ customers: [{ id: "customer-acme" }] }))
 * console.log(customers.length) // 1
 *
 * @category constructors
 * @since 0.1.0
 */
export const decode = (input: unknown): Effect.Effect<Seed, InvalidSeed> =>
  Effect.mapError(decodeShape(input), (error) => {
    const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
    const path = issue?.path.join(".") ?? ""
    return new InvalidSeed({ path, message: `${path}: ${issue?.message ?? error.message}` })
  })

/**
 * Tells whether something is a seed, such as the JSON of a file: it gives it back, typed, or fails with
 * {@link InvalidSeed}.
 *
 * @example
 * import { Effect, Layer } from "effect"
 * import { Seed, StiggTest } from "effect-stigg/testing"
 *
 * const layerOf = (json: string) =>
 *   Layer.unwrapEffect(Effect.map(Seed.validate(JSON.parse(json)), (seed) => StiggTest.layer({ seed })))
 *
 * @category constructors
 * @since 0.1.0
 */
export const validate = (input: unknown): Effect.Effect<Input, InvalidSeed> =>
  // What could be read is of the type that is read.
  Effect.map(decode(input), () => input as Input)

function* faultsOf(seed: typeof Shape.Type): Iterable<Schema.FilterIssue> {
  const { currencies = [], customers = [], features = [], plans = [] } = seed
  yield* twice(["features"], features)
  yield* twice(["currencies"], currencies)
  yield* twice(["plans"], plans)
  yield* twice(["customers"], customers)
  const known = {
    feature: new Set(features.map(({ id }) => id)),
    currency: new Set(currencies.map(({ id }) => id)),
    plan: new Set(plans.map(({ id }) => id))
  }
  const counted = new Set([...known.feature, ...known.currency])
  const missing = function* (what: string, among: ReadonlySet<string>, id: string, path: ReadonlyArray<PropertyKey>) {
    if (!among.has(id)) yield { path, message: `there is no ${what} ${id}` }
  }
  for (const [i, plan] of plans.entries()) {
    for (const [j, { featureId }] of (plan.features ?? []).entries()) {
      yield* missing("feature", known.feature, featureId, ["plans", i, "features", j, "featureId"])
    }
    for (const [j, { currencyId }] of (plan.credits ?? []).entries()) {
      yield* missing("currency", known.currency, currencyId, ["plans", i, "credits", j, "currencyId"])
    }
  }
  for (const [i, customer] of customers.entries()) {
    const at = (...path: ReadonlyArray<PropertyKey>) => ["customers", i, ...path]
    if (customer.plan !== undefined) yield* missing("plan", known.plan, customer.plan, at("plan"))
    for (const [j, { planId }] of (customer.subscriptions ?? []).entries()) {
      yield* missing("plan", known.plan, planId, at("subscriptions", j, "planId"))
    }
    for (const [j, { of }] of (customer.usage ?? []).entries()) {
      yield* missing("feature or currency", counted, of, at("usage", j, "of"))
    }
    for (const [j, { currencyId }] of (customer.credits ?? []).entries()) {
      yield* missing("currency", known.currency, currencyId, at("credits", j, "currencyId"))
    }
    for (const [j, { grant }] of (customer.grants ?? []).entries()) {
      const path = at("grants", j, "grant", "featureId")
      if (features.length > 0) yield* missing("feature", known.feature, grant.featureId, path)
    }
    yield* twice(at("integrations"), customer.integrations ?? [])
    yield* twice(at("resources"), customer.resources ?? [])
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
