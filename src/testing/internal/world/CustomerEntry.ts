import type * as DateTime from "effect/DateTime"
import type * as Schemas from "../../../Schemas.js"
import type { Entry, ReadonlyOrderedIndex } from "./OrderedIndex.js"
import { OrderedIndex } from "./OrderedIndex.js"
import type {
  CreditBalance,
  GrantEntry,
  IntegrationEntry,
  ResourceEntry,
  StoredCustomer,
  Subscription,
  Usage,
  WorldState
} from "./World.js"

/** The fields that are replaced as a whole. */
interface Fields {
  /** Without integrations, which are a list of their own. */
  readonly customer: StoredCustomer
  /** Ended ones stay: their positions give them their ids. */
  readonly subscriptions: ReadonlyArray<Subscription>
  readonly credits: ReadonlyArray<CreditBalance>
  readonly usage: ReadonlyArray<Usage>
  readonly contracts: ReadonlyArray<Schemas.Contract>
  readonly invoices: ReadonlyArray<Schemas.Invoice>
}

type Make<A> = (serial: number) => A

type Optional<A> = { readonly [Key in keyof A]?: A[Key] | undefined }

interface Details extends Optional<Omit<Fields, "customer">> {
  /** The integrations that are linked since the customer was created. */
  readonly linked?: ReadonlyArray<Schemas.Integration> | undefined
  /** Integrations of any age, instead of `linked`. */
  readonly integrations?: ReadonlyArray<Make<IntegrationEntry>> | undefined
  readonly grants?: ReadonlyArray<Make<GrantEntry>> | undefined
  readonly resources?: ReadonlyArray<Make<ResourceEntry>> | undefined
}

const none: ReadonlyArray<never> = Object.freeze([])

/**
 * A customer and its sub-resources. It changes only through its own methods, which tell the watchers of its world. A list
 * is made when it is first changed: most customers have none, or the one that they were created with.
 */
export class CustomerEntry implements Entry, Fields {
  readonly id: string
  readonly subscriptions: Fields["subscriptions"]
  readonly usage: Fields["usage"]
  readonly credits: Fields["credits"]
  readonly contracts: Fields["contracts"]
  readonly invoices: Fields["invoices"]
  private readonly linked: ReadonlyArray<Schemas.Integration>
  private madeIntegrations: OrderedIndex<IntegrationEntry> | null
  private madeGrants: OrderedIndex<GrantEntry> | null
  private madeResources: OrderedIndex<ResourceEntry> | null

  constructor(
    readonly serial: number,
    readonly customer: StoredCustomer,
    {
      contracts = none,
      credits = none,
      grants = none,
      integrations = none,
      invoices = none,
      linked = none,
      resources = none,
      subscriptions = none,
      usage = none
    }: Details
  ) {
    this.id = customer.id
    this.linked = linked
    this.subscriptions = subscriptions
    this.usage = usage
    this.credits = credits
    this.contracts = contracts
    this.invoices = invoices
    this.madeIntegrations = listOf(integrations)
    this.madeGrants = listOf(grants)
    this.madeResources = listOf(resources)
  }

  get createdAt(): number {
    return this.customer.createdAt.epochMillis
  }

  get integrations(): ReadonlyOrderedIndex<IntegrationEntry> {
    return this.integrationList()
  }

  get grants(): ReadonlyOrderedIndex<GrantEntry> {
    return this.grantList()
  }

  get resources(): ReadonlyOrderedIndex<ResourceEntry> {
    return this.resourceList()
  }

  // These do not create the lists, so reading them costs no memory.

  get allIntegrations(): ReadonlyArray<IntegrationEntry> {
    return this.madeIntegrations?.all ?? (this.linked.length === 0 ? none : this.firstIntegrations().all)
  }

  get allGrants(): ReadonlyArray<GrantEntry> {
    return this.madeGrants?.all ?? none
  }

  get allResources(): ReadonlyArray<ResourceEntry> {
    return this.madeResources?.all ?? none
  }

  /** The number of entries in all lists. */
  get itemCount(): number {
    const { allGrants, allResources, contracts, credits, invoices, subscriptions, usage } = this
    const lists = [allGrants, allResources, contracts, credits, invoices, subscriptions, usage]
    const integrations = this.madeIntegrations?.all ?? this.linked
    return lists.reduce((count, list) => count + list.length, integrations.length)
  }

  /** The integrations that are linked now. To change one, take it from {@link CustomerEntry.integrations}. */
  get links(): ReadonlyArray<IntegrationEntry> {
    return this.allIntegrations.filter(({ unlinked }) => !unlinked)
  }

  change(world: WorldState, fields: Partial<Fields>): void {
    const { email, name } = this.customer
    Object.assign(this, fields)
    const { customer } = this
    if (customer.email !== email) {
      world.customersByEmail.remove(email, this)
      world.customersByEmail.add(customer.email, this)
    }
    if (customer.name !== name) {
      world.customersByName.remove(name, this)
      world.customersByName.add(customer.name, this)
    }
    this.changed(world)
  }

  addIntegration(world: WorldState, make: Make<IntegrationEntry>): IntegrationEntry {
    const made = this.integrationList().insert(make)
    this.changed(world)
    return made
  }

  changeIntegration(
    world: WorldState,
    integration: IntegrationEntry,
    fields: Partial<Pick<IntegrationEntry, "link" | "unlinked">>
  ): void {
    Object.assign(integration, fields)
    this.changed(world)
  }

  addGrant(world: WorldState, make: Make<GrantEntry>): GrantEntry {
    const made = this.grantList().insert(make)
    this.changed(world)
    return made
  }

  changeGrant(world: WorldState, grant: GrantEntry, fields: Partial<Pick<GrantEntry, "grant" | "state">>): void {
    Object.assign(grant, fields)
    this.changed(world)
  }

  addResource(world: WorldState, make: Make<ResourceEntry>): void {
    this.resourceList().insert(make)
    this.changed(world)
  }

  private changed(world: WorldState): void {
    for (const watcher of world.watchers) watcher.changed(this)
  }

  private integrationList(): OrderedIndex<IntegrationEntry> {
    return (this.madeIntegrations ??= this.firstIntegrations())
  }

  private grantList(): OrderedIndex<GrantEntry> {
    return (this.madeGrants ??= new OrderedIndex())
  }

  private resourceList(): OrderedIndex<ResourceEntry> {
    return (this.madeResources ??= new OrderedIndex())
  }

  private firstIntegrations(): OrderedIndex<IntegrationEntry> {
    const { createdAt, linked } = this
    const integrations = new OrderedIndex<IntegrationEntry>()
    integrations.insertAll(
      linked.map((link) => (serial) => ({ serial, createdAt, id: link.id, link, unlinked: false }))
    )
    return integrations
  }
}

/** Creates a customer entry, without adding it to a world. */
export const make =
  (customer: StoredCustomer, more: Details = {}) =>
  (serial: number): CustomerEntry =>
    new CustomerEntry(serial, customer, more)

/** A customer with only an id. */
export const bare = (id: string, now: DateTime.Utc): StoredCustomer => ({
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

/** Whether anything can entitle a customer: a subscription, a grant or credits, at whatever time. */
export const hasSources = ({ allGrants, credits, subscriptions }: CustomerEntry): boolean =>
  subscriptions.length > 0 || allGrants.length > 0 || credits.length > 0

const listOf = <A extends Entry>(makes: ReadonlyArray<Make<A>>): OrderedIndex<A> | null => {
  if (makes.length === 0) return null
  const list = new OrderedIndex<A>()
  list.insertAll(makes)
  return list
}
