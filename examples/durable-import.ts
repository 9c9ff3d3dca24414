/**
 * An import that outlives its process, with its state in SQLite: it is watched, paused and resumed. After Ctrl-C, or even
 * `kill -9`, the next run goes on. Run it with `npx tsx examples/durable-import.ts [folder] [customers]`. It calls the
 * emulator, with a latency of 100 ms; for your account, provide `Stigg.layerEnv` instead, and leave out `rate`.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import { LibsqlClient } from "@effect/sql-libsql"
import { Array as Arr, Console, Effect, Layer, Stream } from "effect"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import { Faults, StiggTest } from "effect-stigg/testing"
import { tmpdir } from "node:os"

const folder = process.argv[2] ?? `${tmpdir()}/effect-stigg-durable-import`
const count = Number(process.argv[3] ?? 2_000)
const [id, path] = ["customers", "customers.ndjson"]

/** Row 700 has an invalid email. */
const line = (i: number) =>
  `${JSON.stringify({ id: `customer-${i}`, name: null, email: i === 700 ? "unknown" : `billing@${i}.example` })}\n`

const writeSource = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(folder, { recursive: true })
  // Not written again: a job fails if its source has changed.
  if (yield* files.exists(`${folder}/${path}`)) return
  yield* files.writeFileString(`${folder}/${path}`, Arr.makeBy(count, (i) => line(i + 1)).join(""))
})

/** Shows the progress on a terminal. */
const show = ({ rows, state, total }: CustomerJobs.Job) =>
  Effect.sync(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${state}, ${rows} of ${total ?? "?"} rows`)
  })

const program = Effect.gen(function* () {
  const jobs = yield* CustomerJobs.CustomerJobs
  const source = { _tag: "Folder", path, format: { _tag: "Ndjson" } } as const
  yield* jobs.start(CustomerJobs.Import, { id, source, batchSize: 100, concurrency: 2, partRows: 1_000 })
  const watch = jobs.progress(id, { every: "50 millis" }).pipe(Stream.tap(show))
  yield* Stream.runDrain(Stream.takeUntil(watch, ({ rows }) => rows > 0))
  // The job of an earlier run may have ended: that cannot be paused.
  yield* jobs.pause(id).pipe(Effect.catchTag("StiggJobEndedError", () => jobs.poll(id)))
  const { state } = yield* Effect.flatten(Stream.runLast(Stream.takeUntil(watch, ({ state }) => state === "Paused")))
  yield* Console.log(`the job is ${state}`)
  if (state === "Paused") yield* jobs.resume(id)
  yield* Stream.runDrain(watch)
  const { created, rejected, rows } = yield* jobs.result(CustomerJobs.Import, id)
  yield* Console.log(`${rows} rows: ${created} created, ${rejected} rejected`)
  const { message, row } = yield* Effect.flatten(Stream.runHead(jobs.rejects(id)))
  yield* Console.log(`row ${row}: ${message}`)
}).pipe(Effect.onInterrupt(() => Console.log("\nStopped. Run it again to go on")))

const JobsLive = CustomerJobs.layerSingle({ sources: [CustomerJobs.folder(folder)], rate: CustomerJobs.rateNone }).pipe(
  Layer.provide(LibsqlClient.layer({ url: `file:${folder}/jobs.db`, intMode: "bigint" })),
  Layer.provide(StiggTest.layer({ faults: [{ fault: Faults.latency("100 millis") }] }))
)

const main = Effect.zipRight(writeSource, Effect.provide(program, JobsLive))
NodeRuntime.runMain(Effect.provide(main, NodeContext.layer))
