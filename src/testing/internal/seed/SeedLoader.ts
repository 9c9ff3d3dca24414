import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Grants from "../world/Grants.js"
import * as GeneratedSeed from "./GeneratedSeed.js"
import type { Ids } from "../world/Ids.js"
import * as StoredPassthrough from "../world/StoredPassthrough.js"
import * as Seed from "../../Seed.js"
import * as CustomerEntry from "../world/CustomerEntry.js"
import * as WritableTime from "../world/WritableTime.js"
import * as World from "../world/World.js"

/** Creates a world from a seed. Relative times and defaults are based on `now`. */
export const load = (seed: Seed.Seed, ids: Ids, now: DateTime.Utc): Effect.Effect<World.WorldState, Seed.InvalidSeed> =>
  Effect.gen(function* () {
    const { currencies = [], features = [], plans = [] } = seed
    const world: World.WorldState = { ...World.empty(ids), hasCatalogue: features.length > 0 }
    for (const { displayName, id, status, type } of features) {
      world.features.set(id, { id, displayName: displayName ?? id, type, status: status ?? "ACTIVE" })
    }
    for (const currency of currencies) {
      world.currencies.set(currency.id, {
        currencyId: currency.id,
        displayName: currency.displayName ?? currency.id,
        description: currency.description ?? null,
        metadata: currency.metadata ?? null,
        unitSingular: currency.unitSingular ?? null,
        unitPlural: currency.unitPlural ?? null
      })
    }
    for (const plan of plans) world.plans.set(plan.id, toPlan(plan))
    // Mutable: filled while the customers are made one by one.
    const granted: Array<readonly [CustomerEntry.CustomerEntry, CustomerSeed, path: string]> = []
    // Mutable: the customer that is made, and the first with a moment that cannot be written.
    let made = ""
    let refused: string | undefined
    const moments = momentsAt(now, () => (refused ??= made))
    const generated = GeneratedSeed.optionsOf(seed)
    const customers: Iterable<CustomerSeed> =
      generated === undefined ? (seed.customers ?? none) : GeneratedSeed.customersOf(generated)
    const entries = function* () {
      let i = 0
      for (const customer of customers) {
        const path = i++
        yield (serial: number) => {
          made = `customers.${path}`
          const entry = toCustomerEntry(customer, serial, moments)
          if ((customer.grants ?? []).length > 0) granted.push([entry, customer, `customers.${path}`])
          return entry
        }
      }
    }
    World.addAll(world, entries())
    for (const [entry, customer, path] of granted) {
      made = path
      yield* loadGrants(world, entry, customer, path, moments)
    }
    if (refused !== undefined) {
      const message = `${refused}: has a time outside of ${WritableTime.range}`
      return yield* new Seed.InvalidSeed({ path: refused, message })
    }
    return world
  })

/**
 * Resolves the moments of a seed, and subscribes to its plans. Customers that were created at the same time share the
 * values.
 */
interface Moments {
  readonly now: DateTime.Utc
  readonly of: (moment: Seed.Moment) => DateTime.Utc
  readonly or: (moment: Seed.Moment | undefined, otherwise: DateTime.Utc) => DateTime.Utc
  /** The milliseconds of an end; null for none. */
  readonly until: (moment: Seed.Moment | null | undefined) => number | null
  readonly subscribed: (planId: string, startDate: number) => ReadonlyArray<World.Subscription>
  /** What the whole customer has used until now. */
  readonly used: (of: string, used: number) => World.Usage
}

const maxShared = 20_000

/** Keeps a limited number of values by their keys. */
const sharing = <Key, A>(make: (key: Key) => A): ((key: Key) => A) => {
  const made = new Map<Key, A>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    if (made.size >= maxShared) made.clear()
    made.set(key, value)
    return value
  }
}

/** @param refuse runs for a moment that the API's timestamps cannot express */
const momentsAt = (now: DateTime.Utc, refuse: () => void = () => {}): Moments => {
  const shifted = (sign: 1 | -1) =>
    sharing((text: string) => {
      const span = Option.match(Duration.decodeUnknown(text), { onNone: () => 0, onSome: Duration.toMillis })
      return DateTime.unsafeMake(now.epochMillis + sign * span)
    })
  const [ago, later] = [shifted(-1), shifted(1)]
  const plans = sharing((planId: string) =>
    sharing((startDate: number): ReadonlyArray<World.Subscription> => [
      { planId, resourceId: null, startDate, endDate: null }
    ])
  )
  const usage = sharing((of: string) =>
    sharing((used: number): World.Usage => ({ of, used, resourceId: null, at: now.epochMillis }))
  )
  const of = (moment: Seed.Moment) => {
    const time = DateTime.isDateTime(moment) ? moment : "ago" in moment ? ago(moment.ago) : later(moment.in)
    if (!WritableTime.isWritable(time.epochMillis)) refuse()
    return time
  }
  return {
    now,
    of,
    or: (moment, otherwise) => (moment === undefined ? otherwise : of(moment)),
    until: (moment) => (moment === null || moment === undefined ? null : of(moment).epochMillis),
    subscribed: (planId, startDate) => plans(planId)(startDate),
    used: (of, used) => usage(of)(used)
  }
}

/** Resolves a moment to milliseconds since the epoch. */
export const millisOf = (moment: Seed.Moment, now: number): number =>
  momentsAt(DateTime.unsafeMake(now)).of(moment).epochMillis

type PlanSeed = NonNullable<Seed.Seed["plans"]>[number]
type CustomerSeed = NonNullable<Seed.Seed["customers"]>[number]

const none: ReadonlyArray<never> = Object.freeze([])
const noMetadata = Object.freeze({})

/** Most lists of most customers are empty, and share one array. */
const mapped = <A, B>(items: ReadonlyArray<A>, f: (item: A) => B): ReadonlyArray<B> =>
  items.length === 0 ? none : items.map(f)

const toPlan = ({ credits = [], displayName, features = [], id }: PlanSeed): World.Plan => ({
  id,
  displayName: displayName ?? id,
  features: features.map((feature) => ({
    featureId: feature.featureId,
    usageLimit: feature.usageLimit ?? null,
    hasUnlimitedUsage: feature.hasUnlimitedUsage ?? false,
    hasSoftLimit: feature.hasSoftLimit ?? false,
    resetPeriod: feature.resetPeriod ?? null,
    resetAccordingTo: feature.resetAccordingTo ?? null,
    values: feature.values ?? []
  })),
  credits
})

const joined = <A>(first: ReadonlyArray<A>, second: ReadonlyArray<A>): ReadonlyArray<A> =>
  second.length === 0 ? first : first.length === 0 ? second : [...first, ...second]

const toCustomerEntry = (seed: CustomerSeed, serial: number, moments: Moments): CustomerEntry.CustomerEntry => {
  const createdAt = moments.or(seed.createdAt, moments.now)
  const archivedAt = seed.archivedAt ?? null
  return CustomerEntry.make(
    {
      id: seed.id,
      // Archiving clears both for good.
      name: archivedAt === null ? (seed.name ?? null) : null,
      email: archivedAt === null ? (seed.email ?? null) : null,
      billingId: seed.billingId ?? null,
      billingCurrency: seed.billingCurrency ?? null,
      couponId: seed.couponId ?? null,
      language: seed.language ?? null,
      metadata: seed.metadata ?? noMetadata,
      passthrough: StoredPassthrough.fromParams(seed.passthrough),
      timezone: seed.timezone ?? null,
      defaultPaymentMethod: seed.defaultPaymentMethod ?? null,
      createdAt,
      updatedAt: moments.or(seed.updatedAt, createdAt),
      archivedAt: archivedAt === null ? null : moments.or(archivedAt, createdAt)
    },
    {
      subscriptions: joined(
        seed.plan === undefined ? none : moments.subscribed(seed.plan, createdAt.epochMillis),
        mapped(seed.subscriptions ?? none, (subscription) => ({
          planId: subscription.planId,
          resourceId: subscription.resourceId ?? null,
          startDate: moments.or(subscription.startDate, createdAt).epochMillis,
          endDate: moments.until(subscription.endDate),
          ...(subscription.isTrial === true ? { state: "trial" as const } : {})
        }))
      ),
      usage: mapped(seed.usage ?? none, ({ at, of, resourceId = null, used }) =>
        at === undefined && resourceId === null
          ? moments.used(of, used)
          : { of, used, resourceId, at: moments.or(at, moments.now).epochMillis }
      ),
      credits: mapped(seed.credits ?? none, ({ endDate, resourceId, startDate, ...credits }) => ({
        ...credits,
        resourceId: resourceId ?? null,
        startDate: moments.or(startDate, createdAt).epochMillis,
        endDate: moments.until(endDate)
      })),
      contracts: seed.contracts ?? none,
      invoices: seed.invoices ?? none,
      linked: mapped(seed.integrations ?? none, ({ id, syncData, syncedEntityId, vendorIdentifier }) => ({
        id,
        syncedEntityId: syncedEntityId ?? null,
        vendorIdentifier,
        syncData: syncData ?? null
      })),
      resources: mapped(seed.resources ?? none, (resource) => (serial: number) => {
        const created = moments.or(resource.createdAt, createdAt)
        return {
          serial,
          createdAt: created.epochMillis,
          id: resource.id,
          resource: { id: resource.id, createdAt: created, updatedAt: moments.or(resource.updatedAt, created) }
        }
      })
    }
  )(serial)
}

const loadGrants = (
  world: World.WorldState,
  entry: CustomerEntry.CustomerEntry,
  { grants = [] }: CustomerSeed,
  path: string,
  moments: Moments
) =>
  Effect.forEach(
    grants,
    ({ grant, isPaused, startDate }, i) => {
      const at = `${path}.grants.${i}.grant`
      return Either.match(Grants.draft(world, grant, moments.or(startDate, moments.now), at), {
        onLeft: ({ message }) => Effect.fail(new Seed.InvalidSeed({ path: at, message })),
        onRight: (draft) =>
          Effect.sync(() => {
            const made = Grants.make(world, entry, draft)
            if (isPaused === true) entry.changeGrant(world, made, { grant: { ...made.grant, status: "Paused" } })
          })
      })
    },
    { discard: true }
  )
