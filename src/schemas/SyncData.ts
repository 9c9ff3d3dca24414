import * as Schema from "effect/Schema"
import { JsonRecord } from "./Dictionary.js"
import type { ResponseJson } from "./Json.js"
import { responseStruct } from "./internal/ResponseStruct.js"

/**
 * The sync data of a price at a billing provider.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const link = (sync: Schemas.PriceBillingSync): URL => new URL(sync.billingLinkUrl)
 *
 * @category integrations
 * @since 0.1.0
 */
export interface PriceBillingSync {
  readonly billingId: string
  readonly billingLinkUrl: string
  readonly priceGroupPackageBillingId: string
}

/**
 * Decodes the sync data of a price. All fields are required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.PriceBillingSync)
 * console.log(decode({ billingId: "1", billingLinkUrl: "https://x.test", priceGroupPackageBillingId: "2" }).billingId)
 * // 1
 *
 * @category integrations
 * @since 0.1.0
 */
export const PriceBillingSync: Schema.Schema<
  PriceBillingSync,
  ResponseJson<PriceBillingSync>
> = responseStruct<PriceBillingSync>("PriceBillingSync", {
  billingId: Schema.String,
  billingLinkUrl: Schema.String,
  priceGroupPackageBillingId: Schema.String
})

/**
 * The sync data of a customer at a billing provider.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const link = (sync: Schemas.BillingSync): URL => new URL(sync.billingLinkUrl)
 *
 * @category integrations
 * @since 0.1.0
 */
export interface BillingSync {
  readonly billingId: string
  readonly billingLinkUrl: string
}

/**
 * Decodes the sync data of a customer at a billing provider. Both fields are required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.BillingSync)
 * console.log(decode({ billingId: "cus_1", billingLinkUrl: "https://x.test" }).billingId) // cus_1
 *
 * @category integrations
 * @since 0.1.0
 */
export const BillingSync: Schema.Schema<BillingSync, ResponseJson<BillingSync>> = responseStruct<BillingSync>(
  "BillingSync",
  {
    billingId: Schema.String,
    billingLinkUrl: Schema.String
  }
)

/**
 * The sync data of a customer at a marketplace.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const sync: Schemas.MarketplaceSync = { dimensions: "seats" }
 * console.log(sync.dimensions) // seats
 *
 * @category integrations
 * @since 0.1.0
 */
export interface MarketplaceSync {
  readonly dimensions: string
}

/**
 * Decodes the sync data of a customer at a marketplace. `dimensions` is required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.MarketplaceSync)({ dimensions: "seats" })) // { dimensions: "seats" }
 *
 * @category integrations
 * @since 0.1.0
 */
export const MarketplaceSync: Schema.Schema<
  MarketplaceSync,
  ResponseJson<MarketplaceSync>
> = responseStruct<MarketplaceSync>("MarketplaceSync", { dimensions: Schema.String })

/**
 * The data in the other system. A shape that this SDK does not know is an unchanged record.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const billingId = (sync: Schemas.SyncData): unknown => ("billingId" in sync ? sync.billingId : null)
 * console.log(billingId({ billingId: "cus_1", billingLinkUrl: "https://x.test" })) // cus_1
 *
 * @category integrations
 * @since 0.1.0
 */
export type SyncData = PriceBillingSync | BillingSync | MarketplaceSync | JsonRecord

/**
 * Decodes sync data, trying the shape with the most keys first. A shape that this SDK does not know passes as an
 * unchanged record.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.SyncData)
 * console.log(decode({ dimensions: "seats" }), decode({ somethingNew: true }))
 * // { dimensions: "seats" } { somethingNew: true }
 *
 * @category integrations
 * @since 0.1.0
 */
export const SyncData: Schema.Schema<SyncData, ResponseJson<SyncData>> = Schema.Union(
  PriceBillingSync,
  BillingSync,
  MarketplaceSync,
  JsonRecord
)
