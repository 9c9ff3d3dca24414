import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ImportSourceError, Row } from "../../../CustomerImport.js"
import type { LocatedRow, OpenSource, RowsOptions, SourceOpener } from "../../../jobs/Source.js"
import * as ColumnMapping from "../../import/ColumnMapping.js"
import * as SourceError from "../../import/SourceError.js"
import * as Quantity from "../../options/Quantity.js"

/**
 * Opens the rows of a query under a name. Rows are read page by page in the order of their key, so that a reader can start
 * after any key. They have no version: each page has the rows that the database has then.
 *
 * A job fails if `pageSize` is out of range, or if a key is null, repeated, or neither a text nor an integer.
 *
 * @example
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const sources = [CustomerJobs.rows({ name: "accounts", from: "accounts", key: "id", columns: { email: "mail" } })]
 * console.log(sources.length)
 *
 * @category sources
 * @since 0.1.0
 */
export const rows = (options: RowsOptions): SourceOpener<SqlClient.SqlClient> => ({
  _tag: "Rows",
  name: options.name,
  open: (source) =>
    source._tag !== "Rows" || source.name !== options.name
      ? null
      : Effect.flatMap(SqlClient.SqlClient, (sql) => {
          const rule = Quantity.wholeRule(options.pageSize, 1, 10_000)
          return rule === null
            ? Effect.succeed(make(sql, options))
            : Effect.fail(SourceError.at("Invalid", `The rows ${options.name}: pageSize: Expected ${rule}`))
        })
})

/** A row of the database. Its names are not transformed. */
type DatabaseRow = Readonly<{ [column: string]: unknown }>

type Key = string | number | bigint

const isKey = (value: unknown): value is Key =>
  Predicate.isString(value) || Predicate.isBigInt(value) || (Predicate.isNumber(value) && Number.isSafeInteger(value))

/** The text of a key in a position. A text is quoted, because it may not compare like an integer. */
const write = (key: Key): string => (typeof key === "string" ? JSON.stringify(key) : String(key))

const read = (text: string): Option.Option<Key> => {
  if (text.startsWith('"')) return Schema.decodeOption(Schema.parseJson(Schema.String))(text)
  if (!/^-?\d+$/.test(text)) return Option.none()
  return Option.some(Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text))
}

/** Where a page starts: the number of its first row, and the key before it. */
interface Place {
  readonly row: number
  readonly after: Key | null
}

const make = (
  sql: SqlClient.SqlClient,
  { columns = {}, from: table, key: keyColumn, name, pageSize = 1000 }: RowsOptions
): OpenSource => {
  const fail = (reason: ImportSourceError["reason"], message: string) =>
    Effect.fail(SourceError.at(reason, `The rows ${name}: ${message}`))
  const from = typeof table === "string" ? sql`${sql(table)}` : sql`(${table(sql)}) as stigg_rows`
  const key = sql(keyColumn)

  const select = (
    conditions: ReadonlyArray<Fragment>,
    limit: number
  ): Effect.Effect<ReadonlyArray<DatabaseRow>, ImportSourceError> =>
    sql<DatabaseRow>`select * from ${from} where ${sql.and(conditions)} order by ${key} limit ${limit}`.withoutTransform.pipe(
      Effect.catchAll((error) => fail("Unreadable", messageOf(error)))
    )

  const keyOf = (record: DatabaseRow): Effect.Effect<Key, ImportSourceError> => {
    const value = record[keyColumn]
    if (isKey(value)) return Effect.succeed(value)
    return fail("Format", `Expected a text or an integer in the key column ${keyColumn}, found ${String(value)}`)
  }

  /** No page has rows without a key, because no key comes before or after them. */
  const checkKeys = Effect.filterOrElse(
    select([sql`${key} is null`], 1),
    (records) => records.length === 0,
    () => fail("Format", `The key column ${keyColumn} has nulls`)
  )

  const page = ({ after, row }: Place, until: Key | null) =>
    Effect.gen(function* () {
      // One more than the page has: it tells whether there are more pages, and whether the next key is a repeated one.
      const records = yield* select(
        [...(after === null ? [] : [sql`${key} > ${after}`]), ...(until === null ? [] : [sql`${key} <= ${until}`])],
        pageSize + 1
      )
      const [first] = records
      if (first === undefined) return [Chunk.empty<LocatedRow>(), Option.none<Place>()] as const
      const names = Object.keys(first)
      const mapping = ColumnMapping.make(names, columns, "Set its column in `columns`")
      if (Either.isLeft(mapping)) return yield* fail("Header", mapping.left)
      const keys = yield* Effect.forEach(records, keyOf)
      const repeated = keys.find((key, i) => key === keys[i - 1])
      if (repeated !== undefined) {
        return yield* fail("Format", `The key ${write(repeated)} of the column ${keyColumn} is not unique`)
      }
      const located = records.slice(0, pageSize).map((record, i): LocatedRow => {
        const before = keys[i - 1] ?? after
        return {
          row: toRow(row + i, mapping.right, names, record),
          position: { row: row + i, line: null, byte: null, key: before === null ? null : write(before) }
        }
      })
      const next = { row: row + pageSize, after: keys[pageSize - 1] ?? null }
      return [
        Chunk.unsafeFromArray(located),
        records.length > pageSize ? Option.some(next) : Option.none<Place>()
      ] as const
    })

  const keyOfText = (text: string | null): Effect.Effect<Key | null, ImportSourceError> =>
    text === null
      ? Effect.succeed(null)
      : Option.match(read(text), {
          onNone: () => fail("Invalid", `Expected the key of a position, found ${text}`),
          onSome: (key) => Effect.succeed(key)
        })

  return {
    version: Effect.succeed(null),
    rows: (from, until = null) =>
      Effect.gen(function* () {
        const after = yield* keyOfText(from?.key ?? null)
        const last = yield* keyOfText(until?.key ?? null)
        // Nothing comes before the first row.
        if (until !== null && last === null) return Stream.empty
        if (after === null) yield* checkKeys
        return Stream.paginateChunkEffect({ row: from?.row ?? 1, after }, (place: Place) => page(place, last))
      }).pipe(Stream.unwrap)
  }
}

const toRow = (
  number: number,
  mapping: ColumnMapping.ColumnMapping,
  names: ReadonlyArray<string>,
  record: DatabaseRow
): Row => {
  const value = mapping((index) => textOf(record[names[index] ?? ""]))
  const place = { number, line: null, column: null, byte: null }
  return Either.isLeft(value)
    ? {
        ...place,
        value: names
          .map((name) => textOf(record[name]))
          .join(", ")
          .slice(0, 200),
        problem: value.left
      }
    : { ...place, value: value.right, problem: null }
}

/** The fields of an import are texts. JSON columns come as objects from some databases and as text from others. */
const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
  return typeof value === "object" ? Inspectable.toStringUnknown(value, 0) : String(value)
}

/** The driver's own message says what is wrong. */
const messageOf = ({ cause, message }: SqlError): string => (cause instanceof Error ? cause.message : message)
