import { beforeAll, describe, expect, it } from "@effect/vitest"
import { setImmediate } from "node:timers/promises"
import { examples } from "../docs/extraction.js"
import { publicModules } from "../package/manifest.js"
import { complaints, hiddenTypes, undocumented } from "./modules.js"

describe("the examples", () => {
  const said = new Map<string, ReadonlyArray<string>>()

  // The first test makes the compiler check everything.
  beforeAll(async () => {
    for (const example of examples) {
      said.set(example.file, [...(said.get(example.file) ?? []), ...complaints(example)])
      await setImmediate()
    }
  }, 60_000)

  it.each([...new Set(examples.map(({ file }) => file))])("of %s compile as printed", (file) => {
    expect(said.get(file)).toEqual([])
  })
})

describe("the public module", () => {
  it.each(publicModules)("%s describes each export, with an example, a category, and a version", (_, file) => {
    expect(undocumented(file)).toEqual([])
  })

  it.each(publicModules)("%s is declared with types that a user can import", (_, file) => {
    expect(hiddenTypes(file)).toEqual([])
  })
})
