import type { Answer, Source } from "../../Entitlements.js"
import type { Entitlement } from "../../schemas/Entitlement.js"
import type { EntitlementDeniedReason } from "../../schemas/EntitlementDeniedReason.js"

export const fromEntitlement = (entitlement: Entitlement, source: Source): Answer => ({
  isGranted: entitlement.isGranted,
  accessDeniedReason: entitlement.accessDeniedReason,
  currentUsage: "currentUsage" in entitlement ? entitlement.currentUsage : null,
  usageLimit: "usageLimit" in entitlement ? entitlement.usageLimit : null,
  hasUnlimitedUsage: "hasUnlimitedUsage" in entitlement ? entitlement.hasUnlimitedUsage : null,
  entitlement,
  source
})

/**
 * A denial for a reason that does not come from an entitlement: there is none, or its own `isGranted` does not cover
 * the requested usage.
 */
export const denied = (
  accessDeniedReason: EntitlementDeniedReason,
  source: Source,
  entitlement: Entitlement | null = null
): Answer =>
  entitlement === null
    ? {
        isGranted: false,
        accessDeniedReason,
        currentUsage: null,
        usageLimit: null,
        hasUnlimitedUsage: null,
        entitlement,
        source
      }
    : { ...fromEntitlement(entitlement, source), isGranted: false, accessDeniedReason }
