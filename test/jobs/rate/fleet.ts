import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { FleetRate } from "../../../src/jobs/FleetRate.js"

/** Takes turns one after the other, and adds the time of each to `times`. */
export const takeTurns = (rate: FleetRate, count: number, times: Array<number>): Effect.Effect<void> =>
  rate.take.pipe(
    Effect.zipRight(Clock.currentTimeMillis),
    Effect.map((now) => times.push(now)),
    Effect.repeatN(count - 1),
    Effect.asVoid
  )

/** The most times within any window of the given milliseconds. */
export const most = (times: ReadonlyArray<number>, span: number): number => {
  const sorted = times.toSorted((a, b) => a - b)
  let first = 0
  let most = 0
  sorted.forEach((at, index) => {
    while ((sorted[first] ?? at) <= at - span) first++
    most = Math.max(most, index - first + 1)
  })
  return most
}
