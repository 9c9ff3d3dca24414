import * as Schema from "effect/Schema"

/**
 * The source of an import cannot be read any further, and where. `reason` is
 * - `NotFound`, `Directory`, `PermissionDenied`, `Unreadable`: the file itself;
 * - `Encoding`: it is not UTF-8 at all, such as UTF-16 (a single line that is not is one rejected row);
 * - `Header`: a CSV lacks a column, or has one twice;
 * - `Format`: it is not the kind of file it is read as, or it ends too early;
 * - `Changed`: it gave other rows when it was read again, or other rows than the stored progress is of.
 *
 * What was imported before stays imported.
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
    /** The file; null for a source that is none. */
    path: Schema.NullOr(Schema.String),
    /** Counted from 1; null where the fault has no place. */
    line: Schema.NullOr(Schema.Number),
    /** Characters from the start of the line, counted from 1. */
    column: Schema.NullOr(Schema.Number),
    /** Bytes from the start of the source, counted from 0. */
    byte: Schema.NullOr(Schema.Number),
    message: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {}

/** A fault of what was read, at a place in it. */
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
