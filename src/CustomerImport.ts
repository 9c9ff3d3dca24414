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
import * as Retry from "./internal/options/Retry.js"

export { fromBulkFile, readBulkFile } from "./internal/import/BulkFile.js"
export { fromNdjson, readNdjson } from "./internal/import/Ndjson.js"
export { ImportProgressError } from "./internal/import/ImportCheckpoint.js"
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
   * Where progress is stored. The next run with the same source and key resumes where this one stopped. Without it,
   * each run starts at the first row, which is safe because an import is an upsert.
   */
  readonly progress?: { readonly store: KeyValueStore.KeyValueStore; readonly key: string } | undefined
}

/**
 * The progress of an import, earlier runs included: `rows = created + updatedOrSkipped + rejected`.
 *
 * @example
 * import type { CustomerImport } from "effect-stigg"
 *
 * const percent = ({ rows, total }: CustomerImport.Counts): string =>
 *   total === null ? `${rows} rows` : `${Math.floor((100 * rows) / total)} %`
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
  /** Existing customers. The API does not tell which of them it updated and which it skipped. */
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
}

/**
 * The result of a batch: `rows = created.length + updatedOrSkipped + rejected.length`. Batches are emitted in source
 * order.
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
 * const sentence = ({ created, rejected, updatedOrSkipped }: CustomerImport.Summary): string =>
 *   `${created} created, ${updatedOrSkipped} updated or skipped, ${rejected} rejected`
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary extends Counts {
  readonly _tag: "Summary"
}

/**
 * Imports rows: checks each row, sends the valid ones in batches within the rate limit of the API, and emits the result
 * of each batch and a summary.
 *
 * - Every row is accounted for: created, updated or skipped, or rejected with its number and the reason.
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
      const deliver = yield* Delivery.make({ client, pace, retry, integrationId: options.integrationId })
      const { progress = null } = options
      const checkpoints =
        progress === null ? ImportCheckpoint.none : ImportCheckpoint.make(progress.store, progress.key)
      const startedAt = yield* Clock.currentTimeMillis

      const from = yield* checkpoints.load
      const source = options.duplicates === "batch" ? null : yield* Duplicates.indexSource(rows)
      const total = source?.rows ?? null
      if (from.total !== null && total !== null && from.total !== total) return yield* otherSource(from)

      const state = yield* Ref.make<State>({ checkpoint: { ...from, total }, batches: 0, failed: 0, failedInARow: 0 })

      const counts = Effect.gen(function* () {
        const { checkpoint } = yield* Ref.get(state)
        const elapsed = Duration.millis((yield* Clock.currentTimeMillis) - startedAt)
        const { created, rejected, rows, updatedOrSkipped } = checkpoint
        return {
          ...{ rows, total, created, updatedOrSkipped, rejected, resumed: from.rows },
          requests: yield* pace.requests,
          concurrency: yield* pace.concurrency,
          elapsed,
          rate: (rows - from.rows) / Math.max(Duration.toSeconds(elapsed), 0.001)
        }
      })
      const summary = Effect.map(counts, (counts): Summary => ({ _tag: "Summary", ...counts }))

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
            updatedOrSkipped: outcome.updatedOrSkipped,
            rejected: outcome.rejected,
            progress: yield* counts
          }
          const error = outcome.failure ?? outcome.refusal
          if (error !== null && (Delivery.isFatal(error) || failedInARow >= giveUpAfter)) {
            return Stream.concat(Stream.make(event, yield* summary), Stream.fail(error))
          }
          // Saved when the consumer pulls the next batch, because it has processed this one by then. Nothing is saved
          // after a failed batch, so that the next run starts again there.
          return failed > 0
            ? Stream.make(event)
            : Stream.concat(Stream.make(event), Stream.drain(Stream.fromEffect(checkpoints.save(checkpoint))))
        })

      const finish: Effect.Effect<Events> = Effect.gen(function* () {
        const { checkpoint, failed } = yield* Ref.get(state)
        const end = Stream.fromEffect(summary)
        if (total !== null && checkpoint.rows !== total) {
          const message = `The source had ${total} rows on the first read and ${checkpoint.rows} on the second`
          return Stream.concat(end, Stream.fail(SourceError.at("Changed", message)))
        }
        return failed > 0 ? end : Stream.concat(end, Stream.drain(Stream.fromEffect(checkpoints.remove)))
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
    event._tag === "Batch" ? { _tag: "Summary", ...event.progress } : event
  )

const nothing: Summary = {
  _tag: "Summary",
  ...{ rows: 0, total: null, created: 0, updatedOrSkipped: 0, rejected: 0, resumed: 0 },
  ...{ requests: 0, concurrency: 0, elapsed: Duration.zero, rate: 0 }
}

type Events = Stream.Stream<Batch | Summary, StiggError | ImportSourceError | ImportProgressError>

interface State {
  readonly checkpoint: ImportCheckpoint.ImportCheckpoint
  readonly batches: number
  readonly failed: number
  readonly failedInARow: number
}

interface Settled {
  readonly batch: PreparedBatch.PreparedBatch
  readonly outcome: Delivery.Outcome
}

const after =
  (batch: PreparedBatch.PreparedBatch, outcome: Delivery.Outcome) =>
  ({ batches, checkpoint, failed, failedInARow }: State): State => ({
    checkpoint: {
      sequence: checkpoint.sequence + 1,
      rows: checkpoint.rows + batch.rows,
      lastId: batch.lastId,
      total: checkpoint.total,
      created: checkpoint.created + outcome.created.length,
      updatedOrSkipped: checkpoint.updatedOrSkipped + outcome.updatedOrSkipped,
      rejected: checkpoint.rejected + outcome.rejected.length
    },
    batches: batches + 1,
    failed: failed + (outcome.failure === null ? 0 : 1),
    failedInARow: outcome.failure === null && outcome.refusal === null ? 0 : failedInARow + 1
  })

const otherSource = (from: ImportCheckpoint.ImportCheckpoint): ImportSourceError =>
  SourceError.at(
    "Changed",
    `The stored progress belongs to another source, with ${from.lastId === null ? "no id" : `the id ${from.lastId}`} ` +
      `in row ${from.rows}${from.total === null ? "" : ` of ${from.total}`}. Use a separate key for each source`
  )
