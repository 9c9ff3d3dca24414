import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"
import { Rule } from "../../Faults.js"

/** The version of the format. A change that an older reader cannot read increments it. */
export const version = 2

const strict = { parseOptions: { onExcessProperty: "error" } } as const
const Id = Schema.String
const Millis = Schema.Finite
const list = <A, I>(item: Schema.Schema<A, I>) => Schema.optional(Schema.Array(item))

const Feature = Schema.Struct({
  id: Id,
  displayName: Schema.String,
  type: Schema.Literal("BOOLEAN", "NUMBER", "ENUM"),
  status: Schema.Literal("NEW", "SUSPENDED", "ACTIVE")
})

const Allowance = Schema.Struct({
  featureId: Id,
  usageLimit: Schema.NullOr(Schema.Finite),
  hasUnlimitedUsage: Schema.Boolean,
  hasSoftLimit: Schema.Boolean,
  resetPeriod: Schema.NullOr(Schemas.ResetPeriod),
  resetAccordingTo: Schema.NullOr(Schema.String),
  values: Schema.Array(Schema.String)
})

const creditAllowance = { currencyId: Id, amount: Schema.Finite }
const period = { startDate: Millis, endDate: Schema.NullOr(Millis) }
const forResource = { resourceId: Schema.NullOr(Id) }

const Plan = Schema.Struct({
  id: Id,
  displayName: Schema.String,
  features: Schema.Array(Allowance),
  credits: Schema.Array(Schema.Struct(creditAllowance))
})

/** The first record: everything but customers and idempotency keys. A later one replaces it, and has its `idSeed`. */
export const World = Schema.Struct({
  type: Schema.Literal("world"),
  version: Schema.Literal(version).annotations({
    message: () => ({ message: `Expected the version ${version} of the format`, override: true })
  }),
  name: Schema.String,
  idSeed: Schema.Finite,
  time: Schema.Union(Schema.Struct({ offset: Millis }), Schema.Struct({ pausedAt: Millis })),
  hasCatalogue: Schema.Boolean,
  features: Schema.Array(Feature),
  currencies: Schema.Array(Schemas.CustomCurrency),
  plans: Schema.Array(Plan),
  faults: Schema.Struct({
    rules: Schema.Array(Rule),
    random: Schema.Tuple(Schema.Int, Schema.Int, Schema.Int, Schema.Int)
  }),
  windows: Schema.Array(Schema.Struct({ of: Schema.String, until: Millis, used: Schema.Int }))
}).annotations(strict)

/**
 * A customer. Its lists are in the order of their serial numbers, and empty ones are left out. With `replaces`, it is a
 * newer state of the customer in an earlier record.
 */
export const Customer = Schema.Struct({
  type: Schema.Literal("customer"),
  replaces: Schema.optional(Schema.Literal(true)),
  customer: Schemas.Customer,
  integrations: list(Schema.Struct({ link: Schemas.Integration, createdAt: Millis, unlinked: Schema.Boolean })),
  grants: list(
    Schema.Struct({
      grant: Schemas.PromotionalEntitlement,
      allowance: Allowance,
      state: Schema.Literal("granted", "replaced", "revoked")
    })
  ),
  resources: list(Schemas.CustomerResource),
  subscriptions: list(
    Schema.Struct({
      planId: Id,
      ...forResource,
      ...period,
      state: Schema.optionalWith(Schema.Literal("trial", "canceled"), { exact: true })
    })
  ),
  credits: list(Schema.Struct({ ...creditAllowance, ...forResource, ...period })),
  usage: list(Schema.Struct({ of: Id, used: Schema.Finite, at: Millis, ...forResource })),
  contracts: list(Schemas.Contract),
  invoices: list(Schemas.Invoice)
}).annotations(strict)

/** The stored answer of an idempotency key. It replaces an earlier one. */
export const Answer = Schema.Struct({
  type: Schema.Literal("answer"),
  key: Schema.String,
  expiresAt: Millis,
  status: Schema.Int.pipe(Schema.between(200, 599)),
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.String
}).annotations(strict)

/**
 * The last record: the number of customers, and how many of the last answers are still valid. A save without it is cut
 * off. One that was added to has one after each addition.
 */
export const End = Schema.Struct({
  type: Schema.Literal("end"),
  customers: Schema.Int,
  answers: Schema.Int.pipe(Schema.nonNegative())
}).annotations(strict)
