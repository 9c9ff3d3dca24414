import * as Duration from "effect/Duration"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { Events } from "./Event.js"
import { all, none } from "./Event.js"
import * as Happenings from "./Happenings.js"

/** How long before the end of a trial or a grant its `ends_soon` is sent. */
const endsSoon = Duration.toMillis("7 days")

/** What time does to a customer. Times are milliseconds since the epoch. */
interface Due {
  readonly at: number
  /** The events beside that of the new entitlements. */
  readonly events: Events
  readonly trigger: string
  /** Whose entitlements change: those of a resource, or null for the whole customer. Undefined if none do. */
  readonly scope: string | null | undefined
}

function* dues(entry: CustomerEntry): Generator<Due> {
  for (const [position, { endDate, resourceId, startDate, state }] of entry.subscriptions.entries()) {
    const at = (type: Parameters<typeof Happenings.subscription>[0]) => Happenings.subscription(type, entry, position)
    if (endDate !== null && endDate <= startDate) continue
    const started = state === "trial" ? at("trial.started") : none
    yield { at: startDate, events: started, trigger: "subscription_started", scope: resourceId }
    if (endDate === null) continue
    if (state === "trial") yield* warning(startDate, endDate, at("trial.ends_soon"))
    const ended =
      state === "trial" ? at("trial.expired") : state === "canceled" ? none : at("subscription.expired_non_recurring")
    yield { at: endDate, events: ended, trigger: "subscription_ended", scope: resourceId }
  }
  for (const grant of entry.allGrants) {
    const { endDate, startDate, status } = grant.grant
    if (grant.state !== "granted" || status !== "Active") continue
    yield { at: startDate.epochMillis, events: none, trigger: "promotional_entitlement_started", scope: null }
    if (endDate === null) continue
    yield* warning(startDate.epochMillis, endDate.epochMillis, Happenings.endsSoon(entry, grant))
    yield {
      at: endDate.epochMillis,
      events: Happenings.expired(entry, grant),
      trigger: "promotional_entitlement_expired",
      scope: null
    }
  }
  for (const [position, { endDate }] of entry.credits.entries()) {
    if (endDate === null) continue
    // Events about entitlements do not list credits.
    const events = Happenings.creditGrant("credit.grant.expired", entry, position)
    yield { at: endDate, events, trigger: "", scope: undefined }
  }
}

/** That something ends soon, unless it had begun later than that. */
function* warning(startDate: number, endDate: number, events: Events): Generator<Due> {
  const at = endDate - endsSoon
  if (at > startDate) yield { at, events, trigger: "", scope: undefined }
}

/** The first moment after `from` at which time changes a customer. */
export const nextAfter = (entry: CustomerEntry, from: number): number | undefined => {
  if (entry.customer.archivedAt !== null) return undefined
  let next: number | undefined
  for (const { at } of dues(entry)) if (at > from && (next === undefined || at < next)) next = at
  return next
}

/** What happens to a customer at a moment. The entitlements that several causes change are told once. */
export const eventsAt = (entry: CustomerEntry, moment: number): Events => {
  if (entry.customer.archivedAt !== null) return none
  const due = Array.from(dues(entry)).filter(({ at }) => at === moment)
  const scopes = new Map(due.flatMap(({ scope, trigger }) => (scope === undefined ? [] : [[scope, trigger] as const])))
  const whole = scopes.get(null)
  const entitlements =
    whole === undefined
      ? Array.from(scopes, ([scope, trigger]) => Happenings.entitlements(entry, trigger, scope))
      : [Happenings.entitlements(entry, whole)]
  return all(...due.map(({ events }) => events), ...entitlements)
}
