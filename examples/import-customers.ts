/**
 * Imports 50,000 customers from a file, against the emulator over real HTTP:
 * `npx tsx examples/import-customers.ts [folder] [customers]`.
 *
 * Ctrl-C stops it cleanly, and the next run resumes. Rejected rows are written to a file next to the customers, each with
 * its line and the reason.
 */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Runtime from "@effect/platform/Runtime"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect, Exit, Layer, Redacted, Stream } from "effect"
import { CustomerImport, Stigg } from "effect-stigg"
import { Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { tmpdir } from "node:os"

const folder = process.argv[2] ?? `${tmpdir()}/effect-stigg-import`
const count = Number(process.argv[3] ?? 50_000)

const main = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const store = yield* KeyValueStore.KeyValueStore
  const source = path.join(folder, "customers.ndjson")
  const rejects = path.join(folder, "rejected.ndjson")
  yield* writeSource(source, rejects)

  const summary = yield* CustomerImport.run(CustomerImport.readNdjson(source), {
    progress: { store, key: "customers.ndjson" },
    // Your environment allows 250 requests per minute, which is the default. The emulator has no limit.
    rateLimit: 600
  }).pipe(
    Stream.tap((event) =>
      event._tag === "Batch"
        ? Effect.zipRight(keep(rejects, event.rejected), show(event))
        : Effect.zipRight(endOfBar, Console.log(sentence(event)))
    ),
    CustomerImport.summarize,
    Effect.onInterrupt(() => Effect.zipRight(endOfBar, Console.log("Stopped. Run it again to resume.")))
  )
  if (summary.rejected > 0) yield* Console.log(`Rejected rows: ${rejects}`)
  yield* files.remove(source)
})

/** Writes a sample file: one line is malformed, one customer has an invalid email address, and one id appears twice. */
const writeSource = (source: string, rejects: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    if (yield* files.exists(source)) return yield* Console.log(`Resuming with ${source}`)
    yield* files.makeDirectory(folder, { recursive: true })
    yield* files.remove(rejects, { force: true })
    const [broken, odd, again] = [0.25, 0.5, 0.75].map((part) => Math.ceil(part * count))
    const line = (i: number) => {
      if (i === broken) return `{"id":"customer-${i}","name":"cut off`
      const id = `customer-${i === again ? 7 : i}`
      return JSON.stringify({ id, name: `Customer ${i}`, email: i === odd ? "unknown" : `billing@${i}.example` })
    }
    yield* Stream.range(1, count).pipe(
      Stream.map((i) => `${line(i)}\n`),
      Stream.encodeText,
      Stream.run(files.sink(`${source}.partial`))
    )
    // Renamed only when complete, so that the next run does not resume with a truncated file.
    yield* files.rename(`${source}.partial`, source)
    yield* Console.log(`Importing ${count} customers from ${source}`)
  })

/** Appends rejected rows to a file. After a kill, the last rows can appear twice, but none is missing. */
const keep = (path: string, rejected: ReadonlyArray<CustomerImport.Rejected>) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    rejected.length === 0
      ? Effect.void
      : files.writeFileString(
          path,
          rejected
            .map(({ line, message, reason, value }) => `${JSON.stringify({ line, reason, message, value })}\n`)
            .join(""),
          { flag: "a" }
        )
  )

/** A progress bar on a terminal, or a line for every tenth batch if the output is piped. */
const show = ({ index, progress, rejected }: CustomerImport.Batch) => {
  const { rate, rows, total } = progress
  const part = rows / (total ?? count)
  if (!process.stdout.isTTY) {
    const isShown = index % 10 === 9 || rejected.length > 0
    return isShown ? Console.log(`${rows} of ${total} rows, ${rejected.length} rejected in this batch`) : Effect.void
  }
  const bar = "█".repeat(Math.round(part * 30)).padEnd(30, "░")
  return write(`\r${bar} ${(part * 100).toFixed(0).padStart(3)} %  ${rows} rows, ${rate.toFixed(0)} per second  `)
}

const write = (text: string) => Effect.sync(() => process.stdout.write(text))

const endOfBar = Effect.suspend(() => (process.stdout.isTTY ? write("\n") : Effect.void))

const sentence = (summary: CustomerImport.Summary) =>
  `${summary.rows} rows in ${Duration.format(summary.elapsed)}: ${summary.created} created, ` +
  `${summary.updated} updated, ${summary.updatedOrSkipped} updated or skipped, ${summary.rejected} rejected, in ${summary.requests} requests` +
  (summary.resumed === 0 ? "" : ` (${summary.resumed} rows by earlier runs)`)

/** The services of the SDK against an emulator that has the latency of a remote server and responds once with 429. */
const StiggOnEmulator = Layer.unwrapEffect(
  Effect.map(EmulatorServer.EmulatorServer, ({ url }) =>
    Stigg.layer({ apiKey: Redacted.make("any key will do"), baseUrl: url })
  )
).pipe(
  Layer.provide(
    EmulatorServer.layer({
      faults: [
        { fault: Faults.latency("100 millis") },
        { fault: Faults.status(429, { headers: { "retry-after": "1" } }), times: 1 }
      ]
    })
  ),
  Layer.provide(UndiciHttpClient.layer)
)

/** Exits with 130 after Ctrl-C, as shells expect. */
const teardown: Runtime.Teardown = (exit, onExit) =>
  Exit.isInterrupted(exit) ? onExit(130) : Runtime.defaultTeardown(exit, onExit)

main.pipe(
  Effect.provide([StiggOnEmulator, KeyValueStore.layerFileSystem(`${folder}/progress`)]),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({ teardown })
)
