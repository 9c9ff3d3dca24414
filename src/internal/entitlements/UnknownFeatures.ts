import * as Effect from "effect/Effect"
import type { Answer } from "../../Entitlements.js"
import type { CheckEntitlement } from "../../schemas/Entitlement.js"
import * as Excerpt from "../failure/Excerpt.js"

/** Bounds the memory and the log of a program that checks ids from outside. */
const mostWarnings = 100

/** Logs a warning for an answer that the API knows no such feature, once for each feature. */
export const warnings = (): ((params: CheckEntitlement, answer: Answer) => Effect.Effect<void>) => {
  const warned = new Set<string>()
  return ({ featureId }, { accessDeniedReason }) => {
    if (accessDeniedReason !== "FeatureNotFound" || featureId === undefined) return Effect.void
    if (warned.has(featureId) || warned.size === mostWarnings) return Effect.void
    warned.add(featureId)
    return Effect.logWarning(
      `Stigg has no feature "${Excerpt.line(featureId, 255)}" in this environment, so every check of it is denied: ` +
        "its id is misspelled, or the API key is of another environment"
    )
  }
}
