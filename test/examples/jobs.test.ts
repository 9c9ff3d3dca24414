import { describe, expect, it } from "@effect/vitest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Command from "@effect/platform/Command"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { PgClient } from "@effect/sql-pg"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { freePort } from "../jobs/fleet/Fleet.js"
import { database, postgresUrl, withPostgres } from "../jobs/postgres.js"
import * as Program from "../Program.js"

const folderOf = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

describe("examples/jobs", () => {
  /** The example, once it has printed where its page is. */
  const started = (program: Program.Program, folder: string) =>
    Effect.gen(function* () {
      const running = yield* Command.start(Command.make(process.execPath, program.file, "--folder", folder))
      const lines = yield* Stream.toPull(running.stdout.pipe(Stream.decodeText(), Stream.splitLines))
      let output = ""
      const read = Effect.map(lines, (some) => {
        output += `${[...some].join("\n")}\n`
        return /page of the jobs: (\S+)\nIts key: (\S+)\n/.exec(output)
      })
      const [, url = "", key = ""] = yield* Effect.repeat(read, { until: (found) => found !== null }).pipe(
        Effect.flatMap(Effect.fromNullable)
      )
      const { jobs } = yield* HttpApiClient.make(CustomerJobsHttp.Api, {
        baseUrl: url,
        transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
      })
      return { running, url, list: Effect.map(jobs.list({ urlParams: {} }), ({ jobs }) => jobs) }
    })

  it.scopedLive(
    "serves its page with a job that moves, ends on SIGINT, and goes on with the next start",
    () =>
      Effect.gen(function* () {
        const folder = yield* folderOf
        const program = yield* Program.make("examples/jobs.ts", { external: ["@libsql/client"] })
        const first = yield* started(program, folder)
        const page = yield* Effect.flatMap(HttpClient.get(first.url), ({ text }) => text)
        expect(page).toContain("<title>Customer jobs</title>")
        const [before] = yield* Effect.repeat(Effect.zipLeft(first.list, Effect.sleep("50 millis")), {
          until: ([job]) => job !== undefined && job.rows > 0
        })
        expect(before).toMatchObject({ kind: "Import", state: "Running", total: 50_000 })
        yield* first.running.kill("SIGINT")
        expect(yield* first.running.exitCode).toBe(0)

        const second = yield* started(program, folder)
        const [after, ...others] = yield* second.list
        expect(others).toEqual([])
        expect(after?.id).toBe(before?.id)
        expect(after?.rows).toBeGreaterThanOrEqual(before?.rows ?? Infinity)
        yield* second.running.kill("SIGINT")
      }).pipe(Effect.provide([NodeContext.layer, FetchHttpClient.layer])),
    90_000
  )
})

describe.skipIf(postgresUrl === undefined)(withPostgres("examples/job-runner"), () => {
  it.scopedLive(
    "runs a job that another process starts",
    () =>
      Effect.gen(function* () {
        const folder = yield* folderOf
        const url = yield* database
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${folder}/customers.ndjson`, `{"id":"customer-1","name":null,"email":null}\n`)
        const emulator = yield* EmulatorServer.EmulatorServer
        const program = yield* Program.make("examples/job-runner.ts", { external: ["@libsql/client"] })
        yield* Command.make(process.execPath, program.file, folder).pipe(
          Command.env({
            DATABASE_URL: url,
            HOST: "127.0.0.1",
            PORT: String(yield* freePort),
            STIGG_API_KEY: "key",
            STIGG_BASE_URL: emulator.url
          }),
          Command.start
        )
        const result = yield* Effect.gen(function* () {
          const jobs = yield* CustomerJobs.CustomerJobs
          const source = { _tag: "Folder", path: "customers.ndjson", format: { _tag: "Ndjson" } } as const
          yield* jobs.start(CustomerJobs.Import, { id: "customers", source })
          return yield* jobs.result(CustomerJobs.Import, "customers")
        }).pipe(
          Effect.provide(CustomerJobs.layerClient.pipe(Layer.provide(PgClient.layer({ url: Redacted.make(url) }))))
        )
        expect(result).toMatchObject({ rows: 1, created: 1, rejected: 0 })
      }).pipe(Effect.provide([NodeContext.layer, EmulatorServer.layer()])),
    90_000
  )
})
