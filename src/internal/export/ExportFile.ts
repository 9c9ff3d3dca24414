import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"

/**
 * The file of an export cannot be written. What was written until then stays in the `.partial` file beside it; a file that
 * had the name before is as it was. `TakenOver` says that another export to the same path began anew meanwhile, and that
 * the `.partial` file is its own by now.
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
  /** How many bytes were written whole before it. */
  readonly byte: number
  readonly message: string
  readonly cause?: unknown
}> {}

/** What went wrong with a file, by what the system says. */
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
  AlreadyExists: "exists already: give another name, or say `overwrite: true`",
  IsDirectory: "is a directory",
  NoSuchFolder: "lies in a folder that does not exist",
  NoSpace: "cannot be written on: there is no space left",
  PermissionDenied: "may not be written",
  EncodeFailed: "cannot be written on: its format failed",
  TakenOver: "is written by another export, which began later",
  Unknown: "cannot be written"
}

/** An error that says what is wrong with a file, and at which byte. */
export const fail = (
  reason: ExportFileError["reason"],
  path: string,
  byte: number,
  cause?: unknown
): ExportFileError => {
  const detail = cause instanceof Error ? ` (${cause.message})` : ""
  return new ExportFileError({ reason, path, byte, message: `${path} ${sentences[reason]}${detail}`, cause })
}

/** A file under another name, `.partial` behind its own, until it is complete. */
export interface ExportFile {
  /** Writes at its end; gives its length. What is begun is written whole, or fails. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<number, ExportFileError>
  /** Waits until what was written is on the disk; fails when another export took the file's name meanwhile. */
  readonly sync: Effect.Effect<void, ExportFileError>
  /** Gives it its own name. */
  readonly publish: Effect.Effect<void, ExportFileError>
}

const partial = (path: string): string => `${path}.partial`

/** Refuses a path that an export may not become. */
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

/** How long the unfinished file is; null when there is none. */
export const lengthOf = (path: string): Effect.Effect<number | null, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    files.stat(partial(path)).pipe(
      Effect.map((info) => Number(info.size)),
      Effect.orElseSucceed(() => null)
    )
  )

/** Gives an unfinished file that is complete its own name. */
export const publish = (path: string, byte: number): Effect.Effect<void, ExportFileError, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.mapError(files.rename(partial(path), path), (error) => fail(reasonOf(error), path, byte, error))
  )

/** The unfinished file, cut off behind what is known to be whole. */
export const open = (
  path: string,
  length: number
): Effect.Effect<ExportFile, ExportFileError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    // Closed before it gets its name: not every system renames an open file.
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
    // Mutable: the position in an open file is, too.
    let byte = length
    const failed = (error: PlatformError) => fail(reasonOf(error), path, byte, error)
    // A new file, and not the old one emptied: another export may still be at work on that.
    if (length === 0) yield* Effect.mapError(files.remove(partial(path), { force: true }), failed)
    const file = yield* files
      .open(partial(path), { flag: length === 0 ? "wx" : "r+" })
      .pipe(Scope.extend(scope), Effect.mapError(failed))
    if (length > 0) {
      yield* Effect.mapError(file.truncate(length), failed)
      yield* file.seek(length, "start")
    }
    const { ino: own } = yield* Effect.mapError(file.stat, failed)
    /** Two exports to one path would give each other's files the name. */
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
