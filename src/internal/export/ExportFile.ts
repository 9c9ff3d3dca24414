import * as Data from "effect/Data"
import * as PartialFile from "../files/PartialFile.js"

/**
 * A file of an export cannot be written. The data written so far stays in the `.partial` file next to it, and an
 * existing file at `path` is unchanged. `TakenOver` means that another export to the same path started later and now
 * owns the `.partial` file.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.toFile("customers.ndjson").pipe(
 *   Stream.runDrain,
 *   Effect.catchTag("StiggExportFileError", ({ byte, path, reason }) => Effect.logError(`${path}, byte ${byte}: ${reason}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ExportFileError extends Data.TaggedError("StiggExportFileError")<{
  readonly reason:
    "AlreadyExists" | "IsDirectory" | "NoSuchFolder" | "NoSpace" | "PermissionDenied" | "TakenOver" | "Unknown"
  readonly path: string
  /** The number of bytes written before the error. */
  readonly byte: number
  readonly message: string
  readonly cause?: unknown
}> {}

/** The functions on partial files that fail with {@link ExportFileError}. */
export const { checkTarget, lengthOf, open, publish } = PartialFile.make((failure) => new ExportFileError(failure))

export type ExportFile = PartialFile.PartialFile<ExportFileError>
