import * as Schema from "effect/Schema"
import { Currency } from "./Currency.js"
import { Text } from "./Identifier.js"
import { VendorIdentifier } from "./Integration.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import * as Documented from "./internal/Documented.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { nullable, responseStruct } from "./internal/ResponseStruct.js"

/**
 * The type of a payment method, such as `"CARD"`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.PaymentMethodType = "CARD"
 * const unknown: Schemas.PaymentMethodType = "something new"
 * console.log(known, unknown) // CARD something new
 *
 * @category payment methods
 * @since 0.1.0
 */
export type PaymentMethodType = Extract<typeof PaymentMethodType.Type, string>

/**
 * Accepts any string, so a type that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.PaymentMethodType)
 * console.log(decode("CARD"), decode("WALLET")) // CARD WALLET
 *
 * @category payment methods
 * @since 0.1.0
 */
export const PaymentMethodType = openEnum("PaymentMethodType", "CARD", "BANK", "CASH_APP")

/**
 * A customer's payment method at the billing provider.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const label = (method: Schemas.PaymentMethod): string => `${method.type} ending in ${method.cardLast4Digits ?? "?"}`
 *
 * @category payment methods
 * @since 0.1.0
 */
export interface PaymentMethod {
  /** The payment method's id with the billing provider. */
  readonly billingId: string | null
  readonly type: PaymentMethodType
  readonly cardLast4Digits: string | null
  /** 1 to 12. */
  readonly cardExpiryMonth: number | null
  /** Four digits. */
  readonly cardExpiryYear: number | null
}

/**
 * Decodes a payment method. `type` is required; other fields default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.PaymentMethod)
 * console.log(decode({ type: "CARD", cardLast4Digits: "4242", cardExpiryMonth: 12, cardExpiryYear: 2030 }).billingId)
 * // null
 *
 * @category payment methods
 * @since 0.1.0
 */
export const PaymentMethod: Schema.Schema<PaymentMethod, ResponseJson<PaymentMethod>> = responseStruct<PaymentMethod>(
  "PaymentMethod",
  {
    billingId: nullable(Documented.text),
    type: PaymentMethodType,
    cardLast4Digits: nullable(Documented.text),
    cardExpiryMonth: nullable(Schema.Finite),
    cardExpiryYear: nullable(Schema.Finite)
  }
)

/**
 * Encodes a payment method. Rejects a `billingId` or `cardLast4Digits` of more than 255 characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.PaymentMethodParams)
 * const card = { type: "CARD", cardLast4Digits: "4242", cardExpiryMonth: 12, cardExpiryYear: 2030 }
 * console.log(encode({ ...card, billingId: "pm_1" })._tag, encode({ ...card, billingId: "x".repeat(256) })._tag)
 * // Right Left
 *
 * @category payment methods
 * @since 0.1.0
 */
export const PaymentMethodParams: Schema.Schema<PaymentMethod, RequestJson<PaymentMethod>> = requestStruct(
  "PaymentMethodParams",
  {
    billingId: Schema.NullOr(Text),
    type: PaymentMethodType,
    cardLast4Digits: Schema.NullOr(Text),
    cardExpiryMonth: Schema.NullOr(Schema.Finite),
    cardExpiryYear: Schema.NullOr(Schema.Finite)
  }
)

/**
 * The parameters of `paymentMethod.attach`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const params: Schemas.AttachPaymentMethod = {
 *   integrationId: "stripe-eu",
 *   paymentMethodId: "pm_1",
 *   vendorIdentifier: "STRIPE"
 * }
 * console.log(params.paymentMethodId) // pm_1
 *
 * @category payment methods
 * @since 0.1.0
 */
export interface AttachPaymentMethod {
  /** The id of the integration with the billing provider, at most 255 characters. */
  readonly integrationId: string
  /** The payment method's id with the billing provider, at most 255 characters. */
  readonly paymentMethodId: string
  readonly vendorIdentifier: VendorIdentifier
  readonly billingCurrency?: Currency | null | undefined
}

/**
 * Encodes the parameters of `paymentMethod.attach`. Rejects an `integrationId` or `paymentMethodId` of more than 255
 * characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeSync(Schemas.AttachPaymentMethod)
 * console.log(encode({ integrationId: "stripe-eu", paymentMethodId: "pm_1", vendorIdentifier: "STRIPE" }))
 * // { integrationId: "stripe-eu", paymentMethodId: "pm_1", vendorIdentifier: "STRIPE" }
 *
 * @category payment methods
 * @since 0.1.0
 */
export const AttachPaymentMethod: Schema.Schema<AttachPaymentMethod, RequestJson<AttachPaymentMethod>> = requestStruct(
  "AttachPaymentMethod",
  {
    integrationId: Text,
    paymentMethodId: Text,
    vendorIdentifier: VendorIdentifier,
    billingCurrency: Schema.optional(Schema.NullOr(Currency))
  }
)
