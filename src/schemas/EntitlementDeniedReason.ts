import { openEnum } from "./OpenEnum.js"

/**
 * Why access is denied. `FeatureNotFound` says nothing about the customer: the environment has no feature of this id. The
 * id is misspelled, or the API key is of another environment. A feature that exists and that the customer does not have
 * is `NoFeatureEntitlementInSubscription`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.EntitlementDeniedReason = "NoActiveSubscription"
 * const unknown: Schemas.EntitlementDeniedReason = "something new"
 * console.log(known, unknown) // NoActiveSubscription something new
 *
 * @category entitlements
 * @since 0.1.0
 */
export type EntitlementDeniedReason = Extract<typeof EntitlementDeniedReason.Type, string>

/**
 * Accepts any string, so a reason that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.EntitlementDeniedReason)
 * console.log(decode("NoActiveSubscription"), decode("SeatTaken")) // NoActiveSubscription SeatTaken
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
