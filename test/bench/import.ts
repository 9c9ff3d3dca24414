import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { CustomerImport, Stigg } from "effect-stigg"
import { collectGarbage } from "./measure.js"

/** The cost of importing a file, with a server that responds at once and without a rate limit. */
export interface Import {
  readonly name: string
  readonly rows: number
  /** Wall time in milliseconds. */
  readonly wall: number
  /** CPU time in milliseconds of all threads of the process. */
  readonly cpu: number
  /** Peak size of live objects in megabytes, above the size before the import. */
  readonly heap: number
}

/** Promised rows per second of CPU time. */
const promised = 50_000

const duplicates = ["everywhere", "batch"] as const

/** Imports 10,000 and 1,000,000 rows from NDJSON files, to measure the rate and how memory grows. */
export const measureImports: Effect.Effect<ReadonlyArray<Import>, unknown, FileSystem.FileSystem> = Effect.gen(
  function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    return yield* Effect.forEach([10_000, 1_000_000], (rows) =>
      Effect.gen(function* () {
        const path = `${folder}/${rows}.ndjson`
        yield* write(path, rows)
        return yield* Effect.forEach(duplicates, (duplicates) => measure(path, rows, duplicates))
      })
    )
  }
).pipe(
  Effect.map((imports) => imports.flat()),
  Effect.scoped
)

const measure = (path: string, rows: number, duplicates: "everywhere" | "batch") =>
  Effect.gen(function* () {
    const before = liveHeap()
    let heap = before
    const cpu = process.cpuUsage()
    const start = performance.now()
    let ofCollections = { wall: 0, cpu: 0 }
    const summary = yield* CustomerImport.run(CustomerImport.readNdjson(path), { duplicates, rateLimit: false }).pipe(
      Stream.tap((event) =>
        Effect.sync(() => {
          if (event._tag !== "Batch" || event.index % Math.ceil(rows / 10_000) !== 0) return
          // A garbage collection counts the live objects. Its time is not part of the import and is subtracted.
          const [cpu, start] = [process.cpuUsage(), performance.now()]
          heap = Math.max(heap, liveHeap())
          ofCollections = { wall: ofCollections.wall + performance.now() - start, cpu: ofCollections.cpu + used(cpu) }
        })
      ),
      CustomerImport.summarize
    )
    if (summary.updatedOrSkipped !== rows) return yield* Effect.fail(new Error(`${summary.updatedOrSkipped} went in`))
    return {
      name: `NDJSON, duplicates found ${duplicates === "batch" ? "in a batch" : "everywhere"}`,
      rows,
      wall: performance.now() - start - ofCollections.wall,
      cpu: used(cpu) - ofCollections.cpu,
      heap: (heap - before) / 2 ** 20
    }
  }).pipe(Effect.provide(instant))

/** Whether 1,000,000 rows are imported at the promised rate per core, whatever else the machine does. */
export const isImportKept = ({ cpu, rows }: Import): boolean => rows < 1_000_000 || (rows / cpu) * 1000 >= promised

/** The measurements as a Markdown table. */
export const importTable = (imports: ReadonlyArray<Import>): string =>
  [
    "| import | rows | wall | rows/s | rows per CPU second | heap | promised | kept |",
    "| --- | --: | --: | --: | --: | --: | --: | --- |",
    ...imports.map((one) => {
      const { cpu, heap, name, rows, wall } = one
      const isSmall = rows < 1_000_000
      const cells = [
        ...[name, whole(rows), `${(wall / 1000).toFixed(2)} s`, whole((rows / wall) * 1000)],
        ...[whole((rows / cpu) * 1000), `${heap.toFixed(0)} MB`],
        ...(isSmall ? ["", ""] : [whole(promised), isImportKept(one) ? "yes" : "no"])
      ]
      return `| ${cells.join(" | ")} |`
    })
  ].join("\n")

const whole = (value: number): string => Math.round(value).toLocaleString("en")

const write = (path: string, rows: number) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Stream.range(1, rows).pipe(
      Stream.mapChunks((chunk) =>
        Chunk.of(
          Chunk.toReadonlyArray(chunk)
            .map((i) => `${JSON.stringify(customer(i))}\n`)
            .join("")
        )
      ),
      Stream.encodeText,
      Stream.run(files.sink(path))
    )
  )

const customer = (i: number) => ({
  id: `customer-${i}`,
  name: `Customer ${i}`,
  email: `billing@${i}.example`,
  billingId: `cus_${i}`,
  metadata: { plan: "gold", region: "eu" },
  updatedAt: "2026-06-13T10:00:00.000Z"
})

/** A server whose cost is negligible. */
const instant = Stigg.layer({ apiKey: Redacted.make("bench") }).pipe(
  Layer.provide(
    Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.sync(() => HttpClientResponse.fromWeb(request, new Response('{"data":{"newCustomers":[]}}')))
      )
    )
  )
)

const used = (since: NodeJS.CpuUsage): number => {
  const { system, user } = process.cpuUsage(since)
  return (user + system) / 1000
}

const liveHeap = (): number => {
  collectGarbage()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
