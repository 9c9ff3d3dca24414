import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Rejected, Table } from "../../CustomerImport.js"
import * as Lines from "../import/Lines.js"
import type { RejectsFormat } from "../import/RejectsFile.js"
import * as CsvRecord from "./CsvRecord.js"
import * as CsvText from "./CsvText.js"
import * as Formula from "./Formula.js"

/** The columns after those of the source. */
const added = ["rejected.row", "rejected.line", "rejected.reason", "rejected.message", "rejected.text"] as const

/** In the header, what is between two of these columns is the delimiter. */
const delimiterInHeader = new RegExp(`${added[0]}"?(.+?)"?${added[1]}`)

const byteOrderMark = "\ufeff"

/** The format of rejected rows that were read from a CSV. Mutable, because the first row determines the header. */
export const make = (): RejectsFormat => {
  let header: ReadonlyArray<string> = []
  let delimiter = ","

  return {
    read: (bytes) =>
      Stream.unwrap(
        Effect.map(delimiterOf(bytes), (found) => {
          delimiter = found
          let isStart = true
          let width = 0
          return Stream.map(CsvRecord.fromLines(found)(Lines.split(bytes)), ({ byte, cells, problem }) => {
            if (isStart) {
              isStart = false
              width = cells.length
              if (!hasAdded(cells)) return { byte: 0, row: null }
              header = cells
              return { byte: 0, row: 0 }
            }
            const row = cells.at(-added.length) ?? ""
            return { byte, row: problem === null && cells.length === width && /^\d+$/.test(row) ? Number(row) : null }
          })
        })
      ),
    encode: (rejected, isStart) =>
      Either.gen(function* () {
        const rows: Array<ReadonlyArray<string>> = []
        let mark = ""
        for (const one of rejected) {
          const { original } = one
          if (original?._tag !== "Record") return yield* Either.left(`Row ${one.row} was not read from a CSV`)
          const { table } = original
          const own = [...sourceOf(table, table.header), ...added]
          if (isStart && rows.length === 0) {
            header = own
            delimiter = table.delimiter
            mark = table.hasByteOrderMark ? byteOrderMark : ""
            rows.push(header)
          }
          if (!isSame(header, own) || delimiter !== table.delimiter) {
            return yield* Either.left(`Row ${one.row} has another header or delimiter than the rejected rows before it`)
          }
          rows.push([...cellsOf(original), ...addedTo(one)])
        }
        return mark + CsvText.write(rows, delimiter)
      })
  }
}

type Record = Extract<Rejected["original"], { readonly _tag: "Record" }>

/** The cells of the source. They mean to its reader what they meant, and a spreadsheet does not run them. */
const cellsOf = ({ cells, table }: Record): ReadonlyArray<string> =>
  cells === null
    ? sourceOf(table, table.header).map(() => "")
    : sourceOf(table, cells).map((cell) => (table.isNeutralized ? Formula.neutralize(Formula.restore(cell)) : cell))

const addedTo = ({ line, message, original, reason, row }: Rejected): ReadonlyArray<string> => [
  String(row),
  line === null ? "" : String(line),
  reason,
  Formula.neutralize(message),
  original?._tag === "Record" ? Formula.neutralize(original.text) : ""
]

/** The cells without those of an earlier file of rejected rows, so that a second round has each column once. */
const sourceOf = ({ header }: Table, cells: ReadonlyArray<string>): ReadonlyArray<string> =>
  hasAdded(header) ? cells.slice(0, -added.length) : cells

const hasAdded = (header: ReadonlyArray<string>): boolean => isSame(header.slice(-added.length), added)

const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i])

const delimiterOf = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) =>
  Lines.split(bytes).pipe(
    Stream.filterMap(({ text }) => Option.fromNullable(delimiterInHeader.exec(text)?.[1])),
    Stream.runHead,
    Effect.map(Option.getOrElse(() => ","))
  )
