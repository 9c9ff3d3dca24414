import * as Schema from "effect/Schema"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** The exports of Effect 4. They are kept in a file, so that only who renews it needs Effect 4. */

const file = fileURLToPath(new URL("./effect-4.names.json", import.meta.url))

/** The exports of a module: those that are values, classes included, and those that are only types. */
const Exports = Schema.Struct({ values: Schema.String, types: Schema.String })

const Names = Schema.parseJson(
  Schema.Struct({ version: Schema.String, modules: Schema.Record({ key: Schema.String, value: Exports }) })
)

export const names = Schema.decodeUnknownSync(Names)(readFileSync(file, "utf8"))

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "))

const exports = new Map(
  Object.entries(names.modules).map(([module, { types, values }]) => [
    module,
    { types: words(types), values: words(values) }
  ])
)

/** Whether a module of Effect 4 exports a name: as a value, or at least as a type. */
export const isExported = (module: string, name: string, isType: boolean): boolean => {
  const found = exports.get(module)
  return found !== undefined && (found.values.has(name) || (isType && found.types.has(name)))
}

export const isModule = (module: string): boolean => exports.has(module)

const Version = Schema.parseJson(Schema.Struct({ version: Schema.String }))

/** Renews the file from the `node_modules` of a folder where Effect 4 is installed. */
export const renew = (folder: string, modules: ReadonlyArray<string>): void => {
  const installed = `${folder}/node_modules/effect`
  const declarations = modules.map((module) => `${installed}/dist/${module.replace(/^effect\//, "")}.d.ts`)
  const missing = declarations.filter((one) => !existsSync(one))
  if (missing.length > 0) throw new Error(`Not in this version of Effect: ${missing.join(", ")}`)
  const program = ts.createProgram(declarations, { target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] })
  const checker = program.getTypeChecker()
  const found = modules.map((module, at) => {
    const source = program.getSourceFile(declarations[at] ?? "")
    const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source)
    if (symbol === undefined) throw new Error(`${module} exports nothing`)
    const all = checker.getExportsOfModule(symbol).map((one) => {
      const target = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one
      return { name: one.name, isValue: (target.flags & ts.SymbolFlags.Value) !== 0 }
    })
    const list = (isValue: boolean) =>
      all
        .filter((one) => one.isValue === isValue)
        .map((one) => one.name)
        .sort()
        .join(" ")
    return [module, { values: list(true), types: list(false) }] as const
  })
  const { version } = Schema.decodeUnknownSync(Version)(readFileSync(`${installed}/package.json`, "utf8"))
  writeFileSync(file, `${JSON.stringify({ version, modules: Object.fromEntries(found) }, null, 2)}\n`)
}
