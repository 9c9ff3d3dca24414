import type * as DateTime from "effect/DateTime"
import type * as Schemas from "../../../Schemas.js"
import type { CustomerEntry, IntegrationEntry } from "../world/World.js"

/** The links of a customer, to be changed. */
const linksOf = (entry: CustomerEntry): ReadonlyArray<IntegrationEntry> =>
  entry.integrations.all.filter(({ unlinked }) => !unlinked)

/** Finds a customer's link by the id of its integration. */
export const find = (entry: CustomerEntry, id: string): IntegrationEntry | undefined =>
  linksOf(entry).find(({ link }) => link.id === id)

/** Creates a link or updates the existing one. */
export const put = (
  entry: CustomerEntry,
  link: Schemas.CustomerIntegrationLink,
  now: DateTime.Utc
): IntegrationEntry => {
  const existing = find(entry, link.id)
  if (existing !== undefined) {
    existing.link = { ...existing.link, ...link }
    return existing
  }
  return entry.integrations.insert((serial) => ({
    serial,
    createdAt: now.epochMillis,
    id: link.id,
    link: { ...link, syncData: null },
    unlinked: false
  }))
}

/** Replaces the links of a customer. */
export const replaceAll = (
  entry: CustomerEntry,
  links: ReadonlyArray<Schemas.CustomerIntegrationLink>,
  now: DateTime.Utc
): void => {
  const kept = new Set(links.map(({ id }) => id))
  for (const existing of linksOf(entry)) if (!kept.has(existing.link.id)) existing.unlinked = true
  for (const link of links) put(entry, link, now)
}

/** The link that an import creates for a Salesforce id. */
export const salesforce = (syncedEntityId: string): Schemas.CustomerIntegrationLink => ({
  id: "salesforce",
  syncedEntityId,
  vendorIdentifier: "SALESFORCE"
})
