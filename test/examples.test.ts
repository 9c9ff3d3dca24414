import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs"
import { servers } from "./examples/servers.js"
import * as Program from "./Program.js"

const installed = (text: string) =>
  [...text.matchAll(/npm install ([^`\n]+)/g)].flatMap(([, args = ""]) =>
    args.split(" ").map((arg) => arg.replace(/(?<=.)@[^@]*$/, ""))
  )

const root = new URL("..", import.meta.url)

const ofReadme = installed(readFileSync(new URL("README.md", root), "utf8"))

/** The packages that a file imports, without those of Node. */
const imported = (text: string) => [...text.matchAll(/ from "(?!node:)((?:@[^/"]+\/)?[^/"]+)/g)].map(([, name]) => name)

const examples = readdirSync(new URL("examples", root), { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name: file }) => ({
    file,
    text: readFileSync(new URL(`examples/${file}`, root), "utf8")
  }))

describe.each(examples)("examples/$file", ({ text }) => {
  it("needs no package besides those that the README and its first comment install", () => {
    const known = new Set([...ofReadme, ...installed(text)])
    expect(imported(text).filter((name) => name === undefined || !known.has(name))).toEqual([])
  })
})

// CI runs these and compares what they print: `npm run examples`.
describe.each(examples.filter(({ file }) => !file.endsWith(".test.ts")))("examples/$file", ({ file, text }) => {
  it("has an expected output unless it runs until it is stopped, and says how to run it", () => {
    const name = file.replace(/\.ts$/, "")
    expect(existsSync(new URL(`test/examples/${name}.txt`, root))).toBe(!servers.includes(name))
    expect(text).toMatch(new RegExp(`^/\\*\\*\\n.*\`(npx tsx examples/${file}|npm run quickstart)`, "s"))
  })
})

const inFolder = <A, E, R>(body: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => Effect.flatMap(files.makeTempDirectoryScoped(), body)).pipe(
    Effect.scoped,
    Effect.provide(NodeFileSystem.layer)
  )

const linesOf = (path: string) =>
  Effect.map(
    Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)),
    (text) => text.trimEnd().split("\n")
  )

const ctrlC = "\x03"

/** Sequences that a terminal shows and a pipe must not contain. */
const control = /[\r\x1b█#]/

describe("examples/export-customers", () => {
  it.live(
    "shows a progress bar on a terminal, exits with 130 on Ctrl-C, and the next run has each customer once",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const program = yield* Program.make("examples/export-customers.ts")
          const stopped = yield* Program.run(program, [folder, "6000"], {
            isOnTerminal: true,
            watch: (output) => (/\] [12]\d{3}, /.test(output) ? { type: ctrlC } : null)
          })
          expect(stopped.output).toMatch(/\r\x1b\[K\[#+\.+\] \d+, \d+ per second/)
          expect(stopped.output).toMatch(/\nStopped\. Run it again to resume[^\n]*\n$/)
          expect(stopped.code).toBe(130)
          expect(stopped.output).not.toMatch(/\n\s+at |Error/)
          expect((yield* files.readDirectory(folder)).toSorted()).toEqual(["customers.ndjson.partial", "progress"])

          const rest = yield* Program.run(program, [folder, "6000"])
          expect(rest.code).toBe(0)
          expect(rest.output).not.toMatch(control)
          expect(rest.output).toMatch(/^6000 customers are in /)
          expect(new Set(yield* linesOf(`${folder}/customers.ndjson`)).size).toBe(6_000)
          expect(yield* linesOf(`${folder}/customers.ndjson`)).toHaveLength(6_000)
        })
      ),
    60_000
  )
})

describe("examples/import-customers", () => {
  it.live(
    "shows the progress on a terminal, exits with 130 on Ctrl-C, and the next run resumes",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const program = yield* Program.make("examples/import-customers.ts")
          const stopped = yield* Program.run(program, [folder, "20000"], {
            isOnTerminal: true,
            watch: (output) => (/\r[56]000 of 20000 rows/.test(output) ? { type: ctrlC } : null)
          })
          expect(stopped.output).toMatch(/\nStopped\. Run it again[^\n]*\n$/)
          expect(stopped.code).toBe(130)
          expect(stopped.output).not.toMatch(/\n\s+at |Error/)

          const rest = yield* Program.run(program, [folder, "20000"])
          expect(rest.code).toBe(0)
          expect(rest.output).not.toMatch(control)
          const [, created, resumed] =
            /^(\d+) created, .*, (\d+) rows by earlier runs\n3 rejected/.exec(rest.output) ?? []
          expect(Number(created)).toBe(19_997)
          expect(Number(resumed)).toBeGreaterThanOrEqual(4_000)
          const rejected = yield* linesOf(`${folder}/rejected.ndjson`)
          expect(new Set(rejected.map((line) => (/"line":(\d+)/.exec(line) ?? [])[1]))).toEqual(
            new Set(["7", "2000", "4000"])
          )
        })
      ),
    60_000
  )
})

describe("examples/nightly-sync", () => {
  it.live(
    "syncs on schedule, catches up after a failed night, and stops on SIGINT",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const program = yield* Program.make("examples/nightly-sync.ts")
          // A folder has the name of the first night's file. That night fails, and the next succeeds once the folder
          // is gone.
          const inTheWay = `${folder}/beginning--2026-02-11T15-00-00.000Z.ndjson`
          yield* files.makeDirectory(inTheWay)
          let isFree = false
          const { code, output } = yield* Program.run(program, [folder, "* * * * * *"], {
            watch: (output) => {
              if (!isFree && output.includes("failed")) {
                isFree = true
                rmdirSync(inTheWay)
              }
              return output.includes("No new customers") ? { signal: "SIGINT" } : null
            }
          })
          const said = output.split("\n").filter((line) => /failed|new|Stopped/.test(line))
          expect(said[0]).toContain("The sync failed. The next one will catch up")
          expect(said.find((line) => line.includes("new: "))).toContain("1000 new: ")
          expect(said.slice(-2)).toEqual([expect.stringContaining("No new customers since"), "Stopped"])
          expect(code).toBe(0)
          expect(yield* linesOf(inTheWay)).toHaveLength(1_000)
        })
      ),
    60_000
  )
})
