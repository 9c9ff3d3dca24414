import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { chance } from "../export/Account.js"
import * as Program from "../Program.js"
import { customer } from "./harness.js"

const Rejected = Schema.Struct({ row: Schema.Number, reason: Schema.String })

/** The process's output. Its last line can be truncated. */
const Event = Schema.parseJson(
  Schema.Struct({
    _tag: Schema.Literal("Batch", "Summary"),
    rows: Schema.Number,
    resumed: Schema.optional(Schema.Number),
    updated: Schema.Number,
    created: Schema.Union(Schema.Number, Schema.Array(Schema.String)),
    rejected: Schema.Union(Schema.Number, Schema.Array(Rejected))
  })
)

const Reject = Schema.parseJson(
  Schema.Struct({
    rejected: Schema.Struct({ row: Schema.Number, line: Schema.Number, reason: Schema.String }),
    id: Schema.optional(Schema.String),
    text: Schema.optional(Schema.String)
  })
)

const eventsIn = (output: string) =>
  output
    .split("\n")
    .slice(0, -1)
    .map((line) => Schema.decodeUnknownSync(Event)(line))

const count = 4_000
const rows = Array.from({ length: count }, (_, i) => {
  if (i % 500 === 250) return "{ broken"
  // A customer that appears twice, far apart: the last row is imported.
  return JSON.stringify(customer(`c-${i === 3_900 ? 7 : i}`, { name: `Row ${i + 1}` }))
})

it.live(
  "an import killed at 10 random moments imports every row and counts each once",
  () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const program = yield* Program.make("test/import/importer.ts")
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const path = `${folder}/customers.ndjson`
      yield* files.writeFileString(path, `${rows.join("\n")}\n`)
      const run = (batches: number) =>
        Program.run(program, [url, path, `${folder}/progress`], {
          watch: (output) => (output.split("\n").length > batches ? { signal: "SIGKILL" } : null)
        })

      const killed = yield* Effect.forEach(Array.from({ length: 10 }), (_, i) => run(1 + Math.floor(chance(i) * 10)))
      expect(killed.map(({ signal }) => signal)).toEqual(killed.map(() => "SIGKILL"))
      const last = yield* run(Infinity)
      expect(last.code).toBe(0)

      const summary = eventsIn(last.output).at(-1)
      // A batch that a killed run had sent is sent again with the same idempotency key, so it counts as before.
      expect(summary).toMatchObject({ _tag: "Summary", rows: count, created: count - 9, updated: 0, rejected: 9 })
      // Each run resumed, at least one batch further on except for one.
      expect(summary?.resumed).toBeGreaterThan(9 * 50)
      const reasons = new Map(
        [...killed, last].flatMap(({ output }) =>
          eventsIn(output).flatMap(({ rejected }) =>
            Array.isArray(rejected) ? rejected.map(({ reason, row }) => [row, reason] as const) : []
          )
        )
      )
      expect([...reasons].toSorted(([a], [b]) => a - b)).toEqual([
        [8, "Duplicate"],
        ...[251, 751, 1251, 1751, 2251, 2751, 3251, 3751].map((row) => [row, "Malformed"])
      ])
      const rejects = (yield* files.readFileString(`${path}.rejected`)).trimEnd().split("\n")
      expect(rejects.map((line) => Schema.decodeSync(Reject)(line))).toEqual([
        { rejected: { row: 8, line: 8, reason: "Duplicate" }, id: "c-7" },
        ...[251, 751, 1251, 1751, 2251, 2751, 3251, 3751].map((row) => ({
          rejected: { row, line: row, reason: "Malformed" },
          text: "{ broken"
        }))
      ])
      const { customers } = yield* Emulator.snapshot
      const went = rows.flatMap((_, i) => (i % 500 === 250 || i === 3_900 ? [] : [`c-${i}`]))
      expect(customers.map(({ id }) => id).toSorted()).toEqual(went.toSorted())
      expect(JSON.stringify(customers.find(({ id }) => id === "c-7"))).toContain("Row 3901")
    }).pipe(
      Effect.scoped,
      Effect.provide(EmulatorServer.layer({ faults: [{ fault: Faults.latency("5 millis") }] })),
      Effect.provide(NodeFileSystem.layer)
    ),
  120_000
)
