import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

/**
 * The names of the metrics of webhooks. They have no tags.
 *
 * - `received`: a counter of requests with one of the secrets and a readable event.
 * - `refused`: a counter of requests that were refused.
 * - `repeated`: a counter of messages that had been handled before.
 * - `outdated`: a counter of events that were older than what is known.
 * - `unknown`: a counter of events of an unknown type.
 * - `failed`: a counter of messages that were not handled, so that they come again.
 * - `age`: a histogram of how old an event is when it arrives, in milliseconds.
 *
 * @example
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * console.log(Webhooks.metricNames.received) // stigg.webhooks.received
 *
 * @category telemetry
 * @since 0.1.0
 */
export const metricNames = {
  received: "stigg.webhooks.received",
  refused: "stigg.webhooks.refused",
  repeated: "stigg.webhooks.repeated",
  outdated: "stigg.webhooks.outdated",
  unknown: "stigg.webhooks.unknown",
  failed: "stigg.webhooks.failed",
  age: "stigg.webhooks.age"
} as const

/**
 * The name of the span around the handlers of an event. Its attributes are `stigg.webhook.type`, `stigg.webhook.message_id`
 * and `stigg.webhook.trace_id`.
 *
 * @example
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * console.log(Webhooks.spanNames.handle) // stigg.webhooks.handle
 *
 * @category telemetry
 * @since 0.1.0
 */
export const spanNames = { handle: "stigg.webhooks.handle" } as const

const counter = (name: Exclude<keyof typeof metricNames, "age">, description: string) =>
  Metric.counter(metricNames[name], { description, incremental: true })

export const received = counter("received", "Requests with one of the secrets and a readable event")
export const refused = counter("refused", "Requests that were refused")
export const repeated = counter("repeated", "Messages that had been handled before")
export const outdated = counter("outdated", "Events that were older than what is known")
export const unknown = counter("unknown", "Events of an unknown type")
export const failed = counter("failed", "Messages that were not handled, so that they come again")
export const age = Metric.histogram(
  metricNames.age,
  MetricBoundaries.exponential({ start: 50, factor: 2, count: 16 }),
  "How old an event is when it arrives, in milliseconds"
)
