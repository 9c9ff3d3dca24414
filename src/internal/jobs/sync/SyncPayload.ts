import * as Schema from "effect/Schema"
import { Selected } from "../../../jobs/ExportManifest.js"
import { reading } from "../export/ExportPayload.js"
import { ImportPayload, JobId } from "../import/ImportPayload.js"

const { changedSince, filter } = Selected.fields
const { batchSize } = ImportPayload.fields

export const SyncPayload = Schema.Struct({
  /** Names the job: starting a second one with the same id returns the first. 1 to 200 characters. */
  id: JobId,
  /** The name of the environment to read, as the runners know it. */
  from: Schema.String,
  changedSince,
  filter,
  ...reading,
  batchSize,
  /** The integration that the billing ids belong to. Without it, no billing ids are written. */
  integrationId: Schema.optional(Schema.String),
  /**
   * Whether a customer that was updated later in the environment that is written stays as it is. Default: false. The
   * import itself is such an update, so with true, a change that is made while a sync runs can be skipped by the next.
   */
  keepNewer: Schema.optional(Schema.Boolean)
})

export type SyncPayload = typeof SyncPayload.Type
