import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { StiggError } from "../../StiggError.js"
import type { PartControl, PartStopped } from "./JobKind.js"
import { JobHalted } from "./JobKind.js"

const firstWait = Duration.seconds(1)
const longestWait = Duration.minutes(1)

/**
 * Makes a function that repeats a call of the API until it succeeds. Once the failures have lasted for `giveUpAfter`,
 * or at once if one is fatal, the job pauses. Meanwhile the job shows why it waits.
 */
export const make = (options: {
  readonly control: PartControl
  readonly giveUpAfter: Duration.Duration
  readonly isFatal: (error: StiggError) => boolean
  /** The wait after a 429. */
  readonly afterRateLimit: (error: StiggError, wait: Duration.Duration) => Duration.Duration
}): (<A, R>(call: Effect.Effect<A, StiggError, R>) => Effect.Effect<A, JobHalted | PartStopped, R>) => {
  const { afterRateLimit, control, giveUpAfter, isFatal } = options
  // Mutable: it belongs to one run of a part. Whether the job shows why it waits.
  let isNoted = false
  return (call) =>
    Effect.gen(function* () {
      const since = yield* Clock.currentTimeMillis
      let wait = firstWait
      for (;;) {
        const result = yield* Effect.either(call)
        if (result._tag === "Right") {
          if (isNoted) yield* control.note(null)
          isNoted = false
          return result.right
        }
        const error = result.left
        const failing = Duration.millis((yield* Clock.currentTimeMillis) - since)
        if (isFatal(error) || Duration.greaterThanOrEqualTo(failing, giveUpAfter)) {
          return yield* new JobHalted({ desired: "Pause", problem: error.message })
        }
        if (error._tag !== "StiggRateLimitError") {
          yield* control.note(error.message)
          isNoted = true
        }
        yield* control.wait(error._tag === "StiggRateLimitError" ? afterRateLimit(error, wait) : wait)
        wait = Duration.min(Duration.times(wait, 2), longestWait)
      }
    })
}
