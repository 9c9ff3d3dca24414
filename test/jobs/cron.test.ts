import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import * as RunnerStorage from "@effect/cluster/RunnerStorage"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as SqlClient from "@effect/sql/SqlClient"
import { LibsqlClient } from "@effect/sql-libsql"
import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Cron from "effect/Cron"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import { StiggTest } from "effect-stigg/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FleetRate } from "../../src/jobs/FleetRate.js"
import { payload, sources } from "./http/served.js"
import { Postgres, postgresUrl, withPostgres } from "./postgres.js"

/** Each request of a job takes 5 seconds. */
const SlowRate = Layer.succeed(FleetRate, { take: Effect.sleep("5 seconds"), pause: () => Effect.void })

const jobs = ({ rows = 60, ...options }: { readonly rows?: number; readonly keepEnded?: "5 seconds" } = {}) =>
  CustomerJobs.layerMemory({ rate: SlowRate, sources: sources(rows), ...options }).pipe(
    Layer.provide(StiggTest.layer())
  )

const config = ShardingConfig.layer({
  shardsPerGroup: 1,
  entityMessagePollInterval: Duration.seconds(5),
  refreshAssignmentsInterval: Duration.seconds(5)
})

const Messages = Layer.provide(MessageStorage.layerMemory, config)

const SqlMessages = Layer.provide(SqlMessageStorage.layer, config)

/** A file, because libsql gives each transaction a connection of its own, and so another `:memory:`. */
const Sqlite = Layer.unwrapScoped(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "stigg-cron-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ).pipe(Effect.map((folder) => LibsqlClient.layer({ url: `file:${folder}/jobs.db`, intMode: "bigint" })))
)

/** A runner that can leave and come back, because its messages are stored elsewhere. */
const runner = Sharding.layer.pipe(
  Layer.provide(Runners.layerNoop),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(config)
)

type Previous = CustomerJobs.ImportResult | null

/** A cron at each minute that records what it was asked for. */
const everyMinute = (asked: Array<readonly [at: string, previous: Previous]> = []) =>
  CustomerJobs.cron({
    name: "often",
    cron: Cron.unsafeParse("0 * * * * *", "UTC"),
    kind: CustomerJobs.Import,
    payload: (scheduledAt: DateTime.Utc, previous) => {
      asked.push([new Date(scheduledAt.epochMillis).toISOString().slice(11, 16), previous])
      const { id: _, ...rest } = payload("")
      return rest
    }
  })

/** Time goes by in small steps, because what hashes an id needs turns of the event loop. */
const pass = (seconds: number) =>
  Effect.repeatN(
    Effect.zipRight(
      TestClock.adjust("5 seconds"),
      Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    ),
    seconds / 5 - 1
  )

const ids = Effect.flatMap(CustomerJobs.CustomerJobs, ({ list }) =>
  Effect.map(Stream.runCollect(list), (all) =>
    Chunk.toReadonlyArray(all)
      .map(({ id }) => id.replace("often@1970-01-01T", "").replace(":00.000Z", ""))
      .sort()
  )
)

const stateOf = (at: string) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, ({ poll }) =>
    Effect.map(poll(`often@1970-01-01T${at}:00.000Z`), ({ state }) => state)
  )

/** The cron is at work while the effect runs. Time goes by while it leaves, too. */
const whileRunning = <A, E, R>(cron: ReturnType<typeof everyMinute>, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(Layer.provide(cron, runner), scope)
    const result = yield* effect
    const leaving = yield* Effect.fork(Scope.close(scope, Exit.void))
    const before = yield* Clock.currentTimeMillis
    yield* Effect.repeat(Effect.zipRight(pass(5), Fiber.poll(leaving)), { until: Option.isSome })
    expect((yield* Clock.currentTimeMillis) - before).toBeLessThanOrEqual(10_000)
    return result
  })

const done: unknown = expect.objectContaining({ rows: 60, rejected: 1 })

describe("CustomerJobs.cron", { timeout: 60_000 }, () => {
  it.scoped("starts a job at each time, with the result of the one before", () =>
    Effect.gen(function* () {
      const asked: Array<readonly [string, Previous]> = []
      yield* whileRunning(everyMinute(asked), pass(210))
      expect(yield* ids).toEqual(["00:01", "00:02", "00:03"])
      expect(asked).toEqual([
        ["00:01", null],
        ["00:02", done],
        ["00:03", done]
      ])
    }).pipe(Effect.provide([jobs(), Messages]))
  )

  it.scoped("makes up once for all times that were missed, as the last of them", () =>
    Effect.gen(function* () {
      const cron = everyMinute()
      yield* whileRunning(cron, pass(90))
      yield* pass(300)
      expect(yield* ids).toEqual(["00:01"])
      yield* whileRunning(cron, pass(20))
      expect(yield* ids).toEqual(["00:01", "00:06"])
      yield* whileRunning(cron, pass(90))
      expect(yield* ids).toEqual(["00:01", "00:06", "00:07", "00:08"])
    }).pipe(Effect.provide([jobs(), Messages]))
  )

  it.scoped("starts nothing for the times before it was first deployed", () =>
    Effect.gen(function* () {
      yield* pass(150)
      yield* whileRunning(everyMinute(), pass(20))
      expect(yield* ids).toEqual([])
    }).pipe(Effect.provide([jobs(), Messages]))
  )

  it.scoped("skips a time while the previous job has not ended, and goes on from the last one that was done", () =>
    Effect.gen(function* () {
      const asked: Array<readonly [string, Previous]> = []
      const service = yield* CustomerJobs.CustomerJobs
      yield* whileRunning(
        everyMinute(asked),
        Effect.gen(function* () {
          yield* pass(115)
          yield* Effect.repeat(Effect.zipRight(pass(5), Effect.either(stateOf("00:02"))), {
            until: (state) => state._tag === "Right"
          })
          yield* service.pause("often@1970-01-01T00:02:00.000Z")
          yield* pass(150)
          expect([yield* stateOf("00:02"), yield* ids]).toEqual(["Paused", ["00:01", "00:02"]])
          yield* service.cancel("often@1970-01-01T00:02:00.000Z")
          yield* pass(60)
          expect(yield* ids).toEqual(["00:01", "00:02", "00:05"])
          expect(asked.map(([at, previous]) => [at, previous?.rows])).toEqual([
            ["00:01", undefined],
            ["00:02", 300],
            ["00:05", 300]
          ])
        })
      )
    }).pipe(Effect.provide([jobs({ rows: 300 }), Messages]))
  )

  it.scoped("knows the previous result after the previous job was removed", () =>
    Effect.gen(function* () {
      const asked: Array<readonly [string, Previous]> = []
      yield* whileRunning(everyMinute(asked), pass(110))
      expect(yield* ids).toEqual([])
      yield* whileRunning(everyMinute(asked), pass(30))
      expect(asked).toEqual([
        ["00:01", null],
        ["00:02", done]
      ])
    }).pipe(Effect.provide([jobs({ keepEnded: "5 seconds" }), Messages]))
  )

  it.scoped("tries again while the store cannot be reached", () =>
    Effect.gen(function* () {
      const service = yield* CustomerJobs.CustomerJobs
      let failures = 3
      const failing: CustomerJobs.Service = {
        ...service,
        startNext: (kind, next) =>
          failures-- > 0
            ? Effect.fail(new CustomerJobs.JobStoreError({ message: "gone" }))
            : service.startNext(kind, next)
      }
      yield* whileRunning(
        everyMinute().pipe(Layer.provide(Layer.succeed(CustomerJobs.CustomerJobs, failing))),
        pass(90)
      )
      expect([yield* ids, failures]).toEqual([["00:01"], -1])
    }).pipe(Effect.provide([jobs(), Messages]))
  )

  it.scoped("leaves no message of a run in the database, nor of one whose runner died right after it", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const times = Effect.map(
        sql<{ time: string }>`SELECT substr(entity_id, 12, 5) AS time FROM cluster_messages ORDER BY entity_id`,
        (rows) => rows.map(({ time }) => time)
      )
      const until = (time: string) =>
        Effect.repeat(Effect.zipRight(pass(5), times), { until: (all) => all.includes(time) })
      yield* whileRunning(
        everyMinute(),
        Effect.gen(function* () {
          yield* until("00:02")
          yield* sql`
            INSERT INTO cluster_messages (id, message_id, shard_id, entity_type, entity_id, kind, request_id, processed)
            SELECT id - 1, 'other', shard_id, entity_type, '1970-01-01T00:00:00.000Z', kind, request_id - 1, 1
            FROM cluster_messages WHERE entity_id LIKE '%T00:01%'`
          expect(yield* times).toEqual(["00:00", "00:01", "00:02"])
          yield* until("00:04")
          yield* pass(45)
          // A run is forgotten a minute after it. The message of 00:04 is the next run.
          expect(yield* times).toEqual(["00:03", "00:04"])
          expect(yield* sql`SELECT 1 FROM cluster_replies`).toHaveLength(1)
          expect(yield* ids).toEqual(["00:01", "00:02", "00:03"])
        })
      )
    }).pipe(Effect.provide([jobs(), Layer.provideMerge(SqlMessages, Sqlite)]))
  )

  it.effect.each(["", "x".repeat(176)])("cannot have a name of another length", (name) =>
    Effect.gen(function* () {
      const layer = CustomerJobs.cron({
        ...{ name, cron: Cron.unsafeParse("0 2 * * *"), kind: CustomerJobs.Import },
        payload: () => payload("x")
      })
      const error = yield* Effect.flip(Layer.build(Layer.provide(layer, [runner, jobs()])))
      expect(error).toMatchObject({ _tag: "StiggInvalidOptionsError" })
    }).pipe(Effect.scoped, Effect.provide(Messages))
  )
})

describe("startNext", () => {
  /** While it is closed, no job ends, however slow the claims are. */
  const requests = Effect.unsafeMakeLatch()
  const options = {
    rate: Layer.succeed(FleetRate, { take: requests.await, pause: () => Effect.void }),
    sources: sources(60)
  }
  const stored = CustomerJobs.layerSingle(options).pipe(Layer.provide(StiggTest.layer()))
  const memory = CustomerJobs.layerMemory(options).pipe(Layer.provide(StiggTest.layer()))

  const claims = Effect.gen(function* () {
    const service = yield* CustomerJobs.CustomerJobs
    const seen: Array<Previous> = []
    const next = (id: string) =>
      service.startNext(CustomerJobs.Import, {
        ...{ series: "s", id },
        payload: (previous) => {
          seen.push(previous)
          const { id: _, ...rest } = payload(id)
          return rest
        }
      })
    yield* requests.close
    expect(yield* next("a")).toBe(true)
    expect(yield* next("b")).toBe(false)
    yield* requests.open
    yield* service.result(CustomerJobs.Import, "a")
    yield* requests.close
    const many = yield* Effect.forEach(["b", "c", "d", "e", "f"], next, { concurrency: "unbounded" })
    yield* requests.open
    expect(many.filter((isStarted) => isStarted)).toHaveLength(1)
    const winner = ["b", "c", "d", "e", "f"][many.indexOf(true)] ?? ""
    yield* service.result(CustomerJobs.Import, winner)
    seen.length = 0
    expect(yield* next(winner)).toBe(true)
    expect(seen).toEqual([])
    expect(yield* next("g")).toBe(true)
    expect(seen).toEqual([done])
    expect((yield* Stream.runCollect(service.list)).pipe(Chunk.size)).toBe(3)
  })

  it.live("starts one of many, and the same one again, in memory", () => Effect.provide(claims, memory))
  it.live(
    "starts one of many, and the same one again, in SQLite",
    () => Effect.provide(claims, Layer.provide(stored, Sqlite)),
    30_000
  )
  it.live.skipIf(postgresUrl === undefined)(
    withPostgres("starts one of many, and the same one again, in Postgres"),
    () => Effect.provide(claims, Layer.provide(stored, Postgres)),
    30_000
  )
})
