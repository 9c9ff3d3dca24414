import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Money } from "./Currency.js"
import { Money as MoneySchema } from "./Currency.js"
import { InvoiceState } from "./Invoice.js"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { list, nullable, responseStruct } from "./ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * Where a contract stands.
 *
 * @category contracts
 * @since 0.1.0
 */
export type ContractState = typeof ContractState.Type

/**
 * The schema of {@link ContractState}.
 *
 * @category contracts
 * @since 0.1.0
 */
export const ContractState = openEnum("ContractState", "DRAFT", "ACTIVE", "CANCELED", "END_BILLING")

/**
 * The last invoice of a contract.
 *
 * @category contracts
 * @since 0.1.0
 */
export interface ContractLatestInvoice {
  readonly billingId: string
  readonly createdAt: DateTime.Utc
  readonly requiresAction: boolean
  readonly status: InvoiceState
  /** Whole units of the currency. */
  readonly amountDue: number | null
  readonly billingReason: typeof BillingReason.Type | null
  readonly currency: string | null
  readonly pdfUrl: string | null
  /** Whole units of the currency. */
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
 * The schema of {@link ContractLatestInvoice}.
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
  amountDue: nullable(Schema.Finite),
  billingReason: nullable(BillingReason),
  currency: nullable(Schema.String),
  pdfUrl: nullable(Schema.String),
  total: nullable(Schema.Finite)
})

/**
 * The next invoice of a contract.
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
 * The schema of {@link ContractNextInvoice}.
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
  invoiceId: nullable(Schema.String)
})

/**
 * A subscription under a contract.
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
 * The schema of {@link ContractSubscription}.
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
 * The schema of {@link Contract}.
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
