import * as DateTime from "effect/DateTime"
import * as Answer from "./Answer.js"
import type { GrantEntry, Subscription, Usage, WorldState } from "./World.js"
import { customerOf, linksOf } from "./World.js"

/**
 * The state of an emulator, as plain JSON in the API's order: what the API would answer, and what it keeps to itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Snapshot {
  readonly features: ReadonlyArray<unknown>
  readonly currencies: ReadonlyArray<unknown>
  readonly plans: ReadonlyArray<unknown>
  /** Archived ones too. */
  readonly customers: ReadonlyArray<CustomerSnapshot>
}

/**
 * A customer in a {@link Snapshot}.
 *
 * @category models
 * @since 0.1.0
 */
export interface CustomerSnapshot {
  readonly id: string
  /** As `customers.retrieve` answers it. */
  readonly customer: unknown
  readonly integrations: ReadonlyArray<unknown>
  readonly promotionalEntitlements: ReadonlyArray<unknown>
  /** The features whose grant was revoked. */
  readonly revoked: ReadonlyArray<string>
  readonly resources: ReadonlyArray<unknown>
  readonly subscriptions: ReadonlyArray<unknown>
  readonly usage: ReadonlyArray<unknown>
}

/** The state of a world. */
export const of = (world: WorldState): Snapshot => ({
  features: Array.from(world.features.values()),
  currencies: Array.from(world.currencies.values()),
  plans: Array.from(world.plans.values()),
  customers: world.customersInOrder.all.map((entry) => ({
    id: entry.id,
    customer: Answer.customer(customerOf(entry)),
    integrations: linksOf(entry).map(({ link }) => Answer.integration(link)),
    promotionalEntitlements: grants(entry.grants.all, "granted").map(({ grant }) =>
      Answer.promotionalEntitlement(grant)
    ),
    revoked: grants(entry.grants.all, "revoked").map(({ allowance }) => allowance.featureId),
    resources: entry.resources.all.map(({ resource }) => Answer.resource(resource)),
    subscriptions: entry.subscriptions.map(subscription),
    usage: entry.usage.map(usage)
  }))
})

const grants = (entries: ReadonlyArray<GrantEntry>, wanted: GrantEntry["state"]) =>
  entries.filter(({ state }) => state === wanted)

const subscription = ({ endDate, startDate, ...rest }: Subscription) => ({
  ...rest,
  startDate: moment(startDate),
  endDate: endDate === null ? null : moment(endDate)
})

const usage = ({ at, ...rest }: Usage) => ({ ...rest, at: moment(at) })

const moment = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))
