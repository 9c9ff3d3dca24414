import * as Either from "effect/Either"
import * as Happenings from "../../webhooks/Happenings.js"
import { millisOf } from "../../seed/SeedLoader.js"
import type { WorldState } from "../World.js"
import type { Of } from "./ActSchema.js"
import type { Outcome } from "./Refusal.js"
import { customerOf, knownCurrency, refuse, resourceOf } from "./Refusal.js"

/** Credits in addition to those that a customer has. */
export const grant = (world: WorldState, act: Of<"grantCredits">, now: number): Outcome =>
  Either.gen(function* () {
    const entry = yield* customerOf(world, act.customerId)
    yield* knownCurrency(world, act.currencyId, "currencyId")
    const resourceId = yield* resourceOf(entry, act.resourceId)
    const startDate = act.startDate === undefined ? now : millisOf(act.startDate, now)
    const endDate = act.endDate === undefined || act.endDate === null ? null : millisOf(act.endDate, now)
    if (endDate !== null && endDate <= Math.max(startDate, now)) {
      return yield* refuse("endDate", "expected a time after the start, and after now")
    }
    const { amount, currencyId } = act
    entry.change(world, { credits: [...entry.credits, { currencyId, amount, resourceId, startDate, endDate }] })
    return Happenings.creditGrant("credit.grant.created", entry, entry.credits.length - 1)
  })
