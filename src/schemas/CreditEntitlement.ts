import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { Dictionary } from "./Dictionary.js"
import { Dictionary as DictionarySchema } from "./Dictionary.js"
import { EntitlementDeniedReason } from "./EntitlementDeniedReason.js"
import type { ResponseJson } from "./Json.js"
import { nullable, optional, optionalNullable, responseStruct } from "./internal/ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * A custom currency, such as credits.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const unit = (currency: Schemas.CustomCurrency, count: number): string =>
 *   (count === 1 ? currency.unitSingular : currency.unitPlural) ?? currency.displayName
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CustomCurrency {
  readonly currencyId: string
  readonly displayName: string
  readonly description: string | null
  readonly metadata: Dictionary | null
  readonly unitSingular: string | null
  readonly unitPlural: string | null
}

/**
 * Decodes a custom currency. `currencyId` and `displayName` are required; other fields default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.CustomCurrency)
 * console.log(decode({ currencyId: "tokens", displayName: "Tokens" }).unitSingular) // null
 *
 * @category entitlements
 * @since 0.1.0
 */
export const CustomCurrency: Schema.Schema<
  CustomCurrency,
  ResponseJson<CustomCurrency>
> = responseStruct<CustomCurrency>("CustomCurrency", {
  currencyId: Schema.String,
  displayName: Schema.String,
  description: optionalNullable(Schema.String),
  metadata: optionalNullable(DictionarySchema),
  unitSingular: optionalNullable(Schema.String),
  unitPlural: optionalNullable(Schema.String)
})

/**
 * Whether a customer may spend credits, and how many. Credits can be overdrawn: usage is then above the limit.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const remaining = (entitlement: Schemas.CreditEntitlement): number =>
 *   entitlement.usageLimit - entitlement.currentUsage // negative when overdrawn
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CreditEntitlement {
  readonly type: "CREDIT"
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  readonly currency: CustomCurrency
  readonly currentUsage: number
  readonly usageLimit: number
  readonly usageUpdatedAt: DateTime.Utc
  readonly usagePeriodEnd: DateTime.Utc | null
  readonly entitlementUpdatedAt: DateTime.Utc | null
  /** The time at which this answer expires. */
  readonly validUntil: DateTime.Utc | null
}

/**
 * Decodes an entitlement to credits. `accessDeniedReason`, `usagePeriodEnd`, `entitlementUpdatedAt` and `validUntil`
 * default to null; other fields are required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const entitlement = Schema.decodeUnknownSync(Schemas.CreditEntitlement)({
 *   type: "CREDIT",
 *   isGranted: true,
 *   accessDeniedReason: null,
 *   currency: { currencyId: "tokens", displayName: "Tokens" },
 *   currentUsage: 20,
 *   usageLimit: 100,
 *   usageUpdatedAt: "2026-06-13T10:00:00.000Z"
 * })
 * console.log(entitlement.usageLimit - entitlement.currentUsage) // 80
 *
 * @category entitlements
 * @since 0.1.0
 */
export const CreditEntitlement: Schema.Schema<
  CreditEntitlement,
  ResponseJson<CreditEntitlement>
> = responseStruct<CreditEntitlement>("CreditEntitlement", {
  type: Schema.Literal("CREDIT"),
  isGranted: Schema.Boolean,
  accessDeniedReason: nullable(EntitlementDeniedReason),
  currency: CustomCurrency,
  currentUsage: Schema.Finite,
  usageLimit: Schema.Finite,
  usageUpdatedAt: Timestamp,
  usagePeriodEnd: optional(Timestamp),
  entitlementUpdatedAt: optional(Timestamp),
  validUntil: optional(Timestamp)
})
