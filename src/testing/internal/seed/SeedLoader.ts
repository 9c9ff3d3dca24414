import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Grants from "../world/Grants.js"
import type { Ids } from "../world/Ids.js"
import * as StoredPassthrough from "../world/StoredPassthrough.js"
import * as Seed from "../../Seed.js"
import * as World from "../world/World.js"

/** Creates a world from a seed. Relative times and defaults are based on `now`. */
export const load = (seed: Seed.Seed, ids: Ids, now: DateTime.Utc): Effect.Effect<World.WorldState, Seed.InvalidSeed> =>
  Effect.gen(function* () {
    const { currencies = [], customers = [], features = [], plans = [] } = seed
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
    world.customersInOrder.insertAll(
      customers.map((customer) => (serial) => {
        const entry = toCustomerEntry(customer, serial, now)
        world.customers.set(entry.id, entry)
        return entry
      })
    )
    for (const [i, customer] of customers.entries()) {
      const entry = world.customers.get(customer.id)
      if (entry !== undefined) yield* loadGrants(world, entry, customer, `customers.${i}`, now)
    }
    return world
  })

/** Resolves a moment to milliseconds since the epoch. */
export const millisOf = (moment: Seed.Moment, now: number): number => {
  if (DateTime.isDateTime(moment)) return moment.epochMillis
  const [text, sign] = "ago" in moment ? [moment.ago, -1] : [moment.in, 1]
  return now + sign * Option.match(Duration.decodeUnknown(text), { onNone: () => 0, onSome: Duration.toMillis })
}

type PlanSeed = NonNullable<Seed.Seed["plans"]>[number]
type CustomerSeed = NonNullable<Seed.Seed["customers"]>[number]

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

const toCustomerEntry = (seed: CustomerSeed, serial: number, now: DateTime.Utc): World.CustomerEntry => {
  const millis = (moment: Seed.Moment) => millisOf(moment, now.epochMillis)
  const utc = (moment: Seed.Moment | undefined, otherwise: DateTime.Utc) =>
    moment === undefined ? otherwise : DateTime.unsafeMake(millis(moment))
  const createdAt = utc(seed.createdAt, now)
  const archivedAt = seed.archivedAt ?? null
  const since = (moment: Seed.Moment | undefined) => utc(moment, createdAt).epochMillis
  const until = (moment: Seed.Moment | null | undefined) =>
    moment === null || moment === undefined ? null : millis(moment)
  const entry = World.newCustomer(
    {
      id: seed.id,
      // Archiving clears both for good.
      name: archivedAt === null ? (seed.name ?? null) : null,
      email: archivedAt === null ? (seed.email ?? null) : null,
      billingId: seed.billingId ?? null,
      billingCurrency: seed.billingCurrency ?? null,
      couponId: seed.couponId ?? null,
      language: seed.language ?? null,
      metadata: seed.metadata ?? {},
      passthrough: StoredPassthrough.fromParams(seed.passthrough),
      timezone: seed.timezone ?? null,
      defaultPaymentMethod: seed.defaultPaymentMethod ?? null,
      createdAt,
      updatedAt: utc(seed.updatedAt, createdAt),
      archivedAt: archivedAt === null ? null : utc(archivedAt, createdAt)
    },
    {
      subscriptions: [...(seed.plan === undefined ? [] : [{ planId: seed.plan }]), ...(seed.subscriptions ?? [])].map(
        (subscription) => ({
          planId: subscription.planId,
          resourceId: subscription.resourceId ?? null,
          startDate: since(subscription.startDate),
          endDate: until(subscription.endDate),
          ...(subscription.isTrial === true ? { state: "trial" as const } : {})
        })
      ),
      usage: (seed.usage ?? []).map(({ at, of, resourceId, used }) => ({
        of,
        used,
        resourceId: resourceId ?? null,
        at: utc(at, now).epochMillis
      })),
      credits: (seed.credits ?? []).map(({ endDate, resourceId, startDate, ...credits }) => ({
        ...credits,
        resourceId: resourceId ?? null,
        startDate: since(startDate),
        endDate: until(endDate)
      })),
      contracts: seed.contracts ?? [],
      invoices: seed.invoices ?? []
    }
  )(serial)
  entry.integrations.insertAll(
    (seed.integrations ?? []).map(({ id, syncData, syncedEntityId, vendorIdentifier }) => (serial) => ({
      serial,
      createdAt: createdAt.epochMillis,
      id,
      link: { id, syncedEntityId: syncedEntityId ?? null, vendorIdentifier, syncData: syncData ?? null },
      unlinked: false
    }))
  )
  entry.resources.insertAll(
    (seed.resources ?? []).map((resource) => (serial) => {
      const created = utc(resource.createdAt, createdAt)
      return {
        serial,
        createdAt: created.epochMillis,
        id: resource.id,
        resource: { id: resource.id, createdAt: created, updatedAt: utc(resource.updatedAt, created) }
      }
    })
  )
  return entry
}

const loadGrants = (
  world: World.WorldState,
  entry: World.CustomerEntry,
  { grants = [] }: CustomerSeed,
  path: string,
  now: DateTime.Utc
) =>
  Effect.forEach(
    grants,
    ({ grant, isPaused, startDate }, i) => {
      const at = `${path}.grants.${i}.grant`
      return Either.match(
        Grants.draft(
          world,
          grant,
          DateTime.unsafeMake(startDate === undefined ? now : millisOf(startDate, now.epochMillis)),
          at
        ),
        {
          onLeft: ({ message }) => Effect.fail(new Seed.InvalidSeed({ path: at, message })),
          onRight: (draft) =>
            Effect.sync(() => {
              const made = Grants.make(world, entry, draft)
              if (isPaused === true) made.grant = { ...made.grant, status: "Paused" }
            })
        }
      )
    },
    { discard: true }
  )
