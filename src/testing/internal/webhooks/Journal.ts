import type { EventType } from "./Event.js"
import type { Fault } from "./Fault.js"

/**
 * A message that the emulator has sent, or tried to send, to its endpoints.
 *
 * @example
 * import type { Webhooks } from "effect-stigg/testing"
 *
 * const isOfAcme = ({ customerId }: Webhooks.Message) => customerId === "customer-acme"
 *
 * @category models
 * @since 0.1.0
 */
export interface Message {
  readonly messageId: string
  readonly type: EventType
  readonly customerId: string
  /** When the event happened: an RFC 3339 string of the emulator's time. */
  readonly timestamp: string
  /** The body of the request, as JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * One try to send a message to one endpoint.
 *
 * @example
 * import type { Webhooks } from "effect-stigg/testing"
 *
 * const isLast = ({ outcome }: Webhooks.Delivery) => outcome === "delivered" || outcome === "failed"
 *
 * @category models
 * @since 0.1.0
 */
export interface Delivery {
  readonly messageId: string
  readonly type: EventType
  readonly url: string
  /** The number of the try, from 1 to 7. */
  readonly attempt: number
  /** `failed` is the outcome of the last try, and of a message for which the queue of its endpoint has no room. */
  readonly outcome: "delivered" | "retrying" | "failed" | "dropped"
  /** The status of the answer; null if there was none. */
  readonly status: number | null
  /** Why there was no answer; null if there was one. */
  readonly error: string | null
  /** The injected fault of the message. */
  readonly fault: Fault["type"] | null
  /** When the try ended: an RFC 3339 string of the program's time. */
  readonly at: string
}
