import type * as DateTime from "effect/DateTime"
import type * as Schemas from "../../../Schemas.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { IntegrationEntry, WorldState } from "../world/World.js"

/** Finds a customer's link, to be changed, by the id of its integration. */
export const find = (entry: CustomerEntry, id: string): IntegrationEntry | undefined =>
  entry.integrations.all.find(({ link, unlinked }) => !unlinked && link.id === id)

/** Creates a link or updates the existing one. */
export const put = (
  world: WorldState,
  entry: CustomerEntry,
  link: Schemas.CustomerIntegrationLink,
  now: DateTime.Utc
): IntegrationEntry => {
  const existing = find(entry, link.id)
  if (existing !== undefined) {
    entry.changeIntegration(world, existing, { link: { ...existing.link, ...link } })
    return existing
  }
  return entry.addIntegration(world, (serial) => ({
    serial,
    createdAt: now.epochMillis,
    id: link.id,
    link: { ...link, syncData: null },
    unlinked: false
  }))
}

/** Replaces the links of a customer. */
export const replaceAll = (
  world: WorldState,
  entry: CustomerEntry,
  links: ReadonlyArray<Schemas.CustomerIntegrationLink>,
  now: DateTime.Utc
): void => {
  const kept = new Set(links.map(({ id }) => id))
  for (const existing of entry.integrations.all) {
    if (!existing.unlinked && !kept.has(existing.link.id)) entry.changeIntegration(world, existing, { unlinked: true })
  }
  for (const link of links) put(world, entry, link, now)
}

/** The link that an import creates for a Salesforce id. */
export const salesforce = (syncedEntityId: string): Schemas.CustomerIntegrationLink => ({
  id: "salesforce",
  syncedEntityId,
  vendorIdentifier: "SALESFORCE"
})
