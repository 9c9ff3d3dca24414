import type * as Schemas from "../../../Schemas.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { Feature, Subscription, WorldState } from "../world/World.js"
import type { At } from "./Event.js"

type Json = Readonly<Record<string, unknown>>

/** A time as text; null if there is none. */
export const moment = (millis: number | null | undefined): string | null =>
  millis === null || millis === undefined ? null : new Date(millis).toISOString()

/** A customer within an event. */
export const customer = (world: WorldState, entry: CustomerEntry): Json => {
  const { billingCurrency, billingId, email, id, metadata, name } = entry.customer
  const crm = entry.links.find(({ link }) => /^(SALESFORCE|HUBSPOT)$/.test(link.vendorIdentifier))
  return {
    entityId: world.ids.uuid("customer entities", entry.serial),
    id,
    name,
    email,
    billingId,
    crmId: crm?.link.syncedEntityId ?? null,
    metadata,
    excludeFromExperiment: null,
    experimentInfo: null,
    billingCurrency
  }
}

/** A feature within an event. */
export const feature = (world: WorldState, { displayName, id, status, type }: Feature): Json => ({
  entityId: world.ids.uuid(`feature ${id}`, 0),
  id,
  name: displayName,
  description: null,
  featureType: type,
  // The catalogue has neither meters nor units.
  meterType: null,
  unit: null,
  units: null,
  status,
  enumConfiguration: null
})

/** A resource within an event; null for the whole customer. */
export const resource = (world: WorldState, entry: CustomerEntry, id: string | null): Json | null =>
  id === null ? null : { id, entityId: world.ids.uuid(`resource ${id} of ${entry.serial}`, 0) }

/** The resources of a customer, including those that only a subscription has. */
export const resourceIds = (entry: CustomerEntry): ReadonlyArray<string> =>
  Array.from(
    new Set([
      ...entry.allResources.map(({ id }) => id),
      ...entry.subscriptions.flatMap(({ resourceId }) => (resourceId === null ? [] : [resourceId]))
    ])
  )

/** A credit currency within an event. */
export const currency = (world: WorldState, currencyId: string): Json => {
  const known: Schemas.CustomCurrency | undefined = world.currencies.get(currencyId)
  return {
    id: currencyId,
    name: known?.displayName ?? currencyId,
    description: known?.description ?? null,
    unitLabel: { singular: known?.unitSingular ?? null, plural: known?.unitPlural ?? null }
  }
}

const statusOf = ({ endDate, startDate, state }: Subscription, now: number): string => {
  if (endDate !== null && endDate <= now) return state === "canceled" ? "CANCELED" : "EXPIRED"
  if (startDate > now) return "NOT_STARTED"
  return state === "trial" ? "IN_TRIAL" : "ACTIVE"
}

const planOf = (world: WorldState, planId: string): Json => ({
  id: planId,
  name: world.plans.get(planId)?.displayName ?? planId
})

const idOf = (world: WorldState, entry: CustomerEntry, position: number) => {
  const entityId = world.ids.uuid(`subscriptions of ${entry.serial}`, position)
  return { entityId, id: `subscription-${entry.subscriptions[position]?.planId ?? ""}-${entityId.slice(0, 6)}` }
}

/** A subscription within an event. `position` is its index in the customer's list. */
export const subscription = ({ now, world }: At, entry: CustomerEntry, position: number): Json => {
  const one = entry.subscriptions[position]
  if (one === undefined) return {}
  return {
    ...idOf(world, entry, position),
    billingId: null,
    status: statusOf(one, now),
    startDate: moment(one.startDate),
    endDate: moment(one.endDate),
    cancellationDate: one.state === "canceled" ? moment(one.endDate) : null,
    trialEndDate: one.state === "trial" ? moment(one.endDate) : null,
    isTrialSubscription: one.state === "trial",
    billingCurrency: entry.customer.billingCurrency,
    resource: resource(world, entry, one.resourceId),
    plan: planOf(world, one.planId),
    addons: [],
    metadata: {}
  }
}

/** The subscriptions in force for a resource, or for the whole customer if it is null. */
export const activeSubscriptions = (
  { now, world }: At,
  entry: CustomerEntry,
  resourceId: string | null
): ReadonlyArray<Json> =>
  entry.subscriptions.flatMap((one, position) =>
    one.startDate <= now &&
    (one.endDate === null || now < one.endDate) &&
    (one.resourceId === null || one.resourceId === resourceId)
      ? [
          {
            id: idOf(world, entry, position).id,
            startDate: moment(one.startDate),
            plan: planOf(world, one.planId)
          }
        ]
      : []
  )
