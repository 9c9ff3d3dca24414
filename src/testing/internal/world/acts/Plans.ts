import * as Either from "effect/Either"
import type { Events } from "../../webhooks/Event.js"
import * as Happenings from "../../webhooks/Happenings.js"
import type { Allowance, WorldState } from "../World.js"
import type { Of } from "./ActSchema.js"
import type { Outcome } from "./Refusal.js"
import { featureOf, knownCurrency, planOf, refuse } from "./Refusal.js"

/** New limits of a plan. */
export const change = (world: WorldState, { credits = [], features = [], planId }: Of<"changePlan">): Outcome =>
  Either.gen(function* () {
    const plan = yield* planOf(world, planId)
    for (const [i, to] of features.entries()) {
      const { id, type } = yield* featureOf(world, to.featureId, `features.${i}.featureId`)
      const limit = type === "NUMBER" ? undefined : ofUsage.find((name) => (to[name] ?? false) !== false)
      if (limit !== undefined) return yield* refuse(`features.${i}.${limit}`, `feature ${id} is not numeric`)
      if (type !== "ENUM" && (to.values ?? []).length > 0) {
        return yield* refuse(`features.${i}.values`, `feature ${id} is no enum feature`)
      }
    }
    for (const [i, { currencyId }] of credits.entries()) {
      yield* knownCurrency(world, currencyId, `credits.${i}.currencyId`)
    }
    const allowances = new Map(plan.features.map((allowance) => [allowance.featureId, allowance]))
    for (const feature of features) {
      allowances.set(feature.featureId, changed(allowances.get(feature.featureId) ?? bare(feature.featureId), feature))
    }
    const amounts = new Map([...plan.credits, ...credits].map((one) => [one.currencyId, one]))
    world.plans.set(planId, {
      ...plan,
      features: Array.from(allowances.values()),
      credits: Array.from(amounts.values())
    })
    return features.length === 0 ? () => [] : changedForSubscribers(planId)
  })

type PlanFeature = NonNullable<Of<"changePlan">["features"]>[number]

/** The fields that only a numeric feature has. */
const ofUsage = ["usageLimit", "hasUnlimitedUsage", "hasSoftLimit", "resetPeriod"] as const

const bare = (featureId: string): Allowance => ({
  featureId,
  usageLimit: null,
  hasUnlimitedUsage: false,
  hasSoftLimit: false,
  resetPeriod: null,
  resetAccordingTo: null,
  values: []
})

/** An absent field stays as it is. */
const changed = (allowance: Allowance, to: PlanFeature): Allowance => ({
  ...allowance,
  usageLimit: to.usageLimit === undefined ? allowance.usageLimit : to.usageLimit,
  hasUnlimitedUsage: to.hasUnlimitedUsage ?? allowance.hasUnlimitedUsage,
  hasSoftLimit: to.hasSoftLimit ?? allowance.hasSoftLimit,
  resetPeriod: to.resetPeriod === undefined ? allowance.resetPeriod : to.resetPeriod,
  resetAccordingTo: to.resetAccordingTo === undefined ? allowance.resetAccordingTo : to.resetAccordingTo,
  values: to.values ?? allowance.values
})

/** The new entitlements of every customer whose subscription to the plan is in force. */
const changedForSubscribers =
  (planId: string): Events =>
  (at) =>
    at.world.customersInOrder.all.flatMap((entry) => {
      if (entry.customer.archivedAt !== null) return []
      const scopes = new Set(
        entry.subscriptions.flatMap((one) =>
          one.planId === planId && one.startDate <= at.now && (one.endDate === null || at.now < one.endDate)
            ? [one.resourceId]
            : []
        )
      )
      return (scopes.has(null) ? [null] : Array.from(scopes)).flatMap((scope) =>
        Happenings.entitlements(entry, "plan_updated", scope)(at)
      )
    })
