import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ImportSourceError } from "./SourceError.js"
import * as SourceError from "./SourceError.js"

/** How much of a file is read at once, in bytes. */
export const chunkSize = 256 * 1024

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
      const { size, type } = yield* stat(files, path)
      const bytes = Stream.mapError(files.stream(path, { chunkSize }), unreadable(path))
      // A pipe has no size.
      return reader(type === "File" ? Number(size) : undefined)(bytes)
    })
  ).pipe(Stream.mapError(SourceError.within(path)))

/** What is at a path. Fails for a directory: opening one succeeds, and reading it fails with an error that does not say why. */
export const stat = (
  files: FileSystem.FileSystem,
  path: string
): Effect.Effect<FileSystem.File.Info, ImportSourceError> =>
  files.stat(path).pipe(
    Effect.mapError(unreadable(path)),
    Effect.filterOrFail(
      ({ type }) => type !== "Directory",
      () => SourceError.of(path, "Directory", `${path} is a directory, not a file`)
    )
  )

/** The error for a file that cannot be read. */
export const unreadable =
  (path: string) =>
  (error: PlatformError): ImportSourceError => {
    const reason = error._tag === "SystemError" ? error.reason : null
    switch (reason) {
      case "NotFound":
        return SourceError.of(path, "NotFound", `${path} does not exist`, error)
      case "PermissionDenied":
        return SourceError.of(path, "PermissionDenied", `${path} cannot be read: permission denied`, error)
      default:
        return SourceError.of(path, "Unreadable", `${path} cannot be read: ${error.message}`, error)
    }
  }
