import * as Schema from "effect/Schema"
import { JsonRecord } from "./Dictionary.js"
import type { ResponseJson } from "./Json.js"
import { responseStruct } from "./ResponseStruct.js"

/**
 * What a billing provider keeps of a price.
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
 * The schema of {@link PriceBillingSync}.
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
 * What a billing provider keeps of a customer.
 *
 * @category integrations
 * @since 0.1.0
 */
export interface BillingSync {
  readonly billingId: string
  readonly billingLinkUrl: string
}

/**
 * The schema of {@link BillingSync}.
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
 * What a marketplace keeps of a customer.
 *
 * @category integrations
 * @since 0.1.0
 */
export interface MarketplaceSync {
  readonly dimensions: string
}

/**
 * The schema of {@link MarketplaceSync}.
 *
 * @category integrations
 * @since 0.1.0
 */
export const MarketplaceSync: Schema.Schema<
  MarketplaceSync,
  ResponseJson<MarketplaceSync>
> = responseStruct<MarketplaceSync>("MarketplaceSync", { dimensions: Schema.String })

/**
 * What the other system keeps; a shape that this SDK does not know is a record, as it came.
 *
 * @category integrations
 * @since 0.1.0
 */
export type SyncData = PriceBillingSync | BillingSync | MarketplaceSync | JsonRecord

/**
 * The schema of {@link SyncData}. The shape with the most keys is tried first.
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
