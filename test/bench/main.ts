/**
 * What the SDK costs. `npm run bench` measures everything, `npm run bench -- client` one part (see `parts`). With
 * `--short` it does less work; with `--check` it exits 1 if a ratio is worse than its bound by half, or another promise
 * is not kept. `PEER=/path/to/module.mjs` adds another client of the API (see `peer.ts`).
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { availableParallelism, cpus } from "node:os"
import { client } from "./client.js"
import { emulator } from "./emulator.js"
import { emulatorData } from "./emulator-data.js"
import { emulatorLarge } from "./emulator-large.js"
import { entitlements } from "./entitlements.js"
import * as Export from "./export.js"
import { afterChecks, afterList } from "./heap.js"
import { importTable, isImportKept, measureImports } from "./import.js"
import type { Measured } from "./measure.js"
import { isShort, ofBound } from "./measure.js"
import { bundleSize, imports } from "./startup.js"
import { table } from "./table.js"

/** What a part found: rows of the one table of ratios, or lines of its own. */
type Result = { readonly rows: ReadonlyArray<Measured> } | { readonly text: string; readonly isKept: boolean }

type Part = Effect.Effect<Result, unknown>

const rowsOf = (measured: Effect.Effect<ReadonlyArray<Measured>, unknown>): Part =>
  Effect.map(measured, (rows) => ({ rows }))

const linesOf = (rows: Effect.Effect<ReadonlyArray<Export.Row>, unknown>): Part =>
  Effect.map(rows, (all) => ({
    text: all.map(({ isKept, name, value }) => `- ${name}: ${value}${isKept ? "" : " (not kept)"}`).join("\n"),
    isKept: all.every(({ isKept }) => isKept)
  }))

const heap = (name: string, growth: Effect.Effect<number, unknown>) =>
  Effect.map(growth, (bytes) => ({ name, value: `${(bytes / 1024).toFixed(0)} kB more`, isKept: bytes < 2 ** 20 }))

const parts: Readonly<Record<string, Part>> = {
  client: rowsOf(client),
  entitlements: rowsOf(entitlements),
  imports: rowsOf(imports),
  bundle: linesOf(
    Effect.map(bundleSize, (bytes) => [
      {
        name: "this package's share of a bundle with `retrieve`, after gzip",
        value: `${(bytes / 1000).toFixed(1)} kB (promised 12)`,
        isKept: bytes <= 12_000
      }
    ])
  ),
  heap: linesOf(
    Effect.all([
      heap("heap after 10,000,000 cached checks", afterChecks),
      heap("heap after 1,000,000 listed customers", afterList)
    ])
  ),
  emulator: linesOf(emulator),
  "emulator-large": linesOf(emulatorLarge),
  "emulator-data": linesOf(emulatorData),
  import: Effect.map(Effect.provide(measureImports, NodeFileSystem.layer), (all) => ({
    text: importTable(all),
    isKept: all.every(isImportKept)
  })),
  "export-speed": linesOf(Export.speed),
  "export-memory": linesOf(Export.memory)
}

/** How much worse than its bound a ratio may be before the check fails: machines differ, and are busy. */
const tolerance = 1.5

const main = Effect.gen(function* () {
  const start = performance.now()
  const named = Object.entries(parts).filter(([name]) => process.argv.includes(name))
  const selected = named.length === 0 ? Object.entries(parts) : named
  const rows: Array<Measured> = []
  let isKept = true
  for (const [name, part] of selected) {
    const result = yield* part
    if ("rows" in result) rows.push(...result.rows)
    else {
      isKept = isKept && result.isKept
      yield* Console.log(`\n## ${name}\n\n${result.text}`)
    }
  }
  if (rows.length > 0) yield* Console.log(`\n${table(rows)}`)
  const flags = [...named.map(([name]) => name), ...(isShort ? ["--short"] : [])].join(" ")
  yield* Console.log(
    `\nMedians of ${isShort ? 3 : 5} rounds, all ways in turn. Node ${process.version}, ` +
      `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${process.platform} ${process.arch}; ` +
      `${((performance.now() - start) / 1000).toFixed(0)} s. Repeat it with: npm run bench${flags === "" ? "" : ` -- ${flags}`}`
  )
  if (!process.argv.includes("--check")) return
  const worse = rows.filter((row) => ofBound(row) > tolerance)
  for (const { way, what } of worse) yield* Console.log(`Worse than its bound by half: ${what}, ${way}`)
  if (worse.length > 0 || !isKept) return yield* Effect.fail(new Error("A promise is not kept"))
})

NodeRuntime.runMain(main)
