/**
 * Imports customers by the million: a stream of rows in, a stream of what became of each batch out.
 *
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
import type { Rejected, Row } from "./internal/import/Row.js"
import type { ImportSourceError } from "./internal/import/SourceError.js"
import * as SourceError from "./internal/import/SourceError.js"
import type * as RetryPolicy from "./RetryPolicy.js"
import { StiggClient } from "./StiggClient.js"
import type { StiggError } from "./StiggError.js"
import * as Failure from "./internal/failure/Failure.js"
import * as Fault from "./internal/options/Fault.js"
import * as Quantity from "./internal/options/Quantity.js"
import * as Retry from "./internal/options/Retry.js"

export { fromBulkFile, readBulkFile } from "./internal/import/BulkFile.js"
export { fromNdjson, readNdjson } from "./internal/import/Ndjson.js"
export { ImportProgressError } from "./internal/import/ImportCheckpoint.js"
export { fromValues, type Reason, type Rejected, type Row } from "./internal/import/Row.js"
export { ImportSourceError } from "./internal/import/SourceError.js"

/**
 * How an import runs.
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
  /** Rows a request: 1 to 1,000, which is the default. */
  readonly batchSize?: number | undefined
  /** Requests on their way at once, 4 by default. A 429 halves them, and they come back one by one. */
  readonly concurrency?: number | undefined
  /** The integration that the billing ids belong to. */
  readonly integrationId?: string | undefined
  /**
   * Among which rows an id may come only once. Of two, the one with the later `updatedAt` goes in, or, where one of them
   * has none, the last; the other is rejected as `Duplicate`.
   *
   * - `everywhere`, the default: the rows are read twice, first for their ids alone. Nothing is sent before that. It takes
   *   50 to 100 bytes of memory an id, and rows that come out the same twice: a file, or a query that can be repeated.
   * - `batch`: the rows are read once, and remembered for as long as their batch is on its way. Rows of one id in
   *   different batches go out one after another, and what becomes of the second is for the API to say: it skips a row
   *   whose `updatedAt` is earlier than the import of the first.
   */
  readonly duplicates?: "everywhere" | "batch" | undefined
  /**
   * Requests a minute, 250 by default, which is what the API allows; they are spread, so that no 60 seconds see more.
   * Imports that run side by side share a limiter of yours; false is for a server without a limit.
   */
  readonly rateLimit?: number | RateLimiter.RateLimiter | false | undefined
  /** How a batch is sent again: 8 times at most by default, and a `Retry-After` of up to 5 minutes is waited for. */
  readonly retry?: RetryPolicy.CallOptions | undefined
  /**
   * After how many batches in a row that failed for another reason than their rows, or of which every row was refused, the
   * import stops: 3 by default. A key that opens nothing stops it at once.
   */
  readonly giveUpAfter?: number | undefined
  /**
   * Where progress is kept, so that the next run with the same source and key goes on where this one stopped. Without it
   * a run starts at the first row, which is safe: an import is an upsert.
   */
  readonly progress?: { readonly store: KeyValueStore.KeyValueStore; readonly key: string } | undefined
}

/**
 * How far an import came: `rows = created + updatedOrSkipped + rejected`, rows of earlier runs included.
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
  /** Rows that are accounted for. */
  readonly rows: number
  /** Rows of the source; null when it was not read through before: see `duplicates`. */
  readonly total: number | null
  readonly created: number
  /** Customers that the API knew: it does not tell those it updated from those it skipped. */
  readonly updatedOrSkipped: number
  readonly rejected: number
  /** Rows of earlier runs. */
  readonly resumed: number
  /** Requests of this run, those that were sent again included. */
  readonly requests: number
  /** Requests that may be on their way at once by now. */
  readonly concurrency: number
  /** The time of this run. */
  readonly elapsed: Duration.Duration
  /** Rows a second of this run. */
  readonly rate: number
}

/**
 * What became of a batch: `rows = created.length + updatedOrSkipped + rejected.length`. Batches come in the order of the
 * source.
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
  /** Counted from 0 in each run. */
  readonly index: number
  readonly rows: number
  /** The numbers of its first and last row. */
  readonly firstRow: number
  readonly lastRow: number
  /** The ids that the API did not know before. */
  readonly created: ReadonlyArray<string>
  readonly updatedOrSkipped: number
  readonly rejected: ReadonlyArray<Rejected>
  /** The whole import, this batch included. */
  readonly progress: Counts
}

/**
 * What became of an import. It comes last; when the import stops early, it comes before the failure.
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
 * Imports rows: checks each, sends them in batches at the pace the API allows, and tells what became of them.
 *
 * - No row is lost: each is created, updated or skipped, or rejected with its number and the reason.
 * - A row at fault is set aside, not its batch: one that is no customer is not sent, and a batch that the API refuses is
 *   sent in halves until the offending rows stand alone.
 * - Rows of a batch that fails in spite of the retries are rejected as `Failed`, and the import goes on; where it keeps
 *   progress, the next run begins with them. After three such batches in a row, or three of which every row was refused, or
 *   when the key is wrong, the stream gives the summary and fails with the {@link StiggError}.
 * - Batches are read as the consumer of the result goes on, a few ahead.
 *
 * Fails with what the rows fail with, among that `ImportSourceError`; with `ImportProgressError` when progress cannot be
 * kept; and with `InvalidRequestError` for options that cannot be.
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
      const fault =
        Fault.first([
          ["batchSize", Quantity.wholeFault(batchSize, 1, 1000)],
          ["concurrency", Quantity.wholeFault(concurrency, 1, 100)],
          ["giveUpAfter", Quantity.wholeFault(giveUpAfter, 1)],
          ["rateLimit", typeof rateLimit === "number" ? Quantity.rateFault(rateLimit) : null]
        ]) ?? Fault.within("retry", Retry.callFault(retry))
      if (fault !== null) return yield* Failure.invalid("customers.import", fault.field, fault.rule)
      const pace = yield* Pace.make({
        limiter:
          rateLimit === false ? null : typeof rateLimit === "number" ? yield* Pace.limiter(rateLimit) : rateLimit,
        concurrency,
        cap: Duration.decode(retry.retryAfterCap ?? Delivery.defaultRetry.retryAfterCap)
      })
      const client = yield* StiggClient
      const deliver = yield* Delivery.make({ client, pace, retry, integrationId: options.integrationId })
      const { progress = null } = options
      const kept = progress === null ? ImportCheckpoint.none : ImportCheckpoint.make(progress.store, progress.key)
      const startedAt = yield* Clock.currentTimeMillis

      const from = yield* kept.load
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
          if (error !== null && (Delivery.isHopeless(error) || failedInARow >= giveUpAfter)) {
            return Stream.concat(Stream.make(event, yield* summary), Stream.fail(error))
          }
          // Saved when the next batch is asked for: what became of this one has been seen by then. A batch that failed is
          // not behind us, nor is what follows it.
          return failed > 0
            ? Stream.make(event)
            : Stream.concat(Stream.make(event), Stream.drain(Stream.fromEffect(kept.save(checkpoint))))
        })

      const finish: Effect.Effect<Events> = Effect.gen(function* () {
        const { checkpoint, failed } = yield* Ref.get(state)
        const end = Stream.fromEffect(summary)
        if (total !== null && checkpoint.rows !== total) {
          const message = `The source had ${total} rows when it was read for its ids, and ${checkpoint.rows} after that`
          return Stream.concat(end, Stream.fail(SourceError.at("Changed", message)))
        }
        return failed > 0 ? end : Stream.concat(end, Stream.drain(Stream.fromEffect(kept.remove)))
      })

      return rows.pipe(
        PreparedBatch.skipImported(from, () => otherSource(from)),
        Stream.rechunk(batchSize),
        Stream.chunks,
        Stream.map(PreparedBatch.prepare(source?.ids ?? null)),
        Stream.mapEffect((batch) => Effect.map(batch.through(deliver), (outcome): Settled => ({ batch, outcome })), {
          concurrency
        }),
        Stream.flatMap((settled) => Stream.unwrap(settle(settled))),
        Stream.concat(Stream.unwrap(finish))
      )
    })
  )

/**
 * Runs an import to its end, and gives its summary.
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
    // Of events that were cut off, the last batch knows as much.
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
    `The progress is of another source: row ${from.rows} was ${from.lastId ?? "without an id"}` +
      (from.total === null ? "" : ` of ${from.total} rows`) +
      ". Keep the progress of each source under a key of its own"
  )
