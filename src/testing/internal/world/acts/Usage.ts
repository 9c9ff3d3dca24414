import * as Either from "effect/Either"
import type * as Schemas from "../../../../Schemas.js"
import * as Happenings from "../../webhooks/Happenings.js"
import * as EntitlementEvaluation from "../EntitlementEvaluation.js"
import type { CustomerEntry } from "../CustomerEntry.js"
import type { WorldState } from "../World.js"
import type { Of } from "./ActSchema.js"
import type { Outcome } from "./Refusal.js"
import { customerOf, refuse, resourceOf } from "./Refusal.js"

/** Usage of a numeric feature or of credits. */
export const report = (
  world: WorldState,
  { customerId, of, resourceId, updateBehavior = "DELTA", value }: Of<"reportUsage">,
  now: number
): Outcome =>
  Either.gen(function* () {
    const entry = yield* customerOf(world, customerId)
    const resource = yield* resourceOf(entry, resourceId)
    const feature = world.features.get(of)
    const isCurrency = world.currencies.has(of)
    if (feature === undefined && !isCurrency) return yield* refuse("of", `unknown feature or currency ${of}`)
    if (!isCurrency && feature?.type !== "NUMBER") {
      return yield* refuse("of", `feature ${of} is not numeric and has no usage`)
    }
    if (updateBehavior === "SET" && value < 0) return yield* refuse("value", "expected at least 0 with SET")
    const counted = isCurrency
      ? EntitlementEvaluation.checkCredits(world, entry, of, resource, {}, now)
      : EntitlementEvaluation.checkFeature(world, entry, of, resource, {}, now)
    const before = usedInPeriod(entry, of, resource, counted)
    const after = updateBehavior === "SET" ? value : Math.max(0, before + value)
    if (updateBehavior === "SET") {
      const others = entry.usage.filter((usage) => usage.of !== of || usage.resourceId !== resource)
      entry.change(world, { usage: [...others, { of, resourceId: resource, used: after, at: now }] })
    } else add(world, entry, of, resource, after - before, now)
    const done = { of, resourceId: resource, change: after - before, before: counted.currentUsage ?? 0 }
    return isCurrency ? Happenings.creditsSpent(entry, done) : Happenings.measurement(entry, done)
  })

/** Credits that are used up. */
export const spend = (world: WorldState, { amount, currencyId, ...rest }: Of<"spendCredits">, now: number): Outcome =>
  world.currencies.has(currencyId)
    ? report(world, { ...rest, type: "reportUsage", of: currencyId, value: amount }, now)
    : refuse("currencyId", `unknown currency ${currencyId}`)

/** Reports of the same moment are one, so that a burst of them stays cheap. */
const add = (
  world: WorldState,
  entry: CustomerEntry,
  of: string,
  resourceId: string | null,
  used: number,
  at: number
) => {
  const last = entry.usage.at(-1)
  const usage =
    last?.of === of && last.resourceId === resourceId && last.at === at
      ? [...entry.usage.slice(0, -1), { ...last, used: last.used + used }]
      : [...entry.usage, { of, resourceId, used, at }]
  entry.change(world, { usage })
}

/** The usage of the resource since the start of the current period, if there is one. */
const usedInPeriod = (
  entry: CustomerEntry,
  of: string,
  resourceId: string | null,
  counted: Schemas.Entitlement
): number => {
  const from = counted.type === "FEATURE" ? counted.usagePeriodStart?.epochMillis : undefined
  return EntitlementEvaluation.usageOf(entry, of, resourceId, from).used
}
