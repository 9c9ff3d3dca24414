import * as Schema from "effect/Schema"

/** Creation times in milliseconds: `from` is inclusive, `until` is exclusive, and null means no bound. */
export const ExportWindow = Schema.parseJson(
  Schema.Struct({ from: Schema.NullOr(Schema.Int), until: Schema.NullOr(Schema.Int) })
)

export type ExportWindow = typeof ExportWindow.Type
