import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Columns } from "../../CustomerCsv.js"

/** Makes the value of a row from its cells, which are found by their index. The left side is the problem of the row. */
export type ColumnMapping = (
  cellOf: (index: number) => string
) => Either.Either<Readonly<Record<string, unknown>>, string>

const fields = ["id", "email", "name", "billingId", "paymentMethodId", "salesforceId", "updatedAt"] as const

/** Without a column, these fields would be cleared, so a column that was forgotten must fail. */
const required: ReadonlyArray<string> = ["id", "email", "name"]

const prefix = "metadata."

/** Makes a mapping from the names of the columns. The left side says which column is missing or appears twice. */
export const make = (
  names: ReadonlyArray<string>,
  columns: Columns,
  /** What to do about a missing column. */
  hint: string
): Either.Either<ColumnMapping, string> =>
  Either.gen(function* () {
    const at = (name: string, field: string, isNeeded: boolean): Either.Either<number, string> => {
      const index = names.indexOf(name)
      if (index !== -1 && names.indexOf(name, index + 1) !== -1) return Either.left(`The column ${name} appears twice`)
      if (index !== -1 || !isNeeded) return Either.right(index)
      const found = names.map((name) => JSON.stringify(name)).join(", ")
      return Either.left(`There is no column ${JSON.stringify(name)} for ${field} among ${found}. ${hint}`)
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

    return (cellOf) => {
      const value: { [field: string]: unknown } = { email: null, name: null }
      for (const [field, index] of places) {
        const cell = cellOf(index)
        if (cell !== "") value[field] = cell
        else if (field === "id") value[field] = ""
      }
      const entries: Array<readonly [string, unknown]> = []
      if (json !== -1) {
        const parsed = parseRecord(cellOf(json))
        if (Option.isNone(parsed)) return Either.left("Expected a JSON object in the column metadata")
        entries.push(...Object.entries(parsed.value))
      }
      for (const [key, index] of keys) {
        const cell = cellOf(index)
        if (cell !== "") entries.push([key, cell])
      }
      // Assignment would lose a key `__proto__`.
      if (json !== -1 || keys.length > 0) value["metadata"] = Object.fromEntries(entries)
      return Either.right(value)
    }
  })

/** Parses the JSON object in a cell. An empty cell is an empty object. */
const parseRecord = (text: string): Option.Option<object> =>
  text === ""
    ? Option.some({})
    : Option.filter(parseJson(text), (json): json is object => typeof json === "object" && json !== null)

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))
