import { describe, expect, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { packageExports, publicModules } from "./manifest.js"

const modulesIn = (folder: string, names: RegExp): ReadonlyArray<string> =>
  readdirSync(fileURLToPath(new URL(`../../${folder}`, import.meta.url)))
    .filter((name) => names.test(name))
    .map((name) => `${folder}/${name}`)

describe("the exports of the package", () => {
  it("have the public modules of src, and no others", () => {
    const expected = [...modulesIn("src", /\.ts$/), ...modulesIn("src/customers", /\.ts$/)]
    const sources = publicModules.map(([, source]) => source)
    expect(sources.filter((source) => !source.startsWith("src/testing/")).sort()).toEqual(expected.sort())
    expect(sources.filter((source) => source.startsWith("src/testing/"))).toEqual([
      "src/testing/index.ts",
      "src/testing/node.ts"
    ])
  })

  it.each(publicModules)("%s has types, small files for bundlers, and a bundle for Node", (name, source) => {
    const path = source.replace(/^src\//, "").replace(/\.ts$/, "")
    const target = packageExports[name]
    expect(target).toEqual({
      types: `./dist/${path}.d.ts`,
      module: `./dist/${path}.js`,
      node: `./dist/node/${path}.js`,
      default: `./dist/${path}.js`
    })
    // The first condition that matches wins.
    expect(Object.keys(target ?? {})).toEqual(["types", "module", "node", "default"])
  })
})
