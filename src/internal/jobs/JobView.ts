import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Estimate from "../progress/Estimate.js"
import type { Job } from "../../CustomerJobs.js"
import type { JobRecord } from "./JobRecord.js"

/** A job as a user sees it, at a time. */
export const toJob = (record: JobRecord, now: number): Job => {
  const { endedAt, kind, rowsBefore, runningSince, stage, total, totals } = record
  const millis = runningSince === null ? 0 : (endedAt ?? now) - runningSince
  const isRunning = stage === "Running" && runningSince !== null
  const estimate =
    stage === "Done"
      ? Estimate.complete
      : Estimate.make({ total, done: totals.rows, before: rowsBefore, millis: isRunning ? millis : 0 })
  return {
    id: record.id,
    kind,
    state: stateOf(record),
    ...totals,
    total,
    parts: record.parts,
    rate: millis <= 0 ? null : ((totals.rows - rowsBefore) * 1000) / millis,
    fraction: estimate.fraction,
    remaining: estimate.remaining === null ? null : Duration.toMillis(estimate.remaining),
    problem: record.problem,
    createdAt: DateTime.unsafeMake(record.createdAt),
    endedAt: endedAt === null ? null : DateTime.unsafeMake(endedAt)
  }
}

const stateOf = ({ desired, plan, stage }: JobRecord): Job["state"] => {
  if (stage !== "Running") return stage
  switch (desired) {
    case "Run":
      return plan === null ? "Planning" : "Running"
    case "Pause":
      return "Pausing"
    case "Cancel":
      return "Cancelling"
    case "Fail":
      return "Failing"
  }
}
