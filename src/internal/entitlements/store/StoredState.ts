import type { Entitlement, EntitlementsState, UnknownEntitlement } from "../../../schemas/Entitlement.js"

/** What is kept of an entitlement whose type is not known here. */
const kept = ["type", "isGranted", "accessDeniedReason", "validUntil"]

/**
 * What a store may keep of a state: what a check needs. An entitlement of an unknown type comes with all that the API
 * sent, and that may be personal data.
 */
export const minimal = (state: EntitlementsState): EntitlementsState => ({
  ...state,
  entitlements: state.entitlements.map((entitlement): Entitlement =>
    "raw" in entitlement ? { ...entitlement, raw: pick(entitlement.raw) } : entitlement
  )
})

const pick = (raw: UnknownEntitlement["raw"]): UnknownEntitlement["raw"] =>
  // A nested value is none that a check reads, whatever its name.
  Object.fromEntries(Object.entries(raw).filter(([name, value]) => kept.includes(name) && typeof value !== "object"))
