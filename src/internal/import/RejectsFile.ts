import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Batch, Rejected, RejectsOptions, Summary } from "../../CustomerImport.js"
import * as PartialFile from "../files/PartialFile.js"
import type { ImportSourceError } from "./SourceError.js"

/**
 * The file of rejected rows cannot be written. What was written so far stays in the `.partial` file, and the rows of the
 * current batch count as not processed: the next run with the same `progress` imports the batch again. `reason` is one
 * of:
 * - `AlreadyExists`, `IsDirectory`, `NoSuchFolder`, `NoSpace`, `PermissionDenied`, `Unknown`: the file system refused it.
 * - `TakenOver`: another import to the same path started later and now owns the `.partial` file.
 * - `Edited`: the `.partial` file of the import to resume was changed by another program. Move it away to resume without
 *   it.
 * - `OtherTable`: a rejected row was not read from a CSV, or from one with another header.
 *
 * @example
 * import { Effect } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.run(CustomerImport.readNdjson("customers.ndjson")).pipe(
 *   CustomerImport.writeRejects("rejected.ndjson"),
 *   CustomerImport.summarize,
 *   Effect.catchTag("StiggImportRejectsError", (error) => Effect.logError(`${error.reason}: ${error.message}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ImportRejectsError extends Schema.TaggedError<ImportRejectsError>("effect-stigg/ImportRejectsError")(
  "StiggImportRejectsError",
  {
    reason: Schema.Literal(
      "AlreadyExists",
      "IsDirectory",
      "NoSuchFolder",
      "NoSpace",
      "PermissionDenied",
      "TakenOver",
      "Unknown",
      "Edited",
      "OtherTable"
    ),
    path: Schema.String,
    message: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {}

const { checkTarget, failedAt, lengthOf, open } = PartialFile.make(
  ({ cause, message, path, reason }) =>
    new ImportRejectsError({ reason, path, message, ...(cause === undefined ? {} : { cause }) })
)

/** What stands in the file of an earlier run: the header, with the row 0, or a rejected row. */
export interface Written {
  /** Where it starts. */
  readonly byte: number
  /** The number of the row; null if it cannot be read, for example because it was not written in full. */
  readonly row: number | null
}

/** How rejected rows are written. One is made per run. */
export interface RejectsFormat {
  /** Reads the file of an earlier run. */
  readonly read: <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Stream.Stream<Written, E | ImportSourceError, R>
  /** Encodes rejected rows, or says why they cannot be written. `isStart` is whether the file is empty. */
  readonly encode: (rejected: NonEmptyReadonlyArray<Rejected>, isStart: boolean) => Either.Either<string, string>
}

const encoder = new TextEncoder()

/**
 * Writes the rejected rows of each batch to a file before it passes the batch on. The progress of an import is saved
 * after that. So a file can be ahead of the progress, and never behind: to resume, its end is removed.
 */
export const write =
  (path: string, { overwrite = false }: RejectsOptions, makeFormat: () => RejectsFormat) =>
  <E, R>(
    events: Stream.Stream<Batch | Summary, E, R>
  ): Stream.Stream<Batch | Summary, E | ImportRejectsError, R | FileSystem.FileSystem> =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        yield* checkTarget(path, overwrite)
        const files = yield* FileSystem.FileSystem
        const scope = yield* Effect.scope
        const format = makeFormat()
        // Mutable: a single fiber writes the file. The length is null before the first event, the file is null before
        // the first write.
        let length: number | null = null
        let file: PartialFile.PartialFile<ImportRejectsError> | null = null
        let isResumable = true

        const opened = (at: number) =>
          Effect.gen(function* () {
            file ??= yield* Scope.extend(open(path, at), scope)
            return file
          })

        const append = (rejected: NonEmptyReadonlyArray<Rejected>, at: number) =>
          Effect.gen(function* () {
            const bytes = yield* encode(path, format, rejected, at)
            const { sync, write } = yield* opened(at)
            length = yield* write(bytes)
            yield* sync
          })

        const note = (event: Batch | Summary) =>
          Effect.gen(function* () {
            const { resumed } = event._tag === "Batch" ? event.progress : event
            const at = (length ??= yield* lengthToKeep(path, format, resumed))
            if (event._tag === "Summary") isResumable = event.isResumable
            else if (Arr.isNonEmptyReadonlyArray(event.rejected)) yield* append(event.rejected, at)
            return event
          })

        const finish = Effect.gen(function* () {
          if (isResumable) return
          if (length !== null && length > 0) {
            const { publish, sync } = yield* opened(length)
            return yield* Effect.zipRight(sync, publish)
          }
          yield* removeEmpty(path, overwrite)
        }).pipe(Effect.provideService(FileSystem.FileSystem, files))

        return events.pipe(
          Stream.mapEffect(note),
          Stream.concat(Stream.drain(Stream.fromEffect(Effect.uninterruptible(finish))))
        )
      })
    )

/** Writes rejected rows to a new file, which has its name once it is complete. Returns how many there are. */
export const writeAll = <E, R>(
  path: string,
  { overwrite = false }: RejectsOptions,
  format: RejectsFormat,
  rejected: Stream.Stream<Rejected, E, R>
): Effect.Effect<number, E | ImportRejectsError, R | FileSystem.FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* checkTarget(path, overwrite)
      const file = yield* open(path, 0)
      const written = yield* Stream.runFoldEffect(
        Stream.chunks(rejected),
        { rows: 0, bytes: 0 },
        ({ bytes, rows }, chunk) => {
          const some = Chunk.toReadonlyArray(chunk)
          if (!Arr.isNonEmptyReadonlyArray(some)) return Effect.succeed({ rows, bytes })
          return encode(path, format, some, bytes).pipe(
            Effect.flatMap(file.write),
            Effect.map((bytes) => ({ rows: rows + some.length, bytes }))
          )
        }
      )
      yield* written.rows === 0
        ? removeEmpty(path, overwrite)
        : Effect.uninterruptible(Effect.zipRight(file.sync, file.publish))
      return written.rows
    })
  )

const encode = (
  path: string,
  format: RejectsFormat,
  rejected: NonEmptyReadonlyArray<Rejected>,
  at: number
): Effect.Effect<Uint8Array, ImportRejectsError> =>
  Effect.mapBoth(format.encode(rejected, at === 0), {
    onFailure: (message) => new ImportRejectsError({ reason: "OtherTable", path, message }),
    onSuccess: (text) => encoder.encode(text)
  })

/** No row is rejected: there is no file, also not the one that would be replaced. */
const removeEmpty = (
  path: string,
  overwrite: boolean
): Effect.Effect<void, ImportRejectsError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    for (const name of overwrite ? [PartialFile.partialOf(path), path] : [PartialFile.partialOf(path)]) {
      yield* Effect.mapError(files.remove(name, { force: true }), failedAt(path, 0))
    }
  })

/**
 * The length up to which the file of an earlier run contains rows that were processed, the first `resumed` of the source.
 * Rows are written in source order, and the process can be killed while it writes.
 */
const lengthToKeep = (
  path: string,
  format: RejectsFormat,
  resumed: number
): Effect.Effect<number, ImportRejectsError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const length = yield* lengthOf(path)
    if (length === null) return 0
    const name = PartialFile.partialOf(path)
    if (resumed === 0) {
      // Of another import: a run that resumes this one must not find it.
      yield* Effect.mapError(files.remove(name, { force: true }), failedAt(path, 0))
      return 0
    }
    const edited = (cause?: ImportSourceError) =>
      new ImportRejectsError({
        reason: "Edited",
        path,
        message: `${name} was changed by another program: move it away to resume without it`,
        ...(cause === undefined ? {} : { cause })
      })
    const scan = yield* format.read(files.stream(name)).pipe(
      Stream.runFold({ records: 0, kept: 0, end: null as number | null, isEdited: false }, (before, { byte, row }) => {
        const isProcessed = row !== null && row <= resumed
        const records = before.records + 1
        if (before.end !== null) {
          // After a row that was not written in full there is nothing, or the rest of its lines.
          return { ...before, records, isEdited: before.isEdited || isProcessed || before.end === 0 }
        }
        return isProcessed
          ? { ...before, records, kept: before.kept + (row > 0 ? 1 : 0) }
          : { ...before, records, end: byte }
      }),
      Effect.mapError((error: ImportSourceError | PlatformError) =>
        error._tag === "StiggImportSourceError" ? edited(error) : failedAt(path, 0)(error)
      )
    )
    if (scan.isEdited) return yield* edited()
    return scan.kept === 0 ? 0 : (scan.end ?? length)
  })
