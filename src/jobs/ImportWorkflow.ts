import * as Workflow from "@effect/workflow/Workflow"
import { Totals } from "../internal/jobs/JobRecord.js"
import { WorkflowError } from "../internal/jobs/WorkflowError.js"
import { ImportPayload } from "../internal/jobs/import/ImportPayload.js"

/**
 * The schema of the result of an import.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const toJson = Schema.encode(Schema.parseJson(CustomerJobs.ImportResult))
 * console.log(toJson)
 *
 * @category models
 * @since 0.1.0
 */
export const ImportResult = Totals

/**
 * The result of an import: `rows = created + updated + updatedOrSkipped + rejected`.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const line = ({ rejected, rows }: CustomerJobs.ImportResult): string => `${rows} rows, ${rejected} of them rejected`
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export type ImportResult = typeof ImportResult.Type

/**
 * Imports the rows of a source. Of two rows with the same id, the one with the later `updatedAt` is imported, or the last
 * one unless both have an `updatedAt`; the other is rejected. A part that is interrupted goes on after its last batch
 * whose result is stored.
 *
 * The job pauses if the API answers with nothing but failures for `giveUpAfter`, if it refuses every row of three batches
 * in a row, and if the source cannot be read any more. It fails if the source cannot be read when the job is planned, or
 * has changed since.
 *
 * A workflow: `Import.execute` from another workflow or through `WorkflowProxy` starts the job and waits for its result,
 * {@link Service.start} only starts it.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const nightly = Effect.gen(function* () {
 *   const jobs = yield* CustomerJobs.CustomerJobs
 *   yield* jobs.start(CustomerJobs.Import, {
 *     id: "import-2026-06-13",
 *     source: { _tag: "Folder", path: "customers.ndjson", format: { _tag: "Ndjson" } }
 *   })
 *   const { created, rejected } = yield* jobs.result(CustomerJobs.Import, "import-2026-06-13")
 *   yield* Effect.log(created, rejected)
 * })
 *
 * @category workflows
 * @since 0.1.0
 */
export const Import = Workflow.make({
  name: "CustomerJobs/Import",
  payload: ImportPayload,
  success: ImportResult,
  error: WorkflowError,
  idempotencyKey: ({ id }) => id
})
