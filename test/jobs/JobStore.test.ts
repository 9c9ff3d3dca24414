import { describe, expect, it } from "@effect/vitest"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { LibsqlClient } from "@effect/sql-libsql"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { noRows } from "../../src/internal/jobs/JobRecord.js"
import { JobStore } from "../../src/internal/jobs/JobStore.js"
import * as MemoryJobStore from "../../src/internal/jobs/MemoryJobStore.js"
import * as SqlJobStore from "../../src/internal/jobs/SqlJobStore.js"
import { Postgres, postgresUrl, withPostgres } from "./postgres.js"

/** A file, because libsql gives each transaction a connection of its own, and so another `:memory:`. */
const Sqlite = (intMode: "number" | "bigint") =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      return SqlJobStore.layer.pipe(Layer.provide(LibsqlClient.layer({ url: `file:${folder}/jobs.db`, intMode })))
    })
  ).pipe(Layer.provide(NodeFileSystem.layer))

const job = { id: "nightly", kind: "Import", payload: "{}", instance: "a", now: 1000 }
const key = { id: "nightly", instance: "a", round: 1 }
const own = (part: number, owner = "me") => ({ ...key, part, owner })
const done = (rows: number) => ({
  totals: { rows, created: rows - 2, updated: 1, updatedOrSkipped: 0, rejected: 1 },
  rejects: [{ row: rows, reject: `"row ${rows}"` }],
  isDone: true,
  output: "out"
})

/** A job with two parts. */
const planned = Effect.gen(function* () {
  const store = yield* JobStore
  yield* store.create(job)
  yield* store.plan(key, { plan: "plan", total: 20, parts: ["first", "second"], now: 2000 })
  return store
})

const stages = Effect.gen(function* () {
  const store = yield* JobStore
  return Option.map(yield* store.get("nightly"), ({ desired, stage }) => `${stage} ${desired}`)
})

const promises = <E>(title: string, layer: Layer.Layer<JobStore, E>, options: { readonly skip: boolean }) =>
  describe.skipIf(options.skip)(title, () => {
    const test = (name: string, effect: Effect.Effect<void, unknown, JobStore>) =>
      it.live(name, () => Effect.provide(effect, Layer.fresh(layer)))

    test(
      "a job is created once",
      Effect.gen(function* () {
        const store = yield* JobStore
        expect((yield* store.create(job)).isNew).toBe(true)
        const again = yield* store.create({ ...job, instance: "b", payload: "other" })
        expect(again).toMatchObject({ isNew: false, job: { instance: "a", payload: "{}", round: 1, stage: "Running" } })
        expect(Option.isNone(yield* store.get("other"))).toBe(true)
      })
    )

    test(
      "of jobs that are created at once, one is new",
      Effect.gen(function* () {
        const store = yield* JobStore
        const made = yield* Effect.all(
          Array.from({ length: 8 }, (_, n) => store.create({ ...job, instance: `${n}` })),
          { concurrency: "unbounded" }
        )
        expect(made.filter(({ isNew }) => isNew)).toHaveLength(1)
        expect(new Set(made.map(({ job }) => job.instance)).size).toBe(1)
      })
    )

    test(
      "a plan is stored once, and counts add up",
      Effect.gen(function* () {
        const store = yield* planned
        expect(yield* store.plan(key, { plan: "other", total: 1, parts: ["x"], now: 1 })).toBe(true)
        expect(yield* store.openParts("nightly")).toEqual([0, 1])
        expect(yield* store.claim(own(0))).toMatchObject({ _tag: "Some", value: { spec: "first", totals: noRows } })
        expect(yield* store.record(own(0), { ...done(4), isDone: false })).toBe(true)
        expect(yield* store.record(own(0), done(6))).toBe(true)
        expect(yield* store.openParts("nightly")).toEqual([1])
        expect(Option.getOrThrow(yield* store.get("nightly"))).toMatchObject({
          parts: { done: 1, total: 2 },
          totals: { rows: 10, created: 6, updated: 2, updatedOrSkipped: 0, rejected: 2 },
          runningSince: 2000
        })
        expect((yield* store.parts("nightly"))[0]).toMatchObject({ isDone: true, output: "out" })
      })
    )

    test(
      "a part that another owner claimed cannot be recorded, nor its rejects",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.claim(own(0, "hung"))
        yield* store.claim(own(0, "next"))
        expect(yield* store.wanted(own(0, "hung"))).toBeNull()
        expect(yield* store.wanted(own(0, "next"))).toBe("Run")
        expect(yield* store.record(own(0, "hung"), done(6))).toBe(false)
        expect(yield* store.rejects("nightly", { after: 0, limit: 10 })).toEqual([])
        expect(yield* store.record(own(0, "next"), done(6))).toBe(true)
        expect(yield* store.record(own(0, "next"), done(6))).toBe(false)
        expect(Option.isNone(yield* store.claim(own(0)))).toBe(true)
      })
    )

    test(
      "a round that is over cannot claim, halt, note, end or begin the next",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.claim(own(1))
        expect(yield* store.nextRound(key)).toMatchObject({ _tag: "Some", value: { round: 2 } })
        expect(Option.isNone(yield* store.nextRound(key))).toBe(true)
        expect(Option.isNone(yield* store.claim(own(0)))).toBe(true)
        expect(yield* store.wanted(own(1))).toBeNull()
        yield* store.halt(key, { desired: "Fail", problem: "late" })
        yield* store.note(key, "late")
        expect(yield* store.endRound(key, 1)).toEqual({ _tag: "Superseded" })
        expect(yield* store.complete(key, { result: "late", now: 1 })).toBe(false)
        expect(Option.getOrThrow(yield* store.get("nightly"))).toMatchObject({ problem: null, desired: "Run" })
        // What it did before is not lost.
        expect(yield* store.record(own(1), done(6))).toBe(true)
      })
    )

    test(
      "a job pauses at the end of its round, and a resumed one has the next round",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.pause("nightly")
        expect(yield* stages).toEqual(Option.some("Running Pause"))
        expect(yield* store.endRound(key, 3000)).toEqual({ _tag: "Paused" })
        expect(yield* stages).toEqual(Option.some("Paused Pause"))
        yield* store.pause("nightly")
        const resumed = yield* store.resume("nightly", 4000)
        expect(resumed.begin).toEqual(Option.some({ id: "nightly", instance: "a", round: 2 }))
        expect(Option.getOrThrow(resumed.job)).toMatchObject({ stage: "Running", desired: "Run", runningSince: 4000 })
        expect(Option.isNone((yield* store.resume("nightly", 5000)).begin)).toBe(true)
      })
    )

    test(
      "a job that is resumed from another source keeps it, and its payload",
      Effect.gen(function* () {
        const store = yield* planned
        const sources = Effect.map(
          store.get("nightly"),
          Option.map(({ payload, source }) => [payload, source])
        )
        expect(yield* sources).toEqual(Option.some(["{}", null]))
        yield* store.resume("nightly", 1, { source: "one" })
        expect(yield* sources).toEqual(Option.some(["{}", "one"]))
        yield* store.pause("nightly")
        yield* store.endRound(key, 3000)
        yield* store.resume("nightly", 4000)
        expect(yield* sources).toEqual(Option.some(["{}", "one"]))
        yield* store.cancel("nightly", 5000)
        yield* store.endRound({ ...key, round: 2 }, 6000)
        yield* store.resume("nightly", 7000, { source: "two" })
        expect(yield* sources).toEqual(Option.some(["{}", "one"]))
      })
    )

    test(
      "a pause that is taken back before the round ends changes nothing",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.pause("nightly")
        expect(Option.isNone((yield* store.resume("nightly", 1)).begin)).toBe(true)
        expect(yield* store.endRound(key, 3000)).toEqual({ _tag: "Unfinished" })
      })
    )

    test(
      "a cancelled job keeps its counts and loses its parts",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.claim(own(0))
        yield* store.record(own(0), done(6))
        yield* store.cancel("nightly", 1)
        expect(yield* stages).toEqual(Option.some("Running Cancel"))
        yield* store.halt(key, { desired: "Pause", problem: "too late" })
        expect(yield* store.endRound(key, 3000)).toEqual({ _tag: "Ended", stage: "Cancelled" })
        expect(Option.getOrThrow(yield* store.get("nightly"))).toMatchObject({
          ...{ stage: "Cancelled", endedAt: 3000, parts: { done: 1, total: 2 }, totals: { rows: 6, rejected: 1 } }
        })
        expect(yield* store.parts("nightly")).toEqual([])
        expect(yield* store.rejects("nightly", { after: 0, limit: 10 })).toHaveLength(1)
        expect(Option.isNone((yield* store.resume("nightly", 1)).begin)).toBe(true)
      })
    )

    test(
      "a paused job is cancelled at once",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.pause("nightly")
        yield* store.endRound(key, 3000)
        yield* store.cancel("nightly", 4000)
        expect(yield* stages).toEqual(Option.some("Cancelled Cancel"))
      })
    )

    test(
      "a job whose parts are all done is complete, also if it should pause",
      Effect.gen(function* () {
        const store = yield* planned
        for (const part of [0, 1]) {
          yield* store.claim(own(part))
          yield* store.record(own(part), done(6 + part))
        }
        yield* store.pause("nightly")
        expect(yield* store.endRound(key, 3000)).toEqual({ _tag: "Complete" })
        expect(yield* store.complete(key, { result: "result", now: 4000 })).toBe(true)
        expect(Option.getOrThrow(yield* store.get("nightly"))).toMatchObject({
          ...{ stage: "Done", result: "result", endedAt: 4000, totals: { rows: 13 } }
        })
      })
    )

    test(
      "a job that cannot make its result pauses or fails, although its parts are all done",
      Effect.gen(function* () {
        const store = yield* planned
        for (const part of [0, 1]) {
          yield* store.claim(own(part))
          yield* store.record(own(part), done(6 + part))
        }
        yield* store.halt(key, { desired: "Pause", problem: "the folder is full" })
        expect(yield* store.endRound(key, 3000)).toEqual({ _tag: "Paused" })
        const { begin } = yield* store.resume("nightly", 4000)
        const next = Option.getOrThrow(begin)
        expect(yield* store.endRound(next, 5000)).toEqual({ _tag: "Complete" })
        yield* store.halt(next, { desired: "Fail", problem: "the folder is another one" })
        expect(yield* store.endRound(next, 6000)).toEqual({ _tag: "Ended", stage: "Failed" })
      })
    )

    test(
      "a job is failed by a part, with the reason",
      Effect.gen(function* () {
        const store = yield* planned
        yield* store.halt(key, { desired: "Fail", problem: "the source changed" })
        yield* store.halt(key, { desired: "Pause", problem: "later" })
        expect(yield* store.endRound(key, 3000)).toEqual({ _tag: "Ended", stage: "Failed" })
        expect(Option.getOrThrow(yield* store.get("nightly"))).toMatchObject({ problem: "the source changed" })
      })
    )

    test(
      "rounds that no runner has begun, and beats",
      Effect.gen(function* () {
        const store = yield* planned
        const [before] = yield* store.running
        expect(before).toMatchObject({ ...key, isBegun: false })
        yield* store.beat(key)
        const [after] = yield* store.running
        expect(after).toMatchObject({ isBegun: true })
        expect(after?.beat).toBeGreaterThan(before?.beat ?? 0)
        yield* store.claim(own(0))
        const beatOf = Effect.map(store.partBeats("nightly"), ([first]) => first?.beat ?? 0)
        const first = yield* beatOf
        yield* store.beatPart(own(0))
        yield* store.beatPart(own(0, "other"))
        expect(yield* beatOf).toBe(first + 1)
        yield* store.nextRound(key)
        expect((yield* store.running)[0]).toMatchObject({ round: 2, isBegun: false })
      })
    )

    test(
      "ended jobs are removed once their executions are, with their rejects",
      Effect.gen(function* () {
        const store = yield* planned
        const execution = { workflow: "Round", execution: "1" }
        yield* store.addExecutions("nightly", [execution, { workflow: "Part", execution: "2" }])
        yield* store.addExecutions("nightly", [execution])
        yield* store.claim(own(0))
        yield* store.record(own(0), done(6))
        expect(yield* store.untidy).toEqual([])
        yield* store.cancel("nightly", 1)
        yield* store.endRound(key, 3000)
        const [ended] = yield* store.untidy
        expect(ended).toMatchObject({ id: "nightly", endedAt: 3000 })
        expect(ended?.executions).toEqual(expect.arrayContaining([execution]))
        expect(yield* store.removeEnded(4000)).toBe(0)
        yield* store.tidied("nightly")
        expect(yield* store.untidy).toEqual([])
        expect(yield* store.removeEnded(3000)).toBe(0)
        expect(yield* store.removeEnded(4000)).toBe(1)
        expect(yield* store.rejects("nightly", { after: 0, limit: 10 })).toEqual([])
        expect((yield* store.create(job)).isNew).toBe(true)
      })
    )

    test(
      "jobs are listed newest first, in pages",
      Effect.gen(function* () {
        const store = yield* JobStore
        for (const [id, now] of [
          ["a", 1],
          ["b", 3],
          ["c", 3],
          ["d", 2]
        ] as const) {
          yield* store.create({ ...job, id, now })
        }
        const first = yield* store.list({ limit: 2, before: null })
        expect(first.map(({ id }) => id)).toEqual(["c", "b"])
        const second = yield* store.list({ limit: 2, before: first[1] ?? null })
        expect(second.map(({ id }) => id)).toEqual(["d", "a"])
      })
    )
  })

describe("JobStore", () => {
  promises("in memory", MemoryJobStore.layer, { skip: false })
  promises("in SQLite, with numbers", Sqlite("number"), { skip: false })
  promises("in SQLite, with bigints", Sqlite("bigint"), { skip: false })
  promises(withPostgres("in Postgres"), SqlJobStore.layer.pipe(Layer.provide(Postgres)), {
    skip: postgresUrl === undefined
  })
})
