import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Schemas from "../../../Schemas.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Trace from "../contract/Trace.js"
import type { CustomerEntry } from "./CustomerEntry.js"
import type { AnswerWatcher } from "./IdempotencyStore.js"
import type { Ids } from "./Ids.js"
import type { Entry } from "./OrderedIndex.js"
import { OrderedIndex, ValueIndex } from "./OrderedIndex.js"

/** A feature in the catalogue. */
export interface Feature {
  readonly id: string
  readonly displayName: string
  readonly type: "BOOLEAN" | "NUMBER" | "ENUM"
  readonly status: "NEW" | "SUSPENDED" | "ACTIVE"
}

/** The use of a feature that a plan or a grant allows. */
export interface Allowance {
  readonly featureId: string
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean
  readonly hasSoftLimit: boolean
  readonly resetPeriod: Schemas.ResetPeriod | null
  /** Aligns the reset periods, such as `StartOfTheMonth`; null aligns them to the start of the source. */
  readonly resetAccordingTo: string | null
  /** The allowed values of an enum feature. */
  readonly values: ReadonlyArray<string>
}

/** Credits that a plan includes. */
export interface CreditAllowance {
  readonly currencyId: string
  readonly amount: number
}

/** A plan: a set of entitlements. */
export interface Plan {
  readonly id: string
  readonly displayName: string
  readonly features: ReadonlyArray<Allowance>
  readonly credits: ReadonlyArray<CreditAllowance>
}

/** A customer's plan, for the whole customer or for one of its resources. Times are milliseconds since the epoch. */
export interface Subscription {
  readonly planId: string
  readonly resourceId: string | null
  readonly startDate: number
  readonly endDate: number | null
  /** What it is until `endDate`, if not a subscription that lasts that long. */
  readonly state?: "trial" | "canceled"
}

/** A usage report of a feature or of credits. */
export interface Usage {
  /** The id of the feature or currency. */
  readonly of: string
  readonly resourceId: string | null
  readonly used: number
  readonly at: number
}

/** A link to another system. Unlinked entries are kept, so that cursors to them stay valid. */
export interface IntegrationEntry extends Entry {
  readonly link: Schemas.Integration
  readonly unlinked: boolean
}

/** A promotional grant. Whether it has expired depends on the clock and is not stored. */
export interface GrantEntry extends Entry {
  readonly grant: Schemas.PromotionalEntitlement
  readonly allowance: Allowance
  /** Only `granted` entries are listed. A newer grant of the same feature sets the older one to `replaced`. */
  readonly state: "granted" | "replaced" | "revoked"
}

/** Credits that a customer has in addition to those of its plans. */
export interface CreditBalance extends CreditAllowance {
  readonly resourceId: string | null
  readonly startDate: number
  readonly endDate: number | null
}

/** A resource of a customer. */
export interface ResourceEntry extends Entry {
  readonly resource: Schemas.CustomerResource
}

/** A customer without its integrations. */
export type StoredCustomer = Omit<Schemas.Customer, "integrations">

/**
 * One Stigg environment in memory. It is mutable. Each request changes it in one synchronous step, so that no other
 * request sees a partial change.
 */
export interface WorldState {
  readonly environmentId: string
  readonly ids: Ids
  readonly traces: Trace.Traces
  /** Without a catalogue, granting an unknown feature adds it to `features`. */
  readonly hasCatalogue: boolean
  readonly features: Map<string, Feature>
  readonly currencies: Map<string, Schemas.CustomCurrency>
  readonly plans: Map<string, Plan>
  readonly customers: Map<string, CustomerEntry>
  readonly customersInOrder: OrderedIndex<CustomerEntry>
  /** Archived customers are in neither: archiving clears both values. */
  readonly customersByEmail: ValueIndex<CustomerEntry>
  readonly customersByName: ValueIndex<CustomerEntry>
  readonly watchers: Set<Watcher>
}

/** Learns of what changes. */
export interface Watcher extends AnswerWatcher {
  /** Runs for each customer that was added or changed. */
  changed(entry: CustomerEntry): void
}

/** The world that handles the current request. */
export class World extends Context.Tag("effect-stigg/testing/World")<World, WorldState>() {}

/** Creates an empty world. */
export const empty = (ids: Ids): WorldState => ({
  environmentId: ids.uuid("environment", 0),
  ids,
  traces: Trace.make(ids),
  hasCatalogue: false,
  features: new Map(),
  currencies: new Map(),
  plans: new Map(),
  customers: new Map(),
  customersInOrder: new OrderedIndex(),
  customersByEmail: new ValueIndex(),
  customersByName: new ValueIndex(),
  watchers: new Set()
})

/** Finds a customer, archived or not. */
export const anyCustomer = (id: string): Effect.Effect<CustomerEntry, ApiFailure.ApiFailure, World> =>
  Effect.flatMap(World, ({ customers }) => {
    const entry = customers.get(id)
    return entry === undefined ? Effect.fail(ApiFailure.customerNotFound(id)) : Effect.succeed(entry)
  })

/** Finds a customer that is not archived. */
export const activeCustomer = (id: string): Effect.Effect<CustomerEntry, ApiFailure.ApiFailure, World> =>
  Effect.filterOrFail(
    anyCustomer(id),
    (entry) => entry.customer.archivedAt === null,
    () => ApiFailure.customerNotFound(id)
  )

/** Adds customers, in any order. */
export const addAll = (world: WorldState, makes: Iterable<(serial: number) => CustomerEntry>): void => {
  for (const entry of world.customersInOrder.insertAll(makes)) register(world, entry)
}

/** Adds a customer. */
export const add = (world: WorldState, make: (serial: number) => CustomerEntry): CustomerEntry => {
  const entry = world.customersInOrder.insert(make)
  register(world, entry)
  return entry
}

const register = (world: WorldState, entry: CustomerEntry): void => {
  world.customers.set(entry.id, entry)
  world.customersByEmail.add(entry.customer.email, entry)
  world.customersByName.add(entry.customer.name, entry)
  for (const watcher of world.watchers) watcher.changed(entry)
}
