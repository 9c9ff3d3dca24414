import * as Workflow from "@effect/workflow/Workflow"
import * as Schema from "effect/Schema"
import { Watermark } from "../CustomerExport.js"
import { InvalidRequestError } from "../StiggError.js"
import { JobFailedError, JobNotFoundError } from "./JobError.js"
import { JobStoreError } from "../internal/jobs/JobStore.js"
import { ExportedFile } from "./ExportManifest.js"
import { ExportPayload } from "../internal/jobs/export/ExportPayload.js"

/**
 * The schema of the result of an export.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const toJson = Schema.encode(Schema.parseJson(CustomerJobs.ExportResult))
 * console.log(toJson)
 *
 * @category models
 * @since 0.1.0
 */
export const ExportResult = Schema.Struct({
  rows: Schema.Int.pipe(Schema.nonNegative()),
  /** The files; empty if the target is a table. */
  parts: Schema.Array(ExportedFile),
  /** The name of the manifest, in the path of the target; null if the target is a table. */
  manifest: Schema.NullOr(Schema.String),
  /** For the `changedSince` of the next export; null if there were no customers. */
  watermark: Schema.NullOr(Watermark)
})

/**
 * The result of an export.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const line = ({ parts, rows }: CustomerJobs.ExportResult): string => `${rows} customers in ${parts.length} files`
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export type ExportResult = typeof ExportResult.Type

/**
 * Exports customers to a target: each that existed when the job was planned, once, also if others are created and
 * updated meanwhile. Those that are created while it runs may be in it. With the `watermark` of one export as the
 * `changedSince` of the next, no change is missed; a customer that changes during an export may be in both.
 *
 * Creation time is cut into parts, which all runners share. A part that is interrupted begins anew. Archived customers
 * are not included.
 *
 * A workflow: `Export.execute` from another workflow or through `WorkflowProxy` starts the job and waits for its result,
 * {@link Service.start} only starts it.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const nightly = Effect.gen(function* () {
 *   const jobs = yield* CustomerJobs.CustomerJobs
 *   yield* jobs.start(CustomerJobs.Export, {
 *     id: "export-2026-06-13",
 *     target: { _tag: "Folder", path: "exports/2026-06-13" }
 *   })
 *   const { rows, watermark } = yield* jobs.result(CustomerJobs.Export, "export-2026-06-13")
 *   yield* Effect.log(rows, watermark)
 * })
 *
 * @category workflows
 * @since 0.1.0
 */
export const Export = Workflow.make({
  name: "CustomerJobs/Export",
  payload: ExportPayload,
  success: ExportResult,
  error: Schema.Union(JobFailedError, JobNotFoundError, InvalidRequestError, JobStoreError),
  idempotencyKey: ({ id }) => id
})
