import type { Entitlement, EntitlementsState, UnknownEntitlement } from "../../../schemas/Entitlement.js"

/** The fields that are stored of an entitlement of unknown type. */
const kept = ["type", "isGranted", "accessDeniedReason", "validUntil"]

/**
 * Reduces a state to what checks need before it is stored: entitlements of unknown type hold everything that the API
 * sent, which may include personal data.
 */
export const minimal = (state: EntitlementsState): EntitlementsState => ({
  ...state,
  entitlements: state.entitlements.map((entitlement): Entitlement =>
    "raw" in entitlement ? { ...entitlement, raw: pick(entitlement.raw) } : entitlement
  )
})

const pick = (raw: UnknownEntitlement["raw"]): UnknownEntitlement["raw"] =>
  // Checks read no nested values.
  Object.fromEntries(Object.entries(raw).filter(([name, value]) => kept.includes(name) && typeof value !== "object"))
