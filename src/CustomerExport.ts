/**
 * Exports millions of customers with parallel requests, to a stream or to a file that the next run can resume.
 *
 * @since 0.1.0
 */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import * as Stream from "effect/Stream"
import type * as Customers from "./Customers.js"
import type { Batch, Progress } from "./internal/export/ExportBatches.js"
import * as ExportBatches from "./internal/export/ExportBatches.js"
import * as ExportCheckpoint from "./internal/export/ExportCheckpoint.js"
import { ExportCheckpointError } from "./internal/export/ExportCheckpoint.js"
import { ExportFileError } from "./internal/export/ExportFile.js"
import type { Options } from "./internal/export/Selection.js"
import { newest, Watermark } from "./internal/export/Watermark.js"
import type { FileOptions, Format } from "./internal/export/Writing.js"
import { ndjson } from "./internal/export/Writing.js"
import * as Writing from "./internal/export/Writing.js"
import type * as Schemas from "./Schemas.js"
import type * as StiggError from "./StiggError.js"

export { ExportCheckpointError, ExportFileError, ndjson, newest, Watermark }
export type { Batch, FileOptions, Format, Options, Progress }

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
 * Windows adapt to the number of customers in them, so that a busy hour among quiet years is split too. For each window
 * in progress, one page is fetched ahead of the consumer.
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
export interface ResumableOptions<E = never, R = never> extends FileOptions<E, R> {
  /** The key of the progress in the `KeyValueStore`. Default: derived from the path. */
  readonly key?: string | undefined
  /** How often progress is saved. Default: every second. A resumed run requests the pages after the last save again. */
  readonly checkpointEvery?: Duration.DurationInput | undefined
}

/**
 * Writes all customers to a file and emits the progress after each page. The last progress is emitted once the file is
 * complete. Until then, the file is named `path` with the suffix `.partial`. If `path` exists, the export fails;
 * with `overwrite`, the existing file stays unchanged until then. A slow consumer slows down the export.
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
> => Writing.write(path, options, ExportCheckpoint.none)

/**
 * Like {@link toFile}, but the next run with the same path and options resumes an interrupted one, even after
 * `kill -9`. It truncates the file to the last saved progress and continues each window from there, so the file contains
 * each customer once. `partitions` may differ. The progress is removed once the file is complete.
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
> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { changedSince, filter, from, since, until, upTo } = options
      const identity = JSON.stringify({ path, changedSince, filter, from, since, until, upTo })
      // A store may limit the length of its keys, and the end of a path tells most about it.
      const key = options.key ?? `customer-export-${(Hash.string(path) >>> 0).toString(36)}-${path.slice(-60)}`
      const { workers } = yield* ExportBatches.checkOptions(options)
      const checkpoints = ExportCheckpoint.make(yield* KeyValueStore.KeyValueStore, { key, identity, workers })
      return Writing.write(path, options, checkpoints)
    })
  )
