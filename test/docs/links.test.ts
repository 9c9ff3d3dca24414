import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { posix } from "node:path"
import { pages, read, root } from "./extraction.js"

const Manifest = Schema.parseJson(Schema.Struct({ files: Schema.Array(Schema.String) }))

/** npm adds these to the package by itself. */
const alwaysPacked = ["README.md", "LICENSE", "package.json"]

const packed = [...alwaysPacked, ...Schema.decodeUnknownSync(Manifest)(read("package.json")).files]

/** A page without its blocks of code, which contain no links. */
const textOf = (page: string): string => read(page).replace(/^ *```[^]*?^ *```/gm, "")

const linksIn = (page: string): ReadonlyArray<string> =>
  [...textOf(page).matchAll(/\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)].map(
    ([, inline, reference]) => inline ?? reference ?? ""
  )

/** The relative links of a page, from the project's root, without their fragments. */
const relativeLinks = (page: string): ReadonlyArray<string> =>
  linksIn(page)
    .filter((link) => !/^(#|[a-z][a-z+.-]*:)/i.test(link))
    .map((link) => posix.join(posix.dirname(page), link.replace(/[#?].*$/, "")))

/** The anchors that GitHub and npm make of the headings of a page. */
const anchorsOf = (page: string): ReadonlyArray<string> =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(
    ([, heading = ""]) =>
      `#${heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replace(/ /g, "-")}`
  )

const all = [...new Set([...pages, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])]

describe.each(all)("a link in %s", (page) => {
  it("points to an existing file", () => {
    expect(relativeLinks(page).filter((link) => !existsSync(root + link))).toEqual([])
  })

  it("that starts with # points to a heading of the page", () => {
    const anchors = anchorsOf(page)
    expect(linksIn(page).filter((link) => link.startsWith("#") && !anchors.includes(link))).toEqual([])
  })
})

describe.each(all.filter((page) => page !== "CONTRIBUTING.md"))(
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
  expect(linksIn("README.md")).toContain("#install")
})
