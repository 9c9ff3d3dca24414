import * as Duration from "effect/Duration"

/** How much is done and how long the rest will take, as far as both can be told. */
export interface Estimate {
  /** From 0 to 1; null if unknown. */
  readonly fraction: number | null
  /** Null if unknown. */
  readonly remaining: Duration.Duration | null
}

export const unknown: Estimate = { fraction: null, remaining: null }

export const complete: Estimate = { fraction: 1, remaining: Duration.zero }

/**
 * Estimates from the average rate of this run, in any unit. Unknown if the total is, or if it turned out to be too low.
 */
export const make = (run: {
  readonly total: number | null
  readonly done: number
  /** What earlier runs had done. */
  readonly before: number
  /** The duration of this run in milliseconds. */
  readonly millis: number
}): Estimate => {
  const { before, done, millis, total } = run
  if (total === null || total <= 0 || done > total) return unknown
  if (done === total) return complete
  const fraction = done / total
  // Without time or work, there is no rate.
  if (millis <= 0 || done <= before) return { fraction, remaining: null }
  return { fraction, remaining: Duration.millis((millis * (total - done)) / (done - before)) }
}
