import { describe, expect, it } from "@effect/vitest"
import { dirname, join } from "node:path"
import { read, sources } from "../docs/extraction.js"
import { changes } from "./changes.js"
import { isExported, isModule, names } from "./names.js"
import { indexOf } from "./order.js"
import { outdated } from "./page.js"
import { counterpart, kindOf, targetsOf } from "./report.js"
import { uses } from "./uses.js"

const described = Object.entries(changes).flatMap(([module, { names: named = {} }]) =>
  Object.entries(named).map(([name, change]) => ({ module, name, change }))
)

describe("what Effect 4 makes of a name of Effect 3", () => {
  it("is known for every use in src", () => {
    const unknown = uses
      .filter((use) => kindOf(use) === null)
      .map(({ file, module, name }) => `${file} ${module}.${name}`)
    expect(unknown).toEqual([])
  })

  it("is described only for modules and names that src uses", () => {
    const used = new Set(uses.flatMap(({ module, name }) => [module, `${module}.${name}`]))
    const modules = Object.keys(changes).filter((module) => !used.has(module))
    const unused = described.map(({ module, name }) => `${module}.${name}`).filter((name) => !used.has(name))
    expect([...modules, ...unused]).toEqual([])
  })

  it("names only modules and exports that Effect 4 has", () => {
    const modules = Object.values(changes).flatMap(({ to }) => (to === null || isModule(to) ? [] : [to]))
    const exports = described
      .flatMap(({ change, module, name }) => targetsOf(module, name, change))
      .filter(([module, name]) => !isExported(module, name, true))
      .map(([module, name]) => `${module}.${name}`)
    expect([...modules, ...exports]).toEqual([])
  })

  it("is called another name, or none, only if its own name is not a value of Effect 4", () => {
    const kept = described
      .filter(({ change }) => change.kind === "renamed" || change.kind === "gone")
      .filter(({ module, name }) => isExported(counterpart(module) ?? "", name, false))
      .map(({ module, name }) => `${module}.${name}`)
    expect(kept).toEqual([])
  })
})

describe("src/docs/effect-4.md", () => {
  it("has the current tables: npm run effect4 -- --write", () => {
    expect(outdated()).toEqual([])
  })

  it("reports a table that is out of date", () => {
    const page = read("src/docs/effect-4.md")
    expect(outdated(page.replace(names.version, "4.0.0"))).toEqual(["version"])
    expect(outdated(page.replace("<!-- effect4:gone -->", ""))).toEqual(["gone"])
  })

  it("has each file of src in one step, which imports only from earlier ones", () => {
    const files = sources.filter((file) => file !== "src/index.ts")
    expect(files.filter((file) => indexOf(file) === -1)).toEqual([])
    const early = files.flatMap((file) =>
      [...read(file).matchAll(/^(?:import|export)[^;]*? from "(\.[^"]+)"/gm)]
        .map(([, specifier = ""]) => join(dirname(file), specifier).replace(/\.js$/, ".ts"))
        .filter((imported) => indexOf(imported) > indexOf(file))
        .map((imported) => `${file} imports ${imported}`)
    )
    expect(early).toEqual([])
  })
})
