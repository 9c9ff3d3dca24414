import * as Schema from "effect/Schema"

/** What a user wants of a running job. `Fail` is what a part wants that cannot go on. */
export const Desired = Schema.Literal("Run", "Pause", "Cancel", "Fail")

export type Desired = typeof Desired.Type

/** What is true of a job. `Running` includes a job that is about to pause or end: see {@link Desired}. */
export const Stage = Schema.Literal("Running", "Paused", "Cancelled", "Failed", "Done")

export type Stage = typeof Stage.Type

const count = Schema.Int.pipe(Schema.nonNegative())

/** Rows of a job or of one of its parts, by what became of them. */
export const Totals = Schema.Struct({
  rows: count,
  created: count,
  updated: count,
  updatedOrSkipped: count,
  rejected: count
})

export type Totals = typeof Totals.Type

export const noRows: Totals = { rows: 0, created: 0, updated: 0, updatedOrSkipped: 0, rejected: 0 }

export const addTotals = (a: Totals, b: Totals): Totals => ({
  rows: a.rows + b.rows,
  created: a.created + b.created,
  updated: a.updated + b.updated,
  updatedOrSkipped: a.updatedOrSkipped + b.updatedOrSkipped,
  rejected: a.rejected + b.rejected
})

/** A job as it is stored. Times are milliseconds since the epoch. */
export interface JobRecord {
  readonly id: string
  readonly kind: string
  /** The encoded payload, as JSON. */
  readonly payload: string
  /** The source that the job reads instead of that of its payload, as JSON; null if none was given since. */
  readonly source: string | null
  /** Tells apart two jobs that had the same id one after the other. */
  readonly instance: string
  /** Increases with each attempt to run what is left. Only the current round may claim parts. */
  readonly round: number
  /** Changes at least every few seconds while some runner works on the job. */
  readonly beat: number
  readonly desired: Desired
  readonly stage: Stage
  /** What the plan found out, as JSON; null before there is one. */
  readonly plan: string | null
  /** Rows that the plan counted; null if it could not. */
  readonly total: number | null
  readonly parts: { readonly done: number; readonly total: number } | null
  readonly totals: Totals
  /** Why the job waits, paused itself or failed; null if it did not. */
  readonly problem: string | null
  /** As JSON; null unless the stage is `Done`. */
  readonly result: string | null
  readonly createdAt: number
  /** When the job began to send, or was resumed, and the rows that were done by then. */
  readonly runningSince: number | null
  readonly rowsBefore: number
  readonly endedAt: number | null
}

/** A part of a job as it is stored. */
export interface PartRecord {
  readonly part: number
  /** What to do, as JSON. */
  readonly spec: string
  readonly isDone: boolean
  readonly totals: Totals
  /** What the part yields for the result, as JSON; null before it has. */
  readonly output: string | null
}

/** A rejected row as it is stored. */
export interface RejectRecord {
  readonly row: number
  /** As JSON. */
  readonly reject: string
}

export const isEnded = (stage: Stage): boolean => stage === "Cancelled" || stage === "Failed" || stage === "Done"
