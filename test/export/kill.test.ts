import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as Program from "../Program.js"
import { chance } from "./Account.js"

/** Runs the exporter until it is killed some pages after it started work, or until it ends. */
const run = (program: Program.Program, args: ReadonlyArray<string>, pages: number) =>
  Program.run(program, args, {
    watch: (output) => (output.split("\n").length > pages ? { signal: "SIGKILL" } : null)
  })

const customers = Array.from({ length: 12_000 }, (_, i) => ({
  id: `customer-${i}`,
  createdAt: new Date(Date.parse("2025-01-01") + Math.floor(chance(i) ** 4 * 3e10)).toISOString()
}))

it.live(
  "each file of an export killed at 20 random moments contains each customer once, as without a kill",
  () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const program = yield* Program.make("test/export/exporter.ts")
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const lines = (name: string) =>
        Effect.map(files.readFileString(`${folder}/${name}`), (text) => text.trimEnd().split(/\r?\n/).toSorted())
      const argsOf = (name: string) => [url, `${folder}/${name}`, `${folder}/${name}.progress`]

      const undisturbed = yield* Effect.fork(run(program, argsOf("undisturbed"), Infinity))
      // Two at once, ten times each: most of the time is process start-up.
      const kills = yield* Effect.forEach(
        ["one", "two"],
        (name, lane) =>
          Effect.forEach(Array.from({ length: 10 }), (_, i) =>
            run(program, argsOf(name), 1 + Math.floor(chance(lane * 10 + i) * 12))
          ).pipe(Effect.zipLeft(run(program, argsOf(name), Infinity))),
        { concurrency: 2 }
      )
      expect(kills.flat().every(({ signal }) => signal === "SIGKILL")).toBe(true)
      expect(yield* undisturbed).toMatchObject({ signal: null, code: 0 })
      const whole = yield* lines("undisturbed")
      expect(new Set(whole).size).toBe(customers.length)
      const csv = yield* lines("undisturbed.csv")
      expect(csv).toHaveLength(1 + customers.length)
      for (const name of ["one", "two"]) {
        expect(yield* lines(name)).toEqual(whole)
        expect(yield* lines(`${name}.csv`)).toEqual(csv)
      }
    }).pipe(
      Effect.scoped,
      Effect.provide(EmulatorServer.layer({ seed: { customers }, faults: [{ fault: Faults.latency("5 millis") }] })),
      Effect.provide(NodeFileSystem.layer)
    ),
  240_000
)
