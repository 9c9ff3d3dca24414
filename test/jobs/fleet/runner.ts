/**
 * A runner of jobs, as a process that a test or a measurement can kill. Its argument is a JSON object: see `Settings`.
 * Sends `ready` once it is part of the fleet.
 */
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import { Stigg } from "../../../src/index.js"
import * as UndiciHttpClient from "../../../src/UndiciHttpClient.js"

export const Settings = Schema.Struct({
  stigg: Schema.String,
  postgres: Schema.optional(Schema.String),
  sqlite: Schema.optional(Schema.String),
  port: Schema.optional(Schema.Number),
  folder: Schema.String,
  keepEndedMillis: Schema.optional(Schema.Number)
})

const settings = Schema.decodeUnknownSync(Schema.parseJson(Settings))(process.argv[2])

const options = {
  sources: [CustomerJobs.folder(settings.folder)],
  rate: CustomerJobs.rateNone,
  ...(settings.keepEndedMillis === undefined ? {} : { keepEnded: settings.keepEndedMillis })
}
const StiggLive = Stigg.layer({ apiKey: Redacted.make("key"), baseUrl: settings.stigg }).pipe(
  Layer.provide(UndiciHttpClient.layer)
)

const Jobs =
  settings.postgres === undefined
    ? CustomerJobs.layerSingle(options).pipe(
        Layer.provide(LibsqlClient.layer({ url: settings.sqlite ?? "", intMode: "bigint" }))
      )
    : CustomerJobs.layerCluster(options).pipe(
        Layer.provide(
          NodeClusterSocket.layer({
            storage: "sql",
            shardingConfig: {
              ...CustomerJobs.shardingConfig,
              runnerAddress: Option.some(RunnerAddress.make("127.0.0.1", settings.port ?? 0))
            }
          })
        ),
        Layer.provide(PgClient.layer({ url: Redacted.make(settings.postgres) }))
      )

Effect.runFork(
  Effect.zipRight(
    Effect.sync(() => {
      process.send?.("ready")
      process.on("disconnect", () => process.exit())
      console.log("ready")
    }),
    Effect.never
  ).pipe(Effect.provide(Jobs.pipe(Layer.provide([StiggLive, NodeContext.layer]))))
)
