import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Batch, FilesOptions, Format } from "../../CustomerExport.js"
import type * as Schemas from "../../Schemas.js"
import type * as StiggError from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"
import * as PartialFile from "../files/PartialFile.js"
import * as Bytes from "./Bytes.js"
import type { Position } from "./ExportBatches.js"
import { batchesFrom, beginPlan, checkOptions, progressOf } from "./ExportBatches.js"
import type { ExportCheckpoint, ExportCheckpointStore } from "./ExportCheckpoint.js"
import * as ExportFile from "./ExportFile.js"
import * as HeaderMark from "./HeaderMark.js"

/**
 * One customer per line, as JSON with the field names and timestamps of the API. A field that the API leaves out is
 * null.
 *
 * @example
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.toFile("customers.ndjson", { format: CustomerExport.ndjson })
 * console.log(CustomerExport.ndjson.header) // null
 *
 * @category files
 * @since 0.1.0
 */
export const ndjson: Format = { header: null, rows: Stream.map((customer) => `${JSON.stringify(customer)}\n`) }

const decoder = new TextDecoder()

/** The text of a header. */
export const textOf = (header: Format["header"]): string | null =>
  header === null || typeof header === "string" ? header : decoder.decode(header)

/** A file to write. */
export interface Target<E, R> {
  readonly path: string
  readonly format: Format<E, R>
  /** The option that holds the format. */
  readonly field: string
}

/** Writes the files of an export and emits the progress after each page. */
export const write = <E, R, E2>(
  targets: ReadonlyArray<Target<E, R>>,
  options: FilesOptions & { readonly checkpointEvery?: Duration.DurationInput | undefined },
  checkpoints: ExportCheckpointStore<E2>
) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      yield* checkOptions(options)
      yield* checkTargets(targets)
      const found = yield* Effect.forEach(targets, ({ path }) =>
        Effect.map(ExportFile.lengthOf(path), (written) => ({ path, written }))
      )
      const before = yield* checkpoints.load(found)
      if (before !== null && before.isComplete) {
        // The last run ended after the files were complete, but before all were renamed or the checkpoint was removed.
        yield* Effect.forEach(found, ({ path, written }) =>
          written === null ? Effect.void : ExportFile.publish(path, written)
        )
        yield* checkpoints.clear
        return Stream.succeed(progressOf(before, 0, before.exported, options))
      }
      yield* Effect.forEach(targets, ({ path }) => ExportFile.checkTarget(path, options.overwrite ?? false))
      const start = before ?? {
        ...{ plan: yield* beginPlan(options), exported: 0, pages: 0, isComplete: false },
        lengths: targets.map(() => 0)
      }
      const files = yield* Effect.forEach(targets, ({ field, format, path }, i) =>
        Effect.map(ExportFile.open(path, start.lengths[i] ?? 0), (file) => ({ ...file, field, format }))
      )
      yield* checkDistinct(files)
      const startedAt = yield* Clock.currentTimeMillis
      const interval = Duration.toMillis(options.checkpointEvery ?? "1 second")
      // Mutable: a single fiber writes the files. This always describes what they contain in full.
      let now: ExportCheckpoint = start
      let savedAt = startedAt

      const save = (checkpoint: ExportCheckpoint) =>
        Effect.uninterruptible(
          Effect.zipRight(
            Effect.forEach(files, ({ sync }) => sync, { discard: true }),
            checkpoints.save(checkpoint)
          )
        )

      /** Encodes a batch for each file. */
      const encode = (customers: ReadonlyArray<Schemas.Customer>) =>
        Effect.forEach(files, ({ format }, i) =>
          Stream.concat(
            // The header belongs to the first bytes of a file, so a resumed export with some bytes has it already.
            now.lengths[i] === 0 && format.header !== null ? Stream.make(format.header) : Stream.empty,
            customers.length === 0 ? Stream.empty : format.rows(Stream.fromIterable(customers))
          ).pipe(Bytes.collect)
        )

      /** Appends to each file what was encoded for it, and returns the lengths of the files. */
      const append = (encoded: ReadonlyArray<Uint8Array>) =>
        Effect.forEach(files, ({ write }, i) => {
          const bytes = encoded[i]
          return bytes === undefined || bytes.length === 0 ? Effect.succeed(now.lengths[i] ?? 0) : write(bytes)
        })

      const add = ({ customers, exported, pages, plan, progress }: Batch & Position) =>
        Effect.gen(function* () {
          // Encoded for all files before one is written: a format that fails changes none of them.
          const encoded = customers.length === 0 ? [] : yield* encode(customers)
          yield* append(encoded).pipe(
            Effect.map((lengths) => {
              now = { plan, exported, pages, lengths, isComplete: false }
            }),
            Effect.uninterruptible
          )
          const time = yield* Clock.currentTimeMillis
          if (time - savedAt >= interval) {
            savedAt = time
            yield* save(now)
          }
          return progress
        })

      const finish = Effect.gen(function* () {
        now = { ...now, lengths: yield* append(yield* encode([])) }
        now = { ...now, isComplete: true }
        yield* save(now)
        yield* Effect.forEach(files, ({ publish }) => publish)
        yield* checkpoints.clear
        return progressOf(now, (yield* Clock.currentTimeMillis) - startedAt, start.exported, options)
      }).pipe(Effect.uninterruptible)

      // An interruption or a full disk must not cost what was written since the last save.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => (now.isComplete || now === start ? Effect.void : Effect.ignore(save(now))))
      )
      return batchesFrom(start, options).pipe(Stream.mapEffect(add), Stream.concat(Stream.fromEffect(finish)))
    })
  )

/**
 * Fails if there are no files, if two paths are spellings of one or the `.partial` name of another, or if a format would
 * repeat its header.
 */
const checkTargets = <E, R>(
  targets: ReadonlyArray<Target<E, R>>
): Effect.Effect<void, StiggError.InvalidRequestError> => {
  if (targets.length === 0) return Effect.fail(Failure.invalid("CustomerExport", "files", "Expected at least one file"))
  const owners = new Map<string, Target<E, R>>()
  for (const target of targets) {
    if (HeaderMark.has(target.format.rows)) {
      const rule = "Expected rows without a header, which they would repeat per batch. Use `CustomerCsv.format()`"
      return Effect.fail(Failure.invalid("CustomerExport", `${target.field}.rows`, rule))
    }
    for (const name of [normalized(target.path), normalized(PartialFile.partialOf(target.path))]) {
      const other = owners.get(name)
      if (other !== undefined) return Effect.fail(sameFile(target, other))
      owners.set(name, target)
    }
  }
  return Effect.void
}

/** Fails if two names led to one file, for example through a link or in another case. */
const checkDistinct = (
  files: ReadonlyArray<ExportFile.ExportFile & { readonly field: string }>
): Effect.Effect<void, StiggError.InvalidRequestError, FileSystem.FileSystem> =>
  files.length < 2
    ? Effect.void
    : Effect.gen(function* () {
        const { stat } = yield* FileSystem.FileSystem
        for (const file of files) {
          const inode = yield* stat(PartialFile.partialOf(file.path)).pipe(
            Effect.map(({ ino }) => ino),
            Effect.orElseSucceed(() => Option.none<number>())
          )
          const owner = files.find((other) => Option.isSome(inode) && Equal.equals(other.inode, inode))
          if (owner !== undefined && owner !== file) return yield* sameFile(file, owner)
        }
      })

const sameFile = ({ field }: { readonly field: string }, other: { readonly field: string }) =>
  Failure.invalid("CustomerExport", field, `Expected a file of its own, not that of ${other.field}`)

/** The path without the parts that lead nowhere: `./a//b/../c` is `a/c`. */
const normalized = (path: string): string =>
  path
    .split(/[\\/]+/)
    .reduce<ReadonlyArray<string>>((parts, part, i) => {
      if (part === "." || (part === "" && i > 0)) return parts
      const last = parts.at(-1)
      return part === ".." && last !== undefined && last !== ".." && last !== "" ? parts.slice(0, -1) : [...parts, part]
    }, [])
    .join("/")
