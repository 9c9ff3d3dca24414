import { describe, expect, it } from "@effect/vitest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as SqlClient from "@effect/sql/SqlClient"
import { LibsqlClient } from "@effect/sql-libsql"
import { Customers } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import type { OpenTarget, TargetOpener } from "../../../src/jobs/Target.js"
import { TargetError } from "../../../src/jobs/Target.js"
import * as Fixture from "./Fixture.js"

const payload = {
  ...{ id: "job", target: { _tag: "Folder", path: "all" }, partRows: 100, concurrency: 2 }
} as const satisfies CustomerJobs.Payload<typeof CustomerJobs.Export>

const folderJobs = (root: string) =>
  CustomerJobs.layerMemory({ rate: Fixture.NoRate, targets: [CustomerJobs.toFolder(root)] }).pipe(
    Layer.provide([Fixture.slow, Fixture.NoSources])
  )

const filesIn = (root: string) => Fixture.namesIn(`${root}/all`)

const parts = (names: ReadonlyArray<string>) => names.filter((name) => name.startsWith("part-"))

describe("a job that ends without a result", () => {
  it.scoped("leaves no file of an export that is cancelled in the middle, and keeps those of others", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(`${root}/all`)
      yield* files.writeFileString(`${root}/all/part-other.ndjson`, "mine")
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        yield* jobs.start(CustomerJobs.Export, payload)
        yield* Fixture.passUntilJob("job", ({ rows }) => rows > 0)
        yield* jobs.cancel("job")
        expect(parts(yield* filesIn(root)).length).toBeGreaterThan(1)
        yield* Fixture.passUntilJob("job", ({ endedAt }) => endedAt !== null)
        expect(yield* jobs.poll("job")).toMatchObject({ state: "Cancelled" })
        expect((yield* jobs.poll("job")).rows).toBeLessThan(450)
        // The files are deleted after the job has ended. Dies if they stay.
        yield* Fixture.passUntil(Effect.map(filesIn(root), (names) => names.length <= 1))
        expect(yield* filesIn(root)).toEqual(["part-other.ndjson"])
        yield* Fixture.pass(40)
        expect(yield* filesIn(root)).toEqual(["part-other.ndjson"])
      }).pipe(Effect.provide(folderJobs(root)))
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("leaves no file of an export that cannot be finished, and fails", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      const files = yield* FileSystem.FileSystem
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        yield* jobs.start(CustomerJobs.Export, payload)
        yield* Fixture.passUntilJob("job", ({ rows }) => rows > 0)
        yield* files.writeFileString(`${root}/all/manifest.json`, "of another")
        yield* Fixture.passUntilJob("job", ({ endedAt }) => endedAt !== null)
        const { problem, state } = yield* jobs.poll("job")
        expect([state, problem]).toEqual(["Failed", expect.stringContaining("manifest.json of another export")])
        // The files are deleted after the job has ended.
        const left = yield* Effect.repeat(Effect.zipRight(Fixture.pass(1), filesIn(root)), {
          until: (names) => names.length <= 1
        })
        expect(left).toEqual(["manifest.json"])
      }).pipe(Effect.provide(folderJobs(root)))
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("leaves no file of a sync that is cancelled in the middle", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      const source = Context.get(yield* Layer.build(Fixture.slow), Customers.Customers)
      const environment = CustomerJobs.fromEnvironment({
        ...{ name: "production", layer: Layer.succeed(Customers.Customers, source), spool: root }
      })
      const spooled = Fixture.namesIn(`${root}/stigg-sync`)
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        yield* jobs.start(CustomerJobs.Sync, { id: "job", from: "production", partRows: 100, concurrency: 1 })
        yield* Fixture.passUntilJob("job", ({ rows }) => rows > 0)
        yield* jobs.cancel("job")
        expect(yield* spooled).not.toEqual([])
        yield* Fixture.passUntilJob("job", ({ endedAt }) => endedAt !== null)
        // The files are deleted after the job has ended. Dies if they stay.
        yield* Fixture.passUntil(Effect.map(spooled, (names) => names.length === 0))
      }).pipe(
        Effect.provide(CustomerJobs.layerMemory({ rate: Fixture.NoRate, environments: [environment] })),
        Effect.provide([Fixture.NoSources, StiggTest.layer()])
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("is kept while its target cannot be reached", () =>
    Effect.gen(function* () {
      let isDown = true
      let attempts = 0
      const discard = Effect.suspend(() => {
        attempts += 1
        return isDown ? new TargetError({ reason: "Unavailable", message: "down" }) : Effect.void
      })
      const target = targetOf({
        check: () => new TargetError({ reason: "Refused", message: "no" }),
        discard: () => discard
      })
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        const known = Effect.map(Stream.runCollect(jobs.list), Chunk.size)
        yield* jobs.start(CustomerJobs.Export, payload)
        yield* Fixture.passUntilJob("job", ({ state }) => state === "Failed")
        yield* Fixture.pass(60)
        expect(yield* known).toBe(1)
        expect(attempts).toBeGreaterThan(10)
        isDown = false
        yield* Fixture.passUntil(Effect.map(known, (jobs) => jobs === 0))
      }).pipe(
        Effect.provide(CustomerJobs.layerMemory({ rate: Fixture.NoRate, targets: [target], keepEnded: "1 second" })),
        Effect.provide([Fixture.NoSources, StiggTest.layer({ seed: Fixture.seed })])
      )
    })
  )

  // A runner that hangs is one whose part is at work although the job has ended. Only the database can be told so.
  it.scopedLive("is discarded again when a runner that hung has written a file", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      const isWriting = yield* Deferred.make<void>()
      const isWaking = yield* Deferred.make<void>()
      const isDiscarded = yield* Deferred.make<void>()
      const isDiscardedAgain = yield* Deferred.make<void>()
      let hasWritten = false
      const target = targetOf({
        write: () =>
          Effect.gen(function* () {
            yield* Deferred.succeed(isWriting, undefined)
            yield* Deferred.await(isWaking)
            hasWritten = true
            return { rows: 1, files: [] }
          }),
        discard: () => Deferred.succeed(hasWritten ? isDiscardedAgain : isDiscarded, undefined)
      })
      const sql = yield* SqlClient.SqlClient.pipe(
        Effect.provide(yield* Layer.build(LibsqlClient.layer({ url: `file:${root}/jobs.db`, intMode: "bigint" })))
      )
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        yield* jobs.start(CustomerJobs.Export, { ...payload, concurrency: 1, partRows: 1000 })
        yield* Deferred.await(isWriting)
        yield* sql`UPDATE stigg_jobs SET stage = 'Cancelled', ended_at = ${Date.now()}`
        yield* sql`DELETE FROM stigg_job_parts`
        yield* Deferred.await(isDiscarded)
        yield* Deferred.succeed(isWaking, undefined)
        // Long before the second discard of every ended job.
        yield* Effect.timeout(Deferred.await(isDiscardedAgain), "10 seconds")
      }).pipe(
        Effect.provide(
          CustomerJobs.layerSingle({ rate: CustomerJobs.rateNone, targets: [target] }).pipe(
            Layer.provide([
              Layer.succeed(SqlClient.SqlClient, sql),
              Fixture.NoSources,
              StiggTest.layer({ seed: Fixture.seed })
            ])
          )
        )
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

/** A target that does what a test says. */
const targetOf = (open: Partial<OpenTarget>): TargetOpener<never> => ({
  _tag: "Folder",
  name: null,
  open: () =>
    Effect.succeed({
      check: () => Effect.void,
      write: () => Effect.succeed({ rows: 0, files: [] }),
      finish: () => Effect.succeed(null),
      discard: () => Effect.void,
      ...open
    })
})
