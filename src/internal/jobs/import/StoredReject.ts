import * as Either from "effect/Either"
import * as Inspectable from "effect/Inspectable"
import * as Schema from "effect/Schema"
import type { Rejected } from "../../../CustomerImport.js"
import { StiggError } from "../../../StiggError.js"

const Original = Schema.Union(
  Schema.TaggedStruct("Text", { text: Schema.String }),
  Schema.TaggedStruct("Record", {
    table: Schema.Struct({
      header: Schema.Array(Schema.String),
      delimiter: Schema.String,
      hasByteOrderMark: Schema.Boolean,
      isNeutralized: Schema.Boolean
    }),
    cells: Schema.NullOr(Schema.Array(Schema.String)),
    text: Schema.String
  })
)

/** A rejected row as JSON. */
export const StoredReject: Schema.Schema<Rejected, string> = Schema.parseJson(
  Schema.Struct({
    row: Schema.Int,
    line: Schema.NullOr(Schema.Number),
    column: Schema.NullOr(Schema.Number),
    byte: Schema.NullOr(Schema.Number),
    value: Schema.Unknown,
    reason: Schema.Literal("Malformed", "Invalid", "Duplicate", "Refused", "Failed"),
    field: Schema.NullOr(Schema.String),
    message: Schema.String,
    duplicateOf: Schema.NullOr(Schema.Number),
    error: Schema.NullOr(StiggError),
    original: Schema.NullOr(Original)
  })
)

const encodeJson = Schema.encodeEither(StoredReject)
const encodeText = Schema.encodeSync(StoredReject)

/** A value that JSON cannot hold is stored as its text: a source made of values can yield anything. */
export const encode = (rejected: Rejected): { readonly row: number; readonly reject: string } => ({
  row: rejected.row,
  reject: Either.getOrElse(encodeJson(rejected), () =>
    encodeText({ ...rejected, value: Inspectable.toStringUnknown(rejected.value), original: null })
  )
})
