import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type { Events } from "../../webhooks/Event.js"
import { all, none } from "../../webhooks/Event.js"
import * as Happenings from "../../webhooks/Happenings.js"
import { millisOf } from "../../seed/SeedLoader.js"
import type { CustomerEntry } from "../CustomerEntry.js"
import type { Subscription, WorldState } from "../World.js"
import type { Of } from "./ActSchema.js"
import type { Outcome } from "./Refusal.js"
import { customerOf, planOf, refuse } from "./Refusal.js"

/** A subscription to a plan, or to one that the customer has a trial of. */
export const subscribe = (world: WorldState, act: Of<"subscribe">, now: number): Outcome =>
  Either.gen(function* () {
    const entry = yield* customerOf(world, act.customerId)
    yield* planOf(world, act.planId)
    const resourceId = act.resourceId ?? null
    const startDate = act.startDate === undefined ? now : millisOf(act.startDate, now)
    const endDate = act.endDate === undefined || act.endDate === null ? null : millisOf(act.endDate, now)
    if (act.isTrial === true && endDate === null) return yield* refuse("endDate", "required for a trial")
    if (endDate !== null && endDate <= Math.max(startDate, now)) {
      return yield* refuse("endDate", "expected a time after the start, and after now")
    }
    const subscription = { planId: act.planId, resourceId, startDate, endDate }
    const position = positionOf(entry, act.planId, resourceId, now)
    if (position !== -1) {
      if (entry.subscriptions[position]?.state !== "trial" || act.isTrial === true || startDate > now) {
        return yield* refuse("planId", `customer ${entry.id} is subscribed to ${act.planId} already`)
      }
      const since = entry.subscriptions[position].startDate
      replace(world, entry, position, { ...subscription, startDate: since })
      return all(
        Happenings.subscription("trial.converted", entry, position),
        Happenings.subscription("subscription.updated", entry, position),
        Happenings.entitlements(entry, "subscription_updated", resourceId)
      )
    }
    if (resourceId !== null) addResource(world, entry, resourceId, now)
    entry.change(world, {
      subscriptions: [...entry.subscriptions, act.isTrial === true ? { ...subscription, state: "trial" } : subscription]
    })
    const at = entry.subscriptions.length - 1
    const started: Events =
      startDate > now
        ? none
        : all(
            act.isTrial === true ? Happenings.subscription("trial.started", entry, at) : none,
            Happenings.entitlements(entry, "subscription_created", resourceId)
          )
    return all(Happenings.subscription("subscription.created", entry, at), started)
  })

/** The end of a subscription, now or later. */
export const unsubscribe = (world: WorldState, act: Of<"unsubscribe">, now: number): Outcome =>
  Either.gen(function* () {
    const entry = yield* customerOf(world, act.customerId)
    yield* planOf(world, act.planId)
    const resourceId = act.resourceId ?? null
    const position = positionOf(entry, act.planId, resourceId, now)
    const subscription = entry.subscriptions[position]
    if (subscription === undefined) {
      return yield* refuse("planId", `customer ${entry.id} is not subscribed to ${act.planId}`)
    }
    const endDate = act.endDate === undefined ? now : millisOf(act.endDate, now)
    if (endDate < now) return yield* refuse("endDate", "expected a time that is not past")
    replace(world, entry, position, { ...subscription, endDate, state: "canceled" })
    const ended = endDate === now && subscription.startDate <= now
    return all(
      Happenings.subscription("subscription.canceled", entry, position),
      ended ? Happenings.entitlements(entry, "subscription_canceled", resourceId) : none
    )
  })

/** The position of a subscription that has not ended, or -1. */
const positionOf = (entry: CustomerEntry, planId: string, resourceId: string | null, now: number): number =>
  entry.subscriptions.findIndex(
    (one) => one.planId === planId && one.resourceId === resourceId && (one.endDate === null || now < one.endDate)
  )

const replace = (world: WorldState, entry: CustomerEntry, position: number, subscription: Subscription) =>
  entry.change(world, { subscriptions: entry.subscriptions.map((one, i) => (i === position ? subscription : one)) })

const addResource = (world: WorldState, entry: CustomerEntry, id: string, now: number) => {
  if (entry.allResources.some((resource) => resource.id === id)) return
  const createdAt = DateTime.unsafeMake(now)
  entry.addResource(world, (serial) => ({
    serial,
    createdAt: now,
    id,
    resource: { id, createdAt, updatedAt: createdAt }
  }))
}
