import { openEnum } from "./OpenEnum.js"

/**
 * Why access is denied.
 *
 * @category entitlements
 * @since 0.1.0
 */
export type EntitlementDeniedReason = typeof EntitlementDeniedReason.Type

/**
 * The schema of {@link EntitlementDeniedReason}: open, for the API adds reasons.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const EntitlementDeniedReason = openEnum(
  "EntitlementDeniedReason",
  "FeatureNotFound",
  "CustomerNotFound",
  "CustomerIsArchived",
  "CustomerResourceNotFound",
  "NoActiveSubscription",
  "NoFeatureEntitlementInSubscription",
  "RequestedUsageExceedingLimit",
  "RequestedValuesMismatch",
  "BudgetExceeded",
  "Unknown",
  "FeatureTypeMismatch",
  "Revoked",
  "InsufficientCredits",
  "EntitlementNotFound"
)
