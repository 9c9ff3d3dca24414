/** What the measurements do. Each returns what does not hold; nothing if all does. */
import type { ChildProcess } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PgClient } from "@effect/sql-pg"
import * as SqlClient from "@effect/sql/SqlClient"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import { CustomerImport, Stigg } from "../../../src/index.js"
import * as UndiciHttpClient from "../../../src/UndiciHttpClient.js"
import * as Fleet from "./Fleet.js"
import * as Rows from "./rows.js"
import * as Servers from "./servers.js"

type Scenario = (rows: number) => Effect.Effect<ReadonlyArray<string>, unknown, Scope.Scope>

/** A folder that all runners share. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fleet-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const job = (more: Partial<CustomerJobs.Payload<typeof CustomerJobs.Import>> = {}) => ({
  id: "accounts",
  source: { _tag: "Folder", path: "accounts.ndjson", format: { _tag: "Ndjson" } } as const,
  ...more
})

const say = (text: string) => Effect.sync(() => console.log(`  ${text}`))

/** Runs an effect and tells how many seconds it took. */
const timed = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = performance.now()
    const value = yield* effect
    const seconds = (performance.now() - before) / 1000
    yield* say(`${what}: ${seconds.toFixed(1)} s`)
    return { seconds, value }
  })

const client = (url: string) =>
  CustomerJobs.layerClient.pipe(Layer.provideMerge(PgClient.layer({ url: Redacted.make(url) })))

/** A database, a fleet, and a file of rows. */
const world = (options: {
  readonly rows: number
  readonly faulty?: number
  readonly redis?: string
  readonly keepEndedMillis?: number
}) =>
  Effect.gen(function* () {
    const shared = yield* folder
    const database = yield* Servers.postgres
    yield* Effect.promise(() => Rows.write(`${shared}/accounts.ndjson`, options.rows))
    const fleet = yield* Fleet.make({
      settings: {
        database: database.url,
        folder: shared,
        ...(options.redis === undefined ? {} : { redis: options.redis }),
        ...(options.keepEndedMillis === undefined ? {} : { keepEndedMillis: options.keepEndedMillis })
      },
      faulty: options.faulty ?? 0
    })
    const runners = yield* fleet.startRunners
    return { shared, database, fleet, runners }
  })

/** Compares what a job came to with what it should. */
const compare = (fleet: Fleet.Fleet, rows: number) =>
  Effect.gen(function* () {
    const jobs = yield* CustomerJobs.CustomerJobs
    const counts = Rows.expected(rows)
    const result = yield* patient(jobs.result(CustomerJobs.Import, "accounts"))
    const numbers = yield* Stream.runFold(jobs.rejects("accounts"), new Set<number>(), (seen, { row }) => seen.add(row))
    const found = yield* fleet.check(rows)
    yield* say(`result ${JSON.stringify(result)}, emulator ${JSON.stringify(found)}, rejects ${numbers.size}`)
    return [
      ...(JSON.stringify(result) === JSON.stringify(counts) ? [] : [`Expected ${JSON.stringify(counts)}`]),
      ...(numbers.size === counts.rejected ? [] : [`Expected ${counts.rejected} rejects`]),
      ...(found.customers === counts.created ? [] : [`Expected ${counts.created} customers`]),
      ...(found.stale === 0 ? [] : ["Expected no customer with a stale row"]),
      ...(found.twice === 0 ? [] : ["Expected no customer to be written twice"])
    ]
  })

/** Asks again while the database is down. */
const patient = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.retry(effect, {
    schedule: Schedule.spaced("500 millis"),
    while: ({ _tag }) => _tag === "StiggJobStoreError"
  })

const poll = Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => patient(jobs.poll("accounts")))

/** Polls until a job is as it should be. */
const pollUntil = <E, R>(
  poll: Effect.Effect<CustomerJobs.Job, E, R>,
  is: (job: CustomerJobs.Job) => boolean
): Effect.Effect<CustomerJobs.Job, E, R> =>
  Effect.flatMap(poll, (job) =>
    is(job) ? Effect.succeed(job) : Effect.zipRight(Effect.sleep("30 millis"), pollUntil(poll, is))
  )

const reached = (rows: number) => pollUntil(poll, (job) => job.rows >= rows || job.endedAt !== null)

const startJob = (more: Parameters<typeof job>[0] = {}) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) => jobs.start(CustomerJobs.Import, job(more)))

const random = (below: number) => Math.floor(Math.random() * below)

/** The rows on three runners, beside the plain stream in one process. */
const million: Scenario = (rows) =>
  Effect.gen(function* () {
    const plain = yield* Effect.scoped(
      Effect.gen(function* () {
        const shared = yield* folder
        yield* Effect.promise(() => Rows.write(`${shared}/accounts.ndjson`, rows))
        const fleet = yield* Fleet.make({
          settings: { database: "", folder: shared },
          faulty: 0.05
        })
        const run = CustomerImport.run(CustomerImport.readNdjson(`${shared}/accounts.ndjson`), { rateLimit: false })
        const { seconds } = yield* timed(
          "the plain stream",
          CustomerImport.summarize(run).pipe(
            Effect.provide([
              NodeFileSystem.layer,
              Stigg.layer({ apiKey: Redacted.make("key"), baseUrl: fleet.stigg }).pipe(
                Layer.provide(UndiciHttpClient.layer)
              )
            ])
          )
        )
        return seconds
      })
    )
    const { database, fleet } = yield* world({ rows, faulty: 0.05 })
    return yield* Effect.gen(function* () {
      yield* startJob()
      const { seconds } = yield* timed("the job on 3 runners", reached(Infinity))
      const ratio = seconds / plain
      yield* say(`ratio ${ratio.toFixed(2)}`)
      const problems = yield* compare(fleet, rows)
      return ratio <= 1.3 ? problems : [...problems, "Expected a ratio of at most 1.3"]
    }).pipe(Effect.provide(client(database.url)))
  })

/** Runners are killed at random, then all at once; Postgres and Redis go away and come back. */
const chaos: Scenario = (rows) =>
  Effect.gen(function* () {
    const redis = yield* Servers.redis
    const { database, fleet, runners } = yield* world({ rows, faulty: 0.05, redis: redis.url })
    return yield* Effect.gen(function* () {
      yield* startJob({ batchSize: 100, partRows: 2000, concurrency: 3 })
      yield* timed(
        "under 20 kills, all runners at once, Postgres and Redis",
        Effect.gen(function* () {
          /** Starts a runner in place of one that was killed. The job does not wait for it. */
          const replace = (index: number) =>
            Effect.forkScoped(
              Effect.map(fleet.startRunner, (runner) => {
                runners[index] = runner
              })
            )
          for (let kill = 1; kill <= 20; kill++) {
            yield* reached((rows * kill) / 26)
            const alive = [...runners.entries()].filter(([, { killed }]) => !killed)
            const [index, runner] = alive[random(alive.length)] ?? []
            if (index === undefined) continue
            runner?.kill("SIGKILL")
            yield* say(`kill ${kill}, of runner ${index}, at ${(yield* poll).rows} rows`)
            yield* replace(index)
          }
          yield* reached((rows * 21) / 26)
          yield* say(`all runners at once, at ${(yield* poll).rows} rows`)
          for (const runner of runners) runner.kill("SIGKILL")
          yield* Effect.sleep("2 seconds")
          yield* Effect.forEach(runners.keys(), replace, { discard: true })
          yield* reached((rows * 22) / 26)
          yield* say(`Postgres is restarted, at ${(yield* poll).rows} rows`)
          yield* database.stop
          yield* Effect.sleep("3 seconds")
          yield* database.start
          yield* reached((rows * 24) / 26)
          yield* say(`Redis is gone for 10 s, at ${(yield* poll).rows} rows`)
          yield* redis.stop
          yield* Effect.sleep("10 seconds")
          yield* redis.start
          yield* reached(Infinity)
        })
      )
      return yield* compare(fleet, rows)
    }).pipe(Effect.provide(client(database.url)))
  })

/** How long a job with one part at a time stands still when the runner of that part, or of the round, is killed. */
const replace: Scenario = (rows) =>
  Effect.gen(function* () {
    const { database, fleet, runners } = yield* world({ rows })
    return yield* Effect.gen(function* () {
      yield* startJob({ batchSize: 20, partRows: rows, concurrency: 1 })
      yield* reached(1)
      const gaps: Array<number> = []
      for (let kill = 0; kill < 12; kill++) {
        const index = kill % runners.length
        runners[index]?.kill("SIGKILL")
        const killedAt = performance.now()
        const { rows } = yield* poll
        yield* Effect.forkScoped(
          Effect.map(fleet.startRunner, (runner) => {
            runners[index] = runner
          })
        )
        // More than what was in flight, and could still be recorded.
        yield* reached(rows + 100)
        gaps.push((performance.now() - killedAt) / 1000)
        yield* Effect.sleep("4 seconds")
      }
      yield* say(`seconds until the job goes on after a kill: ${gaps.map((gap) => gap.toFixed(1)).join(", ")}`)
      const longest = Math.max(...gaps)
      const { endedAt } = yield* poll
      return [
        ...(endedAt === null ? [] : ["Expected the job to be longer: give it more rows"]),
        ...(longest <= 15 ? [] : [`Expected at most 15 s, found ${longest.toFixed(1)} s`])
      ]
    }).pipe(Effect.provide(client(database.url)))
  })

/** Each runner hangs for a while, and comes back when others have its work. */
const hang: Scenario = (rows) =>
  Effect.gen(function* () {
    const { database, fleet, runners } = yield* world({ rows, faulty: 0.05 })
    return yield* Effect.gen(function* () {
      yield* startJob({ batchSize: 200, partRows: 2000 })
      for (const [index, runner] of runners.entries()) {
        yield* reached((rows * (index + 1)) / 5)
        yield* say(`runner ${index} hangs for 30 s`)
        runner.kill("SIGSTOP")
        yield* Effect.sleep("30 seconds")
        runner.kill("SIGCONT")
      }
      yield* timed("the rest", reached(Infinity))
      return yield* compare(fleet, rows)
    }).pipe(Effect.provide(client(database.url)))
  })

/** Pauses, resumes and cancels at random moments: whatever the state says is true. */
const steer: Scenario = (rows) =>
  Effect.gen(function* () {
    const { database } = yield* world({ rows })
    return yield* Effect.gen(function* () {
      const jobs = yield* CustomerJobs.CustomerJobs
      const problems: Array<string> = []
      const check = (holds: boolean, problem: string) => {
        if (!holds) problems.push(problem)
      }
      const settled = (id: string, states: ReadonlyArray<string>) =>
        pollUntil(jobs.poll(id), ({ state }) => states.includes(state)).pipe(
          Effect.timeoutFail({
            duration: "60 seconds",
            onTimeout: () => new Error(`${id} did not get to ${states.join()}`)
          })
        )
      let generation = 0
      let id = ""
      let isOpen = false
      for (let turn = 0; turn < 100; turn++) {
        if (!isOpen) {
          id = `steered-${generation++}`
          yield* jobs.start(CustomerJobs.Import, job({ id, batchSize: 100, partRows: 1000 }))
          isOpen = true
        }
        yield* Effect.sleep(random(400))
        const operation = (["pause", "pause", "resume", "cancel"] as const)[random(4)] ?? "pause"
        const before = yield* jobs.poll(id)
        const answer = yield* Effect.either(jobs[operation](id))
        if (answer._tag === "Left") {
          check(
            ["Done", "Cancelled", "Cancelling"].includes((yield* jobs.poll(id)).state),
            `${operation} was refused in ${before.state}`
          )
        } else if (operation === "pause") {
          const paused = yield* settled(id, ["Paused", "Done"])
          if (paused.state === "Paused") {
            yield* Effect.sleep("300 millis")
            const later = yield* jobs.poll(id)
            check(later.rows === paused.rows && later.state === "Paused", `${id} went on while it was paused`)
            yield* jobs.resume(id)
          }
        } else if (operation === "cancel") {
          const cancelled = yield* settled(id, ["Cancelled", "Done"])
          yield* Effect.sleep("200 millis")
          const later = yield* jobs.poll(id)
          check(later.rows === cancelled.rows && later.state === cancelled.state, `${id} went on after it had ended`)
        }
        isOpen = (yield* jobs.poll(id)).endedAt === null
      }
      yield* say(`100 operations on ${generation} jobs`)
      return problems
    }).pipe(Effect.provide(client(database.url)))
  })

/** The tables after many jobs whose ended ones are removed. */
const growth: Scenario = () =>
  Effect.gen(function* () {
    const { database } = yield* world({ rows: 200, keepEndedMillis: 1000 })
    return yield* Effect.gen(function* () {
      const jobs = yield* CustomerJobs.CustomerJobs
      const sql = yield* SqlClient.SqlClient
      const counts = Effect.gen(function* () {
        const tables = yield* sql<{ table_name: string }>`
          SELECT table_name FROM information_schema.tables
          WHERE table_schema = 'public' AND (table_name LIKE 'stigg%' OR table_name LIKE 'cluster_me%' OR table_name LIKE 'cluster_re%')`
        const found: Record<string, number> = {}
        for (const { table_name } of tables) {
          const [row] = yield* sql<{ count: string }>`SELECT COUNT(*) AS count FROM ${sql(table_name)}`
          found[table_name] = Number(row?.count)
        }
        return found
      })
      yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, n) => `small-${n}`),
        (id) =>
          Effect.gen(function* () {
            yield* jobs.start(CustomerJobs.Import, job({ id, partRows: 100 }))
            yield* jobs.progress(id, { every: "200 millis" }).pipe(
              Stream.runDrain,
              Effect.catchTag("StiggJobNotFoundError", () => Effect.void)
            )
          }),
        { concurrency: 16, discard: true }
      )
      yield* say(`after 1,000 jobs: ${JSON.stringify(yield* counts)}`)
      yield* Effect.sleep("60 seconds")
      const after = yield* counts
      yield* say(`a minute later: ${JSON.stringify(after)}`)
      const left = Object.entries(after).filter(([name, count]) => name !== "stigg_rate" && count > 20)
      return left.map(([name, count]) => `${name} has ${count} rows`)
    }).pipe(Effect.provide(client(database.url)))
  })

/** One process over SQLite, killed 20 times. */
const sqlite: Scenario = (rows) =>
  Effect.gen(function* () {
    const shared = yield* folder
    yield* Effect.promise(() => Rows.write(`${shared}/accounts.ndjson`, rows))
    const fleet = yield* Fleet.make({
      settings: { database: `file:${shared}/jobs.db`, folder: shared, job: job({ batchSize: 200, partRows: 2000 }) },
      faulty: 0.05
    })
    let runner: ChildProcess = yield* fleet.startRunner
    for (let kill = 1; kill <= 20; kill++) {
      yield* Fleet.until(runner, (message) => "rows" in message && message.rows >= (rows * kill) / 22)
      runner.kill("SIGKILL")
      runner = yield* fleet.startRunner
    }
    const last = yield* Fleet.until(runner, (message) => "result" in message)
    const found = yield* fleet.check(rows)
    const counts = Rows.expected(rows)
    yield* say(`${JSON.stringify("result" in last ? last.result : null)}, emulator ${JSON.stringify(found)}`)
    const holds =
      "result" in last &&
      JSON.stringify(last.result) === JSON.stringify(counts) &&
      new Set(last.rejects).size === counts.rejected &&
      found.customers === counts.created &&
      found.stale + found.twice === 0
    return holds ? [] : [`Expected ${JSON.stringify(counts)}`]
  })

export const all: Readonly<Record<string, Scenario>> = { million, chaos, replace, hang, steer, growth, sqlite }
