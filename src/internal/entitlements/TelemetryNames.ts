/**
 * The names of the metrics of checks, for example to find them in `Metric.snapshot` or to configure an exporter. They
 * have no tags. Every check with valid arguments adds one to exactly one of the first five:
 *
 * - `hits`: a counter of checks answered from a fresh cached state or answer.
 * - `misses`: a counter of checks that waited for the API.
 * - `stale`: a counter of checks answered from the last known state or answer, because the API was slow or down.
 * - `fallback`: a counter of checks answered by a fallback.
 * - `errors`: a counter of checks that failed.
 * - `refreshes`: a counter of background requests that refresh a cached state or answer.
 * - `storeFailures`: a counter of reads and writes of the store that failed or timed out.
 * - `storeCorrupt`: a counter of entries in the store that could not be decoded.
 * - `breaker`: a gauge, 1 while the circuit breaker is open and 0 while it is closed.
 *
 * @example
 * import { Effect, Metric } from "effect"
 * import { Entitlements } from "effect-stigg"
 *
 * const names = new Set<string>(Object.values(Entitlements.metricNames))
 * const pairs = Effect.map(Metric.snapshot, (all) => all.filter(({ metricKey }) => names.has(metricKey.name)))
 * console.log(Entitlements.metricNames.hits) // stigg.entitlements.hits
 *
 * @category telemetry
 * @since 0.1.0
 */
export const metricNames = {
  hits: "stigg.entitlements.hits",
  misses: "stigg.entitlements.misses",
  stale: "stigg.entitlements.stale",
  fallback: "stigg.entitlements.fallback",
  errors: "stigg.entitlements.errors",
  refreshes: "stigg.entitlements.refreshes",
  storeFailures: "stigg.entitlements.store.failures",
  storeCorrupt: "stigg.entitlements.store.corrupt",
  breaker: "stigg.entitlements.breaker"
} as const

/**
 * The names of the spans that are not those of an operation. `refresh` is the root span of a background request that
 * refreshes a cached state or answer. The span of its operation is a child.
 *
 * @example
 * import { Entitlements } from "effect-stigg"
 *
 * console.log(Entitlements.spanNames.refresh) // stigg.entitlements.refresh
 *
 * @category telemetry
 * @since 0.1.0
 */
export const spanNames = { refresh: "stigg.entitlements.refresh" } as const
