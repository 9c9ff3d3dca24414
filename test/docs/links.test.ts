import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { read, root } from "./extraction.js"

const Manifest = Schema.parseJson(Schema.Struct({ files: Schema.Array(Schema.String) }))

/** npm adds these to the package by itself. */
const alwaysPacked = ["README.md", "LICENSE", "package.json"]

const packed = [...alwaysPacked, ...Schema.decodeUnknownSync(Manifest)(read("package.json")).files]

/** The relative links of a page, without their fragments. Blocks of code contain none. */
const relativeLinks = (page: string): ReadonlyArray<string> =>
  [
    ...read(page)
      .replace(/^```[^]*?^```/gm, "")
      .matchAll(/\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)
  ]
    .map(([, inline, reference]) => inline ?? reference ?? "")
    .filter((link) => !/^(#|[a-z][a-z+.-]*:)/i.test(link))
    .map((link) => link.replace(/[#?].*$/, ""))

describe.each(["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])("a relative link in %s", (page) => {
  it("points to an existing file", () => {
    expect(relativeLinks(page).filter((link) => !existsSync(root + link))).toEqual([])
  })
})

describe.each(["README.md", "CHANGELOG.md", "SECURITY.md"])(
  "a relative link in %s, which is in the package",
  (page) => {
    it("points to a file of the package", () => {
      const isPacked = (link: string) => packed.some((path) => link === path || link.startsWith(`${path}/`))
      expect(relativeLinks(page).filter((link) => !isPacked(link))).toEqual([])
    })
  }
)

it("the README has relative links, so the tests of them are not empty", () => {
  expect(relativeLinks("README.md")).toContain("examples/feature-gate.ts")
})
