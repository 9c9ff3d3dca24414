import * as Workflow from "@effect/workflow/Workflow"
import { Totals } from "../internal/jobs/JobRecord.js"
import { WorkflowError } from "../internal/jobs/WorkflowError.js"
import { ImportPayload } from "../internal/jobs/import/ImportPayload.js"

/**
 * The result of an import: `rows = created + updated + updatedOrSkipped + rejected`.
 *
 * @category models
 * @since 0.1.0
 */
export const ImportResult = Totals

/** @since 0.1.0 */
export type ImportResult = typeof ImportResult.Type

/**
 * Imports the rows of a source. A workflow: `Import.execute` from another workflow or through `WorkflowProxy` starts the
 * job and waits for its result, {@link Service.start} only starts it.
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
