import * as Stream from "effect/Stream"
import type { StiggError } from "../../StiggError.js"

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

export const reject = (
  row: Row,
  reason: Reason,
  message: string,
  more: Partial<Pick<Rejected, "field" | "duplicateOf" | "error">> = {}
): Rejected => ({
  row: row.number,
  line: row.line,
  column: row.column,
  byte: row.byte,
  value: row.value,
  reason,
  field: null,
  message,
  duplicateOf: null,
  error: null,
  ...more
})
