/**
 * A runner of a fleet over Postgres. Start it on as many machines as you like; it runs the jobs that other processes
 * start with `CustomerJobs.layerClient`. Run it with `npx tsx examples/job-runner.ts [folder]`: all runners share the
 * folder. It needs `STIGG_API_KEY`, `DATABASE_URL`, and in `HOST` and `PORT` the address where other runners reach it.
 */
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { PgClient } from "@effect/sql-pg"
import { Config, Layer } from "effect"
import { Stigg } from "effect-stigg"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"

const folder = process.argv[2] ?? "."

const Runner = CustomerJobs.layerCluster({
  sources: [CustomerJobs.folder(folder)],
  targets: [CustomerJobs.toFolder(folder)],
  keepEnded: "30 days"
}).pipe(
  Layer.provideMerge(NodeClusterSocket.layer({ storage: "sql", shardingConfig: CustomerJobs.shardingConfig })),
  Layer.provide(PgClient.layerConfig({ url: Config.redacted("DATABASE_URL") })),
  Layer.provide([Stigg.layerEnv, NodeContext.layer]),
  Layer.provide(UndiciHttpClient.layer)
)

NodeRuntime.runMain(Layer.launch(Runner))
