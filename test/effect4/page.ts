import { readFileSync, writeFileSync } from "node:fs"
import { root } from "../docs/extraction.js"
import { markdown, tables } from "./report.js"

/** The tables in `src/docs/effect-4.md`, each between two comments with its name. */

const page = `${root}src/docs/effect-4.md`

const place = (name: string): RegExp => new RegExp(`(<!-- effect4:${name} -->)([^]*?)(<!-- /effect4 -->)`)

/** The cells of a table, without what only aligns it. */
const cells = (table: string): string =>
  table
    .trim()
    .split("\n")
    .filter((line) => !/^\|[\s|:-]+\|$/.test(line))
    .map((line) =>
      line
        .split("|")
        .map((one) => one.trim())
        .join("|")
    )
    .join("\n")

const current = Object.entries(tables).map(([name, table]) => [name, markdown(table())] as const)

/** The names of the tables that are missing in the page or out of date. */
export const outdated = (text: string = readFileSync(page, "utf8")): ReadonlyArray<string> =>
  current.flatMap(([name, table]) => {
    const found = place(name).exec(text)?.[2]
    return found !== undefined && cells(found) === cells(table) ? [] : [name]
  })

/** Writes the current tables to the page. */
export const rewrite = async (): Promise<void> => {
  // Prettier takes longer to load than the tables to count.
  const { format, resolveConfig } = await import("prettier")
  const written = current.reduce(
    (text, [name, table]) => {
      if (!place(name).test(text)) throw new Error(`src/docs/effect-4.md has no place for the table ${name}`)
      return text.replace(place(name), (_, start: string, __, end: string) => `${start}\n\n${table}\n\n${end}`)
    },
    readFileSync(page, "utf8")
  )
  writeFileSync(page, await format(written, { ...(await resolveConfig(page)), parser: "markdown" }))
}
