import type { CheckEntitlement } from "../../schemas/Entitlement.js"
import type { EntitlementDeniedReason } from "../../schemas/EntitlementDeniedReason.js"
import type { StiggError } from "../../StiggError.js"
import type { Answer } from "./Answer.js"

/**
 * What a program answers when the API cannot: yes or no, or with more to it.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const tenSeats: Entitlements.FallbackAnswer = { isGranted: true, usageLimit: 10 }
 * console.log(tenSeats.isGranted) // true
 *
 * @category fallbacks
 * @since 0.1.0
 */
export type FallbackAnswer =
  | boolean
  | {
      readonly isGranted: boolean
      /** `"Unknown"` unless told otherwise. */
      readonly accessDeniedReason?: EntitlementDeniedReason | undefined
      readonly usageLimit?: number | undefined
      readonly currentUsage?: number | undefined
      readonly hasUnlimitedUsage?: boolean | undefined
    }

/**
 * What a fallback is asked for.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const isLarge = ({ params }: Entitlements.FallbackRequest): boolean => (params.requestedUsage ?? 0) > 100
 *
 * @category fallbacks
 * @since 0.1.0
 */
export interface FallbackRequest {
  readonly customerId: string
  readonly params: CheckEntitlement
  /** Why the API cannot answer. */
  readonly error: StiggError
}

/**
 * An answer for when the API cannot: a value, or a function of the request. A function that gives `undefined` has no
 * answer, and leaves it to the global fallback or to the error.
 *
 * @example
 * import type { Entitlements } from "effect-stigg"
 *
 * const smallRequests: Entitlements.Fallback = ({ params }) => (params.requestedUsage ?? 1) <= 10
 *
 * @category fallbacks
 * @since 0.1.0
 */
export type Fallback = FallbackAnswer | ((request: FallbackRequest) => FallbackAnswer | undefined)

/** The fallbacks of a service: those of features and currencies, by id, those of currencies alone, and the global one. */
export interface Fallbacks {
  readonly fallbacks: ReadonlyMap<string, Fallback>
  readonly creditFallbacks: ReadonlyMap<string, Fallback>
  readonly fallback: Fallback | undefined
}

/** The fallback of the feature or currency, or else the global one. */
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
  if (typeof answer === "boolean") return answer ? granted : refused
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

const refused: Answer = { ...granted, isGranted: false, accessDeniedReason: "Unknown" }
