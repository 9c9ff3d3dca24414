import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect"
import * as Stigg from "effect-stigg"
import { inspect } from "node:util"
import { compileFunction } from "node:vm"
import ts from "typescript"
import type { Example } from "./extraction.js"
import { examples } from "./extraction.js"

const modules: Readonly<Record<string, unknown>> = { effect: Effect, "effect-stigg": Stigg }

/** What an example prints, a line a call. */
const printed = ({ code }: Example): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const log = (...values: ReadonlyArray<unknown>) => {
    const texts = values.map((value) => (typeof value === "string" ? value : inspect(value, { breakLength: Infinity })))
    lines.push(texts.join(" ").replaceAll("'", '"'))
  }
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  const run = compileFunction(ts.transpileModule(code, { compilerOptions }).outputText, [
    "require",
    "exports",
    "console"
  ])
  Reflect.apply(run, undefined, [(name: string) => modules[name], {}, { log }])
  return lines
}

/** What it says that it prints: after the call, or on the line below; undefined where it says nothing. */
const announced = ({ code }: Example): ReadonlyArray<string | undefined> => {
  const lines = code.split("\n")
  return lines.flatMap((line, at) =>
    line.startsWith("console.log(")
      ? [/ \/\/ (.*)$/.exec(line)?.[1] ?? /^\/\/ (.*)$/.exec(lines[at + 1] ?? "")?.[1]]
      : []
  )
}

describe("the examples of schemas print what they say", () => {
  const ofSchemas = examples.filter(({ file }) => file.startsWith("src/schemas/"))

  it.each(ofSchemas.map((example) => [`${example.file}:${example.line}`, example] as const))("%s", (_, example) => {
    const said = announced(example)
    expect(printed(example).map((line, at) => (said[at] === undefined ? undefined : line))).toEqual(said)
  })
})
