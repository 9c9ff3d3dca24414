import * as DateTime from "effect/DateTime"
import type * as Stream from "effect/Stream"
import * as Envelope from "./Envelope.js"
import * as Pieces from "../save/Pieces.js"
import type { CustomerSnapshot, Snapshot } from "../../Snapshot.js"
import type { CustomerEntry } from "./CustomerEntry.js"
import type { CreditBalance, GrantEntry, Subscription, Usage, WorldState } from "./World.js"

/** Takes a snapshot of a world. */
export const take = (world: WorldState): Snapshot => ({
  ...catalogue(world),
  customers: world.customersInOrder.all.map(customer)
})

/** The JSON of a snapshot, in pieces that are made as they are read. */
export const text = (world: WorldState): Stream.Stream<string> => Pieces.of(texts(world))

function* texts(world: WorldState): Iterable<string> {
  yield `${JSON.stringify(catalogue(world)).slice(0, -1)},"customers":[`
  // A copy of the list: customers may be added while these are written.
  let before = ""
  for (const entry of Array.from(world.customersInOrder.all)) {
    yield `${before}${JSON.stringify(customer(entry))}`
    before = ","
  }
  yield "]}"
}

const catalogue = (world: WorldState): Omit<Snapshot, "customers"> => ({
  features: Array.from(world.features.values()),
  currencies: Array.from(world.currencies.values()),
  plans: Array.from(world.plans.values())
})

const customer = (entry: CustomerEntry): CustomerSnapshot => ({
  id: entry.id,
  customer: Envelope.customer(entry),
  integrations: entry.links.map(({ link }) => Envelope.integration(link)),
  promotionalEntitlements: grants(entry.allGrants, "granted").map(({ grant }) =>
    Envelope.promotionalEntitlement(grant)
  ),
  revoked: grants(entry.allGrants, "revoked").map(({ allowance }) => allowance.featureId),
  resources: entry.allResources.map(({ resource }) => Envelope.resource(resource)),
  subscriptions: entry.subscriptions.map(subscription),
  usage: entry.usage.map(usage),
  credits: entry.credits.map(credit)
})

const grants = (entries: ReadonlyArray<GrantEntry>, wanted: GrantEntry["state"]) =>
  entries.filter(({ state }) => state === wanted)

const subscription = ({ endDate, planId, resourceId, startDate, state }: Subscription) => ({
  planId,
  resourceId,
  state,
  startDate: moment(startDate),
  endDate: endDate === null ? null : moment(endDate)
})

const credit = ({ amount, currencyId, endDate, resourceId, startDate }: CreditBalance) => ({
  currencyId,
  amount,
  resourceId,
  startDate: moment(startDate),
  endDate: endDate === null ? null : moment(endDate)
})

const usage = ({ at, of, resourceId, used }: Usage) => ({ of, resourceId, used, at: moment(at) })

const moment = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))
