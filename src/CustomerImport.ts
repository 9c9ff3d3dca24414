/**
 * Imports millions of customers: takes a stream of rows, sends them in batches, and emits the result of each batch.
 *
 * @module
 * @since 0.1.0
 */
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as RateLimiter from "effect/RateLimiter"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as PreparedBatch from "./internal/import/PreparedBatch.js"
import * as Delivery from "./internal/import/Delivery.js"
import * as Duplicates from "./internal/import/Duplicates.js"
import * as Pace from "./internal/import/Pace.js"
import type { ImportProgressError } from "./internal/import/ImportCheckpoint.js"
import * as ImportCheckpoint from "./internal/import/ImportCheckpoint.js"
import type { ImportSourceError } from "./internal/import/SourceError.js"
import * as SourceError from "./internal/import/SourceError.js"
import type * as RetryPolicy from "./RetryPolicy.js"
import { StiggClient } from "./StiggClient.js"
import type { StiggError } from "./StiggError.js"
import * as Failure from "./internal/failure/Failure.js"
import * as InvalidOption from "./internal/options/InvalidOption.js"
import * as Quantity from "./internal/options/Quantity.js"
import * as Estimate from "./internal/progress/Estimate.js"
import * as Retry from "./internal/options/Retry.js"

export { fromBulkFile, readBulkFile } from "./internal/import/BulkFile.js"
export { fromNdjson, readNdjson } from "./internal/import/Ndjson.js"
export { ImportProgressError } from "./internal/import/ImportCheckpoint.js"
export { ImportRejectsError } from "./internal/import/RejectsFile.js"
export { writeRejects } from "./internal/import/NdjsonRejects.js"
export { ImportSourceError } from "./internal/import/SourceError.js"

/**
 * One row of a source: its value, or why it could not be read, and its position. The readers produce rows;
 * {@link fromValues} makes them from any values.
 *
 * @example
 * import { CustomerImport } from "effect-stigg"
 *
 * const row: CustomerImport.Row = {
 *   number: 1,
 *   line: 1,
 *   column: null,
 *   byte: 0,
 *   value: { id: "customer-acme", name: "Acme", email: null },
 *   problem: null
 * }
 * console.log(row.number) // 1
 *
 * @category models
 * @since 0.1.0
 */
export interface Row {
  /** Counted from 1 in source order; blank lines and the header do not count. */
  readonly number: number
  /** The line where the row starts or where its problem is, counted from 1; null if the source has no lines. */
  readonly line: number | null
  /** The character in that line where the row starts or where its problem is, counted from 1; null if unknown. */
  readonly column: number | null
  /** The byte offset in the source, counted from 0; null if unknown. */
  readonly byte: number | null
  /** The value to check against `Schemas.ImportCustomer`; for a row with a problem, an excerpt of its text. */
  readonly value: unknown
  /** Why the row could not be read; null if it could. */
  readonly problem: string | null
  /** The row as it stands in its source, for a file of rejected rows. Absent for rows that were made from values. */
  readonly original?: Original | undefined
  /** The size of the file in bytes. Absent unless the row was read from a file. */
  readonly sourceBytes?: number | undefined
}

/**
 * A row as it stands in its source:
 * - `Text`: its text, such as a line of NDJSON. If it is not UTF-8 or longer than 1 MiB, only the start.
 * - `Record`: the cells of a CSV record as they were read, and its table; or, if it could not be split into the cells of
 *   the header, `cells: null` and its text.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const show = (original: CustomerImport.Original): string =>
 *   original._tag === "Text" ? original.text : (original.cells?.join(original.table.delimiter) ?? original.text)
 * console.log(show({ _tag: "Text", text: '{"id":"customer-acme"}' }))
 *
 * @category models
 * @since 0.1.0
 */
export type Original =
  | { readonly _tag: "Text"; readonly text: string }
  | {
      readonly _tag: "Record"
      readonly table: Table
      readonly cells: ReadonlyArray<string> | null
      /** Empty if there are cells. */
      readonly text: string
    }

/**
 * The table that a CSV record belongs to.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const table: CustomerImport.Table = {
 *   header: ["Account", "E-mail"],
 *   delimiter: ";",
 *   hasByteOrderMark: true,
 *   isNeutralized: true
 * }
 * console.log(table.header.length) // 2
 *
 * @category models
 * @since 0.1.0
 */
export interface Table {
  readonly header: ReadonlyArray<string>
  readonly delimiter: string
  readonly hasByteOrderMark: boolean
  /** Whether an apostrophe before a formula is not part of a cell: the option `neutralizeFormulas` of the reader. */
  readonly isNeutralized: boolean
}

/**
 * Makes rows from existing values, such as customers from a database or from `customers.list()`. Fields that are not
 * part of an import are not sent.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const rows = CustomerImport.fromValues(Stream.make({ id: "customer-acme", name: "Acme", email: null }))
 * const program = CustomerImport.summarize(CustomerImport.run(rows)).pipe(
 *   Effect.tap((summary) => Effect.log(`${summary.created} new customers`))
 * )
 *
 * @category readers
 * @since 0.1.0
 */
export const fromValues = <E, R>(values: Stream.Stream<unknown, E, R>): Stream.Stream<Row, E, R> =>
  Stream.mapAccum(values, 1, (number, value) => [
    number + 1,
    { number, line: null, column: null, byte: null, value, problem: null }
  ])

/**
 * Why a row was not imported:
 * - `Malformed`: it could not be read, for example a broken line of NDJSON.
 * - `Invalid`: it does not match `Schemas.ImportCustomer`.
 * - `Duplicate`: another row with the same id is imported instead.
 * - `Refused`: the API refused it when it was sent alone.
 * - `Failed`: its batch failed for another reason, which is in `error`. The row may have been imported; sending it
 *   again is safe.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const isWorthAnotherTry = (reason: CustomerImport.Reason): boolean => reason === "Failed"
 *
 * @category models
 * @since 0.1.0
 */
export type Reason = "Malformed" | "Invalid" | "Duplicate" | "Refused" | "Failed"

/**
 * A row that was not imported, its position, and why.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const describe = ({ line, message, reason, row }: CustomerImport.Rejected): string =>
 *   `row ${row}, line ${line ?? "?"}: ${reason}: ${message}`
 *
 * @category models
 * @since 0.1.0
 */
export interface Rejected {
  /** The number of the row, counted from 1. */
  readonly row: number
  readonly line: number | null
  readonly column: number | null
  readonly byte: number | null
  /** The row as it was read, or an excerpt of its text if it could not be read. */
  readonly value: unknown
  readonly reason: Reason
  /** The first invalid field, such as `"email"`; null if the reason is not about a field. */
  readonly field: string | null
  readonly message: string
  /** The number of the row that is imported instead; null unless the reason is `Duplicate`. */
  readonly duplicateOf: number | null
  /** Why sending failed; null unless the reason is `Refused` or `Failed`. */
  readonly error: StiggError | null
  /** The row as it stands in its source; null if it was made from a value. */
  readonly original: Original | null
}

/**
 * Options of {@link writeRejects} and `CustomerCsv.writeRejects`.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const options: CustomerImport.RejectsOptions = { overwrite: true }
 * console.log(options.overwrite)
 *
 * @category rejects
 * @since 0.1.0
 */
export interface RejectsOptions {
  /**
   * Whether to replace an existing file at the path when the import is complete; if no row was rejected, it is deleted.
   * Default: false, which fails with the reason `AlreadyExists` before anything is sent.
   */
  readonly overwrite?: boolean | undefined
}

/**
 * Options of {@link run}.
 *
 * @example
 * import { CustomerImport } from "effect-stigg"
 *
 * const options: CustomerImport.Options = { batchSize: 500, concurrency: 8, integrationId: "stripe-eu" }
 * const events = CustomerImport.run(CustomerImport.readNdjson("customers.ndjson"), options)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Rows per request, 1 to 1,000. Default: 1,000. */
  readonly batchSize?: number | undefined
  /** Maximum number of in-flight requests, 1 to 100. Default: 4. A 429 halves it; it then grows back by one at a time. */
  readonly concurrency?: number | undefined
  /** The integration that the billing ids belong to. */
  readonly integrationId?: string | undefined
  /**
   * The scope in which an id must be unique. Of two rows with the same id, the one with the later `updatedAt` is
   * imported, or the last one unless both have an `updatedAt`. The other row is rejected as `Duplicate`.
   *
   * - `everywhere` (default): the whole source. It is read twice, and nothing is sent before the first pass has
   *   collected the ids. This takes 50 to 100 bytes of memory per id, and a source that yields the same rows twice,
   *   such as a file or a query that can be repeated.
   * - `batch`: one batch. The source is read once, and ids are remembered only while their batch is in flight. Batches
   *   that share an id are sent one after another. The API decides about the second row: it skips a row whose
   *   `updatedAt` is earlier than the import of the first.
   */
  readonly duplicates?: "everywhere" | "batch" | undefined
  /**
   * Requests per minute, spread so that no 60-second window contains more. Default: 250, the limit of the API.
   * Pass a `RateLimiter` to share one limit between concurrent imports, or false if the server has no limit.
   */
  readonly rateLimit?: number | RateLimiter.RateLimiter | false | undefined
  /** How a batch is retried. Default: at most 8 retries, waiting for a `Retry-After` of up to 5 minutes. */
  readonly retry?: RetryPolicy.CallOptions | undefined
  /**
   * How many batches in a row may fail before the import stops. Default: 3. A batch counts as failed if its error is
   * not about its rows, or if the API refuses all of its rows. An invalid API key stops the import at once.
   */
  readonly giveUpAfter?: number | undefined
  /**
   * How many rows you expect in the source. It is used only for the `fraction` and `remaining` of {@link Counts}, and
   * only with `duplicates: "batch"`: otherwise the rows are counted.
   */
  readonly expected?: number | undefined
  /**
   * Where progress is stored. The next run with the same source and key resumes where this one stopped. After a complete
   * import, the progress is deleted: the next run with the same key begins anew, at the first row. An import in which a
   * batch failed is not complete, and the next run resumes at that batch. Without this option, each run starts at the
   * first row, which is safe because an import is an upsert.
   *
   * The next run sends a batch that this one sent but could not record with the same idempotency key. The API then
   * answers as the first time, for 24 hours, so its new customers count as created and not as updated.
   */
  readonly progress?: { readonly store: KeyValueStore.KeyValueStore; readonly key: string } | undefined
}

/**
 * The progress of an import, earlier runs included: `rows = created + updated + updatedOrSkipped + rejected`.
 *
 * The API lists only the ids of new customers. It skips an existing customer if its stored `updatedAt` is later than that
 * of the row. So an existing customer counts as `updated` if its row has no `updatedAt`, and as `updatedOrSkipped` if it
 * has one. To learn which of the two happened, the import would have to read each customer, one request per row, and
 * another change in between would still mislead it.
 *
 * @example
 * import { Duration } from "effect"
 * import type { CustomerImport } from "effect-stigg"
 *
 * const line = ({ fraction, remaining, rows }: CustomerImport.Counts): string =>
 *   (fraction === null ? `${rows} rows` : `${Math.floor(100 * fraction)} %`) +
 *   (remaining === null ? "" : `, about ${Duration.format(remaining)} left`)
 * console.log(line)
 *
 * @category models
 * @since 0.1.0
 */
export interface Counts {
  /** Rows processed so far. */
  readonly rows: number
  /** Rows in the source; null with `duplicates: "batch"`, which does not read the source in advance. */
  readonly total: number | null
  readonly created: number
  /**
   * Existing customers whose row has no `updatedAt`, which the API updates. What it does with an archived customer is not
   * documented.
   */
  readonly updated: number
  /** Existing customers whose row has an `updatedAt`. The API does not tell which of them it updated or skipped. */
  readonly updatedOrSkipped: number
  readonly rejected: number
  /** Rows processed by earlier runs. */
  readonly resumed: number
  /** Requests of this run, including retries. */
  readonly requests: number
  /** The current maximum of in-flight requests. */
  readonly concurrency: number
  /** The duration of this run. */
  readonly elapsed: Duration.Duration
  /** Rows per second in this run. */
  readonly rate: number
  /**
   * The part that is done, from 0 to 1: rows of `total`. If `total` is null, rows of the option `expected`, or else bytes
   * of the file. Null if none of these is known, and when there are more rows than expected.
   */
  readonly fraction: number | null
  /**
   * How long the rest will take at the average rate since this run sent its first batch. Null if `fraction` is, and
   * before the rate is known.
   */
  readonly remaining: Duration.Duration | null
}

/**
 * The result of a batch: `rows = created.length + updated + updatedOrSkipped + rejected.length`, as in {@link Counts}.
 * Batches are emitted in source order.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.run(CustomerImport.readNdjson("customers.ndjson")).pipe(
 *   Stream.runForEach((event) =>
 *     event._tag === "Batch"
 *       ? Effect.forEach(event.rejected, ({ message, row }) => Effect.logWarning(`row ${row}: ${message}`))
 *       : Effect.log(`${event.created} new customers`)
 *   )
 * )
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  readonly _tag: "Batch"
  /** The position of the batch in this run, counted from 0. */
  readonly index: number
  readonly rows: number
  /** The number of the first row in the batch. */
  readonly firstRow: number
  /** The number of the last row in the batch. */
  readonly lastRow: number
  /** The ids of new customers. */
  readonly created: ReadonlyArray<string>
  readonly updated: number
  readonly updatedOrSkipped: number
  readonly rejected: ReadonlyArray<Rejected>
  /** The progress of the whole import, including this batch. */
  readonly progress: Counts
}

/**
 * The result of an import. It is emitted last, or, if the import gives up, just before the stream fails.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const sentence = ({ created, rejected, updated, updatedOrSkipped }: CustomerImport.Summary): string =>
 *   `${created} created, ${updated} updated, ${updatedOrSkipped} updated or skipped, ${rejected} rejected`
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary extends Counts {
  readonly _tag: "Summary"
  /**
   * Whether the next run with the same `progress` resumes this import. False after a complete import and without
   * `progress`: the next run begins at the first row.
   */
  readonly isResumable: boolean
}

/**
 * Imports rows: checks each row, sends the valid ones in batches within the rate limit of the API, and emits the result
 * of each batch and a summary.
 *
 * - Every row is accounted for: created, updated or skipped, or rejected with its number and the reason. To write the
 *   rejected rows to a file, use {@link writeRejects} or `CustomerCsv.writeRejects`.
 * - An invalid row does not fail its batch. It is not sent; and if the API refuses a batch, the batch is halved and
 *   sent again until each offending row is isolated.
 * - If a batch still fails after its retries, its rows are rejected as `Failed` and the import continues. With
 *   `progress`, the next run starts again at that batch.
 * - The import gives up after three failed batches in a row (see `giveUpAfter`), or at once if the API key is invalid.
 *   It then emits the summary and fails with the {@link StiggError}.
 * - Back-pressure: rows are read only a few batches ahead of the consumer.
 *
 * Fails with the errors of `rows`; with `StiggImportSourceError` if the source changed between two reads or two runs;
 * with `StiggImportProgressError` if progress cannot be stored; and with `StiggInvalidRequestError` for invalid
 * options.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.run(CustomerImport.readNdjson("customers.ndjson")).pipe(
 *   Stream.tap((event) =>
 *     event._tag === "Batch" ? Effect.log(`${event.progress.rows} rows`) : Effect.log(`${event.created} new customers`)
 *   ),
 *   CustomerImport.summarize
 * )
 *
 * @see https://docs.stigg.io/api-reference/bulk-import/bulk-import-customers
 * @category constructors
 * @since 0.1.0
 */
export const run = <E, R>(
  rows: Stream.Stream<Row, E, R>,
  options: Options = {}
): Stream.Stream<Batch | Summary, E | StiggError | ImportSourceError | ImportProgressError, R | StiggClient> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const { batchSize = 1000, concurrency = 4, giveUpAfter = 3, rateLimit = 250, retry = {} } = options
      const invalid =
        InvalidOption.first([
          ["batchSize", Quantity.wholeRule(batchSize, 1, 1000)],
          ["concurrency", Quantity.wholeRule(concurrency, 1, 100)],
          ["giveUpAfter", Quantity.wholeRule(giveUpAfter, 1)],
          ["expected", Quantity.wholeRule(options.expected, 0)],
          ["rateLimit", typeof rateLimit === "number" ? Quantity.rateRule(rateLimit) : null]
        ]) ?? InvalidOption.within("retry", Retry.invalidCallOption(retry))
      if (invalid !== null) return yield* Failure.invalid("customers.import", invalid.field, invalid.rule)
      const pace = yield* Pace.make({
        limiter:
          rateLimit === false ? null : typeof rateLimit === "number" ? yield* Pace.limiter(rateLimit) : rateLimit,
        concurrency,
        cap: Duration.decode(retry.retryAfterCap ?? Delivery.defaultRetry.retryAfterCap)
      })
      const client = yield* StiggClient
      const { progress = null } = options
      const checkpoints =
        progress === null ? ImportCheckpoint.none : ImportCheckpoint.make(progress.store, progress.key)
      const startedAt = yield* Clock.currentTimeMillis

      const from = yield* checkpoints.load
      const source = options.duplicates === "batch" ? null : yield* Duplicates.indexSource(rows)
      const total = source?.rows ?? null
      if (from.total !== null && total !== null && from.total !== total) return yield* otherSource(from)

      // Saved before anything is sent, because the next run needs it if this one is killed.
      const begun = from.importId !== null || progress === null ? from : ImportCheckpoint.begin(from)
      if (begun !== from) yield* checkpoints.save(begun)
      const deliver = yield* Delivery.make({
        ...{ client, pace, retry, integrationId: options.integrationId },
        importId: begun.importId
      })

      const state = yield* Ref.make<State>({
        ...{ checkpoint: { ...begun, total }, batches: 0, failed: 0, failedInARow: 0 },
        bytes: null
      })
      const sendingAt = yield* Clock.currentTimeMillis
      const expected = total ?? options.expected ?? null

      const counts = Effect.gen(function* () {
        const { bytes, checkpoint } = yield* Ref.get(state)
        const now = yield* Clock.currentTimeMillis
        const elapsed = Duration.millis(now - startedAt)
        const { created, rejected, rows, updated, updatedOrSkipped } = checkpoint
        const millis = now - sendingAt
        return {
          ...{ rows, total, created, updated, updatedOrSkipped, rejected, resumed: from.rows },
          requests: yield* pace.requests,
          concurrency: yield* pace.concurrency,
          elapsed,
          rate: (rows - from.rows) / Math.max(Duration.toSeconds(elapsed), 0.001),
          ...(expected === null && bytes !== null
            ? Estimate.make({ ...bytes, millis })
            : Estimate.make({ total: expected, done: rows, before: from.rows, millis }))
        }
      })
      const summary = (isResumable: boolean) =>
        Effect.map(counts, (counts): Summary => ({ _tag: "Summary", ...counts, isResumable }))

      const settle = ({ batch, outcome }: Settled): Effect.Effect<Events> =>
        Effect.gen(function* () {
          const { batches, checkpoint, failed, failedInARow } = yield* Ref.updateAndGet(state, after(batch, outcome))
          const event: Batch = {
            _tag: "Batch",
            index: batches - 1,
            rows: batch.rows,
            firstRow: batch.firstRow,
            lastRow: batch.lastRow,
            created: outcome.created,
            updated: outcome.updated,
            updatedOrSkipped: outcome.updatedOrSkipped,
            rejected: outcome.rejected,
            progress: yield* counts
          }
          const error = outcome.failure ?? outcome.refusal
          if (error !== null && (Delivery.isFatal(error) || failedInARow >= giveUpAfter)) {
            return Stream.concat(Stream.make(event, yield* summary(progress !== null)), Stream.fail(error))
          }
          // Saved when the consumer pulls the next batch, because it has processed this one by then. Nothing is saved
          // after a failed batch, so that the next run starts again there.
          return failed > 0
            ? Stream.make(event)
            : Stream.concat(Stream.make(event), Stream.drain(Stream.fromEffect(checkpoints.save(checkpoint))))
        })

      const finish: Effect.Effect<Events> = Effect.gen(function* () {
        const { checkpoint, failed } = yield* Ref.get(state)
        if (total !== null && checkpoint.rows !== total) {
          const message = `The source had ${total} rows on the first read and ${checkpoint.rows} on the second`
          return Stream.concat(
            Stream.make(yield* summary(progress !== null)),
            Stream.fail(SourceError.at("Changed", message))
          )
        }
        // Complete, whatever was expected.
        const end = { ...(yield* summary(failed > 0 && progress !== null)), ...Estimate.complete }
        return failed > 0
          ? Stream.make(end)
          : Stream.concat(Stream.make(end), Stream.drain(Stream.fromEffect(checkpoints.remove)))
      })

      return rows.pipe(
        PreparedBatch.skipImported(from, () => otherSource(from)),
        Stream.rechunk(batchSize),
        Stream.chunks,
        Stream.map(PreparedBatch.prepare(source?.ids ?? null)),
        Stream.mapEffect((batch) => Effect.map(batch.sendWith(deliver), (outcome): Settled => ({ batch, outcome })), {
          concurrency
        }),
        Stream.flatMap((settled) => Stream.unwrap(settle(settled))),
        Stream.concat(Stream.unwrap(finish))
      )
    })
  )

/**
 * Runs an import to completion and returns its summary.
 *
 * @example
 * import { Effect } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.run(CustomerImport.readBulkFile("customers.json")).pipe(
 *   CustomerImport.summarize,
 *   Effect.tap(({ created, rejected }) => Effect.log(`${created} created, ${rejected} rejected`))
 * )
 *
 * @category destructors
 * @since 0.1.0
 */
export const summarize = <E, R>(events: Stream.Stream<Batch | Summary, E, R>): Effect.Effect<Summary, E, R> =>
  Stream.runFold(events, nothing, (_, event): Summary =>
    // If the stream ended early, the last batch has the same counts.
    event._tag === "Batch" ? { _tag: "Summary", ...event.progress, isResumable: false } : event
  )

const nothing: Summary = {
  _tag: "Summary",
  ...{ rows: 0, total: null, created: 0, updated: 0, updatedOrSkipped: 0, rejected: 0, resumed: 0 },
  ...{ requests: 0, concurrency: 0, elapsed: Duration.zero, rate: 0, ...Estimate.unknown, isResumable: false }
}

type Events = Stream.Stream<Batch | Summary, StiggError | ImportSourceError | ImportProgressError>

interface State {
  readonly checkpoint: ImportCheckpoint.ImportCheckpoint
  readonly batches: number
  readonly failed: number
  readonly failedInARow: number
  /** The position in a file, in bytes; null if the source is not a file. */
  readonly bytes: { readonly total: number; readonly before: number; readonly done: number } | null
}

interface Settled {
  readonly batch: PreparedBatch.PreparedBatch
  readonly outcome: Delivery.Outcome
}

const after =
  (batch: PreparedBatch.PreparedBatch, outcome: Delivery.Outcome) =>
  ({ batches, bytes, checkpoint, failed, failedInARow }: State): State => ({
    checkpoint: {
      importId: checkpoint.importId,
      sequence: checkpoint.sequence + 1,
      rows: checkpoint.rows + batch.rows,
      lastId: batch.lastId,
      total: checkpoint.total,
      created: checkpoint.created + outcome.created.length,
      updated: checkpoint.updated + outcome.updated,
      updatedOrSkipped: checkpoint.updatedOrSkipped + outcome.updatedOrSkipped,
      rejected: checkpoint.rejected + outcome.rejected.length
    },
    batches: batches + 1,
    failed: failed + (outcome.failure === null ? 0 : 1),
    failedInARow: outcome.failure === null && outcome.refusal === null ? 0 : failedInARow + 1,
    bytes:
      batch.bytes === null
        ? null
        : { total: batch.bytes.total, before: bytes?.before ?? batch.bytes.from, done: batch.bytes.until }
  })

const otherSource = (from: ImportCheckpoint.ImportCheckpoint): ImportSourceError =>
  SourceError.at(
    "Changed",
    `The stored progress belongs to another source, with ${from.lastId === null ? "no id" : `the id ${from.lastId}`} ` +
      `in row ${from.rows}${from.total === null ? "" : ` of ${from.total}`}. Use a separate key for each source`
  )
