/**
 * A runner of jobs in one process over SQLite, with the page that shows them, and a job to look at. Run it with
 * `npm run jobs` or `npx tsx examples/jobs.ts [--port 3000] [--folder jobs]`, until Ctrl-C. What was at work goes on with
 * the next start. The job imports customers into the emulator. With `--live`, which requires `STIGG_API_KEY`, the job
 * reads from the real API and never writes there: it exports all customers to files. Start it once for a folder.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { FileSystem, HttpLayerRouter, HttpServer } from "@effect/platform"
import { LibsqlClient } from "@effect/sql-libsql"
import { Array as Arr, Console, DateTime, Effect, Layer, Redacted } from "effect"
import { Stigg } from "effect-stigg"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
import { Faults, StiggTest } from "effect-stigg/testing"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { parseArgs } from "node:util"

const flags = { port: { type: "string" }, folder: { type: "string" }, live: { type: "boolean" } } as const
const {
  folder: root = `${tmpdir()}/effect-stigg-jobs`,
  live = false,
  port = "0"
} = parseArgs({ options: flags }).values
// A job of the emulator must not go on against the real API.
const folder = `${root}/${live ? "live" : "emulator"}`
const path = "customers.ndjson"
const key = Redacted.make(crypto.randomUUID())

/** Every 500th row has an invalid email. */
const line = (i: number) =>
  `${JSON.stringify({ id: `customer-${i}`, name: `Customer ${i}`, email: i % 500 === 0 ? "unknown" : null })}\n`

const writeSource = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(folder, { recursive: true })
  if (live || (yield* files.exists(`${folder}/${path}`))) return
  yield* files.writeFileString(`${folder}/${path}.partial`, Arr.makeBy(50_000, (i) => line(i + 1)).join(""))
  yield* files.rename(`${folder}/${path}.partial`, `${folder}/${path}`)
})

/** Starts the next job, unless one of an earlier run is not at its end. */
const start = Effect.gen(function* () {
  const jobs = yield* CustomerJobs.CustomerJobs
  const now = DateTime.formatIso(yield* DateTime.now)
  const source = { _tag: "Folder", path, format: { _tag: "Ndjson" } } as const
  const target = { _tag: "Folder", path: now.replaceAll(":", "-") } as const
  const next = <A>(payload: A) => ({ series: "jobs", id: now, payload: () => payload })
  yield* live
    ? jobs.startNext(CustomerJobs.Export, next({ target }))
    : jobs.startNext(CustomerJobs.Import, next({ source, batchSize: 100, partRows: 5_000 }))
  yield* HttpServer.addressFormattedWith((address) =>
    Console.log(`The page of the jobs: ${address}\nIts key: ${Redacted.value(key)}`)
  )
})

const StiggLive: Layer.Layer<Stigg.Services, unknown> = live
  ? Stigg.layerEnv.pipe(Layer.provide(UndiciHttpClient.layer))
  : StiggTest.layer({ faults: [{ fault: Faults.latency("500 millis") }] })

const JobsLive = CustomerJobs.layerSingle({
  sources: live ? [] : [CustomerJobs.folder(folder)],
  targets: [CustomerJobs.toFolder(folder)],
  rate: live ? undefined : CustomerJobs.rateNone
}).pipe(
  Layer.provide(LibsqlClient.layer({ url: `file:${folder}/jobs.db`, intMode: "bigint" })),
  Layer.provide(StiggLive)
)

const silent = { disableLogger: true, disableListenLog: true }
const Runner = HttpLayerRouter.serve(CustomerJobsHttp.layer({ key }), silent).pipe(
  Layer.merge(Layer.effectDiscard(start)),
  Layer.provide(JobsLive),
  Layer.provide(NodeHttpServer.layer(createServer, { port: Number(port), host: "127.0.0.1" }))
)

writeSource.pipe(
  Effect.zipRight(Layer.launch(Runner)),
  Effect.onInterrupt(() => Console.log("Stopped. The next start goes on")),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
