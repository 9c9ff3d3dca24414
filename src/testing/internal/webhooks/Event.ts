import type { WebhookEvent } from "../../WebhookEvent.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import type { WorldState } from "../world/World.js"

/** An event, without what only its message has: ids and a time. */
export interface Event {
  readonly type: WebhookEvent
  readonly customer: CustomerEntry
  /** The fields beside those of the envelope. Called at once, or not at all if no endpoint takes the type. */
  readonly fields: () => Readonly<Record<string, unknown>>
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
