import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import type * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"

/** Why a file cannot be written. */
export type Reason =
  "AlreadyExists" | "IsDirectory" | "NoSuchFolder" | "NoSpace" | "PermissionDenied" | "TakenOver" | "Unknown"

/** A failure, from which each user of this module makes its own error. */
export interface Failure {
  readonly reason: Reason
  readonly path: string
  /** The number of bytes written before the failure. */
  readonly byte: number
  readonly message: string
  readonly cause?: unknown
}

/** Maps a system error to a reason. */
const reasonOf = (error: PlatformError): Reason => {
  if (error._tag === "BadArgument") return "Unknown"
  const { cause } = error
  const code = Predicate.hasProperty(cause, "code") ? cause.code : null
  if (code === "ENOSPC" || code === "EDQUOT" || error.reason === "WriteZero") return "NoSpace"
  if (code === "ENOTDIR" || error.reason === "NotFound") return "NoSuchFolder"
  if (code === "EISDIR" || code === "ERR_FS_EISDIR") return "IsDirectory"
  return error.reason === "PermissionDenied" || error.reason === "AlreadyExists" ? error.reason : "Unknown"
}

const sentences: Readonly<Record<Reason, string>> = {
  AlreadyExists: "already exists: choose another path, or set `overwrite: true`",
  IsDirectory: "is a directory",
  NoSuchFolder: "is in a folder that does not exist",
  NoSpace: "cannot be written any further: no space left",
  PermissionDenied: "cannot be written: permission denied",
  TakenOver: "is being written by another run that started later",
  Unknown: "cannot be written"
}

const failure = (reason: Reason, path: string, byte: number, cause?: unknown): Failure => {
  const detail = cause instanceof Error ? ` (${cause.message})` : ""
  return { reason, path, byte, message: `${path} ${sentences[reason]}${detail}`, cause }
}

/** A file that has the suffix `.partial` until it is complete. */
export interface PartialFile<E> {
  readonly path: string
  /** Identifies the file behind its name; none if the system has no such number. */
  readonly inode: Option.Option<number>
  /** Appends bytes and returns the new length of the file. A write that has started is not interrupted. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<number, E>
  /** Waits until the data is on disk. Fails if another run has taken over the file. */
  readonly sync: Effect.Effect<void, E>
  /** Renames the file to its final name. */
  readonly publish: Effect.Effect<void, E>
}

/** The name of a file until it is complete. */
export const partialOf = (path: string): string => `${path}.partial`

/** The functions on partial files, with the error that `fail` makes. */
export const make = <E>(fail: (failure: Failure) => E) => {
  const failWith = (reason: Reason, path: string, byte: number, cause?: unknown): E =>
    fail(failure(reason, path, byte, cause))

  const failedAt =
    (path: string, byte: number) =>
    (error: PlatformError): E =>
      failWith(reasonOf(error), path, byte, error)

  /** Fails if the path is a directory, or an existing file that may not be replaced. */
  const checkTarget = (path: string, overwrite: boolean): Effect.Effect<void, E, FileSystem.FileSystem> =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const type = yield* files.stat(path).pipe(
        Effect.map((info) => info.type),
        Effect.catchIf(
          (error) => error._tag === "SystemError" && error.reason === "NotFound",
          () => Effect.succeed(null)
        ),
        Effect.mapError(failedAt(path, 0))
      )
      if (type === "Directory") return yield* Effect.fail(failWith("IsDirectory", path, 0))
      if (type !== null && !overwrite) return yield* Effect.fail(failWith("AlreadyExists", path, 0))
    })

  /** The length of the `.partial` file in bytes; null if there is none. */
  const lengthOf = (path: string): Effect.Effect<number | null, never, FileSystem.FileSystem> =>
    Effect.flatMap(FileSystem.FileSystem, (files) =>
      files.stat(partialOf(path)).pipe(
        Effect.map((info) => Number(info.size)),
        Effect.orElseSucceed(() => null)
      )
    )

  /** Renames a complete `.partial` file to its final name. */
  const publish = (path: string, byte: number): Effect.Effect<void, E, FileSystem.FileSystem> =>
    Effect.flatMap(FileSystem.FileSystem, (files) =>
      Effect.mapError(files.rename(partialOf(path), path), failedAt(path, byte))
    )

  /** Opens the `.partial` file and truncates it to `length` bytes. */
  const open = (path: string, length: number): Effect.Effect<PartialFile<E>, E, FileSystem.FileSystem | Scope.Scope> =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      // Closed before it is renamed: not every system can rename an open file.
      const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => Scope.close(scope, exit))
      // Mutable, as is the position in an open file.
      let byte = length
      const failed = (error: PlatformError) => failedAt(path, byte)(error)
      // A new file instead of the old one truncated, because another run may still write to that.
      if (length === 0) yield* Effect.mapError(files.remove(partialOf(path), { force: true }), failed)
      const file = yield* files
        .open(partialOf(path), { flag: length === 0 ? "wx" : "r+" })
        .pipe(Scope.extend(scope), Effect.mapError(failed))
      if (length > 0) {
        yield* Effect.mapError(file.truncate(length), failed)
        yield* file.seek(length, "start")
      }
      const { ino: inode } = yield* Effect.mapError(file.stat, failed)
      /** Without this check, two runs to one path would publish each other's files. */
      const isOurs = files.stat(partialOf(path)).pipe(
        Effect.map(({ ino }) => Equal.equals(ino, inode)),
        Effect.orElseSucceed(() => false),
        Effect.filterOrFail(
          (isOurs) => isOurs,
          () => failWith("TakenOver", path, byte)
        )
      )
      return {
        path,
        inode,
        write: (bytes) =>
          file
            .writeAll(bytes)
            .pipe(
              Effect.mapBoth({ onFailure: failed, onSuccess: () => (byte += bytes.length) }),
              Effect.uninterruptible
            ),
        sync: Effect.zipRight(isOurs, Effect.mapError(file.sync, failed)),
        publish: Effect.suspend(() => Effect.zipRight(Scope.close(scope, Exit.void), publish(path, byte))).pipe(
          Effect.provideService(FileSystem.FileSystem, files)
        )
      }
    })

  return { checkTarget, lengthOf, open, publish, failedAt }
}
