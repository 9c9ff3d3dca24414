import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Desired, JobRecord, PartRecord, RejectRecord, Totals } from "./JobRecord.js"

/**
 * The store of the jobs cannot be read or written.
 *
 * @example
 * import { Effect, Schedule } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const patient = Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => jobs.poll("nightly")).pipe(
 *   Effect.retry({ while: ({ _tag }) => _tag === "StiggJobStoreError", schedule: Schedule.spaced("1 second"), times: 60 })
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class JobStoreError extends Schema.TaggedError<JobStoreError>("effect-stigg/JobStoreError")(
  "StiggJobStoreError",
  { message: Schema.String, cause: Schema.optional(Schema.Defect) },
  HttpApiSchema.annotations({ status: 503 })
) {}

/** A round of a job, which only the current one may change. */
export interface RoundKey {
  readonly id: string
  readonly instance: string
  readonly round: number
}

/** An execution of a workflow in the engine. */
export interface Execution {
  readonly workflow: string
  readonly execution: string
}

/** Names a part and who works on it. Whoever claimed it last may record it. */
export interface PartKey extends RoundKey {
  readonly part: number
  readonly owner: string
}

export interface NewJob {
  readonly id: string
  readonly kind: string
  readonly payload: string
  readonly instance: string
  readonly now: number
}

export interface Created {
  readonly isNew: boolean
  readonly job: JobRecord
}

/** Jobs that follow each other. */
export interface SeriesRecord {
  readonly lastId: string
  /** Of the last job that was done, as JSON; null if none was. */
  readonly result: string | null
}

/** How a round ended. */
export type RoundEnd =
  /** Another round has begun, or the job is gone. */
  | { readonly _tag: "Superseded" }
  /** Parts are left, and the job should run. */
  | { readonly _tag: "Unfinished" }
  /** Every part is done. The job has not ended: its result is due. */
  | { readonly _tag: "Complete" }
  | { readonly _tag: "Paused" }
  | { readonly _tag: "Ended"; readonly stage: "Cancelled" | "Failed" }

/**
 * The truth about all jobs. The workflow engine only decides which runner does what: whatever it repeats, forgets or
 * does late changes nothing here.
 */
export interface JobStore {
  /** Stores a new job, or returns the one that has its id. */
  readonly create: (job: NewJob) => Effect.Effect<Created, JobStoreError>
  /** Like `create`, and makes the job the last one of a series. None if the last one is no longer `after`. */
  readonly createNext: (
    series: { readonly name: string; readonly after: string | null },
    job: NewJob
  ) => Effect.Effect<Option.Option<Created>, JobStoreError>
  /** What a series remembers, also of jobs that were removed; none if it has no job yet. */
  readonly series: (name: string) => Effect.Effect<Option.Option<SeriesRecord>, JobStoreError>
  readonly get: (id: string) => Effect.Effect<Option.Option<JobRecord>, JobStoreError>
  /** Newest first. */
  readonly list: (options: {
    readonly limit: number
    readonly before: { readonly createdAt: number; readonly id: string } | null
  }) => Effect.Effect<ReadonlyArray<JobRecord>, JobStoreError>
  /** The jobs whose stage is `Running`, and whether a runner has begun their round. */
  readonly running: Effect.Effect<
    ReadonlyArray<RoundKey & { readonly beat: number; readonly isBegun: boolean }>,
    JobStoreError
  >
  /** Ended jobs whose traces in the engine have not been removed. */
  readonly untidy: Effect.Effect<
    ReadonlyArray<{ readonly id: string; readonly endedAt: number; readonly executions: ReadonlyArray<Execution> }>,
    JobStoreError
  >
  readonly tidied: (id: string) => Effect.Effect<void, JobStoreError>

  /** Stores the parts, once. False if the round is not current. */
  readonly plan: (
    key: RoundKey,
    plan: {
      readonly plan: string
      readonly total: number | null
      readonly parts: ReadonlyArray<string>
      readonly now: number
    }
  ) => Effect.Effect<boolean, JobStoreError>
  /** The numbers of the parts that are not done. */
  readonly openParts: (id: string) => Effect.Effect<ReadonlyArray<number>, JobStoreError>
  readonly parts: (id: string) => Effect.Effect<ReadonlyArray<PartRecord>, JobStoreError>
  /** Takes a part, also from another owner. None if it is done or the round is not current. */
  readonly claim: (key: PartKey) => Effect.Effect<Option.Option<PartRecord>, JobStoreError>
  /** What is wanted of the job; null if another owner has claimed the part, or another round has begun. */
  readonly wanted: (key: PartKey) => Effect.Effect<Desired | null, JobStoreError>
  /** Adds to a part, all at once. False if another owner has claimed it: then nothing is stored. */
  readonly record: (
    key: PartKey,
    work: {
      readonly totals: Totals
      readonly rejects: ReadonlyArray<RejectRecord>
      readonly isDone: boolean
      readonly output: string | null
    }
  ) => Effect.Effect<boolean, JobStoreError>
  /** Says that a round has begun and is alive. */
  readonly beat: (key: RoundKey) => Effect.Effect<void, JobStoreError>
  /** Says that a part is alive. */
  readonly beatPart: (key: PartKey) => Effect.Effect<void, JobStoreError>
  /** The beats of the parts that are not done. */
  readonly partBeats: (
    id: string
  ) => Effect.Effect<ReadonlyArray<{ readonly part: number; readonly beat: number }>, JobStoreError>
  /** Remembers executions of the engine, to remove their traces once the job has ended. */
  readonly addExecutions: (id: string, executions: ReadonlyArray<Execution>) => Effect.Effect<void, JobStoreError>
  /** Says why the job waits; null once it does not. */
  readonly note: (key: RoundKey, problem: string | null) => Effect.Effect<void, JobStoreError>
  /** Stops the job for a reason. */
  readonly halt: (
    key: RoundKey,
    halt: { readonly desired: "Pause" | "Fail"; readonly problem: string }
  ) => Effect.Effect<void, JobStoreError>
  readonly endRound: (key: RoundKey, now: number) => Effect.Effect<RoundEnd, JobStoreError>
  readonly complete: (
    key: RoundKey,
    end: { readonly result: string; readonly now: number }
  ) => Effect.Effect<boolean, JobStoreError>
  /** Begins the next round of a running job. None if the round is not current. */
  readonly nextRound: (key: RoundKey) => Effect.Effect<Option.Option<RoundKey>, JobStoreError>

  /** Each returns the job afterwards; none if there is no such job. What cannot be done changes nothing. */
  readonly pause: (id: string) => Effect.Effect<Option.Option<JobRecord>, JobStoreError>
  readonly cancel: (id: string, now: number) => Effect.Effect<Option.Option<JobRecord>, JobStoreError>
  /** The job, and the round to begin if it was paused. With a `source`, parts that begin from now on read that one. */
  readonly resume: (
    id: string,
    now: number,
    options?: { readonly source: string }
  ) => Effect.Effect<{ readonly job: Option.Option<JobRecord>; readonly begin: Option.Option<RoundKey> }, JobStoreError>

  /** In order of their row, after a row. */
  readonly rejects: (
    id: string,
    options: { readonly after: number; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<RejectRecord>, JobStoreError>
  /** Removes jobs that ended before a time, with their rejects. */
  readonly removeEnded: (before: number) => Effect.Effect<number, JobStoreError>
}

export const JobStore = Context.GenericTag<JobStore>("effect-stigg/internal/JobStore")
