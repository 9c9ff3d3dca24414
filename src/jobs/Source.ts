import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Columns, JobFormat } from "../CustomerCsv.js"
import type { ImportSourceError, Row } from "../CustomerImport.js"
import * as Format from "../internal/jobs/source/Format.js"

/** A file in the folder that all runners share. */
export const Folder = Schema.TaggedStruct("Folder", {
  /** Relative to the folder. */
  path: Schema.String,
  format: Format.Format
}).annotations({ title: "Folder" })

/** Without the value, which the messages of a schema contain otherwise. */
const masked = { message: () => "Expected a redacted string" }

const SecretText = Schema.transform(
  Schema.String.annotations(masked),
  Schema.RedactedFromSelf(Schema.String).annotations(masked),
  { strict: true, decode: (text) => Redacted.make(text), encode: (secret) => Redacted.value(secret) }
)

/** A file behind an HTTP(S) URL, such as a presigned URL of object storage. */
export const Url = Schema.TaggedStruct("Url", {
  /** A secret: its query can be a signature. It is stored as a string, and masked elsewhere. */
  url: SecretText,
  format: Format.Format
}).annotations({ title: "Url" })

/** Rows of a database. What they are is told to each runner under this name. */
export const Rows = Schema.TaggedStruct("Rows", { name: Schema.String }).annotations({ title: "Rows" })

/**
 * Where the rows of an import job are: a file in the folder that all runners share, a file behind an HTTP(S) URL, or the
 * rows of a database under a name. A runner opens it if it has a {@link SourceOpener} for it. The URL is `Redacted`: its
 * query can be a signature.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const source = Schema.decodeUnknownSync(CustomerJobs.Source)({
 *   _tag: "Folder",
 *   path: "customers.ndjson",
 *   format: { _tag: "Ndjson" }
 * })
 * console.log(source._tag) // Folder
 *
 * @category sources
 * @since 0.1.0
 */
export const Source = Schema.Union(Folder, Url, Rows).annotations({ title: "Source" })

/**
 * A source in the payload of an import.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const source: CustomerJobs.Source = {
 *   _tag: "Url",
 *   url: Redacted.make("https://storage.example.com/customers.csv?X-Signature=secret"),
 *   format: { _tag: "Csv", delimiter: ";" }
 * }
 * console.log(source.url) // <redacted>
 *
 * @category sources
 * @since 0.1.0
 */
export type Source = typeof Source.Type

/**
 * A place in a source where a reader can start.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const afterTen: CustomerJobs.SourcePosition = { row: 11, line: null, byte: null, key: "10" }
 * console.log(afterTen.row) // 11
 *
 * @category sources
 * @since 0.1.0
 */
export interface SourcePosition {
  /** The number of the row that starts here, counted from 1. */
  readonly row: number
  /** Of a file: the line where the row starts, counted from 1. */
  readonly line: number | null
  /** Of a file: the offset where the row starts. */
  readonly byte: number | null
  /** Of a file with rows that start within a line: the column, counted from 1. */
  readonly column?: number | undefined
  /** Of rows in key order: the key of the row before, as JSON; null at the first. */
  readonly key: string | null
}

/**
 * A row of a source, with its position.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const canStartAt = ({ position }: CustomerJobs.LocatedRow): boolean => position !== null
 * console.log(canStartAt)
 *
 * @category sources
 * @since 0.1.0
 */
export interface LocatedRow {
  readonly row: Row
  /** Null if no reader can start with this row, for example because it is malformed. */
  readonly position: SourcePosition | null
}

/**
 * A source that each runner can read, as a whole or from a position. It stays at the version that it had at first: a later
 * read or `version` fails with the reason `Changed` if it finds another one.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const nothing: CustomerJobs.OpenSource = { version: Effect.succeed(null), rows: () => Stream.empty }
 * console.log(nothing)
 *
 * @category sources
 * @since 0.1.0
 */
export interface OpenSource {
  /** Changes when the source changes: of a file, its length and modification time or ETag; null if the source has none. */
  readonly version: Effect.Effect<string | null, ImportSourceError>
  /**
   * The rows from a position, or from the start. They end before the position `until`, if there is one, or else at the
   * end. Row numbers, lines and bytes are those in the whole source.
   */
  readonly rows: (
    from: SourcePosition | null,
    until?: SourcePosition | null
  ) => Stream.Stream<LocatedRow, ImportSourceError>
}

/**
 * Opens the sources of a kind. A runner has a list of them: made by {@link folder}, {@link url} and {@link rows}, or by
 * you, for a source that these cannot read.
 *
 * @example
 * import { Effect, Option, Stream } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const names = ["ada", "bob", "cyd"]
 * const fromArray: CustomerJobs.SourceOpener<never> = {
 *   _tag: "Rows",
 *   name: "names",
 *   open: (source) =>
 *     source._tag !== "Rows" || source.name !== "names"
 *       ? null
 *       : Effect.succeed({
 *           version: Effect.succeed(null),
 *           rows: (from, until = null) =>
 *             Stream.fromIterable(names.entries()).pipe(
 *               Stream.map(([i, name]) => ({
 *                 row: {
 *                   ...{ number: i + 1, line: null, column: null, byte: null },
 *                   ...{ value: { id: name, email: null, name }, problem: null }
 *                 },
 *                 position: { row: i + 1, line: null, byte: null, key: null }
 *               })),
 *               Stream.drop((from?.row ?? 1) - 1),
 *               Stream.takeWhile(({ row }) => until === null || row.number < until.row)
 *             )
 *         })
 * }
 * const JobsLive = CustomerJobs.layerMemory({ sources: [fromArray] })
 * console.log(JobsLive)
 *
 * @category sources
 * @since 0.1.0
 */
export interface SourceOpener<R> {
  readonly _tag: Source["_tag"]
  /** Of an opener for one name only: the name. */
  readonly name: string | null
  /** Null if the source is of another kind. */
  readonly open: (source: Source) => Effect.Effect<OpenSource, ImportSourceError, R> | null
}

/**
 * Options of {@link url}.
 *
 * @example
 * import { Schedule } from "effect"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const options: CustomerJobs.UrlOptions = {
 *   formats: [CustomerCsv.jobFormat],
 *   timeout: "10 seconds",
 *   schedule: Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(30))
 * }
 * console.log(options.timeout) // 10 seconds
 *
 * @category sources
 * @since 0.1.0
 */
export interface UrlOptions {
  /** Formats that this runner reads besides `Ndjson` and `Bulk`. Default: none. */
  readonly formats?: ReadonlyArray<JobFormat> | undefined
  /** How long to wait for a response, or for its next bytes. Default: 30 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /**
   * When to try again after a broken connection, a timeout, or a status 408, 425, 429 or 5xx. It starts anew when bytes
   * have come. Default: 5 times, after half a second, doubling to 8 seconds. A `Retry-After` overrides the delay, up to a
   * minute.
   */
  readonly schedule?: Schedule.Schedule<unknown> | undefined
}

/**
 * Options of {@link rows}.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const accounts: CustomerJobs.RowsOptions = {
 *   name: "accounts",
 *   from: (sql) => sql`select id, mail, label from accounts where is_active`,
 *   key: "id",
 *   columns: { email: "mail", name: "label" }
 * }
 * console.log(accounts.name) // accounts
 *
 * @category sources
 * @since 0.1.0
 */
export interface RowsOptions {
  /** The `name` in the payload of a job. */
  readonly name: string
  /** A table or view, or a query without `order by`. */
  readonly from: string | ((sql: SqlClient) => Fragment)
  /**
   * The column that orders the rows, a text or an integer. It must be unique and not null, and should have an index, such
   * as a primary key has.
   */
  readonly key: string
  /** Which column holds which field, if the names differ. */
  readonly columns?: Columns | undefined
  /** Rows per query, 1 to 10,000. Default: 1,000. */
  readonly pageSize?: number | undefined
}
