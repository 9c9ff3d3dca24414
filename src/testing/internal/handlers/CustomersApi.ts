import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schemas from "../../../Schemas.js"
import * as Changes from "../webhooks/Changes.js"
import * as Event from "../webhooks/Event.js"
import * as Happenings from "../webhooks/Happenings.js"
import * as Envelope from "../world/Envelope.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as EntitlementEvaluation from "../world/EntitlementEvaluation.js"
import * as Invoices from "./Invoices.js"
import * as Links from "./Links.js"
import * as StoredPassthrough from "../world/StoredPassthrough.js"
import { StiggApi } from "../../StiggApi.js"
import * as CustomerEntry from "../world/CustomerEntry.js"
import * as World from "../world/World.js"

const answer = (entry: CustomerEntry.CustomerEntry, status?: number) => Envelope.one(Envelope.customer, entry, status)

/** The handlers of the operations on customers. */
export const layer = HttpApiBuilder.group(StiggApi, "customers", (handlers) =>
  handlers
    .handle("provision", ({ payload }) => provision(payload))
    .handle("list", ({ urlParams }) => list(urlParams))
    .handle("import", ({ payload }) => importAll(payload))
    .handle("retrieve", ({ path }) => Effect.map(World.activeCustomer(path.id), (entry) => answer(entry)))
    .handle("update", ({ path, payload }) => update(path.id, payload))
    .handle("archive", ({ path }) => archive(path.id))
    .handle("unarchive", ({ path }) => unarchive(path.id))
    .handle("retrieveEntitlements", ({ path, urlParams }) =>
      Effect.gen(function* () {
        const world = yield* World.World
        const entry = yield* World.anyCustomer(path.id)
        const now = yield* Clock.currentTimeMillis
        return Envelope.one(
          Envelope.entitlementsState,
          EntitlementEvaluation.state(world, entry, urlParams.resourceId ?? null, now)
        )
      })
    )
    .handle("checkEntitlement", ({ path, urlParams }) =>
      Effect.gen(function* () {
        const world = yield* World.World
        const now = yield* Clock.currentTimeMillis
        const customer = world.customers.get(path.id)
        const resourceId = urlParams.resourceId ?? null
        const result =
          urlParams.featureId !== undefined
            ? EntitlementEvaluation.checkFeature(world, customer, urlParams.featureId, resourceId, urlParams, now)
            : EntitlementEvaluation.checkCredits(world, customer, urlParams.currencyId, resourceId, urlParams, now)
        return Envelope.one(Envelope.entitlement, result)
      })
    )
    .handle("listContracts", ({ path }) =>
      Effect.map(World.activeCustomer(path.id), ({ contracts }) => Envelope.many(Envelope.contract, contracts))
    )
    .handle("listInvoices", ({ path, urlParams }) =>
      Effect.flatMap(World.activeCustomer(path.id), (entry) => Invoices.page(entry, urlParams))
    )
    .handle("listResources", ({ path, urlParams }) =>
      Effect.flatMap(World.activeCustomer(path.id), (entry) =>
        Envelope.page({
          scope: `resources of ${entry.serial}`,
          of: entry.resources,
          query: urlParams,
          keep: () => true,
          value: ({ resource }) => resource,
          write: Envelope.resource
        })
      )
    )
)

const list = ({ createdAt, email, name, ...query }: Schemas.ListCustomers) =>
  Effect.flatMap(World.World, (world) =>
    Envelope.page({
      scope: "customers",
      of: world.customersInOrder,
      among:
        email !== undefined
          ? world.customersByEmail.of(email)
          : name !== undefined
            ? world.customersByName.of(name)
            : undefined,
      createdAt,
      query,
      keep: ({ customer }) => customer.archivedAt === null && (name === undefined || customer.name === name),
      value: (entry) => entry,
      write: Envelope.customer
    })
  )

const provision = (params: Schemas.ProvisionCustomer) =>
  Effect.gen(function* () {
    const world = yield* World.World
    if (world.customers.has(params.id)) return yield* ApiFailure.duplicated("Customer", params.id)
    const now = yield* DateTime.now
    const entry = World.add(
      world,
      CustomerEntry.make({
        ...changed(CustomerEntry.bare(params.id, now), params),
        defaultPaymentMethod: params.defaultPaymentMethod ?? null
      })
    )
    Links.replaceAll(world, entry, params.integrations ?? [], now)
    yield* Changes.tell(Happenings.customer("customer.created", entry))
    return answer(entry, 201)
  })

const update = (id: string, params: Schemas.UpdateCustomer) =>
  Effect.gen(function* () {
    const entry = yield* World.activeCustomer(id)
    const now = yield* DateTime.now
    const world = yield* World.World
    entry.change(world, { customer: { ...changed(entry.customer, params), updatedAt: now } })
    if (params.integrations !== undefined) Links.replaceAll(world, entry, params.integrations, now)
    yield* Changes.tell(Happenings.customer("customer.updated", entry))
    return answer(entry)
  })

type Stored = World.StoredCustomer

/** An absent field stays unchanged, and null clears it. */
const changed = (stored: Stored, params: Schemas.UpdateCustomer): Stored => ({
  ...stored,
  name: params.name === undefined ? stored.name : params.name,
  email: params.email === undefined ? stored.email : params.email,
  billingId: params.billingId === undefined ? stored.billingId : params.billingId,
  billingCurrency: params.billingCurrency === undefined ? stored.billingCurrency : params.billingCurrency,
  couponId: params.couponId === undefined ? stored.couponId : params.couponId,
  language: params.language === undefined ? stored.language : params.language,
  metadata: params.metadata ?? stored.metadata,
  passthrough: params.passthrough === undefined ? stored.passthrough : StoredPassthrough.fromParams(params.passthrough),
  timezone: params.timezone === undefined ? stored.timezone : params.timezone
})

const archive = (id: string) =>
  Effect.gen(function* () {
    const entry = yield* World.anyCustomer(id)
    if (entry.customer.archivedAt === null) {
      const now = yield* DateTime.now
      entry.change(yield* World.World, {
        customer: { ...entry.customer, name: null, email: null, updatedAt: now, archivedAt: now }
      })
      yield* Changes.tell(
        Event.all(
          Happenings.customer("customer.deleted", entry),
          CustomerEntry.hasSources(entry) ? Happenings.entitlements(entry, "customer_archived") : Event.none
        )
      )
    }
    return answer(entry)
  })

const unarchive = (id: string) =>
  Effect.gen(function* () {
    const entry = yield* World.anyCustomer(id)
    if (entry.customer.archivedAt !== null) {
      entry.change(yield* World.World, {
        customer: { ...entry.customer, updatedAt: yield* DateTime.now, archivedAt: null }
      })
      yield* Changes.tell(
        Event.all(
          Happenings.customer("customer.updated", entry),
          CustomerEntry.hasSources(entry) ? Happenings.entitlements(entry, "customer_unarchived") : Event.none
        )
      )
    }
    return answer(entry)
  })

const importAll = ({ customers }: Schemas.ImportCustomers) =>
  Effect.gen(function* () {
    const world = yield* World.World
    const now = yield* DateTime.now
    const created = new Map<string, Stored>()
    const updated = new Set<CustomerEntry.CustomerEntry>()
    const linked: Array<readonly [id: string, salesforceId: string]> = []
    for (const row of customers) {
      const existing = world.customers.get(row.id)
      const stored = created.get(row.id) ?? existing?.customer ?? CustomerEntry.bare(row.id, now)
      if (stored.archivedAt !== null) continue
      if (
        row.updatedAt !== undefined &&
        existing !== undefined &&
        DateTime.greaterThan(stored.updatedAt, row.updatedAt)
      )
        continue
      const customer = imported(stored, row, now)
      if (existing === undefined) created.set(row.id, customer)
      else {
        existing.change(world, { customer })
        updated.add(existing)
      }
      if (row.salesforceId !== undefined) linked.push([row.id, row.salesforceId])
    }
    World.addAll(
      world,
      Array.from(created.values(), (customer) => CustomerEntry.make(customer))
    )
    for (const [id, salesforceId] of linked) {
      const entry = world.customers.get(id)
      if (entry !== undefined) Links.put(world, entry, Links.salesforce(salesforceId), now)
    }
    yield* Changes.tell((at) => [
      ...Array.from(created.keys()).flatMap((id) => {
        const entry = world.customers.get(id)
        return entry === undefined ? [] : Happenings.customer("customer.created", entry)(at)
      }),
      ...Array.from(updated).flatMap((entry) => Happenings.customer("customer.updated", entry)(at))
    ])
    return Envelope.one(Envelope.importResult, { newCustomers: Array.from(created.keys()) })
  })

const imported = (stored: Stored, row: Schemas.ImportCustomer, now: DateTime.Utc): Stored => ({
  ...stored,
  name: row.name,
  email: row.email,
  billingId: row.billingId ?? stored.billingId,
  metadata: row.metadata ?? stored.metadata,
  defaultPaymentMethod:
    row.paymentMethodId === undefined
      ? stored.defaultPaymentMethod
      : {
          billingId: row.paymentMethodId,
          type: "CARD",
          cardLast4Digits: null,
          cardExpiryMonth: null,
          cardExpiryYear: null
        },
  updatedAt: now
})
