import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schemas from "../../../Schemas.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import type { Ids } from "./Ids.js"
import type { Entry } from "./OrderedIndex.js"
import { OrderedIndex } from "./OrderedIndex.js"

/** A feature of the catalogue. */
export interface Feature {
  readonly id: string
  readonly displayName: string
  readonly type: "BOOLEAN" | "NUMBER" | "ENUM"
  readonly status: "NEW" | "SUSPENDED" | "ACTIVE"
}

/** What a plan or a grant allows of a feature. */
export interface Allowance {
  readonly featureId: string
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean
  readonly hasSoftLimit: boolean
  readonly resetPeriod: Schemas.ResetPeriod | null
  /** From when its periods are counted; null for the start of the subscription or the grant. */
  readonly resetAccordingTo: string | null
  /** For an enum feature: the values it allows. */
  readonly values: ReadonlyArray<string>
}

/** Credits that a plan gives. */
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

/** A customer's plan, for the whole customer or for one of its resources. Moments are milliseconds since the epoch. */
export interface Subscription {
  readonly planId: string
  readonly resourceId: string | null
  readonly startDate: number
  readonly endDate: number | null
}

/** What a customer used of a feature or of credits, up to a moment. */
export interface Usage {
  readonly of: string
  readonly resourceId: string | null
  readonly used: number
  readonly at: number
}

/** A link to another system; `unlinked` ones are kept for the cursors that point at them. */
export interface IntegrationEntry extends Entry {
  link: Schemas.Integration
  unlinked: boolean
}

/** A promotional grant. Whether it has expired is for the clock to say. */
export interface GrantEntry extends Entry {
  grant: Schemas.PromotionalEntitlement
  readonly allowance: Allowance
  /** No longer listed; `replaced` by a newer grant of the feature, or revoked. */
  state: "granted" | "replaced" | "revoked"
}

/** Credits that a customer has beside its plans. */
export interface CreditBalance extends CreditAllowance {
  readonly resourceId: string | null
  readonly startDate: number
  readonly endDate: number | null
}

/** A resource of a customer. */
export interface ResourceEntry extends Entry {
  readonly resource: Schemas.CustomerResource
}

/** A customer and all that hangs on it. */
export interface CustomerEntry extends Entry {
  /** Its integrations are in {@link CustomerEntry.integrations}. */
  customer: Omit<Schemas.Customer, "integrations">
  readonly integrations: OrderedIndex<IntegrationEntry>
  readonly grants: OrderedIndex<GrantEntry>
  readonly resources: OrderedIndex<ResourceEntry>
  subscriptions: ReadonlyArray<Subscription>
  readonly credits: ReadonlyArray<CreditBalance>
  usage: ReadonlyArray<Usage>
  readonly contracts: ReadonlyArray<Schemas.Contract>
  readonly invoices: ReadonlyArray<Schemas.Invoice>
}

/**
 * One environment of Stigg, in memory. It is mutable: a request changes it in one synchronous step, so that no other
 * request sees half of a change.
 */
export interface WorldState {
  readonly environmentId: string
  readonly ids: Ids
  /** Without a catalogue, whatever is granted first joins it. */
  readonly hasCatalogue: boolean
  readonly features: Map<string, Feature>
  readonly currencies: Map<string, Schemas.CustomCurrency>
  readonly plans: Map<string, Plan>
  readonly customers: Map<string, CustomerEntry>
  readonly customersInOrder: OrderedIndex<CustomerEntry>
}

/** The world that a request is about. */
export class World extends Context.Tag("effect-stigg/testing/World")<World, WorldState>() {}

/** A world in which nothing is. */
export const empty = (ids: Ids): WorldState => ({
  environmentId: ids.uuid("environment", 0),
  ids,
  hasCatalogue: false,
  features: new Map(),
  currencies: new Map(),
  plans: new Map(),
  customers: new Map(),
  customersInOrder: new OrderedIndex()
})

/** A customer that is there, archived or not. */
export const anyCustomer = (id: string): Effect.Effect<CustomerEntry, ApiFailure.ApiFailure, World> =>
  Effect.flatMap(World, ({ customers }) => {
    const entry = customers.get(id)
    return entry === undefined ? Effect.fail(ApiFailure.customerNotFound(id)) : Effect.succeed(entry)
  })

/** A customer that is not archived. */
export const activeCustomer = (id: string): Effect.Effect<CustomerEntry, ApiFailure.ApiFailure, World> =>
  Effect.filterOrFail(
    anyCustomer(id),
    (entry) => entry.customer.archivedAt === null,
    () => ApiFailure.customerNotFound(id)
  )

/** A new customer, in a list of its own world or not yet. */
export const newCustomer =
  (customer: Omit<Schemas.Customer, "integrations">, more: Partial<CustomerEntry> = {}) =>
  (serial: number): CustomerEntry => ({
    serial,
    createdAt: customer.createdAt.epochMillis,
    id: customer.id,
    customer,
    integrations: new OrderedIndex(),
    grants: new OrderedIndex(),
    resources: new OrderedIndex(),
    subscriptions: [],
    credits: [],
    usage: [],
    contracts: [],
    invoices: [],
    ...more
  })

/** A customer with nothing but an id. */
export const bareCustomer = (id: string, now: DateTime.Utc): Omit<Schemas.Customer, "integrations"> => ({
  id,
  name: null,
  email: null,
  billingId: null,
  billingCurrency: null,
  couponId: null,
  language: null,
  metadata: {},
  passthrough: null,
  timezone: null,
  defaultPaymentMethod: null,
  createdAt: now,
  updatedAt: now,
  archivedAt: null
})

/** The customer as the API shows it. */
export const customerOf = (entry: CustomerEntry): Schemas.Customer => ({
  ...entry.customer,
  integrations: linksOf(entry).map(({ link }) => ({
    id: link.id,
    syncedEntityId: link.syncedEntityId,
    vendorIdentifier: link.vendorIdentifier
  }))
})

/** The integrations that are linked. */
export const linksOf = (entry: CustomerEntry): ReadonlyArray<IntegrationEntry> =>
  entry.integrations.all.filter(({ unlinked }) => !unlinked)
