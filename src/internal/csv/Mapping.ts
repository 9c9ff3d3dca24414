import * as Either from "effect/Either"
import type { Columns } from "../../CustomerCsv.js"
import type { Row, Table } from "../../CustomerImport.js"
import * as ColumnMapping from "../import/ColumnMapping.js"
import type { ImportSourceError } from "../import/SourceError.js"
import * as SourceError from "../import/SourceError.js"
import * as Formula from "./Formula.js"
import type { CsvRecord } from "./CsvRecord.js"
import * as CsvText from "./CsvText.js"

/** Turns a record into a row. */
export type Mapping = (number: number, record: CsvRecord) => Row

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

    const mapping = yield* Either.orElse(
      ColumnMapping.make(names, columns, hint === "" ? "Set its column in the option `columns`" : hint),
      refuse
    )

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
      const value = mapping((index) => cellOf(record, index))
      return Either.isLeft(value) ? unreadable(value.left) : { ...row, value: value.right, problem: null }
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
