/**
 * Every customer, by the million: several walks at once, to a stream or a file, which a broken run takes up again.
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
 * The customers page by page as they come, each page with the progress that was made with it. A page may hold none.
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
 * Every customer that existed when it began, exactly once and in no order, also while others are created and updated.
 * Archived ones are not among them.
 *
 * With `partitions: n` the time of creation is split into windows, of which n are walked at once. Windows are cut by what
 * they turn out to hold, so that a busy hour among quiet years is shared out as well. Each walk is one page ahead of the
 * consumer, and waits.
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
 * How a file is written that a later run can go on with.
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
  /** The key of its progress in the `KeyValueStore`: made of the path unless told otherwise. */
  readonly key?: string | undefined
  /** How often progress is kept: every second unless told otherwise. What came after it is requested again. */
  readonly checkpointEvery?: Duration.DurationInput | undefined
}

/**
 * Writes all customers to a file, and says after each page how far it has come; the last progress comes when the file is
 * complete. Until then it is called `path` with `.partial` behind, and a file that is called `path` is refused or, with
 * `overwrite`, as it was. A consumer that is slow slows the export. Of two exports to one path at once the one that began
 * first fails, with the reason `TakenOver`.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.toFile("customers.ndjson", { partitions: 8 }).pipe(
 *   Stream.runForEach(({ exported, rate }) => Effect.log(`${exported} customers, ${Math.round(rate)} a second`))
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
 * As {@link toFile}, and a run that was broken off, were it by `kill -9`, is taken up by the next with the same path and
 * options: the file is cut off behind what its progress knows of, each walk goes on where it was, and every customer is in
 * it once. `partitions` may differ. The progress is removed when the file is complete.
 *
 * A run cannot tell one that was killed from one that is at work in another process: see to it that one is over before the
 * next begins.
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
      // The end of a path says most, and a store may have a limit to its keys.
      const key = options.key ?? `customer-export-${(Hash.string(path) >>> 0).toString(36)}-${path.slice(-60)}`
      const { workers } = yield* ExportBatches.checkOptions(options)
      const checkpoints = ExportCheckpoint.make(yield* KeyValueStore.KeyValueStore, { key, identity, workers })
      return Writing.write(path, options, checkpoints)
    })
  )
