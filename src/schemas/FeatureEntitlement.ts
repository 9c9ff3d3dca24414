import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { EntitlementDeniedReason } from "./EntitlementDeniedReason.js"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { ResetPeriod } from "./ResetPeriod.js"
import { nullable, optional, optionalNullable, responseStruct } from "./internal/ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * The feature of an entitlement.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isMetered = (feature: Schemas.FeatureReference): boolean => feature.featureType === "NUMBER"
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface FeatureReference {
  readonly id: string
  readonly displayName: string
  readonly featureType: typeof FeatureType.Type
  readonly featureStatus: typeof FeatureStatus.Type
}

const FeatureType = openEnum("FeatureType", "BOOLEAN", "NUMBER", "ENUM")
const FeatureStatus = openEnum("FeatureStatus", "NEW", "SUSPENDED", "ACTIVE")

/**
 * Decodes the feature of an entitlement. All fields are required; unknown types and statuses pass.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.FeatureReference)
 * const seats = decode({ id: "seats", displayName: "Seats", featureType: "NUMBER", featureStatus: "ACTIVE" })
 * console.log(seats.displayName) // Seats
 *
 * @category entitlements
 * @since 0.1.0
 */
export const FeatureReference: Schema.Schema<
  FeatureReference,
  ResponseJson<FeatureReference>
> = responseStruct<FeatureReference>("FeatureReference", {
  id: Schema.String,
  displayName: Schema.String,
  featureType: FeatureType,
  featureStatus: FeatureStatus
})

/**
 * Whether a customer may use a feature, and how much of it.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const remaining = (entitlement: Schemas.FeatureEntitlement): number =>
 *   entitlement.hasUnlimitedUsage === true ? Infinity : (entitlement.usageLimit ?? 0) - (entitlement.currentUsage ?? 0)
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface FeatureEntitlement {
  readonly type: "FEATURE"
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  readonly feature: FeatureReference | null
  readonly currentUsage: number | null
  /** Null if the feature has no limit: see `hasUnlimitedUsage`. */
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean | null
  readonly resetPeriod: ResetPeriod | null
  readonly usagePeriodAnchor: DateTime.Utc | null
  readonly usagePeriodStart: DateTime.Utc | null
  readonly usagePeriodEnd: DateTime.Utc | null
  readonly entitlementUpdatedAt: DateTime.Utc | null
  /** The time at which this answer expires. */
  readonly validUntil: DateTime.Utc | null
}

/**
 * Decodes an entitlement to a feature. `type` (`"FEATURE"`) and `isGranted` are required; other fields default to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const entitlement = Schema.decodeUnknownSync(Schemas.FeatureEntitlement)({
 *   type: "FEATURE",
 *   isGranted: true,
 *   accessDeniedReason: null,
 *   usageLimit: 10
 * })
 * console.log(entitlement.usageLimit, entitlement.currentUsage) // 10 null
 *
 * @category entitlements
 * @since 0.1.0
 */
export const FeatureEntitlement: Schema.Schema<
  FeatureEntitlement,
  ResponseJson<FeatureEntitlement>
> = responseStruct<FeatureEntitlement>("FeatureEntitlement", {
  type: Schema.Literal("FEATURE"),
  isGranted: Schema.Boolean,
  accessDeniedReason: nullable(EntitlementDeniedReason),
  feature: optional(FeatureReference),
  currentUsage: optional(Schema.Finite),
  usageLimit: optionalNullable(Schema.Finite),
  hasUnlimitedUsage: optional(Schema.Boolean),
  resetPeriod: optionalNullable(ResetPeriod),
  usagePeriodAnchor: optional(Timestamp),
  usagePeriodStart: optional(Timestamp),
  usagePeriodEnd: optional(Timestamp),
  entitlementUpdatedAt: optional(Timestamp),
  validUntil: optional(Timestamp)
})
