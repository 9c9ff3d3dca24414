import { Import, ImportResult } from "../../../src/CustomerJobs.js"
import * as Schema from "effect/Schema"

/** What a runner process is told. */
export const Settings = Schema.Struct({
  /** The base URL of the API. */
  stigg: Schema.String,
  /** The port for other runners. */
  port: Schema.Number,
  /** The URL of the database: of Postgres, or `file:…` of SQLite. */
  database: Schema.String,
  /** The folder that all runners share. */
  folder: Schema.String,
  /** The URL of a Redis for the rate. Without one there is no rate. */
  redis: Schema.optional(Schema.String),
  keepEndedMillis: Schema.optional(Schema.Number),
  /** A job that the runner starts and tells of. A process has the only client of its SQLite. */
  job: Schema.optional(Schema.typeSchema(Import.payloadSchema))
})

/** What a runner sends: `ready`, and what becomes of its job. */
export const Message = Schema.Union(
  Schema.Literal("ready"),
  Schema.Struct({ rows: Schema.Number }),
  Schema.Struct({ result: ImportResult, rejects: Schema.Array(Schema.Number) })
)
