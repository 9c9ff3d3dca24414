import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"

/**
 * The file of an export cannot be written. The data written so far stays in the `.partial` file next to it, and an
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
    | "AlreadyExists"
    | "IsDirectory"
    | "NoSuchFolder"
    | "NoSpace"
    | "PermissionDenied"
    | "EncodeFailed"
    | "TakenOver"
    | "Unknown"
  readonly path: string
  /** The number of bytes written before the error. */
  readonly byte: number
  readonly message: string
  readonly cause?: unknown
}> {}

/** Maps a system error to a reason. */
const reasonOf = (error: PlatformError): ExportFileError["reason"] => {
  if (error._tag === "BadArgument") return "Unknown"
  const { cause } = error
  const code = Predicate.hasProperty(cause, "code") ? cause.code : null
  if (code === "ENOSPC" || code === "EDQUOT" || error.reason === "WriteZero") return "NoSpace"
  if (code === "ENOTDIR" || error.reason === "NotFound") return "NoSuchFolder"
  if (code === "EISDIR" || code === "ERR_FS_EISDIR") return "IsDirectory"
  return error.reason === "PermissionDenied" || error.reason === "AlreadyExists" ? error.reason : "Unknown"
}

const sentences: Readonly<Record<ExportFileError["reason"], string>> = {
  AlreadyExists: "already exists: choose another path, or set `overwrite: true`",
  IsDirectory: "is a directory",
  NoSuchFolder: "is in a folder that does not exist",
  NoSpace: "cannot be written any further: no space left",
  PermissionDenied: "cannot be written: permission denied",
  EncodeFailed: "cannot be written any further: its format failed",
  TakenOver: "is being written by another export that started later",
  Unknown: "cannot be written"
}

/** Makes the error for a file to which `byte` bytes were written. */
export const fail = (
  reason: ExportFileError["reason"],
  path: string,
  byte: number,
  cause?: unknown
): ExportFileError => {
  const detail = cause instanceof Error ? ` (${cause.message})` : ""
  return new ExportFileError({ reason, path, byte, message: `${path} ${sentences[reason]}${detail}`, cause })
}

/** A file that has the suffix `.partial` until it is complete. */
export interface ExportFile {
  /** Appends bytes and returns the new length of the file. A write that has started is not interrupted. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<number, ExportFileError>
  /** Waits until the data is on disk. Fails if another export has taken over the file. */
  readonly sync: Effect.Effect<void, ExportFileError>
  /** Renames the file to its final name. */
  readonly publish: Effect.Effect<void, ExportFileError>
}

const partial = (path: string): string => `${path}.partial`

/** Fails if the path is a directory, or an existing file that may not be replaced. */
export const checkTarget = (
  path: string,
  overwrite: boolean
): Effect.Effect<void, ExportFileError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const type = yield* files.stat(path).pipe(
      Effect.map((info) => info.type),
      Effect.catchIf(
        (error) => error._tag === "SystemError" && error.reason === "NotFound",
        () => Effect.succeed(null)
      ),
      Effect.mapError((error) => fail(reasonOf(error), path, 0, error))
    )
    if (type === "Directory") return yield* fail("IsDirectory", path, 0)
    if (type !== null && !overwrite) return yield* fail("AlreadyExists", path, 0)
  })

/** The length of the `.partial` file in bytes; null if there is none. */
export const lengthOf = (path: string): Effect.Effect<number | null, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    files.stat(partial(path)).pipe(
      Effect.map((info) => Number(info.size)),
      Effect.orElseSucceed(() => null)
    )
  )

/** Renames a complete `.partial` file to its final name. */
export const publish = (path: string, byte: number): Effect.Effect<void, ExportFileError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.mapError(files.rename(partial(path), path), (error) => fail(reasonOf(error), path, byte, error))
  )

/** Opens the `.partial` file and truncates it to `length` bytes. */
export const open = (
  path: string,
  length: number
): Effect.Effect<ExportFile, ExportFileError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    // Closed before it is renamed: not every system can rename an open file.
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
    // Mutable, as is the position in an open file.
    let byte = length
    const failed = (error: PlatformError) => fail(reasonOf(error), path, byte, error)
    // A new file instead of the old one truncated, because another export may still write to that.
    if (length === 0) yield* Effect.mapError(files.remove(partial(path), { force: true }), failed)
    const file = yield* files
      .open(partial(path), { flag: length === 0 ? "wx" : "r+" })
      .pipe(Scope.extend(scope), Effect.mapError(failed))
    if (length > 0) {
      yield* Effect.mapError(file.truncate(length), failed)
      yield* file.seek(length, "start")
    }
    const { ino: own } = yield* Effect.mapError(file.stat, failed)
    /** Without this check, two exports to one path would publish each other's files. */
    const isOurs = files.stat(partial(path)).pipe(
      Effect.map(({ ino }) => Equal.equals(ino, own)),
      Effect.orElseSucceed(() => false),
      Effect.filterOrFail(
        (isOurs) => isOurs,
        () => fail("TakenOver", path, byte)
      )
    )
    return {
      write: (bytes) =>
        file
          .writeAll(bytes)
          .pipe(Effect.mapBoth({ onFailure: failed, onSuccess: () => (byte += bytes.length) }), Effect.uninterruptible),
      sync: Effect.zipRight(isOurs, Effect.mapError(file.sync, failed)),
      publish: Effect.suspend(() => Effect.zipRight(Scope.close(scope, Exit.void), publish(path, byte))).pipe(
        Effect.provideService(FileSystem.FileSystem, files)
      )
    }
  })
