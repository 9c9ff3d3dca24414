import { readFileSync } from "node:fs"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** The code in the documentation: where it stands, and what it is. */

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** A piece of TypeScript within documentation. */
export interface Example {
  /** Where it stands, from the project's root. */
  readonly file: string
  /** The first line of its code there, from 1. */
  readonly line: number
  readonly code: string
}

export const read = (file: string): string => readFileSync(root + file, "utf8")

/** The sources, from the project's root. */
export const sources = ts.sys.readDirectory(`${root}src`, [".ts"]).map((file) => relative(root, file))

/** The code after each `@example`, up to the next tag; a fence around it is not part of it. */
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

/** The fenced blocks of a Markdown page that are marked `ts` or `typescript`. */
const examplesOfPage = (file: string): ReadonlyArray<Example> => {
  const lines = ts.sys.fileExists(root + file) ? read(file).split("\n") : []
  return lines.flatMap((line, at) => {
    if (!/^```(ts|typescript)\b/.test(line)) return []
    const rest = lines.slice(at + 1)
    return [{ file, line: at + 2, code: rest.slice(0, rest.indexOf("```")).join("\n") }]
  })
}

export const examples: ReadonlyArray<Example> = [...sources.flatMap(examplesOfSource), ...examplesOfPage("README.md")]
