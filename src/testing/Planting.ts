import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Grants from "./Grants.js"
import type { Ids } from "./Ids.js"
import { toPassthrough } from "./Passthrough.js"
import * as Seed from "./Seed.js"
import * as World from "./World.js"

/** The world that grows of a seed, at a moment. */
export const plant = (
  seed: Seed.Seed,
  ids: Ids,
  now: DateTime.Utc
): Effect.Effect<World.WorldState, Seed.InvalidSeed> =>
  Effect.gen(function* () {
    const world: World.WorldState = { ...World.empty(ids), hasCatalogue: seed.features.length > 0 }
    for (const { displayName, id, status, type } of seed.features) {
      world.features.set(id, { id, displayName: displayName ?? id, type, status })
    }
    for (const { displayName, id, ...currency } of seed.currencies) {
      world.currencies.set(id, { currencyId: id, displayName: displayName ?? id, ...currency })
    }
    for (const plan of seed.plans) world.plans.set(plan.id, { ...plan, displayName: plan.displayName ?? plan.id })
    world.customersInOrder.insertAll(
      seed.customers.map((customer) => (serial) => {
        const entry = plantCustomer(customer, serial, now)
        world.customers.set(entry.id, entry)
        return entry
      })
    )
    for (const [i, customer] of seed.customers.entries()) {
      const entry = world.customers.get(customer.id)
      if (entry !== undefined) yield* plantGrants(world, entry, customer, `customers.${i}`, now)
    }
    return world
  })

const plantCustomer = (
  seed: Seed.Seed["customers"][number],
  serial: number,
  now: DateTime.Utc
): World.CustomerEntry => {
  const createdAt = seed.createdAt ?? now
  const isArchived = seed.archivedAt !== null
  const since = (moment: DateTime.Utc | undefined) => (moment ?? createdAt).epochMillis
  const entry = World.newCustomer(
    {
      id: seed.id,
      // An archived customer has neither, and gets neither back.
      name: isArchived ? null : seed.name,
      email: isArchived ? null : seed.email,
      billingId: seed.billingId,
      billingCurrency: seed.billingCurrency,
      couponId: seed.couponId,
      language: seed.language,
      metadata: seed.metadata,
      passthrough: seed.passthrough === null ? null : toPassthrough(seed.passthrough),
      timezone: seed.timezone,
      defaultPaymentMethod: seed.defaultPaymentMethod,
      createdAt,
      updatedAt: seed.updatedAt ?? createdAt,
      archivedAt: seed.archivedAt
    },
    {
      subscriptions: [
        ...(seed.plan === undefined
          ? []
          : [{ planId: seed.plan, resourceId: null, startDate: undefined, endDate: null }]),
        ...seed.subscriptions
      ].map((subscription) => ({
        planId: subscription.planId,
        resourceId: subscription.resourceId,
        startDate: since(subscription.startDate),
        endDate: subscription.endDate?.epochMillis ?? null
      })),
      usage: seed.usage.map(({ at, ...usage }) => ({ ...usage, at: (at ?? now).epochMillis })),
      credits: seed.credits.map(({ endDate, startDate, ...credits }) => ({
        ...credits,
        startDate: since(startDate),
        endDate: endDate?.epochMillis ?? null
      })),
      contracts: seed.contracts,
      invoices: seed.invoices
    }
  )(serial)
  entry.integrations.insertAll(
    seed.integrations.map((link) => (serial) => ({
      serial,
      createdAt: createdAt.epochMillis,
      id: link.id,
      link,
      unlinked: false
    }))
  )
  entry.resources.insertAll(
    seed.resources.map((resource) => (serial) => {
      const created = resource.createdAt ?? createdAt
      return {
        serial,
        createdAt: created.epochMillis,
        id: resource.id,
        resource: { id: resource.id, createdAt: created, updatedAt: resource.updatedAt ?? created }
      }
    })
  )
  return entry
}

const plantGrants = (
  world: World.WorldState,
  entry: World.CustomerEntry,
  { grants }: Seed.Seed["customers"][number],
  path: string,
  now: DateTime.Utc
) =>
  Effect.forEach(
    grants,
    ({ grant, isPaused, startDate }, i) => {
      const at = `${path}.grants.${i}.grant`
      return Either.match(Grants.draft(world, grant, startDate ?? now, at), {
        onLeft: ({ message }) => Effect.fail(new Seed.InvalidSeed({ path: at, message })),
        onRight: (draft) =>
          Effect.sync(() => {
            const made = Grants.make(world, entry, draft)
            if (isPaused) made.grant = { ...made.grant, status: "Paused" }
          })
      })
    },
    { discard: true }
  )
