/**
 * What the SDK costs: `npm run bench`, `npm run bench -- client` for one part of it (see `parts`), and with `--check` it
 * exits 1 when a promise is not kept.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { availableParallelism, cpus } from "node:os"
import { client } from "./client.js"
import { emulator } from "./emulator.js"
import { entitlements, heapGrowth } from "./entitlements.js"
import * as Export from "./export.js"
import { importTable, isImportKept, measureImports } from "./import.js"
import type { Comparison } from "./measure.js"

const table = (comparisons: ReadonlyArray<Comparison>): string =>
  [
    "| what | unit | bare wall | SDK wall | ratio | bare CPU | SDK CPU | ratio | promised | kept |",
    "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --- |",
    ...comparisons.map((comparison) => {
      const { bare, bound, name, sdk, unit } = comparison
      const cells = [
        ...[name, unit],
        ...[ms(bare.wall), ms(sdk.wall), (sdk.wall / bare.wall).toFixed(2)],
        ...[ms(bare.cpu), ms(sdk.cpu), (sdk.cpu / bare.cpu).toFixed(2)],
        ...(Number.isFinite(bound) ? [bound.toFixed(1), isKept(comparison) ? "yes" : "no"] : ["", ""])
      ]
      return `| ${cells.join(" | ")} |`
    })
  ].join("\n")

const ms = (millis: number): string => `${millis.toFixed(3)} ms`

const isKept = ({ bare, bound, sdk }: Comparison): boolean => sdk.wall <= bare.wall * bound

/** A part of the bench: what it prints, and whether its promises are kept. */
type Part = Effect.Effect<{ readonly text: string; readonly isKept: boolean }, unknown>

const compared = (comparisons: Effect.Effect<ReadonlyArray<Comparison>, unknown>): Part =>
  Effect.map(comparisons, (rows) => ({ text: table(rows), isKept: rows.every(isKept) }))

const listedRows = (rows: Effect.Effect<ReadonlyArray<Export.Row>, unknown>): Part =>
  Effect.map(rows, (all) => ({
    text: all
      .map(({ isKept, name, value }) => `- ${name}: ${value}${isKept ? "" : " (promised otherwise)"}`)
      .join("\n"),
    isKept: all.every(({ isKept }) => isKept)
  }))

const parts: Readonly<Record<string, Part>> = {
  client: compared(client),
  entitlements: compared(entitlements),
  "entitlements-heap": Effect.map(heapGrowth(10_000_000), (bytes) => ({
    text: `- heap after 10 million checks: ${(bytes / 1024).toFixed(0)} kB more`,
    isKept: bytes < 2 ** 20
  })),
  emulator: listedRows(emulator),
  import: Effect.map(Effect.provide(measureImports, NodeFileSystem.layer), (imports) => ({
    text: importTable(imports),
    isKept: imports.every(isImportKept)
  })),
  "export-speed": listedRows(Export.speed),
  "export-memory": listedRows(Export.memory)
}

const main = Effect.gen(function* () {
  const start = performance.now()
  const named = Object.entries(parts).filter(([name]) => process.argv.includes(name))
  const results = yield* Effect.forEach(named.length === 0 ? Object.entries(parts) : named, ([name, part]) =>
    Effect.tap(part, ({ text }) => Console.log(`\n## ${name}\n\n${text}`))
  )
  yield* Console.log(
    `\nMedians of 5 runs after 2 to warm up, both sides in turn. Node ${process.version}, ` +
      `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${process.platform} ${process.arch}; ` +
      `${((performance.now() - start) / 1000).toFixed(0)} s. Repeat it with: npm run bench -- ${named.map(([name]) => name).join(" ")}`
  )
  if (process.argv.includes("--check") && !results.every(({ isKept }) => isKept)) {
    return yield* Effect.fail(new Error("A promise is not kept"))
  }
})

NodeRuntime.runMain(main)
