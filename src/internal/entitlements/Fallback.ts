import type { Answer, Fallback, FallbackAnswer, FallbackRequest } from "../../Entitlements.js"

/** The fallbacks from the options, by feature or currency id, by currency id only, and the global one. */
export interface Fallbacks {
  readonly fallbacks: ReadonlyMap<string, Fallback>
  readonly creditFallbacks: ReadonlyMap<string, Fallback>
  readonly fallback: Fallback | undefined
}

/** The answer of the first fallback that has one: the most specific comes first. */
export const find = (settings: Fallbacks, request: FallbackRequest): Answer | undefined => {
  const { creditFallbacks, fallback, fallbacks } = settings
  const { currencyId, featureId } = request.params
  const answer =
    (currencyId === undefined ? undefined : resolve(creditFallbacks.get(currencyId), request)) ??
    resolve(fallbacks.get(featureId ?? currencyId), request) ??
    resolve(fallback, request)
  return answer === undefined ? undefined : toAnswer(answer)
}

const resolve = (fallback: Fallback | undefined, request: FallbackRequest): FallbackAnswer | undefined =>
  typeof fallback === "function" ? fallback(request) : fallback

const toAnswer = (answer: FallbackAnswer): Answer => {
  if (typeof answer === "boolean") return answer ? granted : denied
  return {
    isGranted: answer.isGranted,
    accessDeniedReason: answer.isGranted ? null : (answer.accessDeniedReason ?? "Unknown"),
    currentUsage: answer.currentUsage ?? null,
    usageLimit: answer.usageLimit ?? null,
    hasUnlimitedUsage: answer.hasUnlimitedUsage ?? null,
    entitlement: null,
    source: "fallback"
  }
}

const granted: Answer = {
  isGranted: true,
  accessDeniedReason: null,
  currentUsage: null,
  usageLimit: null,
  hasUnlimitedUsage: null,
  entitlement: null,
  source: "fallback"
}

const denied: Answer = { ...granted, isGranted: false, accessDeniedReason: "Unknown" }
