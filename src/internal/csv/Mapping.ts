import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Columns } from "../../CustomerCsv.js"
import type { Row, Table } from "../../CustomerImport.js"
import type { ImportSourceError } from "../import/SourceError.js"
import * as SourceError from "../import/SourceError.js"
import * as Formula from "./Formula.js"
import type { CsvRecord } from "./CsvRecord.js"
import * as CsvText from "./CsvText.js"

/** Turns a record into a row. */
export type Mapping = (number: number, record: CsvRecord) => Row

const fields = ["id", "email", "name", "billingId", "paymentMethodId", "salesforceId", "updatedAt"] as const

/** Without a column, these fields would be cleared, so a column that was forgotten must fail. */
const required: ReadonlyArray<string> = ["id", "email", "name"]

const prefix = "metadata."

/** Makes a mapping from the header row. Fails if a column is missing or appears twice. */
export const make = (
  header: CsvRecord,
  options: {
    readonly columns: Columns
    readonly delimiter: string
    readonly restore: boolean
    readonly sourceBytes: number | undefined
  }
): Either.Either<Mapping, ImportSourceError> =>
  Either.gen(function* () {
    const { columns, delimiter, restore, sourceBytes } = options
    const names = header.cells.map((name) => name.trim())
    const refuse = (message: string) =>
      Either.left(SourceError.at("Header", message, { line: header.line, column: 1, byte: header.byte }))
    const hint = otherDelimiter(header, delimiter)
    if (header.problem !== null) return yield* refuse(hint === "" ? header.problem : `${header.problem}. ${hint}`)

    const at = (name: string, field: string, isNeeded: boolean) => {
      const index = names.indexOf(name)
      if (index !== -1 && names.indexOf(name, index + 1) !== -1) return refuse(`The column ${name} appears twice`)
      if (index !== -1 || !isNeeded) return Either.right(index)
      const found = names.map((name) => JSON.stringify(name)).join(", ")
      return refuse(
        `There is no column ${JSON.stringify(name)} for ${field} among ${found}. ` +
          (hint === "" ? "Set its column in the option `columns`" : hint)
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

    const table: Table = {
      header: header.cells,
      delimiter,
      // A byte order mark has three bytes.
      hasByteOrderMark: header.line === 1 && header.byte === 3,
      isNeutralized: restore
    }

    return (number, record) => {
      const { byte, cells, column, line } = record
      const isSplit = record.problem === null && cells.length === names.length
      // A record of several lines has more text than its first line, but then it was split into cells.
      const text = isSplit ? "" : record.problem === null ? CsvText.write([cells], delimiter).trimEnd() : record.text
      const original = { _tag: "Record", table, cells: isSplit ? cells : null, text } as const
      const row = { number, line, column, byte, original, sourceBytes }
      const unreadable = (message: string): Row => ({ ...row, value: record.text.slice(0, 200), problem: message })
      if (record.problem !== null) return unreadable(record.problem)
      if (!isSplit) return unreadable(`Expected ${names.length} cells as in the header, found ${cells.length}`)
      const value: { [field: string]: unknown } = { email: null, name: null }
      for (const [field, index] of places) {
        const cell = cellOf(record, index)
        if (cell !== "") value[field] = cell
        else if (field === "id") value[field] = ""
      }
      const entries: Array<readonly [string, unknown]> = []
      if (json !== -1) {
        const parsed = parseRecord(cellOf(record, json))
        if (Option.isNone(parsed)) return unreadable("Expected a JSON object in the column metadata")
        entries.push(...Object.entries(parsed.value))
      }
      for (const [key, index] of keys) {
        const cell = cellOf(record, index)
        if (cell !== "") entries.push([key, cell])
      }
      // Assignment would lose a key `__proto__`.
      if (json !== -1 || keys.length > 0) value["metadata"] = Object.fromEntries(entries)
      return { ...row, value, problem: null }
    }
  })

const delimiters = [";", "\t", "|", ","]

/** Which delimiter to set if a header is a single cell that contains another one. Otherwise empty. */
const otherDelimiter = ({ cells, problem, text }: CsvRecord, delimiter: string): string => {
  // A header with quotes around each cell, such as `"id";"name"`, has misplaced quotes if its delimiter is another.
  const isSingle = problem === null ? cells.length === 1 : !text.includes(delimiter)
  if (!isSingle) return ""
  const counts = delimiters.map((other) => [other, other === delimiter ? 0 : text.split(other).length - 1] as const)
  const [other, count] = counts.reduce((best, next) => (next[1] > best[1] ? next : best))
  if (count === 0) return ""
  return (
    `The header is not split by the delimiter ${JSON.stringify(delimiter)}, but contains ${JSON.stringify(other)}. ` +
    `Set the option \`delimiter: ${JSON.stringify(other)}\``
  )
}

/** Parses the JSON object in a cell. An empty cell is an empty object. */
const parseRecord = (text: string): Option.Option<object> =>
  text === ""
    ? Option.some({})
    : Option.filter(parseJson(text), (json): json is object => typeof json === "object" && json !== null)

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))
