import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { Currency } from "./Currency.js"
import { Dictionary } from "./Dictionary.js"
import { Email, NewCustomerId, Text } from "./Identifier.js"
import { ImportCustomer } from "./ImportCustomer.js"
import { CustomerIntegrationLink, CustomerIntegrationLinkParams } from "./Integration.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import type { PageParams } from "./PageParams.js"
import { oneDirection, pageFields } from "./PageParams.js"
import { Passthrough, PassthroughParams } from "./Passthrough.js"
import { PaymentMethod, PaymentMethodParams } from "./PaymentMethod.js"
import * as Documented from "./internal/Documented.js"
import { requestStruct } from "./internal/RequestStruct.js"
import {
  dictionary,
  list,
  nullable,
  optional,
  optionalList,
  optionalNullable,
  responseStruct
} from "./internal/ResponseStruct.js"
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
  /** The id that you chose. */
  readonly id: string
  readonly name: string | null
  readonly email: string | null
  /** The customer's id with the billing provider; null until it is synced. */
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
  /** Null unless the customer is archived. */
  readonly archivedAt: DateTime.Utc | null
}

/**
 * Decodes a customer. `id`, `createdAt` and `updatedAt` are required. `integrations` and `metadata` default to empty,
 * other fields to null.
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
  name: optionalNullable(Documented.text),
  email: optionalNullable(Documented.email),
  billingId: optionalNullable(Documented.text),
  billingCurrency: optionalNullable(Currency),
  couponId: optionalNullable(Schema.String),
  integrations: optionalList(CustomerIntegrationLink),
  language: optionalNullable(Documented.text),
  metadata: dictionary,
  passthrough: optional(Passthrough),
  timezone: optionalNullable(Documented.text),
  defaultPaymentMethod: optionalNullable(PaymentMethod),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  archivedAt: nullable(Timestamp)
})

/**
 * The changes for `customers.update`. Null clears a field, and a missing field stays unchanged. `metadata` replaces all
 * existing metadata.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const changes: Schemas.UpdateCustomer = { name: "Acme", email: null } // clears the address, keeps the rest
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
  /**
   * The id of a coupon. May be an empty string. Only the API knows whether it exists, and does not document its answer if
   * it does not. The emulator has no coupons and stores any id.
   */
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
 * Encodes the changes for `customers.update`. Rejects a malformed `email`, and a `name`, `email`, `billingId`,
 * `language` or `timezone` of more than 255 characters.
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
 * The parameters of `customers.provision`.
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
  /** 1 to 255 characters: a letter or digit, followed by letters, digits and `_ | . @ -`. */
  readonly id: string
  readonly defaultPaymentMethod?: PaymentMethod | null | undefined
}

/**
 * Encodes a customer to provision. Rejects an `id` that is not a {@link NewCustomerId}, and the fields that
 * {@link UpdateCustomer} rejects.
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
 * The parameters of `customers.import`.
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
 * Encodes a batch of 1 to 1,000 customers. Rejects any other number, and a customer that {@link ImportCustomer}
 * rejects.
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
 * The result of `customers.import`.
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
  /** The ids of the created customers. Updated and skipped customers are not listed. */
  readonly newCustomers: ReadonlyArray<string>
}

/**
 * Decodes the result of an import. `newCustomers` defaults to an empty list.
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
 * The parameters of `customers.list`.
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
  /** Only customers with exactly this email address, at most 255 characters. */
  readonly email?: string | undefined
  /** Only customers with exactly this name, at most 255 characters. */
  readonly name?: string | undefined
}

/**
 * Encodes the parameters of `customers.list`. Rejects an `email` or `name` of more than 255 characters, and invalid
 * page parameters, as {@link PageParams} does.
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
 * A resource of a customer, such as a site or a workspace, with its own subscriptions.
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
 * Decodes a resource of a customer. All fields are required.
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
