/** A runner of jobs, as a process that a test or a measurement can kill. Sends `ready` once it is part of the fleet. */
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { LibsqlClient } from "@effect/sql-libsql"
import { PgClient } from "@effect/sql-pg"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import { rateRedis } from "../../../src/CustomerJobsRedis.js"
import { Stigg } from "../../../src/index.js"
import * as Stream from "effect/Stream"
import * as UndiciHttpClient from "../../../src/UndiciHttpClient.js"
import type { Message } from "./settings.js"
import { Settings } from "./settings.js"

const { database, folder, job, keepEndedMillis, port, redis, stigg } = Schema.decodeUnknownSync(
  Schema.parseJson(Settings)
)(process.argv[2])

/** High enough for the measurements: it is there to be lost and found again. */
const rate =
  redis === undefined
    ? CustomerJobs.rateNone
    : rateRedis({ redis: { host: new URL(redis).hostname, port: Number(new URL(redis).port) }, perMinute: 60_000 })

const options = { sources: [CustomerJobs.folder(folder)], rate, keepEnded: keepEndedMillis }

const Jobs = database.startsWith("file:")
  ? CustomerJobs.layerSingle(options).pipe(Layer.provide(LibsqlClient.layer({ url: database, intMode: "bigint" })))
  : CustomerJobs.layerCluster(options).pipe(
      Layer.provide(
        NodeClusterSocket.layer({
          storage: "sql",
          shardingConfig: {
            ...CustomerJobs.shardingConfig,
            runnerAddress: Option.some(RunnerAddress.make("127.0.0.1", port))
          }
        })
      ),
      Layer.provide(PgClient.layer({ url: Redacted.make(database) }))
    )

const StiggLive = Stigg.layer({ apiKey: Redacted.make("key"), baseUrl: stigg }).pipe(
  Layer.provide(UndiciHttpClient.layer)
)

process.on("disconnect", () => process.exit())

const send = (message: typeof Message.Type) => Effect.sync(() => process.send?.(message))

/** Starts the job, and tells of it. */
const told = (payload: NonNullable<typeof job>) =>
  Effect.gen(function* () {
    const jobs = yield* CustomerJobs.CustomerJobs
    yield* jobs.start(CustomerJobs.Import, payload)
    yield* Stream.runForEach(jobs.progress(payload.id, { every: "50 millis" }), ({ rows }) => send({ rows }))
    const result = yield* jobs.result(CustomerJobs.Import, payload.id)
    const rejects = yield* Stream.runCollect(jobs.rejects(payload.id))
    yield* send({ result, rejects: Chunk.toReadonlyArray(rejects).map(({ row }) => row) })
  })

NodeRuntime.runMain(
  send("ready").pipe(
    Effect.zipRight(job === undefined ? Effect.void : told(job)),
    Effect.zipRight(Effect.never),
    Effect.provide(Jobs.pipe(Layer.provide([StiggLive, NodeContext.layer])))
  )
)
