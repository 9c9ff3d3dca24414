import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"

/**
 * What a job is doing:
 * - `Planning`: it reads its source and finds its parts.
 * - `Running`: parts are sent.
 * - `Pausing`, `Cancelling`, `Failing`: what is in flight ends, and nothing begins.
 * - `Paused`: it waits for `resume`. Nothing is at work.
 * - `Cancelled`, `Failed`, `Done`: it has ended.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const isState = Schema.is(CustomerJobs.JobState)
 * console.log(isState("Paused"), isState("Sleeping")) // true false
 *
 * @category models
 * @since 0.1.0
 */
export const JobState = Schema.Literal(
  ...(["Planning", "Running", "Pausing", "Paused", "Cancelling", "Cancelled", "Failing", "Failed", "Done"] as const)
)

/**
 * What a job is doing: one of the names that the schema of the same name lists.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const ended: ReadonlyArray<CustomerJobs.JobState> = ["Cancelled", "Failed", "Done"]
 * console.log(ended.length) // 3
 *
 * @category models
 * @since 0.1.0
 */
export type JobState = typeof JobState.Type

/**
 * There is no job with this id: it was never started, or it ended long ago and was removed.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const exists = (id: string) =>
 *   Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => jobs.poll(id)).pipe(
 *     Effect.as(true),
 *     Effect.catchTag("StiggJobNotFoundError", () => Effect.succeed(false))
 *   )
 * console.log(exists)
 *
 * @category errors
 * @since 0.1.0
 */
export class JobNotFoundError extends Schema.TaggedError<JobNotFoundError>("effect-stigg/JobNotFoundError")(
  "StiggJobNotFoundError",
  { id: Schema.String, message: Schema.String },
  HttpApiSchema.annotations({ status: 404 })
) {}

/**
 * The job has ended, or is about to, so that it cannot be paused, resumed or cancelled any more.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const cancel = (id: string) =>
 *   Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => jobs.cancel(id)).pipe(
 *     Effect.asVoid,
 *     Effect.catchTag("StiggJobEndedError", ({ state }) => Effect.log(`It is ${state} already`))
 *   )
 * console.log(cancel)
 *
 * @category errors
 * @since 0.1.0
 */
export class JobEndedError extends Schema.TaggedError<JobEndedError>("effect-stigg/JobEndedError")(
  "StiggJobEndedError",
  { id: Schema.String, state: JobState, message: Schema.String },
  HttpApiSchema.annotations({ status: 409 })
) {}

/**
 * The job ended without a result: it failed or was cancelled.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const rows = Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => jobs.result(CustomerJobs.Import, "nightly")).pipe(
 *   Effect.map((result) => result.rows),
 *   Effect.catchTag("StiggJobFailedError", ({ problem, state }) =>
 *     Effect.as(Effect.logError(state, problem), 0)
 *   )
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class JobFailedError extends Schema.TaggedError<JobFailedError>("effect-stigg/JobFailedError")(
  "StiggJobFailedError",
  {
    id: Schema.String,
    state: Schema.Literal("Failed", "Cancelled"),
    /** Why it failed; null if it was cancelled. */
    problem: Schema.NullOr(Schema.String),
    message: Schema.String
  },
  HttpApiSchema.annotations({ status: 409 })
) {}
