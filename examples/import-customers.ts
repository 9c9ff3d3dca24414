/**
 * Imports customers, and keeps the rejected rows in a file. After Ctrl-C, or even `kill -9`, the next run resumes. Run it
 * with `npx tsx examples/import-customers.ts [folder] [customers]`. It calls the emulator, with a latency of 100 ms; for
 * your account, provide `Stigg.layerEnv` instead.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Runtime from "@effect/platform/Runtime"
import { Console, Effect, Exit, Stream } from "effect"
import { CustomerImport } from "effect-stigg"
import { Faults, StiggTest } from "effect-stigg/testing"
import { tmpdir } from "node:os"

const folder = process.argv[2] ?? `${tmpdir()}/effect-stigg-import`
const count = Number(process.argv[3] ?? 10_000)

/** A line is cut off, an email is invalid, and an id appears twice. No row has an `updatedAt`. */
const line = (i: number): string => {
  if (i === 2_000) return `{"id":"customer-${i}","name":"cut off\n`
  const id = `customer-${i === 6_000 ? 7 : i}`
  return `${JSON.stringify({ id, name: null, email: i === 4_000 ? "unknown" : `billing@${i}.example` })}\n`
}

/** For a file, use `CustomerImport.readNdjson("customers.ndjson")`, `readBulkFile`, or `CustomerCsv.read`. */
const rows = CustomerImport.fromNdjson(Stream.range(1, count).pipe(Stream.map(line), Stream.encodeText))

/** Shows the progress on a terminal. */
const onBatch = ({ progress }: CustomerImport.Batch) =>
  Effect.sync(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r${progress.rows} of ${progress.total} rows`)
  })

const program = Effect.gen(function* () {
  const store = yield* KeyValueStore.KeyValueStore
  yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeDirectory(folder, { recursive: true }))
  const summary = yield* CustomerImport.run(rows, { progress: { store, key: "customers" } }).pipe(
    CustomerImport.writeRejects(`${folder}/rejected.ndjson`, { overwrite: true }),
    Stream.tap((event) => (event._tag === "Batch" ? onBatch(event) : Effect.void)),
    CustomerImport.summarize
  )
  const { created, rejected, resumed, updated } = summary
  yield* Console.log(`${created} created, ${updated} updated, ${resumed} rows by earlier runs`)
  yield* Console.log(`${rejected} rejected: ${folder}/rejected.ndjson`)
}).pipe(Effect.onInterrupt(() => Console.log("\nStopped. Run it again to resume")))

const StiggEmulated = StiggTest.layer({ faults: [{ fault: Faults.latency("100 millis") }] })

program.pipe(
  Effect.provide([StiggEmulated, KeyValueStore.layerFileSystem(`${folder}/progress`)]),
  Effect.provide(NodeContext.layer),
  // After Ctrl-C, the exit code is 130, as shells expect.
  NodeRuntime.runMain({
    teardown: (exit, onExit) => (Exit.isInterrupted(exit) ? onExit(130) : Runtime.defaultTeardown(exit, onExit))
  })
)
