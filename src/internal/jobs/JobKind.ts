import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { JobRecord, PartRecord, RejectRecord, Totals } from "./JobRecord.js"

/** A part stops although it is not done: the job should not run, this runner leaves, or another one has the part. */
export class PartStopped extends Data.TaggedError("PartStopped")<object> {}

/** A job cannot go on. A job that pauses can be resumed once the reason is gone. */
export class JobHalted extends Data.TaggedError("JobHalted")<{
  readonly desired: "Pause" | "Fail"
  readonly problem: string
}> {}

/** How a part hears what is wanted and tells what it did. */
export interface PartControl {
  /** Succeeds while the part should go on. Called before anything begins that cannot be taken back. */
  readonly goOn: Effect.Effect<void, PartStopped>
  /** Records work that is done, all at once. */
  readonly record: (work: {
    readonly totals: Totals
    readonly rejects: ReadonlyArray<RejectRecord>
    readonly isDone: boolean
    readonly output: string | null
  }) => Effect.Effect<void, PartStopped>
  /** Sleeps, unless the part should not go on. */
  readonly wait: (duration: Duration.Duration) => Effect.Effect<void, PartStopped>
  /** Says why the job waits; null once it does not. */
  readonly note: (problem: string | null) => Effect.Effect<void>
  /** Whoever works on the part: differs each time it is claimed. */
  readonly owner: string
}

/** What a kind of job does. */
export interface JobKind {
  readonly name: string
  /** How many parts may be at work at once, over all runners. */
  readonly concurrency: (job: JobRecord) => Effect.Effect<number, JobHalted>
  /** Runs again if the runner dies meanwhile, until its plan is stored. */
  readonly plan: (
    job: JobRecord
  ) => Effect.Effect<
    { readonly plan: string; readonly total: number | null; readonly parts: ReadonlyArray<string> },
    JobHalted
  >
  /** Does what is left of a part. Whatever it does after its last record is done again by the next owner. */
  readonly runPart: (
    job: JobRecord,
    part: PartRecord,
    control: PartControl
  ) => Effect.Effect<void, JobHalted | PartStopped>
  /** The result of a job whose parts are all done. Can run again if the runner dies before it is stored. */
  readonly finish: (job: JobRecord, parts: ReadonlyArray<PartRecord>) => Effect.Effect<string, JobHalted>
  /**
   * Removes what a job that has ended left behind and nobody needs, such as files of parts. Runs several times, on any
   * runner, and again after a failure.
   */
  readonly discard: (job: JobRecord) => Effect.Effect<void, JobHalted>
}

/** The kinds of jobs that this runner can run, by name. */
export type JobKinds = ReadonlyMap<string, JobKind>

export const JobKinds = Context.GenericTag<JobKinds>("effect-stigg/internal/JobKinds")
