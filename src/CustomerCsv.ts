/**
 * Customers as CSV (RFC 4180): a writer for exports and a reader for imports. A separate entry point with two optional
 * peer dependencies: `npm install csv-parse@7 csv-stringify@6`.
 *
 * @module
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import type * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Format } from "./CustomerExport.js"
import type {
  Batch,
  ImportRejectsError,
  ImportSourceError,
  Rejected,
  RejectsOptions,
  Row,
  Summary
} from "./CustomerImport.js"
import * as Formula from "./internal/csv/Formula.js"
import * as CsvPart from "./internal/csv/CsvPart.js"
import * as CsvRejects from "./internal/csv/CsvRejects.js"
import * as CsvRows from "./internal/csv/CsvRows.js"
import * as CsvText from "./internal/csv/CsvText.js"
import * as HeaderMark from "./internal/export/HeaderMark.js"
import * as RejectsFile from "./internal/import/RejectsFile.js"
import * as SourceFile from "./internal/import/SourceFile.js"
import type { Customer } from "./schemas/Customer.js"

/**
 * A column to write: a path into the customer, joined by dots. Items of an array are addressed by their index.
 * Everything after `metadata.` is one key, dots included.
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
 * The columns that {@link encode} writes by default: every field of a customer. `metadata`, `integrations` and
 * `passthrough` are JSON, and the payment method has one column per field.
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
 * Options of {@link encode} and {@link format}.
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
  /** The columns in order. Default: {@link defaultColumns}. */
  readonly columns?: ReadonlyArray<Column> | undefined
  /** Whether to write a header row. Default: true. With false, {@link encode} can append to a file that has one. */
  readonly header?: boolean | undefined
  /** Default: a comma. */
  readonly delimiter?: string | undefined
  /**
   * Whether to put an apostrophe before a cell that a spreadsheet would run as a formula: one that starts with `=`,
   * `+`, `-`, `@`, a tab or a carriage return. Default: true. {@link decode} removes the apostrophe.
   */
  readonly neutralizeFormulas?: boolean | undefined
}

/**
 * Encodes customers as CSV, one string per chunk of the stream. Each row ends in CRLF. Cells are quoted where
 * necessary.
 *
 * Strings, numbers and booleans are written as they are, timestamps as RFC 3339, arrays and objects as JSON. A null or
 * missing value is an empty cell.
 *
 * Each run of the stream begins with the header. For a file of `CustomerExport`, which is written in batches, use
 * {@link format}.
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
  const { header, rows } = writer(options)
  return header === null ? rows : HeaderMark.add((customers) => Stream.concat(Stream.sync(header), rows(customers)))
}

/**
 * The format of a CSV file that `CustomerExport.toFile` or `toFileResumable` writes: like {@link encode}, with the header
 * only at the start of the file, also if the export is resumed.
 *
 * @example
 * import { Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const format = CustomerCsv.format({ columns: ["id", "email", "metadata.plan"] })
 * const program = CustomerExport.toFile("customers.csv", { format, partitions: 8 }).pipe(Stream.runDrain)
 * console.log(format.header === "id,email,metadata.plan\r\n") // true
 *
 * @category writers
 * @since 0.1.0
 */
export const format = (options: EncodeOptions = {}): Format => {
  const { header, rows } = writer(options)
  return { header: header === null ? null : header(), rows }
}

/**
 * How jobs read and write the files of a format. {@link jobFormat} is one.
 *
 * @example
 * import type { JobFormat } from "effect-stigg/CustomerCsv"
 *
 * const formats: ReadonlyArray<JobFormat> = []
 * console.log(formats.length) // 0
 *
 * @category jobs
 * @since 0.1.0
 */
export interface JobFormat {
  readonly _tag: "Csv"
  /** Reads a part of a file as rows. Fails like {@link decode}. */
  readonly read: (options: DecodeOptions) => (part: {
    /** Where its first row starts; `byte` counts from 0, the others from 1. Null for the start of the file. */
    readonly from: {
      readonly row: number
      readonly line: number
      readonly column: number
      readonly byte: number
    } | null
    /** The byte where the row after the part starts; null for the end of the file. */
    readonly until: number | null
    /** The size of the whole file in bytes. */
    readonly size: number
    /** The bytes of the file from one offset to another; null for its end. */
    readonly bytes: (from: number, until: number | null) => Stream.Stream<Uint8Array, ImportSourceError>
  }) => Stream.Stream<Row, ImportSourceError>
  /** The format of the files to write. */
  readonly write: (options: EncodeOptions) => Format
  /** Writes rejected rows to a file, as {@link writeRejects} does, and returns how many there are. */
  readonly writeRejects: (
    path: string,
    options: RejectsOptions
  ) => <E, R>(
    rejects: Stream.Stream<Rejected, E, R>
  ) => Effect.Effect<number, E | ImportRejectsError, R | FileSystem.FileSystem>
}

/**
 * Lets `CustomerJobs` read and write CSV: a source with the format `Csv` is read as by {@link decode}, and a target with
 * the format `Csv` gets files as of {@link format}, each with a header. `CustomerJobs.writeRejects` with it writes rejected
 * rows as {@link writeRejects} does. It is a value, so that only programs with CSV jobs need the CSV libraries.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const formats = [CustomerCsv.jobFormat]
 * const JobsLive = CustomerJobs.layerMemory({
 *   sources: [CustomerJobs.folder("/mnt/imports", { formats })],
 *   targets: [CustomerJobs.toFolder("/mnt/exports", { formats })]
 * })
 *
 * @category jobs
 * @since 0.1.0
 */
export const jobFormat: JobFormat = {
  _tag: "Csv",
  read: CsvPart.read,
  write: format,
  writeRejects: (path, options) => (rejects) => RejectsFile.writeAll(path, options, CsvRejects.make(), rejects)
}

const writer = (options: EncodeOptions) => {
  const { columns = defaultColumns, delimiter = ",", header = true, neutralizeFormulas = true } = options
  const paths = columns.map(pathOf)
  const cell = neutralizeFormulas ? (text: string) => Formula.neutralize(text) : (text: string) => text
  return {
    header: header ? () => CsvText.write([columns], delimiter) : null,
    rows: <E, R>(customers: Stream.Stream<Customer, E, R>): Stream.Stream<string, E, R> =>
      Stream.mapChunks(customers, (chunk) =>
        Chunk.of(
          CsvText.write(
            Chunk.toReadonlyArray(chunk).map((customer) => paths.map((path) => cell(textOf(valueAt(customer, path))))),
            delimiter
          )
        )
      )
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
 * Maps the fields of an import to the columns of a CSV. A field that is not mapped is read from the column of the same
 * name. Null means that no column holds the field.
 *
 * @example
 * import type { Columns } from "effect-stigg/CustomerCsv"
 *
 * const columns: Columns = { id: "Account", email: "E-mail", name: null, metadata: { plan: "Plan" } }
 * console.log(columns.id) // Account
 *
 * @category models
 * @since 0.1.0
 */
export interface Columns {
  readonly id?: string | undefined
  /** Null clears the email of every customer. */
  readonly email?: string | null | undefined
  /** Null clears the name of every customer. */
  readonly name?: string | null | undefined
  readonly billingId?: string | null | undefined
  readonly paymentMethodId?: string | null | undefined
  readonly salesforceId?: string | null | undefined
  readonly updatedAt?: string | null | undefined
  /**
   * The column of each metadata key. Default: columns named `metadata.<key>`, and a column `metadata` with all keys as
   * JSON.
   */
  readonly metadata?: { readonly [key: string]: string } | undefined
}

/**
 * Options of {@link decode}.
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
  /** Which column holds which field, if the names differ. */
  readonly columns?: Columns | undefined
  /** Default: a comma. */
  readonly delimiter?: string | undefined
  /** Whether to remove the apostrophes that {@link encode} puts before formulas. Default: true. */
  readonly neutralizeFormulas?: boolean | undefined
}

/**
 * Decodes CSV with a header row, in UTF-8, as rows of an import.
 *
 * Columns are found by name, in any order, and unknown columns are ignored. `id`, `email` and `name` need a column,
 * unless the mapping sets `email` or `name` to null. An empty cell is null in `email` and `name`, and absent in other
 * optional fields. A record that cannot be parsed, has more or fewer cells than the header or is not UTF-8 becomes one
 * row with a `problem`, and reading continues; after an unclosed quote, it continues with the next line.
 *
 * Fails with `StiggImportSourceError` for UTF-16, and if the header is missing, lacks a column or repeats one. If the
 * header seems to have another delimiter, the message names it.
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
export const decode = (
  options: DecodeOptions = {}
): (<E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Stream.Stream<Row, E | ImportSourceError, R>) =>
  CsvRows.parse(options)(undefined)

/**
 * Reads rows from a CSV file, like {@link decode}. Each run of the stream opens the file again and reads it as it is
 * consumed.
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
): Stream.Stream<Row, ImportSourceError, FileSystem.FileSystem> => SourceFile.read(path, CsvRows.parse(options))

/**
 * Like `CustomerImport.writeRejects`, for rows that were read from a CSV: writes the rejected rows of an import to a CSV
 * that can be fixed in a spreadsheet and imported with the same options.
 *
 * The file has the header, the delimiter, and the byte order mark of the source. Each rejected row has its original
 * cells, followed by the columns `rejected.row`, `rejected.line`, `rejected.reason`, `rejected.message` and
 * `rejected.text`, which a reader ignores. A record that could not be split into the cells of the header has empty cells,
 * and its text in `rejected.text`: fill its cells, otherwise the next import rejects it again. Unless the reader has
 * `neutralizeFormulas: false`, a formula gets an apostrophe, which the reader removes.
 *
 * Delete the rows with the reason `Duplicate`: importing one overwrites the row that won.
 *
 * Fails with `StiggImportRejectsError`, also if a rejected row was not read from a CSV, or if two have different headers.
 *
 * @example
 * import { CustomerImport } from "effect-stigg"
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 *
 * const program = CustomerImport.run(CustomerCsv.read("accounts.csv", { columns: { id: "Account" } })).pipe(
 *   CustomerCsv.writeRejects("accounts.rejected.csv"),
 *   CustomerImport.summarize
 * )
 *
 * @category writers
 * @since 0.1.0
 */
export const writeRejects = (
  path: string,
  options: RejectsOptions = {}
): (<E, R>(
  events: Stream.Stream<Batch | Summary, E, R>
) => Stream.Stream<Batch | Summary, E | ImportRejectsError, R | FileSystem.FileSystem>) =>
  RejectsFile.write(path, options, CsvRejects.make)
