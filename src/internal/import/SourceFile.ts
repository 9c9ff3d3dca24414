import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { ImportSourceError } from "./SourceError.js"

const chunkSize = 256 * 1024

/**
 * Reads a file with a reader, which gets the size of the file too. The file is opened on each run of the stream. Errors of
 * the reader get its path.
 */
export const read = <A>(
  path: string,
  reader: (
    sourceBytes: number | undefined
  ) => <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Stream.Stream<A, E | ImportSourceError, R>
): Stream.Stream<A, ImportSourceError, FileSystem.FileSystem> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      // Opening a directory succeeds. Reading it fails, with an error that does not say why.
      const { size, type } = yield* Effect.mapError(files.stat(path), unreadable(path))
      if (type === "Directory") return yield* sourceError(path, "Directory", `${path} is a directory, not a file`)
      const bytes = Stream.mapError(files.stream(path, { chunkSize }), unreadable(path))
      // A pipe has no size.
      return reader(type === "File" ? Number(size) : undefined)(bytes)
    })
  ).pipe(
    Stream.mapError((error) =>
      error.path === null ? new ImportSourceError({ ...error, path, message: `${path}: ${error.message}` }) : error
    )
  )

const unreadable =
  (path: string) =>
  (error: PlatformError): ImportSourceError => {
    const reason = error._tag === "SystemError" ? error.reason : null
    switch (reason) {
      case "NotFound":
        return sourceError(path, "NotFound", `${path} does not exist`, error)
      case "PermissionDenied":
        return sourceError(path, "PermissionDenied", `${path} cannot be read: permission denied`, error)
      default:
        return sourceError(path, "Unreadable", `${path} cannot be read: ${error.message}`, error)
    }
  }

const sourceError = (
  path: string,
  reason: ImportSourceError["reason"],
  message: string,
  cause?: PlatformError
): ImportSourceError =>
  new ImportSourceError({
    reason,
    path,
    line: null,
    column: null,
    byte: null,
    message,
    ...(cause === undefined ? {} : { cause })
  })
