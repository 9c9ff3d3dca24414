import * as Metric from "effect/Metric"
import { metricNames } from "./TelemetryNames.js"

const counter = (name: Exclude<keyof typeof metricNames, "breaker">, description: string) =>
  Metric.counter(metricNames[name], { description, incremental: true })

const hits = counter("hits", "Checks answered from a fresh cached state or answer")
const misses = counter("misses", "Checks that waited for the API")
const stale = counter("stale", "Checks answered from the last known state or answer, because the API was slow or down")
const fallback = counter("fallback", "Checks answered by a fallback")
const errors = counter("errors", "Checks that failed")
const refreshes = counter("refreshes", "Background requests that refresh a cached state or answer")
const storeFailures = counter("storeFailures", "Reads and writes of the store that failed or timed out")
const storeCorrupt = counter("storeCorrupt", "Entries in the store that could not be decoded")
const breaker = Metric.gauge(metricNames.breaker, {
  description: "1 while the circuit breaker is open, 0 while it is closed"
})

/**
 * Updates the metric without an effect, because `Metric.increment` costs as much as a whole check. As a consequence,
 * tags from `Effect.tagMetrics` are not applied.
 */
const increment = (metric: Metric.Metric.Counter<number>) => () => metric.unsafeUpdate(1, [])

/** Every check with valid arguments counts as one of these four or as `failed`. */
export const answered = {
  cache: increment(hits),
  api: increment(misses),
  stale: increment(stale),
  fallback: increment(fallback)
}

export const failed = increment(errors)
export const refreshed = increment(refreshes)
export const storeFailed = increment(storeFailures)
export const storeWasCorrupt = increment(storeCorrupt)
export const breakerIs = (state: "open" | "closed") => breaker.unsafeUpdate(state === "open" ? 1 : 0, [])
