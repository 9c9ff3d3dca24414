/**
 * The rows of a test, by their number: every 500th has an invalid email, and of every 1,000 the last has the id of the
 * first, so that the first loses.
 */
import { createWriteStream } from "node:fs"
import { once } from "node:events"

export interface TestRow {
  readonly id: string
  readonly name: string
  readonly email: string | null
}

export const rowAt = (number: number): TestRow => ({
  id: idAt(number % 1000 === 999 && !isInvalid(number) ? number - 998 : number),
  name: `Row ${number}`,
  email: isInvalid(number) ? "no address" : null
})

const idAt = (number: number) => `customer-${number}`

const isInvalid = (number: number) => number % 500 === 0

/** What an import of the rows comes to. */
export const expected = (rows: number) => {
  const invalid = Math.floor(rows / 500)
  const duplicates = Math.floor((rows + 1) / 1000)
  return { rows, created: rows - invalid - duplicates, updated: 0, updatedOrSkipped: 0, rejected: invalid + duplicates }
}

/** The name that a customer should have: that of the row which won its id. */
export const nameOf = (id: string, rows: number): string => {
  const number = Number(id.slice("customer-".length))
  return `Row ${number % 1000 === 1 && number + 998 <= rows ? number + 998 : number}`
}

/** Writes the rows as NDJSON. */
export const write = async (path: string, rows: number): Promise<void> => {
  const file = createWriteStream(path)
  for (let from = 1; from <= rows; from += 10_000) {
    const until = Math.min(rows, from + 9999)
    const lines = Array.from({ length: until - from + 1 }, (_, index) => JSON.stringify(rowAt(from + index)))
    if (!file.write(`${lines.join("\n")}\n`)) await once(file, "drain")
  }
  file.end()
  await once(file, "finish")
}
