/**
 * The operations on Stigg customers. The services for payment methods, promotional entitlements, and integrations are
 * fields of the service.
 *
 * @module
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
 * The operations on customers. Each fails with `StiggError`. A call with invalid arguments fails with
 * `StiggInvalidRequestError` before anything is sent.
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
  /** Creates a customer. Fails with `StiggConflictError` if the id exists, archived or not: see `ensure`. */
  readonly provision: (params: ProvisionCustomer) => Effect.Effect<Customer, StiggError>
  /**
   * Creates a customer, or retrieves the existing one unchanged if the id exists. Use it for sign-ups and webhooks
   * that can arrive twice. Fails with `StiggNotFoundError` if the customer is archived: call `unarchive` first. Fails
   * with `StiggConflictError` if concurrent changes conflict.
   */
  readonly ensure: (params: ProvisionCustomer) => Effect.Effect<Customer, StiggError>
  /** Retrieves a customer. Fails with `StiggNotFoundError` if it does not exist or is archived. */
  readonly retrieve: (id: string) => Effect.Effect<Customer, StiggError>
  /**
   * Updates a customer: null clears a field, an absent field stays unchanged, and `metadata` replaces all existing
   * metadata. Fails with `StiggNotFoundError` if the customer does not exist.
   */
  readonly update: (id: string, params: UpdateCustomer) => Effect.Effect<Customer, StiggError>
  /**
   * Archives a customer. Its name and email become null permanently. An archived customer stays unchanged. Fails with
   * `StiggNotFoundError` if the customer does not exist.
   */
  readonly archive: (id: string) => Effect.Effect<Customer, StiggError>
  /**
   * Unarchives a customer, without its name and email. An active customer stays unchanged. Fails with
   * `StiggNotFoundError` if the customer does not exist.
   */
  readonly unarchive: (id: string) => Effect.Effect<Customer, StiggError>
  /** Streams all matching customers, with 100 per request unless `limit` is set. Excludes archived customers. */
  readonly list: (params?: ListCustomers) => Stream.Stream<Customer, StiggError>
  /** Like `list`, as a stream of pages. */
  readonly listPages: (params?: ListCustomers) => Stream.Stream<Page<Customer>, StiggError>
  /** Like `list`, but returns one page, of 20 customers unless `limit` is set. */
  readonly listPage: (params?: ListCustomers) => Effect.Effect<Page<Customer>, StiggError>
  /**
   * Creates or updates 1 to 1,000 customers. Skips a customer that was updated later than its row. Repeating an import
   * is safe. The result lists only the ids of new customers.
   */
  readonly import: (params: ImportCustomers) => Effect.Effect<ImportResult, StiggError>
  /**
   * Checks whether a customer may use a feature or spend credits. A denial is a result, not an error: `isGranted` is
   * false and `accessDeniedReason` has the reason, also for an unknown customer (`CustomerNotFound`) and an unknown
   * feature (`FeatureNotFound`). With a `Catalogue`, a misspelled feature id does not compile. The API documents 404 as
   * well (`StiggNotFoundError`), but not for which case. It does not cache and does not guarantee a latency.
   */
  readonly checkEntitlement: (id: string, params: CheckEntitlement) => Effect.Effect<Entitlement, StiggError>
  /** Returns all entitlements of a customer. Fails with `StiggNotFoundError` if the customer does not exist. */
  readonly retrieveEntitlements: (
    id: string,
    params?: RetrieveEntitlements
  ) => Effect.Effect<EntitlementsState, StiggError>
  /**
   * Streams all resources of a customer, with 100 per request unless `limit` is set. Fails with `StiggNotFoundError` if
   * the customer does not exist.
   */
  readonly listResources: (id: string, params?: PageParams) => Stream.Stream<CustomerResource, StiggError>
  /** Like `listResources`, as a stream of pages. */
  readonly listResourcesPages: (id: string, params?: PageParams) => Stream.Stream<Page<CustomerResource>, StiggError>
  /** Like `listResources`, but returns one page, of 20 resources unless `limit` is set. */
  readonly listResourcesPage: (id: string, params?: PageParams) => Effect.Effect<Page<CustomerResource>, StiggError>
  /**
   * Streams all invoices of a customer, ordered by issue date by default. The API fetches them live from the billing
   * provider. Empty if none is connected or the customer is not synced. Fails with `StiggNotFoundError` if the customer
   * does not exist.
   */
  readonly listInvoices: (id: string, params?: ListInvoices) => Stream.Stream<Invoice, StiggError>
  /** Like `listInvoices`, as a stream of pages. */
  readonly listInvoicesPages: (id: string, params?: ListInvoices) => Stream.Stream<Page<Invoice>, StiggError>
  /** Like `listInvoices`, but returns one page, of 20 invoices unless `limit` is set. */
  readonly listInvoicesPage: (id: string, params?: ListInvoices) => Effect.Effect<Page<Invoice>, StiggError>
  /**
   * Returns all contracts of a customer. The API fetches them live from the billing provider. Empty if none is
   * connected or the customer is not synced. Fails with `StiggNotFoundError` if the customer does not exist.
   */
  readonly listContracts: (id: string) => Effect.Effect<ReadonlyArray<Contract>, StiggError>
  /** The operations on the customer's payment method. */
  readonly paymentMethod: PaymentMethod.Service
  /** The operations on the customer's promotional entitlements. */
  readonly promotionalEntitlements: PromotionalEntitlements.Service
  /** The operations on the customer's integrations. */
  readonly integrations: Integrations.Service
}

/**
 * The service tag of the customer operations.
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
 * Provides the service on top of a client, and the three services that are its fields.
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
 * The methods of a fake, including those of the three nested services. All are optional.
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
 * A partial fake for unit tests. A missing method dies with a message that names its operation. For an emulator with
 * Stigg's behavior, see `StiggTest.layer` of `effect-stigg/testing`.
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
