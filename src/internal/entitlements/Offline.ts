import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CreditEntitlement } from "../../schemas/CreditEntitlement.js"
import type { CheckEntitlement, Entitlement } from "../../schemas/Entitlement.js"
import type { FeatureEntitlement } from "../../schemas/FeatureEntitlement.js"
import type { StiggError } from "../../StiggError.js"
import { APIConnectionError } from "../../StiggError.js"
import type * as Answer from "./Answer.js"
import type { Checks } from "./Checks.js"
import * as Fallback from "./Fallback.js"
import * as Metrics from "./Metrics.js"
import * as Prefetch from "./remote/Prefetch.js"
import * as Request from "./Request.js"

/** Answers with the program's own fallbacks alone, and asks nobody. */
export const make = (settings: Fallback.Fallbacks): Checks => {
  const answer = (customerId: string, params: CheckEntitlement): Effect.Effect<Answer.Answer, StiggError> =>
    Effect.suspend((): Effect.Effect<Answer.Answer, StiggError> => {
      if (!Request.isAcceptable(params)) return Effect.fail(Request.fault(params))
      const fault = Request.idFault(customerId, params.resourceId)
      if (fault !== undefined) return Effect.fail(fault)
      const error = offline(`there is no fallback for ${params.featureId ?? params.currencyId}`)
      const answer = Fallback.find(settings, { customerId, params, error })
      if (answer === undefined) {
        Metrics.failed()
        return Effect.fail(error)
      }
      Metrics.answered.fallback()
      return Effect.succeed(answer)
    })

  return {
    check: answer,
    state: (customerId, { resourceId } = {}) =>
      Effect.gen(function* () {
        const fetchedAt = yield* DateTime.now
        const shown = (params: CheckEntitlement, make: (answer: Answer.Answer) => Entitlement) =>
          // A fallback may have no answer to this request: that is no reason to show nothing.
          Effect.option(Effect.map(answer(customerId, params), make))
        const currencies = globalThis.Array.from(settings.creditFallbacks.keys())
        const features = globalThis.Array.from(settings.fallbacks.keys()).filter(
          (id) => !settings.creditFallbacks.has(id)
        )
        const entitlements = yield* Effect.all([
          ...features.map((id) => shown({ featureId: id, resourceId }, (answer) => feature(id, answer))),
          ...currencies.map((id) => shown({ currencyId: id, resourceId }, (answer) => credit(id, answer, fetchedAt)))
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

// Fallbacks as a page may show them.

const feature = (featureId: string, answer: Answer.Answer): FeatureEntitlement => ({
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

const credit = (currencyId: string, answer: Answer.Answer, at: DateTime.Utc): CreditEntitlement => ({
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
