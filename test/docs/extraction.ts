import { readFileSync } from "node:fs"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** Code in the documentation and its position. */

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** TypeScript code in the documentation. */
export interface Example {
  /** The path from the project's root. */
  readonly file: string
  /** The line where its code starts, from 1. */
  readonly line: number
  readonly code: string
}

export const read = (file: string): string => readFileSync(root + file, "utf8")

/** The source files, from the project's root. */
export const sources = ts.sys.readDirectory(`${root}src`, [".ts"]).map((file) => relative(root, file))

/** The code after each `@example`, up to the next tag, without the fence around it. */
const examplesOfSource = (file: string): ReadonlyArray<Example> => {
  const lines = read(file).split("\n")
  return lines.flatMap((line, at) => {
    if (!/^\s*\* @example\s*$/.test(line)) return []
    const rest = lines.slice(at + 1)
    const end = rest.findIndex((next) => /^\s*\*(\/| @[a-z])/.test(next))
    const code = rest.slice(0, end).map((next) => next.replace(/^\s*\* ?/, ""))
    return [{ file, line: at + 2, code: code.map((one) => (one.startsWith("```") ? "" : one)).join("\n") }]
  })
}

/** The Markdown pages that users read: the README, and the pages that it links to. */
export const pages = [
  "README.md",
  ...ts.sys.readDirectory(`${root}src`, [".md"], undefined, ["**/*.md"]).map((file) => relative(root, file))
]

/** The fenced blocks of a Markdown page that are marked `ts` or `typescript`. A block in a list is indented. */
const examplesOfPage = (file: string): ReadonlyArray<Example> => {
  const lines = read(file).split("\n")
  return lines.flatMap((line, at) => {
    const fence = /^ *```(?=(ts|typescript)\b)/.exec(line)?.[0]
    if (fence === undefined) return []
    const rest = lines.slice(at + 1)
    return [{ file, line: at + 2, code: rest.slice(0, rest.indexOf(fence)).join("\n") }]
  })
}

export const examples: ReadonlyArray<Example> = [...sources.flatMap(examplesOfSource), ...pages.flatMap(examplesOfPage)]
