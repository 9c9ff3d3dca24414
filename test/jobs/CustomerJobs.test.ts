import { describe, expect, it } from "@effect/vitest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import { LibsqlClient } from "@effect/sql-libsql"
import type * as WorkflowEngine from "@effect/workflow/WorkflowEngine"
import { CustomerJobs as Jobs } from "effect-stigg/CustomerJobs"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import { CustomerImport } from "effect-stigg"
import { Emulator } from "effect-stigg/testing"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { FleetRate } from "../../src/jobs/FleetRate.js"
import * as Harness from "../import/harness.js"

/** The rows: the last of 10 has the id of the first, every 25th is invalid. */
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const number = index + 1
    return number % 25 === 0
      ? { id: `c-${number}`, name: null, email: "no address" }
      : { id: `c-${number % 10 === 9 ? number - 8 : number}`, name: `Row ${number}`, email: null }
  })

const created = (count: number) => rows(count).filter(({ email }) => email === null).length - duplicates(count)
const duplicates = (count: number) => rows(count).filter((row, index) => row.id !== `c-${index + 1}`).length
const invalid = (count: number) => rows(count).filter(({ email }) => email !== null).length

const ndjson = (values: ReadonlyArray<unknown>) => values.map((value) => `${JSON.stringify(value)}\n`).join("")

const folderOf = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const payload = (more: Partial<CustomerJobs.Payload<typeof CustomerJobs.Import>> = {}) => ({
  id: "accounts",
  source: { _tag: "Folder", path: "accounts.ndjson", format: { _tag: "Ndjson" } } as const,
  batchSize: 50,
  partRows: 100,
  ...more
})

const every = { every: "20 millis" } as const

/** Waits until a job is in one of the states. */
const until = (id: string, ...states: ReadonlyArray<CustomerJobs.JobState>) =>
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const last = yield* jobs.progress(id, every).pipe(
      Stream.takeUntil(({ state }) => states.includes(state)),
      Stream.runLast
    )
    return yield* last
  })

interface World extends ReturnType<typeof Harness.make> {
  readonly folder: string
  readonly write: (values: ReadonlyArray<unknown>) => Effect.Effect<void>
}

/** A test with jobs in memory, over an emulator and a folder of its own. */
const test = (
  name: string,
  body: (
    world: World
  ) => Effect.Effect<void, unknown, Jobs | WorkflowEngine.WorkflowEngine | Emulator.Emulator | Scope.Scope>,
  script?: Harness.Script
) =>
  it.scopedLive(name, () =>
    Effect.gen(function* () {
      const folder = yield* folderOf
      const files = yield* FileSystem.FileSystem
      const harness = Harness.make(script)
      const write = (values: ReadonlyArray<unknown>) =>
        Effect.orDie(files.writeFileString(`${folder}/accounts.ndjson`, ndjson(values)))
      const JobsLive = CustomerJobs.layerMemory({
        sources: [CustomerJobs.folder(folder)],
        rate: CustomerJobs.rateNone
      })
      yield* write(rows(1000))
      yield* body({ ...harness, folder, write }).pipe(Effect.provide(JobsLive.pipe(Layer.provideMerge(harness.layer))))
    }).pipe(Effect.provide(NodeContext.layer))
  )

const customers = Effect.map(Emulator.snapshot, ({ customers }) => customers)

describe("CustomerJobs", () => {
  test("imports every row once, and tells of each", ({ sent }) =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const started = yield* jobs.start(CustomerJobs.Import, payload())
      expect(started).toMatchObject({ id: "accounts", kind: "Import", rows: 0, endedAt: null })
      const job = yield* until("accounts", "Done")
      const counts = { rows: 1000, created: created(1000), updated: 0, updatedOrSkipped: 0 }
      const rejected = invalid(1000) + duplicates(1000)
      expect(job).toMatchObject({ ...counts, rejected, total: 1000, parts: { done: 10, total: 10 }, fraction: 1 })
      expect(yield* jobs.result(CustomerJobs.Import, "accounts")).toEqual({ ...counts, rejected })
      const rejects = Chunk.toReadonlyArray(yield* Stream.runCollect(jobs.rejects("accounts")))
      expect(rejects).toHaveLength(rejected)
      expect(rejects.map(({ row }) => row)).toEqual(rejects.map(({ row }) => row).sort((a, b) => a - b))
      expect(rejects[0]).toMatchObject({ row: 1, reason: "Duplicate", duplicateOf: 9, line: 1, byte: 0 })
      const stored = yield* customers
      expect(stored).toHaveLength(created(1000))
      expect(stored.find(({ id }) => id === "c-991")?.customer).toMatchObject({ name: "Row 999" })
      expect(sent).toHaveLength(20)
    }))

  test("the same id twice is the same job, and another payload is refused", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.start(CustomerJobs.Import, payload())
      expect((yield* jobs.start(CustomerJobs.Import, payload())).id).toBe("accounts")
      const other = yield* Effect.flip(jobs.start(CustomerJobs.Import, payload({ batchSize: 10 })))
      expect(other).toMatchObject({ _tag: "StiggInvalidRequestError", field: "id" })
      expect(Chunk.size(yield* Stream.runCollect(jobs.list))).toBe(1)
    }))

  test("an invalid payload is refused with the field, and nothing is stored", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      for (const [field, wrong] of [
        ["id", { id: "" }],
        ["batchSize", { batchSize: 1001 }],
        ["partRows", { partRows: 0.5 }],
        ["concurrency", { concurrency: 0 }]
      ] as const) {
        const error = yield* Effect.flip(jobs.start(CustomerJobs.Import, payload(wrong)))
        expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      }
      expect(Chunk.size(yield* Stream.runCollect(jobs.list))).toBe(0)
      expect(yield* Effect.flip(jobs.poll("accounts"))).toMatchObject({ _tag: "StiggJobNotFoundError", id: "accounts" })
      expect(yield* Effect.flip(jobs.pause("accounts"))).toMatchObject({ _tag: "StiggJobNotFoundError" })
      expect(yield* Effect.flip(Stream.runDrain(jobs.rejects("x")))).toMatchObject({ _tag: "StiggJobNotFoundError" })
    }))

  test(
    "nothing is sent while a job is paused, and a resumed one sends each row once",
    ({ sent }) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 2 }))
        yield* jobs.progress("accounts", every).pipe(
          Stream.takeUntil(({ rows }) => rows > 0),
          Stream.runDrain
        )
        yield* jobs.pause("accounts")
        const paused = yield* until("accounts", "Paused")
        const before = sent.length
        expect(paused.rows).toBeLessThan(1000)
        yield* Effect.sleep("300 millis")
        expect(sent).toHaveLength(before)
        expect((yield* jobs.poll("accounts")).rows).toBe(paused.rows)
        yield* jobs.resume("accounts")
        expect(yield* until("accounts", "Done")).toMatchObject({ rows: 1000, created: created(1000) })
        expect(sent).toHaveLength(20)
        expect(new Set(sent.map(({ key }) => key)).size).toBe(20)
      }),
    () => Effect.as(Effect.sleep("20 millis"), null)
  )

  test(
    "a cancelled job sends nothing more and keeps its counts",
    ({ sent }) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload())
        yield* jobs.progress("accounts", every).pipe(
          Stream.takeUntil(({ rows }) => rows > 0),
          Stream.runDrain
        )
        yield* jobs.cancel("accounts")
        const cancelled = yield* until("accounts", "Cancelled")
        const before = sent.length
        expect(cancelled.rows).toBe(before * 50)
        expect(cancelled.endedAt).not.toBeNull()
        yield* Effect.sleep("300 millis")
        expect(sent).toHaveLength(before)
        expect(yield* customers).toHaveLength(cancelled.created)
        expect(yield* Effect.flip(jobs.resume("accounts"))).toMatchObject({
          ...{ _tag: "StiggJobEndedError", id: "accounts", state: "Cancelled" }
        })
        expect(yield* Effect.flip(jobs.result(CustomerJobs.Import, "accounts"))).toMatchObject({
          ...{ _tag: "StiggJobFailedError", state: "Cancelled", problem: null }
        })
      }),
    () => Effect.as(Effect.sleep("20 millis"), null)
  )

  test(
    "a job goes on when the API is back, and says why it waits",
    ({ sent }) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 1 }))
        const seen = yield* Stream.runCollect(jobs.progress("accounts", every))
        expect(Chunk.some(seen, ({ problem, state }) => state === "Running" && problem === "refused with 503")).toBe(
          true
        )
        expect(yield* jobs.poll("accounts")).toMatchObject({ state: "Done", rows: 1000, problem: null })
        expect((yield* customers).length).toBe(created(1000))
        expect(new Set(sent.map(({ key }) => key)).size).toBe(20)
        expect(sent).toHaveLength(21)
      }),
    (_, index) => Effect.succeed(index === 3 ? Harness.refusal(503) : null)
  )

  test(
    "a job pauses itself when the API is down for too long, and loses nothing",
    () =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ giveUpAfter: Duration.millis(500) }))
        const paused = yield* until("accounts", "Paused")
        expect(paused).toMatchObject({ problem: "refused with 503" })
        yield* jobs.resume("accounts")
        expect(yield* until("accounts", "Done", "Paused")).toMatchObject({ state: "Done", created: created(1000) })
      }),
    (_, index) => Effect.succeed(index >= 4 && index < 12 ? Harness.refusal(503) : null)
  )

  test(
    "a job pauses itself at once when the key is wrong",
    ({ sent }) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 1 }))
        expect(yield* until("accounts", "Paused")).toMatchObject({ rows: 100, problem: "refused with 401" })
        expect(sent).toHaveLength(3)
        yield* jobs.resume("accounts")
        expect(yield* until("accounts", "Done", "Paused")).toMatchObject({ state: "Done", rows: 1000, problem: null })
      }),
    (_, index) => Effect.succeed(index === 2 ? Harness.refusal(401) : null)
  )

  test("a source that does not exist fails the job", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const source = { _tag: "Folder", path: "missing.ndjson", format: { _tag: "Ndjson" } } as const
      yield* jobs.start(CustomerJobs.Import, payload({ source }))
      const failed = yield* until("accounts", "Failed")
      expect(failed.problem).toMatch(/missing\.ndjson does not exist/)
      expect(yield* Effect.flip(jobs.result(CustomerJobs.Import, "accounts"))).toMatchObject({
        ...{ _tag: "StiggJobFailedError", state: "Failed", problem: failed.problem }
      })
    }))

  test("a source that this runner cannot open fails the job", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.start(CustomerJobs.Import, payload({ source: { _tag: "Rows", name: "accounts" } }))
      expect((yield* until("accounts", "Failed")).problem).toMatch(
        /Expected a source that this runner opens \(Folder\)/
      )
    }))

  test(
    "a source that changes while it is imported fails the job",
    ({ write }) =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 1 }))
        yield* jobs.progress("accounts", every).pipe(
          Stream.takeUntil(({ rows }) => rows > 0),
          Stream.runDrain
        )
        yield* write(rows(1001))
        const failed = yield* until("accounts", "Failed")
        expect(failed.problem).toMatch(/changed/)
        expect(failed.rows).toBeLessThan(1000)
      }),
    () => Effect.as(Effect.sleep("20 millis"), null)
  )

  test(
    "rows that the API refuses are rejected alone, and a job that it refuses entirely pauses",
    () =>
      Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 1, batchSize: 2 }))
        const paused = yield* until("accounts", "Paused")
        expect(paused.problem).toMatch(/refused every row of 3 batches in a row: refused with 400/)
        const rejects = yield* Stream.runCollect(jobs.rejects("accounts"))
        expect(Chunk.filter(rejects, ({ reason }) => reason === "Refused").length).toBeGreaterThanOrEqual(5)
        expect(Chunk.toReadonlyArray(rejects).find(({ reason }) => reason === "Refused")?.error).toMatchObject({
          ...{ _tag: "StiggBadRequestError", status: 400 }
        })
      }),
    () => Effect.succeed(Harness.refusal(400))
  )

  it.scopedLive("a 429 slows the shared rate, and its batch is sent again", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf
      const files = yield* FileSystem.FileSystem
      yield* files.writeFileString(`${folder}/accounts.ndjson`, ndjson(rows(200)))
      const paused: Array<number> = []
      const rate = Layer.succeed(FleetRate, {
        take: Effect.void,
        pause: (duration) => Effect.sync(() => void paused.push(Duration.toMillis(duration)))
      })
      const { layer, sent } = Harness.make((_, index) =>
        Effect.succeed(index === 1 ? Harness.refusal(429, { "retry-after": "7" }) : null)
      )
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 1, giveUpAfter: Duration.minutes(1) }))
        expect(yield* until("accounts", "Done", "Paused")).toMatchObject({ state: "Done", created: created(200) })
        expect(paused).toEqual([7000])
        expect(sent.map(({ key }) => key)[2]).toBe(sent[1]?.key)
      }).pipe(
        Effect.provide(
          CustomerJobs.layerMemory({ sources: [CustomerJobs.folder(folder)], rate }).pipe(Layer.provideMerge(layer))
        )
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("a source that dies pauses its job, and one that dies in a part too", () =>
    Effect.gen(function* () {
      let broken = "the plan"
      const source: CustomerJobs.SourceOpener<never> = {
        _tag: "Folder",
        name: null,
        open: () =>
          Effect.succeed({
            version: Effect.suspend(() => (broken === "the plan" ? Effect.die("a fault") : Effect.succeed(null))),
            rows: (from) =>
              from !== null && broken === "the part"
                ? Stream.die("a fault")
                : Stream.fromIterable(rows(200)).pipe(
                    CustomerImport.fromValues,
                    Stream.drop((from?.row ?? 1) - 1),
                    Stream.map((row) => ({ row, position: { row: row.number, line: null, byte: null, key: null } }))
                  )
          })
      }
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        yield* jobs.start(CustomerJobs.Import, payload())
        const problem = "A step failed unexpectedly: see the log of the runner"
        expect(yield* until("accounts", "Paused")).toMatchObject({ rows: 0, total: null, problem })
        broken = "the part"
        yield* jobs.resume("accounts")
        expect(yield* until("accounts", "Paused")).toMatchObject({ total: 200, problem })
        broken = "nothing"
        yield* jobs.resume("accounts")
        expect(yield* until("accounts", "Done")).toMatchObject({ rows: 200, created: created(200), problem: null })
      }).pipe(
        Effect.provide(
          CustomerJobs.layerMemory({ sources: [source], rate: CustomerJobs.rateNone }).pipe(
            Layer.provideMerge(Harness.make().layer)
          )
        ),
        // The faults are logged.
        Effect.provide(Logger.remove(Logger.defaultLogger))
      )
    })
  )

  test("an empty source is done at once", ({ write }) =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* write([])
      yield* jobs.start(CustomerJobs.Import, payload())
      expect(yield* until("accounts", "Done")).toMatchObject({ rows: 0, total: 0, parts: { done: 0, total: 0 } })
    }))

  test("an execution of the workflow waits for the result of the job", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const result = yield* CustomerJobs.Import.execute(payload())
      expect(result).toMatchObject({ rows: 1000, created: created(1000) })
      expect((yield* jobs.poll("accounts")).state).toBe("Done")
    }))

  it.scopedLive("jobs in SQLite outlive their process", () =>
    Effect.gen(function* () {
      const folder = yield* folderOf
      const files = yield* FileSystem.FileSystem
      yield* files.writeFileString(`${folder}/accounts.ndjson`, ndjson(rows(1000)))
      const { layer, sent } = Harness.make(() => Effect.as(Effect.sleep("30 millis"), null))
      const EmulatorLive = yield* Layer.build(layer)
      const JobsLive = CustomerJobs.layerSingle({
        sources: [CustomerJobs.folder(folder)],
        rate: CustomerJobs.rateNone
      }).pipe(
        Layer.provide(LibsqlClient.layer({ url: `file:${folder}/jobs.db`, intMode: "bigint" })),
        Layer.provide(Layer.succeedContext(EmulatorLive))
      )
      /** A process that runs until a number of batches were sent. */
      const process = (batches: number) =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const context = yield* Layer.buildWithScope(Layer.fresh(JobsLive), scope)
          const jobs = yield* Effect.provide(Jobs, context)
          yield* jobs.start(CustomerJobs.Import, payload({ concurrency: 2 }))
          yield* jobs.progress("accounts", every).pipe(
            Stream.takeUntil(() => sent.length >= batches),
            Stream.runDrain
          )
          const job = yield* jobs.poll("accounts")
          yield* Scope.close(scope, Exit.void)
          return job
        })
      expect(yield* process(4)).toMatchObject({ state: "Running" })
      const between = sent.length
      expect(between).toBeLessThan(16)
      yield* Effect.sleep("200 millis")
      expect(sent).toHaveLength(between)
      expect(yield* process(10)).toMatchObject({ state: "Running" })
      expect(yield* process(Infinity)).toMatchObject({ state: "Done", rows: 1000, created: created(1000), updated: 0 })
      // Whoever leaves ends the batch in flight and records it.
      expect(sent).toHaveLength(20)
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
