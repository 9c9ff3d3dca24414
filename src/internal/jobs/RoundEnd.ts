import type { JobRecord } from "./JobRecord.js"
import type { RoundEnd } from "./JobStore.js"

/**
 * What follows when no part of a round is at work any more. A job whose parts are all done is complete also if a user
 * wants it to pause: nothing is left to stop. A job that paused itself is not: its result may be what it cannot make.
 */
export const afterRound = ({ desired, parts, problem }: JobRecord): RoundEnd => {
  if (desired === "Fail") return { _tag: "Ended", stage: "Failed" }
  if (desired === "Cancel") return { _tag: "Ended", stage: "Cancelled" }
  if (desired === "Pause" && problem !== null) return { _tag: "Paused" }
  if (parts !== null && parts.done === parts.total) return { _tag: "Complete" }
  return desired === "Pause" ? { _tag: "Paused" } : { _tag: "Unfinished" }
}
