import * as Metric from "effect/Metric"

const counter = (name: string, description: string) =>
  Metric.counter(`stigg.entitlements.${name}`, { description, incremental: true })

const hits = counter("hits", "Checks that a fresh state or a fresh answer served")
const misses = counter("misses", "Checks that waited for the API")
const stale = counter("stale", "Checks that were answered from before, for the API could not be asked")
const fallback = counter("fallback", "Checks that the program's own fallback answered")
const errors = counter("errors", "Checks that failed")
const refreshes = counter("refreshes", "Requests in the background, while what was known was served")
const storeFailures = counter("store.failures", "Reads and writes of the second tier that failed or took too long")
const storeCorrupt = counter("store.corrupt", "Entries of the second tier that could not be read")
const breaker = Metric.gauge("stigg.entitlements.breaker", {
  description: "1 while a failing API is left alone, 0 while it is asked"
})

/**
 * Updated without an effect: `Metric.increment` costs as much as a whole check does. So tags that a program puts on the
 * metrics of an effect are not on these.
 */
const one = (metric: Metric.Metric.Counter<number>) => () => metric.unsafeUpdate(1, [])

/** One of these four, or `failed`, for each check that was accepted. */
export const answered = {
  cache: one(hits),
  api: one(misses),
  stale: one(stale),
  fallback: one(fallback)
}

export const failed = one(errors)
export const refreshed = one(refreshes)
export const storeFailed = one(storeFailures)
export const storeWasCorrupt = one(storeCorrupt)
export const breakerIs = (state: "open" | "closed") => breaker.unsafeUpdate(state === "open" ? 1 : 0, [])
