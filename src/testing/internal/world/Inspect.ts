import * as DateTime from "effect/DateTime"
import * as RegExp from "effect/RegExp"
import type * as Schemas from "../../../Schemas.js"
import type * as Inspection from "../../Inspection.js"
import * as EntitlementEvaluation from "./EntitlementEvaluation.js"
import type { CustomerEntry } from "./CustomerEntry.js"
import type { WorldState } from "./World.js"

/** The customers that a page looks at. Each costs about half a microsecond, and no request is answered meanwhile. */
const maxLookedAt = 50_000

/** Looks for customers, newest first. */
export const findCustomers = (
  world: WorldState,
  { after, limit = 50, search = "" }: Inspection.CustomerSearch
): Inspection.CustomerPage => {
  const { all } = world.customersInOrder
  const exact = world.customers.get(search)
  const data: Array<Inspection.FoundCustomer> = after === undefined && exact !== undefined ? [found(exact)] : []
  const pattern = new globalThis.RegExp(RegExp.escape(search), "i")
  const matches = (text: string | null) => text !== null && pattern.test(text)
  // New customers come after all others, and leave the positions of those as they are.
  let at = Math.min(after ?? all.length, all.length)
  const end = at - maxLookedAt
  while (at > 0 && at > end && data.length < limit) {
    const entry = all[--at]
    if (entry === undefined || entry === exact) continue
    const { email, name } = entry.customer
    if (matches(entry.id) || matches(name) || matches(email)) data.push(found(entry))
  }
  return { data, next: at > 0 ? at : null }
}

const found = ({ customer, id }: CustomerEntry): Inspection.FoundCustomer => ({
  id,
  name: customer.name,
  email: customer.email,
  createdAt: DateTime.formatIso(customer.createdAt),
  archivedAt: iso(customer.archivedAt)
})

/** What checks of every feature and currency answer for a customer, and why. */
export const explain = (
  world: WorldState,
  customerId: string,
  resourceId: string | null,
  now: number
): ReadonlyArray<Inspection.ExplainedEntitlement> => {
  const customer = world.customers.get(customerId)
  const origins = customer === undefined ? none : EntitlementEvaluation.originsOf(world, customer, resourceId, now)
  const features = Array.from(world.features.keys(), (id) =>
    explained(id, EntitlementEvaluation.checkFeature(world, customer, id, resourceId, {}, now), origins.features)
  )
  const currencies = new Set([...world.currencies.keys(), ...origins.credits.keys()])
  const credits = Array.from(currencies, (id) =>
    explained(id, EntitlementEvaluation.checkCredits(world, customer, id, resourceId, {}, now), origins.credits)
  )
  return [...features, ...credits]
}

const none: EntitlementEvaluation.Origins = { features: new Map(), credits: new Map() }

const explained = (
  id: string,
  entitlement: Schemas.FeatureEntitlement | Schemas.CreditEntitlement,
  origins: ReadonlyMap<string, ReadonlyArray<string>>
): Inspection.ExplainedEntitlement => ({
  type: entitlement.type,
  id,
  isGranted: entitlement.isGranted,
  reason: entitlement.accessDeniedReason ?? (origins.get(id) ?? []).join(", "),
  currentUsage: entitlement.currentUsage,
  usageLimit: entitlement.usageLimit,
  hasUnlimitedUsage: entitlement.type === "FEATURE" && entitlement.hasUnlimitedUsage === true,
  usagePeriodEnd: iso(entitlement.usagePeriodEnd),
  validUntil: iso(entitlement.validUntil)
})

const iso = (time: DateTime.Utc | null): string | null => (time === null ? null : DateTime.formatIso(time))
