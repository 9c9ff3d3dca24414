import type { CustomerEntry, WorldState } from "../world/World.js"

/** The types of the events that the emulator sends. */
export const types = [
  "customer.created",
  "customer.updated",
  "customer.deleted",
  "customer.payment_failed",
  "payment_method.attached",
  "payment_method.detached",
  "entitlements.updated",
  "entitlement.usage_exceeded",
  "measurement.reported",
  "promotionalEntitlement.granted",
  "promotionalEntitlement.revoked",
  "promotionalEntitlement.expired",
  "credit.grant.created",
  "credit.grant.expired",
  "credit_balance.depleted",
  "subscription.created",
  "subscription.updated",
  "subscription.canceled",
  "subscription.expired_non_recurring",
  "trial.started",
  "trial.converted",
  "trial.expired"
] as const

/** The type of an event. */
export type EventType = (typeof types)[number]

/** An event, without what only its message has: ids and a time. */
export interface Event {
  readonly type: EventType
  readonly customer: CustomerEntry
  /** The fields beside those of the envelope. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** A world at a time, in milliseconds since the epoch. */
export interface At {
  readonly world: WorldState
  readonly now: number
}

/** Describes what has happened. It reads the world when it is called. */
export type Events = (at: At) => ReadonlyArray<Event>

/** Several events, one after another. */
export const all =
  (...events: ReadonlyArray<Events>): Events =>
  (at) =>
    events.flatMap((one) => one(at))

/** No event. */
export const none: Events = () => []
