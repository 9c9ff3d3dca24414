import * as Schema from "effect/Schema"
import type { SourcePosition } from "../../../jobs/Source.js"

const Position: Schema.Schema<SourcePosition> = Schema.Struct({
  row: Schema.Int,
  line: Schema.NullOr(Schema.Int),
  byte: Schema.NullOr(Schema.Int),
  column: Schema.optional(Schema.Int),
  key: Schema.NullOr(Schema.String)
})

/** A part of an import, as the plan found it. */
export const ImportSpec = Schema.parseJson(
  Schema.Struct({
    /** Null if the part starts where the source does. */
    start: Schema.NullOr(Position),
    /** Where the next part starts; null for the last part. */
    until: Schema.NullOr(Position),
    rows: Schema.Int,
    /** The rows of this part that another row with the same id replaces, each with the number of that row. */
    losers: Schema.Array(Schema.Tuple(Schema.Int, Schema.Int))
  })
)

export type ImportSpec = typeof ImportSpec.Type

/** What the plan knows of the source as a whole. */
export const ImportPlan = Schema.parseJson(
  Schema.Struct({
    /** The version of the source that was read; null if it has none. */
    version: Schema.NullOr(Schema.String),
    rows: Schema.Int
  })
)
