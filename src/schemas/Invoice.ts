import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { queryListItemOf } from "./Identifier.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import type { PageParams } from "./PageParams.js"
import { oneDirection, pageFields } from "./PageParams.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { list, nullable, responseStruct } from "./internal/ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * The state of an invoice.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.InvoiceState = "PAID"
 * const unknown: Schemas.InvoiceState = "something new"
 * console.log(known, unknown) // PAID something new
 *
 * @category invoices
 * @since 0.1.0
 */
export type InvoiceState = Extract<typeof InvoiceState.Type, string>

/**
 * Accepts any string, so a state that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.InvoiceState)
 * console.log(decode("PAID"), decode("VOID")) // PAID VOID
 *
 * @category invoices
 * @since 0.1.0
 */
export const InvoiceState = openEnum("InvoiceState", "OPEN", "CANCELED", "PAID")

/**
 * A line of an invoice. Amounts are in major units of the invoice's currency, such as dollars.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const text = (item: Schemas.InvoiceLineItem): string => `${item.quantity ?? 1} × ${item.description ?? "?"}`
 *
 * @category invoices
 * @since 0.1.0
 */
export interface InvoiceLineItem {
  readonly amount: number | null
  readonly description: string | null
  readonly productExternalId: string | null
  readonly quantity: number | null
  readonly unitPrice: number | null
}

/**
 * Decodes a line of an invoice. Every field defaults to null, and numbers must be finite.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.InvoiceLineItem)
 * console.log(decode({ description: "Seats", quantity: 3, unitPrice: 12.5, amount: 37.5 }).amount) // 37.5
 *
 * @category invoices
 * @since 0.1.0
 */
export const InvoiceLineItem: Schema.Schema<
  InvoiceLineItem,
  ResponseJson<InvoiceLineItem>
> = responseStruct<InvoiceLineItem>("InvoiceLineItem", {
  amount: nullable(Schema.Finite),
  description: nullable(Schema.String),
  productExternalId: nullable(Schema.String),
  quantity: nullable(Schema.Finite),
  unitPrice: nullable(Schema.Finite)
})

/**
 * An invoice, fetched live from the billing provider. Amounts are in major units of its currency, such as dollars.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isOpen = (invoice: Schemas.Invoice): boolean => invoice.state === "OPEN" && (invoice.total ?? 0) > 0
 *
 * @see https://docs.stigg.io/api-reference
 * @category invoices
 * @since 0.1.0
 */
export interface Invoice {
  readonly contractExternalId: string | null
  readonly currency: string | null
  readonly customerExternalId: string | null
  readonly discount: number | null
  readonly dueDate: DateTime.Utc | null
  readonly invoiceExternalId: string | null
  readonly invoiceId: string
  readonly invoiceNumber: string | null
  readonly issueDate: DateTime.Utc | null
  readonly lineItems: ReadonlyArray<InvoiceLineItem>
  readonly paidDate: DateTime.Utc | null
  readonly state: InvoiceState
  readonly subtotal: number | null
  readonly tax: number | null
  readonly total: number | null
}

/**
 * Decodes an invoice. `invoiceId` and `state` are required. `lineItems` defaults to an empty list, other fields to
 * null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const invoice = Schema.decodeUnknownSync(Schemas.Invoice)({
 *   invoiceId: "in_1",
 *   state: "PAID",
 *   total: 49.5,
 *   currency: "usd",
 *   issueDate: "2026-06-13T10:00:00.000Z"
 * })
 * console.log(invoice.total, invoice.lineItems) // 49.5 []
 *
 * @category invoices
 * @since 0.1.0
 */
export const Invoice: Schema.Schema<Invoice, ResponseJson<Invoice>> = responseStruct<Invoice>("Invoice", {
  contractExternalId: nullable(Schema.String),
  currency: nullable(Schema.String),
  customerExternalId: nullable(Schema.String),
  discount: nullable(Schema.Finite),
  dueDate: nullable(Timestamp),
  invoiceExternalId: nullable(Schema.String),
  invoiceId: Schema.String,
  invoiceNumber: nullable(Schema.String),
  issueDate: nullable(Timestamp),
  lineItems: list(InvoiceLineItem),
  paidDate: nullable(Timestamp),
  state: InvoiceState,
  subtotal: nullable(Schema.Finite),
  tax: nullable(Schema.Finite),
  total: nullable(Schema.Finite)
})

const OrderBy = openEnum("InvoiceOrderBy", "issueDate", "dueDate", "total")
const OrderDir = openEnum("OrderDir", "ASC", "DESC")

/**
 * The parameters of `customers.listInvoices`. By default, invoices are sorted by `issueDate` in ascending order.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const unpaid: Schemas.ListInvoices = { stateIn: ["OPEN"], orderBy: "dueDate", orderDir: "ASC" }
 * console.log(unpaid.stateIn) // [ "OPEN" ]
 *
 * @category invoices
 * @since 0.1.0
 */
export interface ListInvoices extends PageParams {
  /** Only invoices of this contract: its id, or its id with the billing provider. */
  readonly contractExternalId?: string | undefined
  /** Only invoices issued at this time or later. */
  readonly issuedAfter?: DateTime.Utc | undefined
  /** Only invoices issued at this time or earlier. */
  readonly issuedBefore?: DateTime.Utc | undefined
  readonly orderBy?: typeof OrderBy.Type | undefined
  readonly orderDir?: typeof OrderDir.Type | undefined
  /** Only invoices in these states. */
  readonly stateIn?: ReadonlyArray<InvoiceState> | undefined
}

/**
 * Encodes the parameters of `customers.listInvoices`. Rejects a state that is empty or contains a comma, and invalid
 * page parameters, as {@link PageParams} does.
 *
 * @example
 * import { DateTime, Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const issuedAfter = DateTime.unsafeMake("2026-01-01")
 * console.log(Schema.encodeSync(Schemas.ListInvoices)({ issuedAfter, stateIn: ["PAID"] }))
 * // { issuedAfter: "2026-01-01T00:00:00.000Z", stateIn: [ "PAID" ] }
 *
 * @category invoices
 * @since 0.1.0
 */
export const ListInvoices: Schema.Schema<ListInvoices, RequestJson<ListInvoices>> = requestStruct("ListInvoices", {
  ...pageFields,
  contractExternalId: Schema.optional(Schema.String),
  issuedAfter: Schema.optional(Timestamp),
  issuedBefore: Schema.optional(Timestamp),
  orderBy: Schema.optional(OrderBy),
  orderDir: Schema.optional(OrderDir),
  stateIn: Schema.optional(Schema.Array(queryListItemOf(InvoiceState)))
}).pipe(oneDirection)
