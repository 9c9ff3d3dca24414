import type { WorldState } from "../World.js"
import type { Act } from "./ActSchema.js"
import * as Credits from "./Credits.js"
import * as Payments from "./Payments.js"
import * as Plans from "./Plans.js"
import type { Outcome } from "./Refusal.js"
import * as Subscriptions from "./Subscriptions.js"
import * as Usage from "./Usage.js"

/** Performs an act at a time, in milliseconds since the epoch. A refused one changes nothing. */
export const perform = (world: WorldState, act: Act, now: number): Outcome => {
  switch (act.type) {
    case "reportUsage":
      return Usage.report(world, act, now)
    case "subscribe":
      return Subscriptions.subscribe(world, act, now)
    case "unsubscribe":
      return Subscriptions.unsubscribe(world, act, now)
    case "changePlan":
      return Plans.change(world, act)
    case "grantCredits":
      return Credits.grant(world, act, now)
    case "spendCredits":
      return Usage.spend(world, act, now)
    case "failPayment":
      return Payments.fail(world, act)
    case "payInvoice":
      return Payments.pay(world, act, now)
  }
}
