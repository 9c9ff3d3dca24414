import type { JobRecord } from "./JobRecord.js"
import type { RoundEnd } from "./JobStore.js"

/**
 * What follows when no part of a round is at work any more. A job whose parts are all done is complete, also if it
 * should pause or be cancelled: nothing is left to stop. Unless its result could not be made.
 */
export const afterRound = (job: JobRecord, { hasNoResult = false } = {}): RoundEnd => {
  if (!hasNoResult && job.parts !== null && job.parts.done === job.parts.total) return { _tag: "Complete" }
  switch (job.desired) {
    case "Run":
      return { _tag: "Unfinished" }
    case "Pause":
      return { _tag: "Paused" }
    case "Cancel":
      return { _tag: "Ended", stage: "Cancelled" }
    case "Fail":
      return { _tag: "Ended", stage: "Failed" }
  }
}
