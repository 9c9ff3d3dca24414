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
import { requestStruct } from "./RequestStruct.js"
import { dictionary, list, nullable, optionalList, responseStruct } from "./ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"
import { TimestampRange } from "./TimestampRange.js"

/**
 * A customer.
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
