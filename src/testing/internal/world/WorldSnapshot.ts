import * as DateTime from "effect/DateTime"
import * as Envelope from "./Envelope.js"
import type { Snapshot } from "../../Snapshot.js"
import type { CreditBalance, GrantEntry, Subscription, Usage, WorldState } from "./World.js"
import { customerOf, linksOf } from "./World.js"

/** Takes a snapshot of a world. */
export const take = (world: WorldState): Snapshot => ({
  features: Array.from(world.features.values()),
  currencies: Array.from(world.currencies.values()),
  plans: Array.from(world.plans.values()),
  customers: world.customersInOrder.all.map((entry) => ({
    id: entry.id,
    customer: Envelope.customer(customerOf(entry)),
    integrations: linksOf(entry).map(({ link }) => Envelope.integration(link)),
    promotionalEntitlements: grants(entry.grants.all, "granted").map(({ grant }) =>
      Envelope.promotionalEntitlement(grant)
    ),
    revoked: grants(entry.grants.all, "revoked").map(({ allowance }) => allowance.featureId),
    resources: entry.resources.all.map(({ resource }) => Envelope.resource(resource)),
    subscriptions: entry.subscriptions.map(dated),
    usage: entry.usage.map(usage),
    credits: entry.credits.map(dated)
  }))
})

const grants = (entries: ReadonlyArray<GrantEntry>, wanted: GrantEntry["state"]) =>
  entries.filter(({ state }) => state === wanted)

const dated = ({ endDate, startDate, ...rest }: Subscription | CreditBalance) => ({
  ...rest,
  startDate: moment(startDate),
  endDate: endDate === null ? null : moment(endDate)
})

const usage = ({ at, ...rest }: Usage) => ({ ...rest, at: moment(at) })

const moment = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))
