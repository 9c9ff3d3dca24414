import * as Schema from "effect/Schema"
import { Currency } from "./Currency.js"
import { Dictionary } from "./Dictionary.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { dictionary, optional, optionalList, responseStruct } from "./internal/ResponseStruct.js"

/**
 * A postal address in a response.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const line = (address: Schemas.Address): string =>
 *   [address.line1, address.city].filter((part) => part !== null).join(", ")
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface Address {
  readonly city: string | null
  readonly country: string | null
  readonly line1: string | null
  readonly line2: string | null
  readonly postalCode: string | null
  readonly state: string | null
}

/**
 * Decodes a postal address. Every field defaults to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.Address)({ city: "Berlin" }).country) // null
 *
 * @category passthrough
 * @since 0.1.0
 */
export const Address: Schema.Schema<Address, ResponseJson<Address>> = responseStruct<Address>("Address", {
  city: optional(Schema.String),
  country: optional(Schema.String),
  line1: optional(Schema.String),
  line2: optional(Schema.String),
  postalCode: optional(Schema.String),
  state: optional(Schema.String)
})

/**
 * A postal address in a request.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const address: Schemas.AddressParams = { line1: "Torstraße 1", city: "Berlin", country: "DE" }
 * console.log(address.city) // Berlin
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface AddressParams {
  readonly city?: string | undefined
  readonly country?: string | undefined
  readonly line1?: string | undefined
  readonly line2?: string | undefined
  readonly postalCode?: string | undefined
  readonly state?: string | undefined
}

/**
 * Encodes a postal address. Every field is an optional string of any length.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.AddressParams)({ city: "Berlin", country: "DE" }))
 * // { city: "Berlin", country: "DE" }
 *
 * @category passthrough
 * @since 0.1.0
 */
export const AddressParams: Schema.Schema<AddressParams, RequestJson<AddressParams>> = requestStruct("AddressParams", {
  city: Schema.optional(Schema.String),
  country: Schema.optional(Schema.String),
  line1: Schema.optional(Schema.String),
  line2: Schema.optional(Schema.String),
  postalCode: Schema.optional(Schema.String),
  state: Schema.optional(Schema.String)
})

/**
 * A tax id of a customer, such as a VAT number.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const vat: Schemas.TaxId = { type: "eu_vat", value: "DE123456789" }
 * console.log(vat.value) // DE123456789
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface TaxId {
  /** The billing provider's name for the kind, such as `"eu_vat"`. */
  readonly type: string
  readonly value: string
}

/**
 * Decodes and encodes a tax id. `type` and `value` are both required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.TaxId)({ type: "eu_vat", value: "DE123456789" }))
 * // { type: "eu_vat", value: "DE123456789" }
 *
 * @category passthrough
 * @since 0.1.0
 */
export const TaxId: Schema.Schema<TaxId, ResponseJson<TaxId>> = responseStruct<TaxId>("TaxId", {
  type: Schema.String,
  value: Schema.String
})

/**
 * The data passed through to Stripe, in a response.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const vat = (stripe: Schemas.StripePassthrough) => stripe.taxIds.find((taxId) => taxId.type === "eu_vat")
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface StripePassthrough {
  readonly billingAddress: Address | null
  readonly customerName: string | null
  readonly invoiceCustomFields: Dictionary
  readonly metadata: Dictionary
  readonly paymentMethodId: string | null
  readonly shippingAddress: Address | null
  readonly taxIds: ReadonlyArray<TaxId>
}

/**
 * Decodes the data passed through to Stripe. `invoiceCustomFields`, `metadata` and `taxIds` default to empty, other
 * fields to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const stripe = Schema.decodeUnknownSync(Schemas.StripePassthrough)({ customerName: "Acme" })
 * console.log(stripe.customerName, stripe.taxIds) // Acme []
 *
 * @category passthrough
 * @since 0.1.0
 */
export const StripePassthrough: Schema.Schema<
  StripePassthrough,
  ResponseJson<StripePassthrough>
> = responseStruct<StripePassthrough>("StripePassthrough", {
  billingAddress: optional(Address),
  customerName: optional(Schema.String),
  invoiceCustomFields: dictionary,
  metadata: dictionary,
  paymentMethodId: optional(Schema.String),
  shippingAddress: optional(Address),
  taxIds: optionalList(TaxId)
})

/**
 * The data to pass through to Stripe, in a request.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const stripe: Schemas.StripePassthroughParams = { customerName: "Acme", taxIds: [{ type: "eu_vat", value: "DE1" }] }
 * console.log(stripe.customerName) // Acme
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface StripePassthroughParams {
  readonly billingAddress?: AddressParams | undefined
  readonly customerName?: string | undefined
  readonly invoiceCustomFields?: Dictionary | undefined
  readonly metadata?: Dictionary | undefined
  readonly paymentMethodId?: string | undefined
  readonly shippingAddress?: AddressParams | undefined
  readonly taxIds?: ReadonlyArray<TaxId> | undefined
}

/**
 * Encodes the data to pass through to Stripe. Every field is optional, but a tax id needs both `type` and `value`.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.StripePassthroughParams)({ customerName: "Acme" })) // { customerName: "Acme" }
 *
 * @category passthrough
 * @since 0.1.0
 */
export const StripePassthroughParams: Schema.Schema<
  StripePassthroughParams,
  RequestJson<StripePassthroughParams>
> = requestStruct("StripePassthroughParams", {
  billingAddress: Schema.optional(AddressParams),
  customerName: Schema.optional(Schema.String),
  invoiceCustomFields: Schema.optional(Dictionary),
  metadata: Schema.optional(Dictionary),
  paymentMethodId: Schema.optional(Schema.String),
  shippingAddress: Schema.optional(AddressParams),
  taxIds: Schema.optional(Schema.Array(TaxId))
})

/**
 * The data passed through to Zuora, in a response.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const currency = (zuora: Schemas.ZuoraPassthrough): Schemas.Currency => zuora.currency ?? "usd"
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface ZuoraPassthrough {
  readonly billingAddress: Address | null
  readonly currency: Currency | null
  readonly metadata: Dictionary
  readonly paymentMethodId: string | null
}

/**
 * Decodes the data passed through to Zuora. `metadata` defaults to an empty record, other fields to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const zuora = Schema.decodeUnknownSync(Schemas.ZuoraPassthrough)({ currency: "eur" })
 * console.log(zuora.currency, zuora.metadata) // eur {}
 *
 * @category passthrough
 * @since 0.1.0
 */
export const ZuoraPassthrough: Schema.Schema<
  ZuoraPassthrough,
  ResponseJson<ZuoraPassthrough>
> = responseStruct<ZuoraPassthrough>("ZuoraPassthrough", {
  billingAddress: optional(Address),
  currency: optional(Currency),
  metadata: dictionary,
  paymentMethodId: optional(Schema.String)
})

/**
 * The data to pass through to Zuora, in a request.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const zuora: Schemas.ZuoraPassthroughParams = { currency: "eur", billingAddress: { country: "DE" } }
 * console.log(zuora.currency) // eur
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface ZuoraPassthroughParams {
  readonly billingAddress?: AddressParams | undefined
  readonly currency?: Currency | undefined
  readonly metadata?: Dictionary | undefined
  readonly paymentMethodId?: string | undefined
}

/**
 * Encodes the data to pass through to Zuora. Every field is optional, and any currency string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.ZuoraPassthroughParams)({ currency: "eur" })) // { currency: "eur" }
 *
 * @category passthrough
 * @since 0.1.0
 */
export const ZuoraPassthroughParams: Schema.Schema<
  ZuoraPassthroughParams,
  RequestJson<ZuoraPassthroughParams>
> = requestStruct("ZuoraPassthroughParams", {
  billingAddress: Schema.optional(AddressParams),
  currency: Schema.optional(Currency),
  metadata: Schema.optional(Dictionary),
  paymentMethodId: Schema.optional(Schema.String)
})

/**
 * The data passed through to the billing provider, in a response.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const paymentMethodId = (passthrough: Schemas.Passthrough): string | null =>
 *   passthrough.stripe?.paymentMethodId ?? passthrough.zuora?.paymentMethodId ?? null
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface Passthrough {
  readonly stripe: StripePassthrough | null
  readonly zuora: ZuoraPassthrough | null
}

/**
 * Decodes the data passed through to the billing provider. `stripe` and `zuora` default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const passthrough = Schema.decodeUnknownSync(Schemas.Passthrough)({ stripe: { customerName: "Acme" } })
 * console.log(passthrough.stripe?.customerName, passthrough.zuora) // Acme null
 *
 * @category passthrough
 * @since 0.1.0
 */
export const Passthrough: Schema.Schema<Passthrough, ResponseJson<Passthrough>> = responseStruct<Passthrough>(
  "Passthrough",
  {
    stripe: optional(StripePassthrough),
    zuora: optional(ZuoraPassthrough)
  }
)

/**
 * The data to pass through to the billing provider, in a request.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const passthrough: Schemas.PassthroughParams = { stripe: { metadata: { plan: "gold" } } }
 * console.log(Object.keys(passthrough)) // [ "stripe" ]
 *
 * @category passthrough
 * @since 0.1.0
 */
export interface PassthroughParams {
  readonly stripe?: StripePassthroughParams | undefined
  readonly zuora?: ZuoraPassthroughParams | undefined
}

/**
 * Encodes the data to pass through to the billing provider. `stripe` and `zuora` are both optional.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.PassthroughParams)({ stripe: { customerName: "Acme" } }))
 * // { stripe: { customerName: "Acme" } }
 *
 * @category passthrough
 * @since 0.1.0
 */
export const PassthroughParams: Schema.Schema<PassthroughParams, RequestJson<PassthroughParams>> = requestStruct(
  "PassthroughParams",
  {
    stripe: Schema.optional(StripePassthroughParams),
    zuora: Schema.optional(ZuoraPassthroughParams)
  }
)
