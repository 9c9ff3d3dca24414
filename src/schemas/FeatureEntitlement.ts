import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { EntitlementDeniedReason } from "./EntitlementDeniedReason.js"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { ResetPeriod } from "./ResetPeriod.js"
import { nullable, responseStruct } from "./ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * The feature that an entitlement is to.
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
 * The schema of {@link FeatureReference}.
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
  /** Null where there is none: look at `hasUnlimitedUsage`. */
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean | null
  readonly resetPeriod: ResetPeriod | null
  readonly usagePeriodAnchor: DateTime.Utc | null
  readonly usagePeriodStart: DateTime.Utc | null
  readonly usagePeriodEnd: DateTime.Utc | null
  readonly entitlementUpdatedAt: DateTime.Utc | null
  /** The moment from which the answer must be computed again. */
  readonly validUntil: DateTime.Utc | null
}

/**
 * The schema of {@link FeatureEntitlement}.
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
  feature: nullable(FeatureReference),
  currentUsage: nullable(Schema.Finite),
  usageLimit: nullable(Schema.Finite),
  hasUnlimitedUsage: nullable(Schema.Boolean),
  resetPeriod: nullable(ResetPeriod),
  usagePeriodAnchor: nullable(Timestamp),
  usagePeriodStart: nullable(Timestamp),
  usagePeriodEnd: nullable(Timestamp),
  entitlementUpdatedAt: nullable(Timestamp),
  validUntil: nullable(Timestamp)
})
