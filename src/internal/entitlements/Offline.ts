import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { CreditEntitlement } from "../../schemas/CreditEntitlement.js"
import type { CheckEntitlement, Entitlement } from "../../schemas/Entitlement.js"
import type { FeatureEntitlement } from "../../schemas/FeatureEntitlement.js"
import type { Answer } from "../../Entitlements.js"
import type { StiggError } from "../../StiggError.js"
import { APIConnectionError } from "../../StiggError.js"
import * as CheckArguments from "./CheckArguments.js"
import type { Checks } from "./Checks.js"
import * as Fallback from "./Fallback.js"
import * as Metrics from "./Metrics.js"
import * as Prefetch from "./remote/Prefetch.js"

/** Answers every check with a fallback, and never calls the API. */
export const make = (settings: Fallback.Fallbacks): Checks => {
  const fallback = (customerId: string, params: CheckEntitlement): Either.Either<Answer, StiggError> => {
    if (!CheckArguments.isValid(params)) return Either.left(CheckArguments.paramsError(params))
    const idError = CheckArguments.idError(customerId, params.resourceId)
    if (idError !== undefined) return Either.left(idError)
    const error = offline(`there is no fallback for ${params.featureId ?? params.currencyId}`)
    const answer = Fallback.find(settings, { customerId, params, error })
    if (answer === undefined) {
      Metrics.failed()
      return Either.left(error)
    }
    Metrics.answered.fallback()
    return Either.right(answer)
  }

  const answer = (customerId: string, params: CheckEntitlement): Effect.Effect<Answer, StiggError> =>
    Effect.suspend(() => fallback(customerId, params))

  return {
    check: answer,
    peek: (customerId, params) => Either.getRight(fallback(customerId, params)),
    state: (customerId, { resourceId } = {}) =>
      Effect.gen(function* () {
        const fetchedAt = yield* DateTime.now
        const show = (params: CheckEntitlement, make: (answer: Answer) => Entitlement) =>
          // A fallback function may return undefined: the state then leaves its entitlement out.
          Effect.option(Effect.map(answer(customerId, params), make))
        const currencies = globalThis.Array.from(settings.creditFallbacks.keys())
        const features = globalThis.Array.from(settings.fallbacks.keys()).filter(
          (id) => !settings.creditFallbacks.has(id)
        )
        const entitlements = yield* Effect.all([
          ...features.map((id) => show({ featureId: id, resourceId }, (answer) => feature(id, answer))),
          ...currencies.map((id) => show({ currencyId: id, resourceId }, (answer) => credit(id, answer, fetchedAt)))
        ])
        return { accessDeniedReason: null, entitlements: Array.getSomes(entitlements), source: "fallback", fetchedAt }
      }),
    prefetch: Prefetch.make(() => Effect.void),
    invalidate: () => Effect.void
  }
}

const offline = (why: string) =>
  new APIConnectionError({
    operation: "entitlements.check",
    method: "GET",
    url: "",
    attempts: 0,
    reason: "request",
    code: "OFFLINE",
    message: `Entitlements are offline, and ${why}`
  })

// Fallbacks as the entitlements of a state.

const feature = (featureId: string, answer: Answer): FeatureEntitlement => ({
  type: "FEATURE",
  isGranted: answer.isGranted,
  accessDeniedReason: answer.accessDeniedReason,
  feature: {
    id: featureId,
    displayName: featureId,
    featureType: answer.usageLimit !== null || answer.hasUnlimitedUsage !== null ? "NUMBER" : "BOOLEAN",
    featureStatus: "ACTIVE"
  },
  currentUsage: answer.currentUsage,
  usageLimit: answer.usageLimit,
  hasUnlimitedUsage: answer.hasUnlimitedUsage,
  resetPeriod: null,
  usagePeriodAnchor: null,
  usagePeriodStart: null,
  usagePeriodEnd: null,
  entitlementUpdatedAt: null,
  validUntil: null
})

const credit = (currencyId: string, answer: Answer, at: DateTime.Utc): CreditEntitlement => ({
  type: "CREDIT",
  isGranted: answer.isGranted,
  accessDeniedReason: answer.accessDeniedReason,
  currency: {
    currencyId,
    displayName: currencyId,
    description: null,
    metadata: null,
    unitSingular: null,
    unitPlural: null
  },
  currentUsage: answer.currentUsage ?? 0,
  usageLimit: answer.usageLimit ?? 0,
  usageUpdatedAt: at,
  usagePeriodEnd: null,
  entitlementUpdatedAt: null,
  validUntil: null
})
