import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Currency } from "./Currency.js"
import { Dictionary } from "./Dictionary.js"
import { Email, NewCustomerId, Text } from "./Identifier.js"
import { ImportCustomer } from "./ImportCustomer.js"
import { CustomerIntegrationLink, CustomerIntegrationLinkParams } from "./Integration.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import type { PageParams } from "./Pagination.js"
import { oneDirection, pageFields } from "./Pagination.js"
import { Passthrough, PassthroughParams } from "./Passthrough.js"
import { PaymentMethod, PaymentMethodParams } from "./PaymentMethod.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { dictionary, list, nullable, optionalList, responseStruct } from "./internal/ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"
import { TimestampRange } from "./TimestampRange.js"

/**
 * A customer.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const label = (customer: Schemas.Customer): string => customer.name ?? customer.email ?? customer.id
 *
 * @see https://docs.stigg.io/api-reference
 * @category customers
 * @since 0.1.0
 */
export interface Customer {
  /** The id you gave it. */
  readonly id: string
  readonly name: string | null
  readonly email: string | null
  /** Its id with the billing provider; null until it is synced. */
  readonly billingId: string | null
  readonly billingCurrency: Currency | null
  readonly couponId: string | null
  readonly integrations: ReadonlyArray<CustomerIntegrationLink>
  readonly language: string | null
  readonly metadata: Dictionary
  readonly passthrough: Passthrough | null
  readonly timezone: string | null
  readonly defaultPaymentMethod: PaymentMethod | null
  readonly createdAt: DateTime.Utc
  readonly updatedAt: DateTime.Utc
  /** Null while it is not archived. */
  readonly archivedAt: DateTime.Utc | null
}

/**
 * The schema of {@link Customer}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const customer = Schema.decodeUnknownSync(Schemas.Customer)({
 *   id: "customer-acme",
 *   createdAt: "2026-06-13T10:00:00.000Z",
 *   updatedAt: "2026-06-13T10:00:00.000Z",
 *   archivedAt: null
 * })
 * console.log(customer.name, customer.integrations) // null []
 *
 * @category customers
 * @since 0.1.0
 */
export const Customer: Schema.Schema<Customer, ResponseJson<Customer>> = responseStruct<Customer>("Customer", {
  id: Schema.String,
  name: nullable(Schema.String),
  email: nullable(Schema.String),
  billingId: nullable(Schema.String),
  billingCurrency: nullable(Currency),
  couponId: nullable(Schema.String),
  integrations: optionalList(CustomerIntegrationLink),
  language: nullable(Schema.String),
  metadata: dictionary,
  passthrough: nullable(Passthrough),
  timezone: nullable(Schema.String),
  defaultPaymentMethod: nullable(PaymentMethod),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  archivedAt: nullable(Timestamp)
})

/**
 * What `customers.update` takes. A field set to null is cleared, a field left out stays; `metadata` replaces the whole.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const changes: Schemas.UpdateCustomer = { name: "Acme", email: null } // clears the address, and leaves the rest
 * console.log(Object.keys(changes)) // [ "name", "email" ]
 *
 * @category customers
 * @since 0.1.0
 */
export interface UpdateCustomer {
  /** At most 255 characters. */
  readonly name?: string | null | undefined
  /** At most 255 characters. */
  readonly email?: string | null | undefined
  /** The customer's id with the billing provider, at most 255 characters. */
  readonly billingId?: string | null | undefined
  readonly billingCurrency?: Currency | null | undefined
  /** An empty string is accepted. */
  readonly couponId?: string | null | undefined
  readonly integrations?: ReadonlyArray<CustomerIntegrationLink> | undefined
  /** At most 255 characters. */
  readonly language?: string | null | undefined
  readonly metadata?: Dictionary | undefined
  readonly passthrough?: PassthroughParams | undefined
  /** At most 255 characters. */
  readonly timezone?: string | null | undefined
}

const updateFields = {
  name: Schema.optional(Schema.NullOr(Text)),
  email: Schema.optional(Schema.NullOr(Email)),
  billingId: Schema.optional(Schema.NullOr(Text)),
  billingCurrency: Schema.optional(Schema.NullOr(Currency)),
  couponId: Schema.optional(Schema.NullOr(Schema.String)),
  integrations: Schema.optional(Schema.Array(CustomerIntegrationLinkParams)),
  language: Schema.optional(Schema.NullOr(Text)),
  metadata: Schema.optional(Dictionary),
  passthrough: Schema.optional(PassthroughParams),
  timezone: Schema.optional(Schema.NullOr(Text))
}

/**
 * The schema of {@link UpdateCustomer}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.UpdateCustomer)({ name: "Acme", email: null }))
 * // { name: "Acme", email: null }
 *
 * @category customers
 * @since 0.1.0
 */
export const UpdateCustomer: Schema.Schema<UpdateCustomer, RequestJson<UpdateCustomer>> = requestStruct(
  "UpdateCustomer",
  updateFields
)

/**
 * What `customers.provision` takes.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const acme: Schemas.ProvisionCustomer = { id: "customer-acme", name: "Acme", metadata: { plan: "gold" } }
 * console.log(acme.id) // customer-acme
 *
 * @category customers
 * @since 0.1.0
 */
export interface ProvisionCustomer extends UpdateCustomer {
  /** 1 to 255 characters: a letter or digit first, then letters, digits and `_ | . @ -`. */
  readonly id: string
  readonly defaultPaymentMethod?: PaymentMethod | null | undefined
}

/**
 * The schema of {@link ProvisionCustomer}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.ProvisionCustomer)
 * console.log(encode({ id: "customer-acme" })._tag, encode({ id: "/acme" })._tag) // Right Left
 *
 * @category customers
 * @since 0.1.0
 */
export const ProvisionCustomer: Schema.Schema<ProvisionCustomer, RequestJson<ProvisionCustomer>> = requestStruct(
  "ProvisionCustomer",
  {
    id: NewCustomerId,
    ...updateFields,
    defaultPaymentMethod: Schema.optional(Schema.NullOr(PaymentMethodParams))
  }
)

/**
 * What `customers.import` takes.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const batch: Schemas.ImportCustomers = {
 *   customers: [{ id: "customer-acme", name: "Acme", email: null }],
 *   integrationId: "stripe-eu"
 * }
 * console.log(batch.customers.length) // 1
 *
 * @category import
 * @since 0.1.0
 */
export interface ImportCustomers {
  /** 1 to 1,000 customers. */
  readonly customers: ReadonlyArray<ImportCustomer>
  /** The integration that the billing ids belong to. */
  readonly integrationId?: string | undefined
}

/**
 * The schema of {@link ImportCustomers}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.ImportCustomers)
 * console.log(encode({ customers: [] })._tag) // Left
 *
 * @category import
 * @since 0.1.0
 */
export const ImportCustomers: Schema.Schema<ImportCustomers, RequestJson<ImportCustomers>> = requestStruct(
  "ImportCustomers",
  {
    customers: Schema.Array(ImportCustomer).pipe(
      Schema.minItems(1, { description: "at least 1 customer" }),
      Schema.maxItems(1000, { description: "at most 1,000 customers" })
    ),
    integrationId: Schema.optional(Schema.String)
  }
)

/**
 * What an import did.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const count = (result: Schemas.ImportResult): number => result.newCustomers.length
 * console.log(count({ newCustomers: ["customer-acme"] })) // 1
 *
 * @category import
 * @since 0.1.0
 */
export interface ImportResult {
  /** The ids that did not exist before. Updated and skipped customers are not listed. */
  readonly newCustomers: ReadonlyArray<string>
}

/**
 * The schema of {@link ImportResult}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.ImportResult)({ newCustomers: ["customer-acme"] }))
 * // { newCustomers: [ "customer-acme" ] }
 *
 * @category import
 * @since 0.1.0
 */
export const ImportResult: Schema.Schema<ImportResult, ResponseJson<ImportResult>> = responseStruct<ImportResult>(
  "ImportResult",
  { newCustomers: list(Schema.String) }
)

/**
 * What `customers.list` takes.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { Schemas } from "effect-stigg"
 *
 * const since: Schemas.ListCustomers = { createdAt: { gte: DateTime.unsafeMake("2026-01-01") }, limit: 50 }
 * console.log(since.limit) // 50
 *
 * @category customers
 * @since 0.1.0
 */
export interface ListCustomers extends PageParams {
  /** Only customers created within this range. */
  readonly createdAt?: TimestampRange | undefined
  /** Only customers with exactly this address, at most 255 characters. */
  readonly email?: string | undefined
  /** Only customers with exactly this name, at most 255 characters. */
  readonly name?: string | undefined
}

/**
 * The schema of {@link ListCustomers}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.ListCustomers)
 * console.log(encode({ email: "billing@acme.com" })._tag, encode({ limit: 101 })._tag) // Right Left
 *
 * @category customers
 * @since 0.1.0
 */
export const ListCustomers: Schema.Schema<ListCustomers, RequestJson<ListCustomers>> = requestStruct("ListCustomers", {
  ...pageFields,
  createdAt: Schema.optional(TimestampRange),
  email: Schema.optional(Text),
  name: Schema.optional(Text)
}).pipe(oneDirection)

/**
 * A resource of a customer, such as a site or a workspace, with subscriptions of its own.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { Schemas } from "effect-stigg"
 *
 * const byAge = (a: Schemas.CustomerResource, b: Schemas.CustomerResource) => DateTime.Order(a.createdAt, b.createdAt)
 *
 * @category customers
 * @since 0.1.0
 */
export interface CustomerResource {
  readonly id: string
  readonly createdAt: DateTime.Utc
  readonly updatedAt: DateTime.Utc
}

/**
 * The schema of {@link CustomerResource}.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const resource = Schema.decodeUnknownSync(Schemas.CustomerResource)({
 *   id: "site-1",
 *   createdAt: "2026-06-13T10:00:00.000Z",
 *   updatedAt: "2026-06-13T10:00:00.000Z"
 * })
 * console.log(resource.id) // site-1
 *
 * @category customers
 * @since 0.1.0
 */
export const CustomerResource: Schema.Schema<
  CustomerResource,
  ResponseJson<CustomerResource>
> = responseStruct<CustomerResource>("CustomerResource", {
  id: Schema.String,
  createdAt: Timestamp,
  updatedAt: Timestamp
})
