import * as Stream from "effect/Stream"
import type { StiggError } from "../../StiggError.js"

/**
 * One row of a source: what it holds, or why it could not be read, and where it stands. The readers make them, and
 * {@link fromValues} does of anything else.
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
 *   fault: null
 * }
 * console.log(row.number) // 1
 *
 * @category models
 * @since 0.1.0
 */
export interface Row {
  /** Rows count from 1 in the order of the source; blank lines and a header are no rows. */
  readonly number: number
  /** The line on which it begins, counted from 1; null where the source has no lines. */
  readonly line: number | null
  /** Where on its line it begins, or, with a fault, where that is: in characters, counted from 1. */
  readonly column: number | null
  /** As `column`, in bytes from the start of the source, counted from 0. */
  readonly byte: number | null
  /** What is checked against the schema of `Schemas.ImportCustomer`; of a row with a fault, an excerpt of its text. */
  readonly value: unknown
  /** Why it could not be read; null for a row that could. */
  readonly fault: string | null
}

/**
 * Rows of values that are there already: customers from a database, or from `customers.list()`. Fields that are no part
 * of an import are left out when they are sent.
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
    { number, line: null, column: null, byte: null, value, fault: null }
  ])

/**
 * Why a row did not go in:
 * - `Malformed`: it could not be read, as a broken line of NDJSON;
 * - `Invalid`: it is no customer that the API could take;
 * - `Duplicate`: another row of the same id takes its place;
 * - `Refused`: the API refused it when it was sent alone;
 * - `Failed`: its batch failed for another reason, which is in `error`. It may have gone in; sending it again is safe.
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
 * A row that did not go in, where it stands, and why.
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
  /** The number of the row. */
  readonly row: number
  readonly line: number | null
  readonly column: number | null
  readonly byte: number | null
  /** The row as it was read; of one that could not be, an excerpt of its text. */
  readonly value: unknown
  readonly reason: Reason
  /** The first field at fault, such as `"email"`; null when it is none. */
  readonly field: string | null
  readonly message: string
  /** The number of the row that takes its place; null unless the reason is `Duplicate`. */
  readonly duplicateOf: number | null
  /** What the API, or the way to it, said; null for a row that was not sent. */
  readonly error: StiggError | null
}

/** A row set aside. */
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
