import * as Schema from "effect/Schema"

/**
 * The source of an import cannot be read any further. `reason` is one of:
 * - `NotFound`, `Directory`, `PermissionDenied`, `Unreadable`: the file or URL cannot be read.
 * - `Encoding`: the source is not UTF-8 but, for example, UTF-16. (One line with invalid UTF-8 is only a rejected row.)
 * - `Header`: the header of a CSV is missing or malformed, or it lacks a column or repeats one.
 * - `Format`: the source does not have the expected format, or it is truncated.
 * - `Changed`: the second read yielded other rows, the stored progress belongs to another source, or a file changed while
 *   a job was reading it.
 * - `Invalid`: a job's source has an invalid description, or the runner cannot open a source of this kind.
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
      "Changed",
      "Invalid"
    ),
    /** The path of the file, or the URL without its query; null if the source is neither. */
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

/** Makes an error about a file or URL as a whole. The message names it. */
export const of = (
  path: string,
  reason: ImportSourceError["reason"],
  message: string,
  cause?: unknown
): ImportSourceError =>
  new ImportSourceError({
    ...{ reason, path, line: null, column: null, byte: null, message },
    ...(cause === undefined ? {} : { cause })
  })

/** Adds the file or URL to an error about its content. */
export const within =
  (path: string) =>
  (error: ImportSourceError): ImportSourceError =>
    error.path === null ? new ImportSourceError({ ...error, path, message: `${path}: ${error.message}` }) : error

/** The error for a file that has another version than before. */
export const changed = (path: string): ImportSourceError =>
  of(path, "Changed", `${path} changed while the job was reading it`)
