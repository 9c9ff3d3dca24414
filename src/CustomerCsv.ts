/**
 * Customers as CSV (RFC 4180): a writer for an export, a reader for an import. An entry of its own, on two optional peers:
 * `npm install csv-parse csv-stringify`.
 *
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import { stringify } from "csv-stringify/sync"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Formula from "./internal/csv/Formula.js"
import type { Columns } from "./internal/csv/Mapping.js"
import * as Mapping from "./internal/csv/Mapping.js"
import * as CsvRecord from "./internal/csv/CsvRecord.js"
import * as Lines from "./internal/import/Lines.js"
import type { Row } from "./internal/import/Row.js"
import type { ImportSourceError } from "./internal/import/SourceError.js"
import * as SourceError from "./internal/import/SourceError.js"
import * as SourceFile from "./internal/import/SourceFile.js"
import type { Customer } from "./schemas/Customer.js"

export type { Columns } from "./internal/csv/Mapping.js"

/**
 * A column of the writer: a path into the customer, its names joined by dots. Items of a list are named by their index;
 * what follows `metadata.` is one key, dots and all.
 *
 * @example
 * import type { Column } from "effect-stigg/CustomerCsv"
 *
 * const columns: ReadonlyArray<Column> = ["id", "metadata.plan", "integrations.0.syncedEntityId"]
 * console.log(columns.length) // 3
 *
 * @category models
 * @since 0.1.0
 */
export type Column =
  keyof Customer | `${"metadata" | "integrations" | "passthrough" | "defaultPaymentMethod"}.${string}`

/**
 * The columns that are written unless told otherwise: every field of a customer, `metadata`, `integrations` and
 * `passthrough` as JSON, the payment method by field.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const encode = CustomerCsv.encode({ columns: [...CustomerCsv.defaultColumns, "metadata.plan"] })
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultColumns: ReadonlyArray<Column> = [
  "id",
  "name",
  "email",
  "billingId",
  "billingCurrency",
  "couponId",
  "language",
  "timezone",
  "metadata",
  "integrations",
  "passthrough",
  "defaultPaymentMethod.type",
  "defaultPaymentMethod.billingId",
  "defaultPaymentMethod.cardLast4Digits",
  "defaultPaymentMethod.cardExpiryMonth",
  "defaultPaymentMethod.cardExpiryYear",
  "createdAt",
  "updatedAt",
  "archivedAt"
]

/**
 * How a CSV is written.
 *
 * @example
 * import type { EncodeOptions } from "effect-stigg/CustomerCsv"
 *
 * const options: EncodeOptions = { columns: ["id", "email", "metadata.plan"], delimiter: ";" }
 * console.log(options.delimiter) // ;
 *
 * @category models
 * @since 0.1.0
 */
export interface EncodeOptions {
  /** The columns, and their order: {@link defaultColumns} unless told otherwise. */
  readonly columns?: ReadonlyArray<Column> | undefined
  /** Whether the first row names the columns: true, but where rows are added to a file that has one. */
  readonly header?: boolean | undefined
  /** A comma unless told otherwise. */
  readonly delimiter?: string | undefined
  /**
   * Whether a cell that a spreadsheet would run as a formula (one that begins with `=`, `+`, `-`, `@`, a tab or a carriage
   * return) gets an apostrophe before it: true by default. The reader takes it away again.
   */
  readonly neutralizeFormulas?: boolean | undefined
}

/**
 * Writes customers as CSV, one piece of text a chunk of the stream: CRLF after each row, quotes where they are needed.
 *
 * A column is a path into the customer: a text, a number or a boolean is written as it is, a moment as RFC 3339, null and
 * what is not there as an empty cell, a list or a record as JSON.
 *
 * @example
 * import { FileSystem } from "@effect/platform"
 * import { Effect, Stream } from "effect"
 * import { Customers } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   const files = yield* FileSystem.FileSystem
 *   yield* customers.list().pipe(
 *     CustomerCsv.encode({ columns: ["id", "email", "metadata.plan"] }),
 *     Stream.encodeText,
 *     Stream.run(files.sink("customers.csv"))
 *   )
 * })
 *
 * @category writers
 * @since 0.1.0
 */
export const encode = (
  options: EncodeOptions = {}
): (<E, R>(customers: Stream.Stream<Customer, E, R>) => Stream.Stream<string, E, R>) => {
  const { columns = defaultColumns, delimiter = ",", header = true, neutralizeFormulas = true } = options
  const paths = columns.map(pathOf)
  const cell = neutralizeFormulas ? (text: string) => Formula.neutralize(text) : (text: string) => text
  const write = (rows: Array<ReadonlyArray<string>>): string =>
    // The library would leave a lone CR or LF bare, since neither ends a row here: other readers take them for an end.
    stringify(rows, { delimiter, record_delimiter: "\r\n", quoted_match: /[\r\n]/ })
  return (customers) => {
    const rows = Stream.mapChunks(customers, (chunk) =>
      Chunk.of(
        write(
          Chunk.toReadonlyArray(chunk).map((customer) => paths.map((path) => cell(textOf(valueAt(customer, path)))))
        )
      )
    )
    return header
      ? Stream.concat(
          Stream.sync(() => write([columns])),
          rows
        )
      : rows
  }
}

const pathOf = (column: Column): ReadonlyArray<string> =>
  column.startsWith("metadata.") ? ["metadata", column.slice("metadata.".length)] : column.split(".")

const valueAt = (customer: Customer, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, name) => (Predicate.isObject(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : null),
    customer
  )

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

/**
 * How a CSV is read.
 *
 * @example
 * import type { DecodeOptions } from "effect-stigg/CustomerCsv"
 *
 * const options: DecodeOptions = { columns: { id: "Account", metadata: { plan: "Plan" } } }
 * console.log(options.columns?.id) // Account
 *
 * @category models
 * @since 0.1.0
 */
export interface DecodeOptions {
  /** Which columns hold what, where their names are others than the fields'. */
  readonly columns?: Columns | undefined
  /** A comma unless told otherwise. */
  readonly delimiter?: string | undefined
  /** Whether apostrophes that the writer put before formulas are taken away: true by default. */
  readonly neutralizeFormulas?: boolean | undefined
}

/**
 * Reads CSV with a header row as rows of an import, in UTF-8.
 *
 * Columns are found by name, whatever their order, and others are passed over; the id, the email and the name must have
 * one, unless the mapping says that there is none. An empty cell is null, or, in a field that cannot be null, nothing to
 * say. A record that cannot be read, has more or fewer cells than the header or is not UTF-8 is one row with a fault, and
 * the rest is read all the same; after a quote that is not closed it goes on with the next line.
 *
 * Fails with `ImportSourceError` for a file without a header, or one that lacks a column or has it twice.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerImport } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const bytes = Stream.make(new TextEncoder().encode("Account,email,name\r\ncustomer-acme,billing@acme.com,Acme\r\n"))
 * const rows = bytes.pipe(CustomerCsv.decode({ columns: { id: "Account" } }))
 * const program = CustomerImport.summarize(CustomerImport.run(rows))
 *
 * @category readers
 * @since 0.1.0
 */
export const decode =
  (options: DecodeOptions = {}) =>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Row, E | ImportSourceError, R> =>
    Stream.suspend(() => {
      // Mutable: the first record makes the mapping, those after it are counted.
      let mapping: Mapping.Mapping | null = null
      let number = 0
      const { columns = {}, delimiter = ",", neutralizeFormulas = true } = options
      return Lines.split(bytes).pipe(
        CsvRecord.fromLines(delimiter),
        Stream.mapChunksEffect((records) =>
          Effect.gen(function* () {
            const rows: Array<Row> = []
            for (const record of records) {
              if (mapping !== null) rows.push(mapping((number += 1), record))
              else mapping = yield* Mapping.make(record, columns, neutralizeFormulas)
            }
            return Chunk.unsafeFromArray(rows)
          })
        ),
        Stream.concat(
          Stream.suspend(() =>
            mapping === null
              ? Stream.fail(SourceError.at("Header", "There is no header row", { line: 1, column: 1, byte: 0 }))
              : Stream.empty
          )
        )
      )
    })

/**
 * As {@link decode}, of a file. It is read as it is consumed, and again each time the stream runs.
 *
 * @example
 * import { CustomerImport } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const rows = CustomerCsv.read("customers.csv", { columns: { id: "Account" } })
 * const program = CustomerImport.summarize(CustomerImport.run(rows))
 *
 * @category readers
 * @since 0.1.0
 */
export const read = (
  path: string,
  options: DecodeOptions = {}
): Stream.Stream<Row, ImportSourceError, FileSystem.FileSystem> => SourceFile.read(path, decode(options))
