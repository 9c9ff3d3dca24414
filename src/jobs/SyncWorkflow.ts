import * as Workflow from "@effect/workflow/Workflow"
import * as Schema from "effect/Schema"
import { Watermark } from "../CustomerExport.js"
import { InvalidRequestError } from "../StiggError.js"
import { JobFailedError, JobNotFoundError } from "./JobError.js"
import { Totals } from "../internal/jobs/JobRecord.js"
import { JobStoreError } from "../internal/jobs/JobStore.js"
import { SyncPayload } from "../internal/jobs/sync/SyncPayload.js"

/**
 * The schema of the result of a sync.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const toJson = Schema.encode(Schema.parseJson(CustomerJobs.SyncResult))
 * console.log(toJson)
 *
 * @category models
 * @since 0.1.0
 */
export const SyncResult = Schema.Struct({
  ...Totals.fields,
  /** For the `changedSince` of the next sync; null if there were no customers. */
  watermark: Schema.NullOr(Watermark)
})

/**
 * The result of a sync: `rows = created + updated + updatedOrSkipped + rejected`.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const line = ({ created, updated }: CustomerJobs.SyncResult): string => `${created} created, ${updated} updated`
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export type SyncResult = typeof SyncResult.Type

/**
 * Imports the customers of another environment into that of the runner: the id, email, name and metadata, and with
 * `integrationId` the billing id. With the `watermark` of one sync as the `changedSince` of the next, no change is
 * missed. Archived customers are not read, and nothing is removed.
 *
 * A workflow: `Sync.execute` from another workflow or through `WorkflowProxy` starts the job and waits for its result,
 * {@link Service.start} only starts it.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const refresh = Effect.gen(function* () {
 *   const jobs = yield* CustomerJobs.CustomerJobs
 *   yield* jobs.start(CustomerJobs.Sync, { id: "sync-2026-06-13", from: "production" })
 *   const { created, updated } = yield* jobs.result(CustomerJobs.Sync, "sync-2026-06-13")
 *   yield* Effect.log(created, updated)
 * })
 *
 * @category workflows
 * @since 0.1.0
 */
export const Sync = Workflow.make({
  name: "CustomerJobs/Sync",
  payload: SyncPayload,
  success: SyncResult,
  error: Schema.Union(JobFailedError, JobNotFoundError, InvalidRequestError, JobStoreError),
  idempotencyKey: ({ id }) => id
})
