/**
 * The initial state of an emulator: features, currencies, plans and customers.
 *
 * @module
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Issue from "../internal/failure/Issue.js"
import type { Moment as MomentSchema } from "./internal/seed/SeedSchema.js"
import { demo } from "./internal/seed/DemoSeed.js"
import * as GeneratedSeed from "./internal/seed/GeneratedSeed.js"
import { SeedSchema } from "./internal/seed/SeedSchema.js"

/**
 * Decodes a {@link Seed}. It rejects unknown keys, duplicate ids, and references to a plan, feature or currency that
 * the seed does not define. A seed without features may grant any feature.
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
export const Seed = SeedSchema.pipe(Schema.filter((seed) => Array.from(referenceIssues(seed))))

/**
 * A decoded seed: timestamps are parsed, and omitted fields stay absent.
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
export interface Seed extends Schema.Schema.Type<typeof Seed> {}

/**
 * A seed as plain JSON. Most fields are optional. `createdAt` defaults to the emulator's start, and the `startDate` of
 * a subscription to the customer's `createdAt`.
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
export interface Input extends Schema.Schema.Encoded<typeof SeedSchema> {}

/**
 * A point in time: an RFC 3339 string, a `DateTime.Utc`, or a duration before (`ago`) or after (`in`) the emulator's
 * start.
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
export type Moment = typeof MomentSchema.Type

export { demo }
export { random } from "./internal/seed/GeneratedSeed.js"

/**
 * The seed is invalid. `path` locates the first invalid value, and `message` starts with it, or with `seed`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Seed } from "effect-stigg/testing"
 *
 * const seed = Seed.decode({ customers: [{}] }).pipe(
 *   Effect.catchTag("StiggInvalidSeedError", ({ path }) => Effect.log(path)) // customers.0.id
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidSeed extends Data.TaggedError("StiggInvalidSeedError")<{
  /** The path to the invalid value, such as `customers.3.plan`; empty for the root. */
  readonly path: string
  readonly message: string
}> {}

const decodeShape = Schema.decodeUnknown(Seed)

/**
 * Decodes a seed. Fails with {@link InvalidSeed} (`StiggInvalidSeedError`) for the first invalid value.
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
export const decode = (input: unknown): Effect.Effect<Seed, InvalidSeed> => {
  const generated = GeneratedSeed.optionsOf(input)
  // Decoding a million customers that are known to be valid takes a minute.
  return generated === undefined
    ? decodeWhole(input)
    : Effect.map(decodeWhole({ ...demo, customers: [] }), (seed) => GeneratedSeed.withCustomers(seed, generated))
}

const decodeWhole = (input: unknown): Effect.Effect<Seed, InvalidSeed> =>
  Effect.mapError(decodeShape(input), (error) => {
    const [leaf] = Issue.leaves(error.issue)
    const path = Issue.dotted(leaf?.path ?? [])
    return new InvalidSeed({
      path,
      message: `${path === "" ? "seed" : path}: ${leaf?.message ?? "does not match the schema"}`
    })
  })

/**
 * Checks that a value, such as the parsed JSON of a file, is a valid seed and returns it unchanged with the type
 * {@link Input}. Fails with {@link InvalidSeed} (`StiggInvalidSeedError`) for the first invalid value.
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
  // `decode` succeeded, so the value has the encoded type.
  Effect.map(decode(input), () => input as Input)

function* referenceIssues(seed: typeof SeedSchema.Type): Iterable<Schema.FilterIssue> {
  const { currencies = [], customers = [], features = [], plans = [] } = seed
  yield* duplicates(["features"], features)
  yield* duplicates(["currencies"], currencies)
  yield* duplicates(["plans"], plans)
  yield* duplicates(["customers"], customers)
  const known = {
    feature: new Set(features.map(({ id }) => id)),
    currency: new Set(currencies.map(({ id }) => id)),
    plan: new Set(plans.map(({ id }) => id))
  }
  const withUsage = new Set([...known.feature, ...known.currency])
  const missing = function* (what: string, among: ReadonlySet<string>, id: string, path: ReadonlyArray<PropertyKey>) {
    if (!among.has(id)) yield { path, message: `unknown ${what} ${id}` }
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
    for (const [j, { endDate, isTrial, planId }] of (customer.subscriptions ?? []).entries()) {
      yield* missing("plan", known.plan, planId, at("subscriptions", j, "planId"))
      if (isTrial === true && (endDate ?? null) === null) {
        yield { path: at("subscriptions", j, "endDate"), message: "required for a trial" }
      }
    }
    for (const [j, { of }] of (customer.usage ?? []).entries()) {
      yield* missing("feature or currency", withUsage, of, at("usage", j, "of"))
    }
    for (const [j, { currencyId }] of (customer.credits ?? []).entries()) {
      yield* missing("currency", known.currency, currencyId, at("credits", j, "currencyId"))
    }
    for (const [j, { grant }] of (customer.grants ?? []).entries()) {
      const path = at("grants", j, "grant", "featureId")
      if (features.length > 0) yield* missing("feature", known.feature, grant.featureId, path)
    }
    yield* duplicates(at("integrations"), customer.integrations ?? [])
    yield* duplicates(at("resources"), customer.resources ?? [])
  }
}

function* duplicates(
  path: ReadonlyArray<PropertyKey>,
  entries: ReadonlyArray<{ readonly id: string }>
): Iterable<Schema.FilterIssue> {
  const seen = new Set<string>()
  for (const [i, { id }] of entries.entries()) {
    if (seen.has(id)) yield { path: [...path, i, "id"], message: `duplicate id ${id}` }
    seen.add(id)
  }
}
