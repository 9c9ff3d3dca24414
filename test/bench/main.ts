/**
 * What the SDK costs: `npm run bench`, `npm run bench -- client` for one part of it (see `parts`), and with `--check` it
 * exits 1 when a promise is not kept.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Undici from "@effect/platform-node/Undici"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Customers, Schemas, Stigg } from "effect-stigg"
import { availableParallelism, cpus } from "node:os"
import * as Operation from "../../src/transport/Operation.js"
import { listed, oneId, pageCount, pageSize } from "./customers.js"
import { emulator } from "./emulator.js"
import { entitlements, heapGrowth } from "./entitlements.js"
import * as Export from "./export.js"
import { forked } from "./forked.js"
import { importTable, isImportKept, measureImports } from "./import.js"
import type { Comparison } from "./measure.js"
import { compare } from "./measure.js"

const concurrency = 16
const calls = 4000
const decodes = 60

/** As long as a real one: what looks for it in spans is part of the price. */
const apiKey = "server-0123456789abcdef0123456789abcdef"

const retrieve = (baseUrl: string, bare: Bare) =>
  Effect.flatMap(Customers.Customers, (customers) =>
    compare({
      name: `\`retrieve\`, ${concurrency} at once`,
      unit: "a call",
      units: calls,
      bound: 2.5,
      bare: Effect.promise(async () => {
        let left = calls
        const worker = async () => {
          while (left-- > 0) await bare(`${baseUrl}/api/v1/customers/${oneId}`)
        }
        await Promise.all(Array.from({ length: concurrency }, worker))
      }),
      sdk: Effect.forEach(Array.from({ length: calls }), () => customers.retrieve(oneId), {
        concurrency,
        discard: true
      })
    })
  )

const list = (baseUrl: string, bare: Bare) =>
  Effect.flatMap(Customers.Customers, (customers) =>
    compare({
      name: `\`list\`, ${pageCount} pages of ${pageSize}`,
      unit: "a page",
      units: pageCount,
      bound: 1.8,
      bare: Effect.promise(async () => {
        let count = 0
        let after: string | null = null
        do {
          const query: string = after === null ? "" : `&after=${after}`
          const page = (await bare(`${baseUrl}/api/v1/customers?limit=${pageSize}${query}`)) as Page
          for (const { id } of page.data) count += id === "" ? 0 : 1
          after = page.pagination.next
        } while (after !== null)
        return count
      }).pipe(Effect.flatMap(all)),
      sdk: customers.list().pipe(
        Stream.runFold(0, (count, { id }) => count + (id === "" ? 0 : 1)),
        Effect.flatMap(all)
      )
    })
  )

const all = (count: number) =>
  count === pageCount * pageSize ? Effect.void : Effect.fail(new Error(`${count} customers came`))

const decode = Effect.suspend(() => {
  const text = listed(1)
  const decodePage = Operation.page(Schemas.Customer)
  // Parsed afresh for each run, as in a program: no page is decoded twice.
  let parsed: Array<unknown> = []
  return compare({
    name: `decode of a page of ${pageSize}, beside \`JSON.parse\` of it`,
    unit: "a page",
    units: decodes,
    bound: 2.5,
    bare: Effect.sync(() => {
      for (let i = 0; i < decodes; i++) JSON.parse(text)
    }),
    sdk: Effect.sync(() => {
      for (const page of parsed) Either.getOrThrow(decodePage(page))
    }),
    before: Effect.sync(() => {
      parsed = Array.from({ length: decodes }, (): unknown => JSON.parse(text))
    })
  })
})

type Bare = (url: string) => Promise<unknown>

/** The least that a program without the SDK would write. It believes what comes. */
const makeBare = Effect.acquireRelease(
  Effect.sync(() => new Undici.Agent()),
  (agent) => Effect.promise(() => agent.destroy())
).pipe(
  Effect.map((dispatcher): Bare => {
    const headers = { accept: "application/json", "x-api-key": apiKey }
    return async (url) => {
      const { body } = await Undici.request(url, { dispatcher, headers })
      return JSON.parse(await body.text()) as unknown
    }
  })
)

interface Page {
  readonly data: ReadonlyArray<{ readonly id: string }>
  readonly pagination: { readonly next: string | null }
}

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
        ...[bound.toFixed(1), isKept(comparison) ? "yes" : "no"]
      ]
      return `| ${cells.join(" | ")} |`
    })
  ].join("\n")

const ms = (millis: number): string => `${millis.toFixed(3)} ms`

const isKept = ({ bare, bound, sdk }: Comparison): boolean => sdk.wall <= bare.wall * bound

/** Beside bare undici: `retrieve`, `list`, and the decode of a page. */
const client = Effect.gen(function* () {
  const baseUrl = yield* forked("server.ts")
  const bare = yield* makeBare
  const StiggLive = Stigg.layer({ apiKey: Redacted.make(apiKey), baseUrl }).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )
  return yield* Effect.provide(Effect.all([retrieve(baseUrl, bare), list(baseUrl, bare), decode]), StiggLive)
}).pipe(Effect.scoped)

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
