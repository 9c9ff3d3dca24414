/**
 * The names of the metrics of calls, for example to find them in `Metric.snapshot` or to configure an exporter:
 *
 * - `calls`: a counter of calls, not counting retries. Tags: `operation`, such as `customers.retrieve`, and `outcome`,
 *   which is `success`, `interrupted`, `defect` or the tag of an error, such as `StiggNotFoundError`.
 * - `retries`: a counter of retries. Tag: `operation`.
 * - `callDuration`: a histogram of the duration of calls in seconds, including retries. Tag: `operation`.
 *
 * @example
 * import { Effect, Metric } from "effect"
 * import { StiggClient } from "effect-stigg"
 *
 * const calls = Effect.map(Metric.snapshot, (pairs) =>
 *   pairs.filter(({ metricKey }) => metricKey.name === StiggClient.metricNames.calls)
 * )
 * console.log(StiggClient.metricNames.calls) // stigg.client.calls
 *
 * @category telemetry
 * @since 0.1.0
 */
export const metricNames = {
  calls: "stigg.client.calls",
  retries: "stigg.client.retries",
  callDuration: "stigg.client.call.duration"
} as const

/**
 * The name of the span of an operation. Each attempt is a child span, named after the method and the path of the
 * operation: `GET /api/v1/customers/{id}`.
 *
 * @example
 * import { StiggClient } from "effect-stigg"
 *
 * console.log(StiggClient.spanName("customers.retrieve")) // stigg.customers.retrieve
 *
 * @category telemetry
 * @since 0.1.0
 */
export const spanName = <Operation extends string>(operation: Operation): `stigg.${Operation}` => `stigg.${operation}`
