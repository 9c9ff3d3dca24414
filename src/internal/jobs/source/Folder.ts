import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { JobFormat } from "../../../CustomerCsv.js"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { SourceOpener } from "../../../jobs/Source.js"
import * as SourceError from "../../import/SourceError.js"
import * as SourceFile from "../../import/SourceFile.js"
import * as FileSource from "./FileSource.js"

/**
 * Opens files under a folder that all runners share, such as a network mount. Symbolic links are followed: whoever can
 * create one in the folder decides what a job may read. `formats` are those besides `Ndjson` and `Bulk`.
 *
 * A job with a path that leaves the folder fails, and so does one whose file changes.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const sources = [CustomerJobs.folder("/mnt/imports", { formats: [CustomerCsv.jobFormat] })]
 * console.log(sources.length)
 *
 * @category sources
 * @since 0.1.0
 */
export const folder = (
  root: string,
  options: { readonly formats?: ReadonlyArray<JobFormat> | undefined } = {}
): SourceOpener<FileSystem.FileSystem | Path.Path> => ({
  _tag: "Folder",
  name: null,
  open: (source) =>
    source._tag !== "Folder"
      ? null
      : Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const file = yield* within(yield* Path.Path, root, source.path)
          const read = yield* FileSource.reading(source.format, options.formats ?? [])
          return yield* FileSource.make(file, snapshot(files, file), read)
        })
})

const within = (path: Path.Path, root: string, relative: string): Effect.Effect<string, ImportSourceError> => {
  const file = path.resolve(root, relative)
  const fromRoot = path.relative(path.resolve(root), file)
  const leaves = fromRoot === ".." || fromRoot.startsWith(`..${path.sep}`) || path.isAbsolute(fromRoot)
  return path.isAbsolute(relative) || leaves || fromRoot === "" || relative.includes("\0")
    ? Effect.fail(
        SourceError.at("Invalid", `source.path: Expected a path within the folder, found ${JSON.stringify(relative)}`)
      )
    : Effect.succeed(file)
}

const snapshot = (files: FileSystem.FileSystem, file: string): Effect.Effect<FileSource.Snapshot, ImportSourceError> =>
  Effect.flatMap(SourceFile.stat(files, file), (info) => {
    // A pipe or a device gives other bytes each time.
    if (info.type !== "File") return Effect.fail(SourceError.of(file, "Unreadable", `${file} is not a regular file`))
    const version = versionOf(info)
    const check = SourceFile.stat(files, file).pipe(
      Effect.filterOrFail(
        (now) => versionOf(now) === version,
        () => SourceError.changed(file)
      ),
      Stream.fromEffect,
      Stream.drain
    )
    return Effect.succeed({
      version,
      size: Number(info.size),
      // Checked at the end too: the file can change while it is read.
      read: (from: number, until: number | null) =>
        check.pipe(
          Stream.concat(
            files
              .stream(file, {
                chunkSize: SourceFile.chunkSize,
                offset: from,
                ...(until === null ? {} : { bytesToRead: until - from })
              })
              .pipe(Stream.mapError(SourceFile.unreadable(file)))
          ),
          Stream.concat(check)
        )
    })
  })

const versionOf = ({ mtime, size }: FileSystem.File.Info): string =>
  `${size} bytes, ${Option.match(mtime, { onNone: () => "no time", onSome: (time) => time.toISOString() })}`
