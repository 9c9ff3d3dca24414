import * as Schema from "effect/Schema"

/**
 * The source of an import cannot be read any further. `reason` is one of:
 * - `NotFound`, `Directory`, `PermissionDenied`, `Unreadable`: the file cannot be read.
 * - `Encoding`: the source is not UTF-8 but, for example, UTF-16. (One line with invalid UTF-8 is only a rejected row.)
 * - `Header`: the header of a CSV is missing or malformed, or it lacks a column or repeats one.
 * - `Format`: the source does not have the expected format, or it is truncated.
 * - `Changed`: the second read yielded other rows, or the stored progress belongs to another source.
 *
 * Rows imported before the error stay imported.
 *
 * @example
 * import { Effect } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.summarize(CustomerImport.run(CustomerImport.readNdjson("customers.ndjson"))).pipe(
 *   Effect.catchTag("StiggImportSourceError", (error) => Effect.logError(`${error.reason}: ${error.message}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ImportSourceError extends Schema.TaggedError<ImportSourceError>("effect-stigg/ImportSourceError")(
  "StiggImportSourceError",
  {
    reason: Schema.Literal(
      "NotFound",
      "Directory",
      "PermissionDenied",
      "Unreadable",
      "Encoding",
      "Header",
      "Format",
      "Changed"
    ),
    /** The path of the file; null if the source is not a file. */
    path: Schema.NullOr(Schema.String),
    /** Counted from 1; null if the error has no position. */
    line: Schema.NullOr(Schema.Number),
    /** Characters from the start of the line, counted from 1. */
    column: Schema.NullOr(Schema.Number),
    /** Bytes from the start of the source, counted from 0. */
    byte: Schema.NullOr(Schema.Number),
    message: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {}

/** Makes an error about the content of a source, without a path. */
export const at = (
  reason: ImportSourceError["reason"],
  message: string,
  place: Partial<Pick<ImportSourceError, "line" | "column" | "byte">> = {}
): ImportSourceError =>
  new ImportSourceError({
    reason,
    path: null,
    line: place.line ?? null,
    column: place.column ?? null,
    byte: place.byte ?? null,
    message
  })
