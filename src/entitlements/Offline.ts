import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CheckEntitlement } from "../schemas/Entitlement.js"
import type { FeatureEntitlement } from "../schemas/FeatureEntitlement.js"
import type { StiggError } from "../StiggError.js"
import { APIConnectionError } from "../StiggError.js"
import type * as Answer from "./Answer.js"
import type { Checks } from "./Cached.js"
import * as Fallback from "./Fallback.js"
import * as Metrics from "./Metrics.js"
import * as Request from "./Request.js"
import type { Settings } from "./Settings.js"

/** Answers with the program's own fallbacks alone, and asks nobody. */
export const make = (settings: Settings): Checks => {
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
        const ids = Array.from(settings.fallbacks.keys())
        const entitlements = yield* Effect.forEach(ids, (featureId) =>
          Effect.map(answer(customerId, { featureId, resourceId }), (answer) => entitlement(featureId, answer))
        )
        return { accessDeniedReason: null, entitlements, source: "fallback", fetchedAt }
      }),
    prefetch: () => Effect.void,
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

/** A fallback as a page may show it. */
const entitlement = (featureId: string, answer: Answer.Answer): FeatureEntitlement => ({
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
