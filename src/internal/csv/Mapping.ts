import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Row } from "../import/Row.js"
import type { ImportSourceError } from "../import/SourceError.js"
import * as SourceError from "../import/SourceError.js"
import * as Formula from "./Formula.js"
import type { CsvRecord } from "./CsvRecord.js"

/**
 * Which column of a CSV holds which field of an import. A field that is not named here is in the column of its own name;
 * null says that no column holds it.
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
  /** With null every customer's email is cleared. */
  readonly email?: string | null | undefined
  /** With null every customer's name is cleared. */
  readonly name?: string | null | undefined
  readonly billingId?: string | null | undefined
  readonly paymentMethodId?: string | null | undefined
  readonly salesforceId?: string | null | undefined
  readonly updatedAt?: string | null | undefined
  /** The columns of its keys; without it, columns named `metadata.<key>`, and `metadata` with all of them as JSON. */
  readonly metadata?: { readonly [key: string]: string } | undefined
}

/** What turns a record into a row. */
export type Mapping = (number: number, record: CsvRecord) => Row

const fields = ["id", "email", "name", "billingId", "paymentMethodId", "salesforceId", "updatedAt"] as const

/** Of these each row must say something: a column that is forgotten would clear them. */
const required: ReadonlyArray<string> = ["id", "email", "name"]

const prefix = "metadata."

/** A mapping, from the header row; or what the header lacks. */
export const make = (
  header: CsvRecord,
  columns: Columns,
  restore: boolean
): Either.Either<Mapping, ImportSourceError> =>
  Either.gen(function* () {
    const names = header.cells.map((name) => name.trim())
    const refuse = (message: string) =>
      Either.left(SourceError.at("Header", message, { line: header.line, column: 1, byte: header.byte }))
    if (header.fault !== null) return yield* refuse(header.fault)

    const at = (name: string, field: string, isNeeded: boolean) => {
      const index = names.indexOf(name)
      if (index !== -1 && names.indexOf(name, index + 1) !== -1) return refuse(`The column ${name} comes twice`)
      if (index !== -1 || !isNeeded) return Either.right(index)
      const found = names.map((name) => JSON.stringify(name)).join(", ")
      return refuse(
        `There is no column ${JSON.stringify(name)} for ${field} among ${found}. ` +
          "Name the column that holds it in the option `columns`"
      )
    }

    const places: Array<readonly [field: string, index: number]> = []
    for (const field of fields) {
      const name = columns[field]
      if (name === null) continue
      const index = yield* at(name ?? field, field, name !== undefined || required.includes(field))
      if (index !== -1) places.push([field, index])
    }
    const keys: Array<readonly [key: string, index: number]> = []
    for (const [key, name] of Object.entries(columns.metadata ?? {})) {
      keys.push([key, yield* at(name, `metadata.${key}`, true)])
    }
    if (columns.metadata === undefined) {
      for (const name of names) {
        if (name.startsWith(prefix)) keys.push([name.slice(prefix.length), yield* at(name, name, true)])
      }
    }
    const json = columns.metadata === undefined ? yield* at("metadata", "metadata", false) : -1

    const cellOf = (record: CsvRecord, index: number): string => {
      const cell = record.cells[index] ?? ""
      return restore ? Formula.restore(cell) : cell
    }

    return (number, record) => {
      const row = { number, line: record.line, column: record.column, byte: record.byte }
      const fault = (message: string): Row => ({ ...row, value: record.text.slice(0, 200), fault: message })
      if (record.fault !== null) return fault(record.fault)
      if (record.cells.length !== names.length) {
        return fault(`Expected ${names.length} cells as in the header, found ${record.cells.length}`)
      }
      const value: { [field: string]: unknown } = { email: null, name: null }
      for (const [field, index] of places) {
        const cell = cellOf(record, index)
        if (cell !== "") value[field] = cell
        else if (field === "id") value[field] = ""
      }
      const entries: Array<readonly [string, unknown]> = []
      if (json !== -1) {
        const parsed = parseRecord(cellOf(record, json))
        if (Option.isNone(parsed)) return fault("Expected a JSON object in the column metadata")
        entries.push(...Object.entries(parsed.value))
      }
      for (const [key, index] of keys) {
        const cell = cellOf(record, index)
        if (cell !== "") entries.push([key, cell])
      }
      // Not by assignment, which would lose a key `__proto__`.
      if (json !== -1 || keys.length > 0) value["metadata"] = Object.fromEntries(entries)
      return { ...row, value, fault: null }
    }
  })

/** The JSON of a cell; an empty one is an empty record. */
const parseRecord = (text: string): Option.Option<object> =>
  text === ""
    ? Option.some({})
    : Option.filter(parseJson(text), (json): json is object => typeof json === "object" && json !== null)

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))
