/**
 * What an emulator starts with: features, currencies, plans, and customers with all that hangs on them.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Issue from "../internal/failure/Issue.js"
import type { Input } from "./internal/seed/SeedSchema.js"
import { SeedSchema } from "./internal/seed/SeedSchema.js"

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
export const Seed = SeedSchema.pipe(Schema.filter((seed) => Array.from(faultsOf(seed))))

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

export type { Input, Moment } from "./internal/seed/SeedSchema.js"
export { demo } from "./internal/seed/DemoSeed.js"
export { random } from "./internal/seed/GeneratedSeed.js"

/**
 * A seed that breaks a rule; the message names the path in it.
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
    const [leaf] = Issue.leaves(error.issue)
    const path = Issue.dotted(leaf?.path ?? [])
    return new InvalidSeed({ path, message: `${path}: ${leaf?.message ?? "is not what the schema says"}` })
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

function* faultsOf(seed: typeof SeedSchema.Type): Iterable<Schema.FilterIssue> {
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
