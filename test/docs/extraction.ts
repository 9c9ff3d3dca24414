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

/** The page that compares the SDK with the official clients. */
export const comparison = "src/docs/coming-from-the-official-clients.md"

/** A row of a table in {@link comparison}. */
export interface Comparison {
  /** The line of the page, from 1. */
  readonly line: number
  readonly typescript: string
  readonly ruby: string
  /** The code in the column of the SDK. */
  readonly forms: ReadonlyArray<string>
}

const cellsOf = (line: string): ReadonlyArray<string> =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim())

/** The rows of the tables with a column for the SDK. */
export const comparisons: ReadonlyArray<Comparison> = read(comparison)
  .split("\n")
  .flatMap((line, at) => {
    const [typescript, ruby, own] = cellsOf(line)
    if (typescript === undefined || ruby === undefined || own === undefined || own === "effect-stigg") return []
    const forms = [...own.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => (code === undefined ? [] : [code]))
    return /^-+$/.test(own) ? [] : [{ line: at + 1, typescript, ruby, forms }]
  })

/** What the forms of {@link comparisons} refer to. `never` stands for params, which the tests of the methods check. */
const context = [
  `import { DateTime, Effect, Equal, Layer, type Redacted, Schedule, Schema, Stream } from "effect"`,
  `import { CustomerImport, Customers, Entitlements, Pagination, RequestOptions } from "effect-stigg"`,
  `import { RetryPolicy, Schemas, Stigg, StiggClient, StiggError } from "effect-stigg"`,
  `import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"`,
  `import * as FetchHttpClient from "@effect/platform/FetchHttpClient"`,
  `import * as HttpClient from "@effect/platform/HttpClient"`,
  `import { Agent, type Dispatcher, ProxyAgent } from "undici"`,
  `declare const customers: Customers.Service, key: Redacted.Redacted, dispatcher: Dispatcher, signal: AbortSignal`,
  `declare const id: string, featureId: string, integrationId: string, cursor: string, params: never, grants: never`,
  `declare const rows: never, source: Stream.Stream<CustomerImport.Row>, acme: Schemas.Customer`,
  `declare const call: Effect.Effect<Schemas.Customer, StiggError.StiggError>, program: typeof call`,
  `declare const failed: StiggError.BadRequestError, reason: unknown, use: (customer: Schemas.Customer) => Effect.Effect<void>`,
  `declare const fetchPage: () => Effect.Effect<Pagination.Page<string>>, repeated: (cursor: string) => Error`
].join("; ")

const forms = comparisons
  .filter((row) => row.forms.length > 0)
  .map((row): Example => ({
    file: comparison,
    line: row.line,
    code: `${context}; export const forms = [${row.forms.join(", ")}]`
  }))

export const examples: ReadonlyArray<Example> = [
  ...sources.flatMap(examplesOfSource),
  ...pages.flatMap(examplesOfPage),
  ...forms
]
