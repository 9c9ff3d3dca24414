import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Money } from "./Currency.js"
import { Money as MoneySchema } from "./Currency.js"
import { InvoiceState } from "./Invoice.js"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { list, nullable, optionalNullable, responseStruct } from "./internal/ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * The state of a contract.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.ContractState = "ACTIVE"
 * const unknown: Schemas.ContractState = "something new"
 * console.log(known, unknown) // ACTIVE something new
 *
 * @category contracts
 * @since 0.1.0
 */
export type ContractState = Extract<typeof ContractState.Type, string>

/**
 * Accepts any string, so a state that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.ContractState)
 * console.log(decode("ACTIVE"), decode("PAUSED")) // ACTIVE PAUSED
 *
 * @category contracts
 * @since 0.1.0
 */
export const ContractState = openEnum("ContractState", "DRAFT", "ACTIVE", "CANCELED", "END_BILLING")

/**
 * The latest invoice of a contract.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isStuck = (invoice: Schemas.ContractLatestInvoice): boolean =>
 *   invoice.requiresAction && invoice.status === "OPEN"
 *
 * @category contracts
 * @since 0.1.0
 */
export interface ContractLatestInvoice {
  readonly billingId: string
  readonly createdAt: DateTime.Utc
  readonly requiresAction: boolean
  readonly status: InvoiceState
  /** In major units of the currency, such as dollars. */
  readonly amountDue: number | null
  readonly billingReason: typeof BillingReason.Type | null
  readonly currency: string | null
  readonly pdfUrl: string | null
  /** In major units of the currency, such as dollars. */
  readonly total: number | null
}

const BillingReason = openEnum(
  "BillingReason",
  "BILLING_CYCLE",
  "SUBSCRIPTION_CREATION",
  "SUBSCRIPTION_UPDATE",
  "MANUAL",
  "MINIMUM_INVOICE_AMOUNT_EXCEEDED",
  "OTHER"
)

/**
 * Decodes the latest invoice of a contract. `billingId`, `createdAt`, `requiresAction` and `status` are required; other
 * fields default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const invoice = Schema.decodeUnknownSync(Schemas.ContractLatestInvoice)({
 *   billingId: "in_1",
 *   createdAt: "2026-06-13T10:00:00.000Z",
 *   requiresAction: false,
 *   status: "PAID",
 *   total: 49.5
 * })
 * console.log(invoice.total, invoice.amountDue) // 49.5 null
 *
 * @category contracts
 * @since 0.1.0
 */
export const ContractLatestInvoice: Schema.Schema<
  ContractLatestInvoice,
  ResponseJson<ContractLatestInvoice>
> = responseStruct<ContractLatestInvoice>("ContractLatestInvoice", {
  billingId: Schema.String,
  createdAt: Timestamp,
  requiresAction: Schema.Boolean,
  status: InvoiceState,
  amountDue: optionalNullable(Schema.Finite),
  billingReason: optionalNullable(BillingReason),
  currency: optionalNullable(Schema.String),
  pdfUrl: optionalNullable(Schema.String),
  total: optionalNullable(Schema.Finite)
})

/**
 * The next invoice of a contract.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const price = (invoice: Schemas.ContractNextInvoice): string => `${invoice.amount.amount} ${invoice.amount.currency}`
 *
 * @category contracts
 * @since 0.1.0
 */
export interface ContractNextInvoice {
  readonly amount: Money
  readonly dueDate: DateTime.Utc | null
  readonly periodStart: DateTime.Utc | null
  readonly periodEnd: DateTime.Utc | null
  readonly invoiceId: string | null
}

/**
 * Decodes the next invoice of a contract. Only `amount` is required; other fields default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const invoice = Schema.decodeUnknownSync(Schemas.ContractNextInvoice)({ amount: { amount: 49, currency: "usd" } })
 * console.log(invoice.amount.amount, invoice.dueDate) // 49 null
 *
 * @category contracts
 * @since 0.1.0
 */
export const ContractNextInvoice: Schema.Schema<
  ContractNextInvoice,
  ResponseJson<ContractNextInvoice>
> = responseStruct<ContractNextInvoice>("ContractNextInvoice", {
  amount: MoneySchema,
  dueDate: nullable(Timestamp),
  periodStart: nullable(Timestamp),
  periodEnd: nullable(Timestamp),
  invoiceId: optionalNullable(Schema.String)
})

/**
 * A subscription under a contract.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const title = (subscription: Schemas.ContractSubscription): string =>
 *   subscription.planDisplayName ?? subscription.subscriptionId
 *
 * @category contracts
 * @since 0.1.0
 */
export interface ContractSubscription {
  readonly planDisplayName: string | null
  readonly productDisplayName: string | null
  readonly subscriptionId: string
}

/**
 * Decodes a subscription under a contract. Only `subscriptionId` is required; the display names default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.ContractSubscription)
 * console.log(decode({ subscriptionId: "subscription-1", planDisplayName: "Pro" }))
 * // { planDisplayName: "Pro", productDisplayName: null, subscriptionId: "subscription-1" }
 *
 * @category contracts
 * @since 0.1.0
 */
export const ContractSubscription: Schema.Schema<
  ContractSubscription,
  ResponseJson<ContractSubscription>
> = responseStruct<ContractSubscription>("ContractSubscription", {
  planDisplayName: nullable(Schema.String),
  productDisplayName: nullable(Schema.String),
  subscriptionId: Schema.String
})

/**
 * A contract, fetched live from the billing provider.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isRunning = (contract: Schemas.Contract): boolean =>
 *   contract.state === "ACTIVE" && contract.subscriptions.length > 0
 *
 * @see https://docs.stigg.io/api-reference
 * @category contracts
 * @since 0.1.0
 */
export interface Contract {
  readonly id: string | null
  readonly activationStartDate: DateTime.Utc | null
  readonly activationEndDate: DateTime.Utc | null
  readonly billingId: string | null
  readonly billingState: ContractState | null
  readonly contractId: string
  readonly createdAt: DateTime.Utc | null
  readonly customerExternalId: string | null
  readonly externalId: string
  readonly latestInvoice: ContractLatestInvoice | null
  readonly name: string | null
  readonly nextInvoice: ContractNextInvoice | null
  readonly poNumber: string | null
  readonly refId: string | null
  readonly state: ContractState
  readonly subscriptions: ReadonlyArray<ContractSubscription>
}

/**
 * Decodes a contract. `contractId`, `externalId` and `state` are required. `subscriptions` defaults to an empty list,
 * other fields to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const contract = Schema.decodeUnknownSync(Schemas.Contract)({
 *   contractId: "contract-1",
 *   externalId: "sub_1",
 *   state: "ACTIVE",
 *   subscriptions: [{ subscriptionId: "subscription-1" }]
 * })
 * console.log(contract.subscriptions.length, contract.latestInvoice) // 1 null
 *
 * @category contracts
 * @since 0.1.0
 */
export const Contract: Schema.Schema<Contract, ResponseJson<Contract>> = responseStruct<Contract>("Contract", {
  id: nullable(Schema.String),
  activationStartDate: nullable(Timestamp),
  activationEndDate: nullable(Timestamp),
  billingId: nullable(Schema.String),
  billingState: nullable(ContractState),
  contractId: Schema.String,
  createdAt: nullable(Timestamp),
  customerExternalId: nullable(Schema.String),
  externalId: Schema.String,
  latestInvoice: nullable(ContractLatestInvoice),
  name: nullable(Schema.String),
  nextInvoice: nullable(ContractNextInvoice),
  poNumber: nullable(Schema.String),
  refId: nullable(Schema.String),
  state: ContractState,
  subscriptions: list(ContractSubscription)
})
