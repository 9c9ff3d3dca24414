import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schemas from "../../../Schemas.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Trace from "../contract/Trace.js"
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
  link: Schemas.Integration
  unlinked: boolean
}

/** A promotional grant. Whether it has expired depends on the clock and is not stored. */
export interface GrantEntry extends Entry {
  grant: Schemas.PromotionalEntitlement
  readonly allowance: Allowance
  /** Only `granted` entries are listed. A newer grant of the same feature sets the older one to `replaced`. */
  state: "granted" | "replaced" | "revoked"
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

/** A customer and its sub-resources. */
export interface CustomerEntry extends Entry {
  /** Without integrations: those are in {@link CustomerEntry.integrations}. Changed only by {@link change}. */
  customer: StoredCustomer
  readonly integrations: OrderedIndex<IntegrationEntry>
  /** The integrations that are linked now. To change one, take it from {@link CustomerEntry.integrations}. */
  readonly links: ReadonlyArray<Readonly<IntegrationEntry>>
  readonly grants: OrderedIndex<GrantEntry>
  readonly resources: OrderedIndex<ResourceEntry>
  /** The entries of the three lists. Reading them does not make the lists, which most customers do not have. */
  readonly allIntegrations: ReadonlyArray<Readonly<IntegrationEntry>>
  readonly allGrants: ReadonlyArray<GrantEntry>
  readonly allResources: ReadonlyArray<ResourceEntry>
  /** Ended ones stay: their positions give them their ids. */
  subscriptions: ReadonlyArray<Subscription>
  credits: ReadonlyArray<CreditBalance>
  usage: ReadonlyArray<Usage>
  contracts: ReadonlyArray<Schemas.Contract>
  invoices: ReadonlyArray<Schemas.Invoice>
}

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
  customersByName: new ValueIndex()
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
}

/** Replaces a customer's fields. */
export const change = (world: WorldState, entry: CustomerEntry, customer: StoredCustomer): void => {
  const { email, name } = entry.customer
  entry.customer = customer
  if (customer.email !== email) {
    world.customersByEmail.remove(email, entry)
    world.customersByEmail.add(customer.email, entry)
  }
  if (customer.name !== name) {
    world.customersByName.remove(name, entry)
    world.customersByName.add(customer.name, entry)
  }
}

interface Details extends Pick<CustomerEntry, "subscriptions" | "credits" | "usage" | "contracts" | "invoices"> {
  /** The integrations that are linked since the customer was created. */
  readonly linked: ReadonlyArray<Schemas.Integration>
}

/** Creates a customer entry, without adding it to a world. */
export const newCustomer =
  (customer: StoredCustomer, more: Partial<Details> = {}) =>
  (serial: number): CustomerEntry =>
    new LazyCustomer(serial, customer, more)

const none: ReadonlyArray<never> = Object.freeze([])

/** Makes a list when it is first changed: most customers have none, or the one that they were created with. */
class LazyCustomer implements CustomerEntry {
  readonly id: string
  subscriptions: CustomerEntry["subscriptions"]
  usage: CustomerEntry["usage"]
  credits: CustomerEntry["credits"]
  contracts: CustomerEntry["contracts"]
  invoices: CustomerEntry["invoices"]
  private readonly linked: Details["linked"]
  private madeIntegrations: CustomerEntry["integrations"] | null = null
  private madeGrants: CustomerEntry["grants"] | null = null
  private madeResources: CustomerEntry["resources"] | null = null

  constructor(
    readonly serial: number,
    public customer: StoredCustomer,
    {
      contracts = none,
      credits = none,
      invoices = none,
      linked = none,
      subscriptions = none,
      usage = none
    }: Partial<Details>
  ) {
    this.id = customer.id
    this.linked = linked
    this.subscriptions = subscriptions
    this.usage = usage
    this.credits = credits
    this.contracts = contracts
    this.invoices = invoices
  }

  get createdAt(): number {
    return this.customer.createdAt.epochMillis
  }

  get integrations(): CustomerEntry["integrations"] {
    return (this.madeIntegrations ??= this.firstIntegrations())
  }

  get grants(): CustomerEntry["grants"] {
    return (this.madeGrants ??= new OrderedIndex())
  }

  get resources(): CustomerEntry["resources"] {
    return (this.madeResources ??= new OrderedIndex())
  }

  get allIntegrations(): CustomerEntry["allIntegrations"] {
    return this.madeIntegrations?.all ?? (this.linked.length === 0 ? none : this.firstIntegrations().all)
  }

  get allGrants(): ReadonlyArray<GrantEntry> {
    return this.madeGrants?.all ?? none
  }

  get allResources(): ReadonlyArray<ResourceEntry> {
    return this.madeResources?.all ?? none
  }

  get links(): CustomerEntry["links"] {
    return this.allIntegrations.filter(({ unlinked }) => !unlinked)
  }

  private firstIntegrations(): CustomerEntry["integrations"] {
    const { createdAt, linked } = this
    const integrations = new OrderedIndex<IntegrationEntry>()
    integrations.insertAll(
      linked.map((link) => (serial) => ({ serial, createdAt, id: link.id, link, unlinked: false }))
    )
    return integrations
  }
}

/** A customer with only an id. */
export const bareCustomer = (id: string, now: DateTime.Utc): StoredCustomer => ({
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

/** The linked integrations of a customer. */
export const linksOf = (entry: CustomerEntry): CustomerEntry["links"] => entry.links

/** Whether anything can entitle a customer: a subscription, a grant or credits, at whatever time. */
export const hasSources = ({ allGrants, credits, subscriptions }: CustomerEntry): boolean =>
  subscriptions.length > 0 || allGrants.length > 0 || credits.length > 0
