/**
 * The operations on Stigg customers. The services of their payment method, promotional entitlements, and integrations
 * are fields.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as Integrations from "./customers/Integrations.js"
import * as PaymentMethod from "./customers/PaymentMethod.js"
import * as PromotionalEntitlements from "./customers/PromotionalEntitlements.js"
import type { Page } from "./Pagination.js"
import type { Contract } from "./schemas/Contract.js"
import type {
  Customer,
  CustomerResource,
  ImportCustomers,
  ImportResult,
  ListCustomers,
  ProvisionCustomer,
  UpdateCustomer
} from "./schemas/Customer.js"
import type { CheckEntitlement, Entitlement, EntitlementsState, RetrieveEntitlements } from "./schemas/Entitlement.js"
import type { Invoice, ListInvoices } from "./schemas/Invoice.js"
import type { PageParams } from "./schemas/PageParams.js"
import { StiggClient } from "./StiggClient.js"
import type { StiggError } from "./StiggError.js"
import * as Client from "./internal/operations/Client.js"
import * as Fake from "./internal/operations/Fake.js"
import * as operations from "./internal/operations/groups.js"

/**
 * The operations on customers. Each fails with `StiggError`; a call that the API could not accept fails with
 * `InvalidRequestError` before anything is sent.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   const acme = yield* customers.provision({ id: "customer-acme", email: "billing@acme.com" })
 *   yield* customers.list({ email: "billing@acme.com" }).pipe(Stream.runForEach((customer) => Effect.log(customer.id)))
 *   return acme
 * })
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** Creates a customer. Fails with `ConflictError` when its id exists, archived or not: see `ensure`. */
  readonly provision: (params: ProvisionCustomer) => Effect.Effect<Customer, StiggError>
  /**
   * Creates a customer, or retrieves the one of this id, as it is: for sign-ups and webhooks that come twice. Fails with
   * `NotFoundError` when that one is archived: `unarchive` brings it back.
   */
  readonly ensure: (params: ProvisionCustomer) => Effect.Effect<Customer, StiggError>
  /** One customer. Fails with `NotFoundError` when there is none, or it is archived. */
  readonly retrieve: (id: string) => Effect.Effect<Customer, StiggError>
  /**
   * Changes a customer: null clears a field, a field left out stays, `metadata` replaces the whole. Fails with
   * `NotFoundError` when there is none.
   */
  readonly update: (id: string, params: UpdateCustomer) => Effect.Effect<Customer, StiggError>
  /** Archives a customer: its name and email become null for good. One that is archived stays as it is. */
  readonly archive: (id: string) => Effect.Effect<Customer, StiggError>
  /** Brings an archived customer back, without its name and email. One that is active stays as it is. */
  readonly unarchive: (id: string) => Effect.Effect<Customer, StiggError>
  /** All customers that match, 100 a request unless `limit` says otherwise. Archived ones are not among them. */
  readonly list: (params?: ListCustomers) => Stream.Stream<Customer, StiggError>
  /** As `list`, in pages. */
  readonly listPages: (params?: ListCustomers) => Stream.Stream<Page<Customer>, StiggError>
  /** One page, of 20 customers unless `limit` says otherwise. */
  readonly listPage: (params?: ListCustomers) => Effect.Effect<Page<Customer>, StiggError>
  /**
   * Creates or updates 1 to 1,000 customers; one that was updated later than its row says is skipped. Repeating it is
   * safe. The result lists the new ids alone.
   */
  readonly import: (params: ImportCustomers) => Effect.Effect<ImportResult, StiggError>
  /**
   * Whether a customer may use a feature, or spend credits. A denial is a result and no failure: `isGranted` is false and
   * `accessDeniedReason` says why, also for an unknown customer. The API keeps no cache and promises no latency.
   */
  readonly checkEntitlement: (id: string, params: CheckEntitlement) => Effect.Effect<Entitlement, StiggError>
  /** All entitlements of a customer. Fails with `NotFoundError` when there is no such customer. */
  readonly retrieveEntitlements: (
    id: string,
    params?: RetrieveEntitlements
  ) => Effect.Effect<EntitlementsState, StiggError>
  /** All resources of a customer, 100 a request unless `limit` says otherwise. */
  readonly listResources: (id: string, params?: PageParams) => Stream.Stream<CustomerResource, StiggError>
  /** As `listResources`, in pages. */
  readonly listResourcesPages: (id: string, params?: PageParams) => Stream.Stream<Page<CustomerResource>, StiggError>
  /** One page, of 20 resources unless `limit` says otherwise. */
  readonly listResourcesPage: (id: string, params?: PageParams) => Effect.Effect<Page<CustomerResource>, StiggError>
  /**
   * All invoices of a customer, by issue date unless told otherwise. Fetched live from the billing provider: empty when
   * none is connected or the customer is not synced.
   */
  readonly listInvoices: (id: string, params?: ListInvoices) => Stream.Stream<Invoice, StiggError>
  /** As `listInvoices`, in pages. */
  readonly listInvoicesPages: (id: string, params?: ListInvoices) => Stream.Stream<Page<Invoice>, StiggError>
  /** One page, of 20 invoices unless `limit` says otherwise. */
  readonly listInvoicesPage: (id: string, params?: ListInvoices) => Effect.Effect<Page<Invoice>, StiggError>
  /**
   * All contracts of a customer. Fetched live from the billing provider: empty when none is connected or the customer is
   * not synced.
   */
  readonly listContracts: (id: string) => Effect.Effect<ReadonlyArray<Contract>, StiggError>
  /** The customer's payment method. */
  readonly paymentMethod: PaymentMethod.Service
  /** The customer's promotional entitlements. */
  readonly promotionalEntitlements: PromotionalEntitlements.Service
  /** The customer's integrations. */
  readonly integrations: Integrations.Service
}

/**
 * The service of customers.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   return yield* customers.retrieve("customer-acme")
 * })
 *
 * @category tags
 * @since 0.1.0
 */
export class Customers extends Context.Tag("effect-stigg/Customers")<Customers, Service>() {}

const make = Effect.gen(function* () {
  const methods = Client.make<Service>()(operations.customers, yield* StiggClient)
  return Customers.of({
    ...methods,
    ensure: (params) =>
      methods.provision(params).pipe(
        Effect.catchIf(
          (error) => error._tag === "StiggConflictError" && error.code === "DuplicatedEntityNotAllowed",
          () => methods.retrieve(params.id)
        )
      ),
    paymentMethod: yield* PaymentMethod.PaymentMethod,
    promotionalEntitlements: yield* PromotionalEntitlements.PromotionalEntitlements,
    integrations: yield* Integrations.Integrations
  })
})

/**
 * The service on a client, and the three services that are its fields.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { Customers, StiggClient } from "effect-stigg"
 *
 * const CustomersLive = Customers.layer.pipe(
 *   Layer.provide(StiggClient.layer({ apiKey: Redacted.make("server-key") }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  Customers | PaymentMethod.PaymentMethod | PromotionalEntitlements.PromotionalEntitlements | Integrations.Integrations,
  never,
  StiggClient
> = Layer.effect(Customers, make).pipe(
  Layer.provideMerge(Layer.mergeAll(PaymentMethod.layer, PromotionalEntitlements.layer, Integrations.layer))
)

/**
 * The operations that a fake is given; those of the three sub-services likewise.
 *
 * @example
 * import { Effect } from "effect"
 * import type { Customers } from "effect-stigg"
 *
 * const given: Customers.Given = { paymentMethod: { detach: () => Effect.dieMessage("not in this test") } }
 *
 * @category testing
 * @since 0.1.0
 */
export type Given = Partial<Omit<Service, "paymentMethod" | "promotionalEntitlements" | "integrations">> & {
  readonly paymentMethod?: Partial<PaymentMethod.Service>
  readonly promotionalEntitlements?: Partial<PromotionalEntitlements.Service>
  readonly integrations?: Partial<Integrations.Service>
}

/**
 * A partial fake for unit tests: what is not given dies with a message that names the operation. For a Stigg that behaves
 * like one, see `StiggTest.layer` of `effect-stigg/testing`.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, Schemas } from "effect-stigg"
 * import { Schema } from "effect"
 *
 * const acme = Schema.decodeUnknownSync(Schemas.Customer)({
 *   id: "customer-acme",
 *   createdAt: "2026-06-13T10:00:00.000Z",
 *   updatedAt: "2026-06-13T10:00:00.000Z",
 *   archivedAt: null
 * })
 * const CustomersTest = Customers.layerTest({ retrieve: () => Effect.succeed(acme) })
 *
 * @category testing
 * @since 0.1.0
 */
export const layerTest = (
  given: Given
): Layer.Layer<
  Customers | PaymentMethod.PaymentMethod | PromotionalEntitlements.PromotionalEntitlements | Integrations.Integrations
> => {
  const paymentMethod: PaymentMethod.Service = {
    ...Fake.make(operations.paymentMethod),
    ...given.paymentMethod
  }
  const promotionalEntitlements: PromotionalEntitlements.Service = {
    ...Fake.make(operations.promotionalEntitlements),
    create: Fake.missing("customers.promotionalEntitlements.create"),
    ...given.promotionalEntitlements
  }
  const integrations: Integrations.Service = { ...Fake.make(operations.integrations), ...given.integrations }
  const customers: Service = {
    ...Fake.make(operations.customers),
    ensure: Fake.missing("customers.ensure"),
    ...given,
    paymentMethod,
    promotionalEntitlements,
    integrations
  }
  return Layer.mergeAll(
    Layer.succeed(Customers, customers),
    Layer.succeed(PaymentMethod.PaymentMethod, paymentMethod),
    Layer.succeed(PromotionalEntitlements.PromotionalEntitlements, promotionalEntitlements),
    Layer.succeed(Integrations.Integrations, integrations)
  )
}
