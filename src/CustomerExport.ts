/**
 * Exports millions of customers with parallel requests, to a stream or to a file that the next run can resume.
 *
 * @module
 * @since 0.1.0
 */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Customers from "./Customers.js"
import * as ExportBatches from "./internal/export/ExportBatches.js"
import * as ExportCheckpoint from "./internal/export/ExportCheckpoint.js"
import { ExportCheckpointError } from "./internal/export/ExportCheckpoint.js"
import { ExportFileError } from "./internal/export/ExportFile.js"
import { newest } from "./internal/export/Newest.js"
import { ndjson } from "./internal/export/Writing.js"
import * as Writing from "./internal/export/Writing.js"
import * as Schemas from "./Schemas.js"
import type * as StiggError from "./StiggError.js"

export { ExportCheckpointError, ExportFileError, ndjson, newest }

/**
 * The newest customers of an account, taken from its data and not from a clock. The next export continues from there.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { CustomerExport } from "effect-stigg"
 *
 * const watermark: CustomerExport.Watermark = {
 *   createdAt: DateTime.unsafeMake("2026-06-13T10:00:00.000Z"),
 *   ids: ["customer-acme"],
 *   updatedAt: DateTime.unsafeMake("2026-06-14T08:00:00.000Z")
 * }
 * console.log(watermark.ids)
 *
 * @category incremental
 * @since 0.1.0
 */
export interface Watermark {
  /** When the newest customer was created, in milliseconds. */
  readonly createdAt: DateTime.Utc
  /** The ids of the customers created in that millisecond. More may still be created in it. */
  readonly ids: ReadonlyArray<string>
  /**
   * The latest timestamp in the data. Every change with an earlier timestamp was made before the watermark was taken.
   */
  readonly updatedAt: DateTime.Utc
}

/**
 * Encodes a {@link Watermark} as JSON with RFC 3339 timestamps, for example for a `KeyValueStore`.
 *
 * @example
 * import { KeyValueStore } from "@effect/platform"
 * import { Effect } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const previous = Effect.gen(function* () {
 *   const store = (yield* KeyValueStore.KeyValueStore).forSchema(CustomerExport.Watermark)
 *   return yield* store.get("customers")
 * })
 *
 * @category incremental
 * @since 0.1.0
 */
export const Watermark: Schema.Schema<
  Watermark,
  { readonly createdAt: string; readonly ids: ReadonlyArray<string>; readonly updatedAt: string }
> = Schema.Struct({
  createdAt: Schemas.Timestamp,
  ids: Schema.Array(Schema.String),
  updatedAt: Schemas.Timestamp
})

/**
 * Which customers to export, and how.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { CustomerExport } from "effect-stigg"
 *
 * const lastYear: CustomerExport.Options = {
 *   from: DateTime.unsafeMake("2025-01-01"),
 *   until: DateTime.unsafeMake("2026-01-01"),
 *   partitions: 8
 * }
 * console.log(lastYear.partitions)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Only customers created at or after this time, with millisecond precision. */
  readonly from?: DateTime.Utc | undefined
  /**
   * Only customers created before this time, with millisecond precision. Without it, the range has no end and does not
   * depend on the clock of this machine.
   */
  readonly until?: DateTime.Utc | undefined
  /**
   * How many windows of creation time are fetched in parallel, 1 to 1,000. Default: 1. The list of the API can be split
   * only by creation time, down to a millisecond: customers created in the same millisecond, for example by a bulk
   * import, are fetched sequentially.
   */
  readonly partitions?: number | undefined
  /** Customers per request, 1 to 100. Default: 100. */
  readonly pageSize?: number | undefined
  /**
   * How many customers you expect this export to contain, for example the number in the previous one. It is used only
   * for the `fraction` and `remaining` of {@link Progress}.
   */
  readonly expected?: number | undefined
  /** Only customers with exactly this email or name. */
  readonly filter?: { readonly email?: string | undefined; readonly name?: string | undefined } | undefined
  /**
   * Only customers created after this time, or after a watermark. Customers created in the same millisecond as the
   * watermark are included, unless it lists them.
   */
  readonly since?: DateTime.Utc | Watermark | undefined
  /** Only customers that this watermark covers. Take it with {@link newest} before the export. */
  readonly upTo?: Watermark | undefined
  /**
   * Only customers changed after this time, or after the `updatedAt` of a watermark. The list of the API has no such
   * filter: all customers are requested, and the others are dropped. With watermarks from {@link newest}, no change
   * is missed; a customer that changes during an export may appear in two exports.
   */
  readonly changedSince?: DateTime.Utc | Watermark | undefined
}

/**
 * The progress of an export, for a log or a progress bar.
 *
 * The API does not count customers, so `fraction` and `remaining` are null unless the option `expected` is set. The
 * windows cannot replace it: they divide time, and how many customers an open window has is known only when it has been
 * fetched.
 *
 * @example
 * import { Duration } from "effect"
 * import type { CustomerExport } from "effect-stigg"
 *
 * const line = ({ exported, fraction, rate, remaining }: CustomerExport.Progress): string =>
 *   `${exported} customers, ${Math.round(rate)} per second` +
 *   (fraction === null ? "" : `, ${Math.floor(100 * fraction)} %`) +
 *   (remaining === null ? "" : `, about ${Duration.format(remaining)} left`)
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  /** Customers exported so far, including those of the runs that this one resumes. */
  readonly exported: number
  /** Pages fetched so far, including those of the runs that this one resumes. */
  readonly pages: number
  /** The duration of this run. */
  readonly elapsed: Duration.Duration
  /** Customers per second in this run. */
  readonly rate: number
  /**
   * The part that is done, from 0 to 1: `exported` of the option `expected`. Null without that option, and when more
   * customers than expected have been exported. 1 when nothing is left to fetch, also without the option.
   */
  readonly fraction: number | null
  /**
   * How long the rest will take at the average rate of this run. Null if `fraction` is, and before this run has exported
   * a customer.
   */
  readonly remaining: Duration.Duration | null
  /** The windows of creation time that are done, and those that are open. `open` grows when a window is split. */
  readonly windows: { readonly done: number; readonly open: number }
}

/**
 * The customers of one page, and the progress of the export including them.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.batches({ partitions: 4 }).pipe(
 *   Stream.runForEach(({ customers, progress }) => Effect.log(`${customers.length} more, ${progress.exported} in all`))
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  readonly customers: ReadonlyArray<Schemas.Customer>
  readonly progress: Progress
}

/**
 * Streams the customers page by page as pages arrive, each page with the progress of the export. A page may be empty.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.batches({ partitions: 8 }).pipe(
 *   Stream.tap(({ progress }) => Effect.logDebug(progress.exported)),
 *   Stream.runFold(0, (sum, { customers }) => sum + customers.length)
 * )
 *
 * @category constructors
 * @since 0.1.0
 */
export const batches = (options: Options = {}): Stream.Stream<Batch, StiggError.StiggError, Customers.Customers> =>
  Stream.unwrap(
    Effect.map(ExportBatches.beginPlan(options), (plan) =>
      Stream.map(ExportBatches.batchesFrom({ plan, exported: 0, pages: 0 }, options), ({ customers, progress }) => ({
        customers,
        progress
      }))
    )
  )

/**
 * Streams every customer that existed when the export began, exactly once and in no particular order, even while others
 * are created and updated. Archived customers are not included.
 *
 * With `partitions: n`, the range of creation times is split into windows, and n windows are fetched in parallel.
 * Windows with many customers are split further, so a burst of new customers is fetched in parallel too. For each
 * window in progress, one page is prefetched.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.stream({ partitions: 8 }).pipe(
 *   Stream.filter((customer) => customer.email === null),
 *   Stream.runForEach((customer) => Effect.log(customer.id))
 * )
 *
 * @category constructors
 * @since 0.1.0
 */
export const stream = (
  options: Options = {}
): Stream.Stream<Schemas.Customer, StiggError.StiggError, Customers.Customers> =>
  Stream.flattenIterables(Stream.map(batches(options), ({ customers }) => customers))

/**
 * The content of an export file: a header, and the rows of each batch. {@link ndjson} is one, and `CustomerCsv.format`
 * makes one.
 *
 * An export splits the customers into batches and calls `rows` once per batch. So `rows` must not write a header: it
 * would appear once per batch. To resume an export, its next run calls `rows` with the remaining customers only.
 *
 * @example
 * import { Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const ids: CustomerExport.Format = { header: "id\n", rows: Stream.map(({ id }) => `${id}\n`) }
 * const program = CustomerExport.toFile("ids.txt", { format: ids })
 *
 * @category files
 * @since 0.1.0
 */
export interface Format<E = never, R = never> {
  /**
   * The start of the file, written once, even if there are no customers. Null for none. An export that resumes a file
   * does not write it again.
   */
  readonly header: string | Uint8Array | null
  /**
   * Encodes a batch of at least one customer. Strings are written in UTF-8. `CustomerCsv.encode()` is refused here with
   * `StiggInvalidRequestError`, because it writes a header on each run. Use `CustomerCsv.format()` as the format.
   */
  readonly rows: (customers: Stream.Stream<Schemas.Customer>) => Stream.Stream<string | Uint8Array, E, R>
}

/**
 * The error of a {@link Format}.
 *
 * @example
 * import type { CustomerExport } from "effect-stigg"
 *
 * type Failure = CustomerExport.FormatError<CustomerExport.Format<"disk full">> // "disk full"
 * const failure: Failure = "disk full"
 * console.log(failure)
 *
 * @category files
 * @since 0.1.0
 */
export type FormatError<F> = F extends Format<infer E, unknown> ? E : never

/**
 * The services that a {@link Format} needs.
 *
 * @example
 * import type { FileSystem } from "@effect/platform"
 * import type { CustomerExport } from "effect-stigg"
 *
 * type Needed = CustomerExport.FormatContext<CustomerExport.Format<never, FileSystem.FileSystem>> // FileSystem
 * const exists = (files: Needed, path: string) => files.exists(path)
 * console.log(exists)
 *
 * @category files
 * @since 0.1.0
 */
export type FormatContext<F> = F extends Format<unknown, infer R> ? R : never

/**
 * Options of {@link toFiles}.
 *
 * @example
 * import type { CustomerExport } from "effect-stigg"
 *
 * const replace: CustomerExport.FilesOptions = { partitions: 8, overwrite: true }
 * console.log(replace.overwrite)
 *
 * @category files
 * @since 0.1.0
 */
export interface FilesOptions extends Options {
  /** Whether to replace an existing file at a path. Default: false, which fails with the reason `AlreadyExists`. */
  readonly overwrite?: boolean | undefined
}

/**
 * Options of {@link toFile}.
 *
 * @example
 * import { CustomerExport } from "effect-stigg"
 *
 * const replace: CustomerExport.FileOptions = { format: CustomerExport.ndjson, overwrite: true }
 * console.log(replace.overwrite)
 *
 * @category files
 * @since 0.1.0
 */
export interface FileOptions<E = never, R = never> extends FilesOptions {
  /** Default: {@link ndjson}. */
  readonly format?: Format<E, R> | undefined
}

/**
 * Options of {@link toFilesResumable}.
 *
 * @example
 * import type { CustomerExport } from "effect-stigg"
 *
 * const nightly: CustomerExport.ResumableFilesOptions = { partitions: 8, key: "nightly", checkpointEvery: "5 seconds" }
 * console.log(nightly.key)
 *
 * @category files
 * @since 0.1.0
 */
export interface ResumableFilesOptions extends FilesOptions {
  /** The key of the progress in the `KeyValueStore`. Default: derived from the paths. */
  readonly key?: string | undefined
  /** How often progress is saved. Default: every second. A resumed run requests the pages after the last save again. */
  readonly checkpointEvery?: Duration.DurationInput | undefined
}

/**
 * Options of {@link toFileResumable}.
 *
 * @example
 * import type { CustomerExport } from "effect-stigg"
 *
 * const nightly: CustomerExport.ResumableOptions = { partitions: 8, key: "nightly", checkpointEvery: "5 seconds" }
 * console.log(nightly.key)
 *
 * @category files
 * @since 0.1.0
 */
export interface ResumableOptions<E = never, R = never> extends FileOptions<E, R>, ResumableFilesOptions {}

/**
 * Writes all customers to a file and emits the progress after each page. The last progress is emitted once the file is
 * complete. Until then, the file is named `path` with the suffix `.partial`. If `path` exists, the export fails; with
 * `overwrite`, the existing file stays unchanged until then. Back-pressure applies.
 *
 * Fails with `StiggExportFileError` if the file cannot be written. Of two concurrent exports to the same path, the one
 * that started first fails, with the reason `TakenOver`.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.toFile("customers.ndjson", { partitions: 8 }).pipe(
 *   Stream.runForEach(({ exported, rate }) => Effect.log(`${exported} customers, ${Math.round(rate)} per second`))
 * )
 *
 * @category files
 * @since 0.1.0
 */
export const toFile = <E = never, R = never>(
  path: string,
  options: FileOptions<E, R> = {}
): Stream.Stream<
  Progress,
  StiggError.StiggError | ExportFileError | E,
  Customers.Customers | FileSystem.FileSystem | R
> => Writing.write([targetOf(path, options)], options, ExportCheckpoint.none)

/**
 * Writes all customers to several files, each in its own format, and requests each page once. The keys of `files` are
 * the paths. Otherwise like {@link toFile}: no file gets its final name before all of them are complete. They are then
 * renamed one after another.
 *
 * Fails with `StiggInvalidRequestError` if two paths name the same file, and with `StiggExportFileError` if a file cannot
 * be written.
 *
 * @example
 * import { Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const program = CustomerExport.toFiles(
 *   {
 *     "customers.ndjson": CustomerExport.ndjson,
 *     "customers.csv": CustomerCsv.format({ columns: ["id", "email", "metadata.plan"] })
 *   },
 *   { partitions: 8 }
 * ).pipe(Stream.runDrain)
 *
 * @category files
 * @since 0.1.0
 */
export function toFiles(
  files: { readonly [path: string]: Format },
  options?: FilesOptions
): Stream.Stream<Progress, StiggError.StiggError | ExportFileError, Customers.Customers | FileSystem.FileSystem>

/**
 * Like the other form, for formats that can fail or need services: the stream has the errors and the requirements of all
 * of them.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const emails: CustomerExport.Format<Error> = {
 *   header: null,
 *   rows: Stream.mapEffect(({ email, id }) =>
 *     email === null ? Effect.fail(new Error(`${id} has no email`)) : Effect.succeed(`${email}\n`)
 *   )
 * }
 * const program = CustomerExport.toFiles({ "customers.ndjson": CustomerExport.ndjson, "emails.txt": emails })
 *
 * @category files
 * @since 0.1.0
 */
export function toFiles<Files extends { readonly [path: string]: Format<unknown, unknown> }>(
  files: Files,
  options?: FilesOptions
): Stream.Stream<
  Progress,
  StiggError.StiggError | ExportFileError | FormatError<Files[keyof Files]>,
  Customers.Customers | FileSystem.FileSystem | FormatContext<Files[keyof Files]>
>
export function toFiles(files: { readonly [path: string]: Format<unknown, unknown> }, options: FilesOptions = {}) {
  // Two forms, because the error of an inline `rows: Stream.map(f)` is inferred only where none is possible. Overloads,
  // because one body cannot have the type of both.
  return Writing.write(targetsOf(files), options, ExportCheckpoint.none)
}

/**
 * Like {@link toFile}, but the next run with the same path and options resumes an interrupted one, even after
 * `kill -9`. It truncates the file to the last saved progress and continues each window from there, so the file contains
 * each customer once. `partitions` and `expected` may differ. The progress is removed once the file is complete, so the
 * run after that begins anew.
 *
 * A run cannot tell whether an earlier one was killed or is still active in another process. Make sure that one run has
 * ended before you start the next.
 *
 * Fails with `StiggExportCheckpointError` if the stored progress cannot be used.
 *
 * @example
 * import { KeyValueStore } from "@effect/platform"
 * import * as NodeContext from "@effect/platform-node/NodeContext"
 * import { Effect, Layer, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const ProgressLive = KeyValueStore.layerFileSystem(".progress").pipe(Layer.provideMerge(NodeContext.layer))
 *
 * const program = CustomerExport.toFileResumable("customers.ndjson", { partitions: 8 }).pipe(
 *   Stream.runDrain,
 *   Effect.provide(ProgressLive)
 * )
 *
 * @category files
 * @since 0.1.0
 */
export const toFileResumable = <E = never, R = never>(
  path: string,
  options: ResumableOptions<E, R> = {}
): Stream.Stream<
  Progress,
  StiggError.StiggError | ExportFileError | ExportCheckpointError | E,
  Customers.Customers | FileSystem.FileSystem | KeyValueStore.KeyValueStore | R
> => resumable([targetOf(path, options)], options)

/**
 * Like {@link toFiles}, but the next run with the same files and options resumes an interrupted one, like
 * {@link toFileResumable}: all files continue from the same customer. A run that was killed while it renamed the files
 * is finished by the next.
 *
 * Fails with `StiggExportCheckpointError` if the stored progress cannot be used, for example because a file has another
 * header than before.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const program = CustomerExport.toFilesResumable({
 *   "customers.ndjson": CustomerExport.ndjson,
 *   "customers.csv": CustomerCsv.format()
 * }).pipe(Stream.runForEach(({ exported }) => Effect.log(`${exported} customers in both files`)))
 *
 * @category files
 * @since 0.1.0
 */
export function toFilesResumable(
  files: { readonly [path: string]: Format },
  options?: ResumableFilesOptions
): Stream.Stream<
  Progress,
  StiggError.StiggError | ExportFileError | ExportCheckpointError,
  Customers.Customers | FileSystem.FileSystem | KeyValueStore.KeyValueStore
>

/**
 * Like the other form, for formats that can fail or need services: the stream has the errors and the requirements of all
 * of them.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const emails: CustomerExport.Format<Error> = {
 *   header: null,
 *   rows: Stream.mapEffect(({ email, id }) =>
 *     email === null ? Effect.fail(new Error(`${id} has no email`)) : Effect.succeed(`${email}\n`)
 *   )
 * }
 * const program = CustomerExport.toFilesResumable({ "customers.ndjson": CustomerExport.ndjson, "emails.txt": emails })
 *
 * @category files
 * @since 0.1.0
 */
export function toFilesResumable<Files extends { readonly [path: string]: Format<unknown, unknown> }>(
  files: Files,
  options?: ResumableFilesOptions
): Stream.Stream<
  Progress,
  StiggError.StiggError | ExportFileError | ExportCheckpointError | FormatError<Files[keyof Files]>,
  Customers.Customers | FileSystem.FileSystem | KeyValueStore.KeyValueStore | FormatContext<Files[keyof Files]>
>
export function toFilesResumable(
  files: { readonly [path: string]: Format<unknown, unknown> },
  options: ResumableFilesOptions = {}
) {
  return resumable(targetsOf(files), options)
}

const targetOf = <E, R>(path: string, { format }: FileOptions<E, R>): Writing.Target<E, R> => ({
  path,
  format: format ?? ndjson,
  field: "format"
})

/** Sorted, so that the order in which a program names its files does not matter to the next run. */
const targetsOf = <E, R>(files: { readonly [path: string]: Format<E, R> }): ReadonlyArray<Writing.Target<E, R>> =>
  Object.entries(files)
    .map(([path, format]) => ({ path, format, field: `files[${JSON.stringify(path)}]` }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))

const resumable = <E, R>(targets: ReadonlyArray<Writing.Target<E, R>>, options: ResumableFilesOptions) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { changedSince, filter, from, since, until, upTo } = options
      const headers = targets.map(({ format: { header }, path }) => [path, Writing.textOf(header)])
      const identity = JSON.stringify({ files: headers, changedSince, filter, from, since, until, upTo })
      const paths = targets.map(({ path }) => path).join("+")
      // A store may limit the length of its keys. The end of a path is its most specific part.
      const key = options.key ?? `customer-export-${(Hash.string(paths) >>> 0).toString(36)}-${paths.slice(-60)}`
      const { workers } = yield* ExportBatches.checkOptions(options)
      const checkpoints = ExportCheckpoint.make(yield* KeyValueStore.KeyValueStore, { key, identity, workers })
      return Writing.write(targets, options, checkpoints)
    })
  )
