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
import * as Stream from "effect/Stream"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import { CustomerImport, Stigg } from "../../../src/index.js"
import { FleetRate } from "../../../src/internal/jobs/rate/FleetRate.js"
import { OpenSources } from "../../../src/internal/jobs/source/OpenSources.js"
import * as UndiciHttpClient from "../../../src/UndiciHttpClient.js"

export const Settings = Schema.Struct({
  stigg: Schema.String,
  postgres: Schema.optional(Schema.String),
  sqlite: Schema.optional(Schema.String),
  port: Schema.optional(Schema.Number),
  rows: Schema.Number
})

const settings = Schema.decodeUnknownSync(Schema.parseJson(Settings))(process.argv[2])

const sources = Layer.succeed(OpenSources, {
  open: () =>
    Effect.succeed({
      version: Effect.succeed("1"),
      rows: (from) =>
        CustomerImport.fromValues(
          Stream.map(Stream.range(from?.row ?? 1, settings.rows), (n) => ({
            id: `customer-${n % 1000 === 0 ? n - 1 : n}`,
            email: n % 500 === 7 ? "broken" : null,
            name: `Name ${n}`
          }))
        ).pipe(
          Stream.map((row) => {
            const number = row.number + (from?.row ?? 1) - 1
            return { row: { ...row, number }, position: { row: number, line: null, byte: null, key: null } }
          })
        )
    })
})

const NoRate = Layer.succeed(FleetRate, { take: Effect.void, pause: () => Effect.void })
const StiggLive = Stigg.layer({ apiKey: Redacted.make("key"), baseUrl: settings.stigg }).pipe(
  Layer.provide(UndiciHttpClient.layer)
)

const Jobs =
  settings.postgres === undefined
    ? CustomerJobs.layerSingle({ rate: NoRate }).pipe(
        Layer.provide(LibsqlClient.layer({ url: settings.sqlite ?? "", intMode: "bigint" }))
      )
    : CustomerJobs.layerCluster({ rate: NoRate }).pipe(
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
  ).pipe(Effect.provide(Jobs.pipe(Layer.provide([sources, StiggLive, NodeContext.layer]))))
)
