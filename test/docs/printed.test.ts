import { describe, expect, it, vi } from "@effect/vitest"
import { inspect } from "node:util"
import { compileFunction } from "node:vm"
import ts from "typescript"
import type { Example } from "./extraction.js"
import { examples } from "./extraction.js"

/** The modules that an example imports at runtime, after types are erased. */
const imported = (script: string): ReadonlyArray<string> =>
  [...script.matchAll(/require\("([^"]+)"\)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))

/** Clients and servers that open sockets. An example that imports one is not run. */
const opensSocket = (name: string): boolean =>
  name === "ioredis" || name === "effect-stigg/testing/node" || name.startsWith("@effect/platform-node")

const compile = ({ code }: Example): string =>
  ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  }).outputText

/** Runs an example. Returns the lines that it has printed, one per call. A forked program can print more later. */
const run = async (example: Example): Promise<ReadonlyArray<string>> => {
  const script = compile(example)
  const modules = new Map<string, unknown>()
  for (const name of imported(script)) modules.set(name, await import(name))
  const lines: Array<string> = []
  const log = (...values: ReadonlyArray<unknown>) => {
    const texts = values.map((value) => (typeof value === "string" ? value : inspect(value, { breakLength: Infinity })))
    lines.push(texts.join(" ").replaceAll("'", '"'))
  }
  const main = compileFunction(script, ["require", "exports", "console"])
  Reflect.apply(main, undefined, [(name: string) => modules.get(name), {}, { log }])
  return lines
}

/** The announced output of each `console.log`: the comment after the call or on the next line, or undefined. */
const announced = ({ code }: Example): ReadonlyArray<string | undefined> => {
  const found: Array<string | undefined> = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "console.log") {
      found.push(/^(?: |\n *)\/\/ (.*)/.exec(code.slice(node.end))?.[1])
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true))
  return found
}

describe("an example that announces its output prints it", () => {
  const checked = examples
    .filter(({ file }) => file.startsWith("src/"))
    .filter((example) => announced(example).some((line) => line !== undefined))
    .filter((example) => !imported(compile(example)).some(opensSocket))

  it.each(checked.map((example) => [`${example.file}:${example.line}`, example] as const))("%s", async (_, example) => {
    const expected = announced(example)
    const printed = await run(example)
    const isPrinted = () =>
      expect(printed.map((line, at) => (expected[at] === undefined ? undefined : line))).toEqual(expected)
    await vi.waitFor(isPrinted, { timeout: 10_000 })
  })
})
