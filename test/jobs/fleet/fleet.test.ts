import { describe, expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { database, postgresUrl, withPostgres } from "../postgres.js"
import * as Fleet from "./Fleet.js"
import * as Rows from "./rows.js"

const rows = 10_000

/** A folder that all runners share. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fleet-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const job: CustomerJobs.Payload<typeof CustomerJobs.Import> = {
  id: "accounts",
  source: { _tag: "Folder", path: "accounts.ndjson", format: { _tag: "Ndjson" } },
  batchSize: 100,
  partRows: 1000
}

/** Waits until a number of rows is done. */
const reached = (rows: number) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) =>
    jobs.progress("accounts", { every: "50 millis" }).pipe(
      Stream.takeUntil((job) => job.rows >= rows),
      Stream.runDrain
    )
  )

/** Every row is told of once, no customer was written twice, and each has the name of the row that won. */
const holds = (fleet: Fleet.Fleet) =>
  Effect.gen(function* () {
    const jobs = yield* CustomerJobs.CustomerJobs
    const counts = Rows.expected(rows)
    expect(yield* jobs.result(CustomerJobs.Import, "accounts")).toEqual(counts)
    const rejects = Chunk.toReadonlyArray(yield* Stream.runCollect(jobs.rejects("accounts")))
    expect(new Set(rejects.map(({ row }) => row)).size).toBe(counts.rejected)
    expect(rejects).toHaveLength(counts.rejected)
    expect(yield* fleet.check(rows)).toEqual({ customers: counts.created, stale: 0, twice: 0 })
  })

// Both wait most of the time.
describe.concurrent("a job that outlives its runners", () => {
  describe.skipIf(postgresUrl === undefined)(withPostgres("a fleet over Postgres"), () => {
    it.scopedLive(
      "ends a job with exact counts: one runner is killed, one hangs and comes back, 5 % of requests fail",
      () =>
        Effect.gen(function* () {
          const url = yield* database
          const shared = yield* folder
          yield* Effect.promise(() => Rows.write(`${shared}/accounts.ndjson`, rows))
          const fleet = yield* Fleet.make({ settings: { database: url, folder: shared }, faulty: 0.05 })
          const [killed, hung] = yield* fleet.startRunners
          yield* Effect.gen(function* () {
            const jobs = yield* CustomerJobs.CustomerJobs
            yield* jobs.start(CustomerJobs.Import, job)
            yield* reached(1500)
            hung.kill("SIGSTOP")
            killed.kill("SIGKILL")
            yield* reached(rows - 2000)
            hung.kill("SIGCONT")
            yield* holds(fleet)
          }).pipe(
            Effect.provide(CustomerJobs.layerClient.pipe(Layer.provide(PgClient.layer({ url: Redacted.make(url) }))))
          )
        }),
      120_000
    )
  })

  describe("a process over SQLite", () => {
    it.scopedLive(
      "ends a job with exact counts, however often it is killed",
      () =>
        Effect.gen(function* () {
          const shared = yield* folder
          yield* Effect.promise(() => Rows.write(`${shared}/accounts.ndjson`, rows))
          const settings = { database: `file:${shared}/jobs.db`, folder: shared, job }
          const fleet = yield* Fleet.make({ settings, faulty: 0.05 })
          for (const rows of [1000, 3000, 6000]) {
            const runner = yield* fleet.startRunner
            yield* Fleet.until(runner, (message) => "rows" in message && message.rows >= rows)
            runner.kill("SIGKILL")
          }
          const last = yield* Fleet.until(yield* fleet.startRunner, (message) => "result" in message)
          const counts = Rows.expected(rows)
          expect(last).toMatchObject({ result: counts })
          expect("rejects" in last ? new Set(last.rejects).size : 0).toBe(counts.rejected)
          expect(yield* fleet.check(rows)).toEqual({ customers: counts.created, stale: 0, twice: 0 })
        }),
      120_000
    )
  })
})
