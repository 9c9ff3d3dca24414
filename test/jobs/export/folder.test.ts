import { describe, expect, it } from "@effect/vitest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { CustomerExport, Customers } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import { StiggTest } from "effect-stigg/testing"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import * as ExportJob from "../../../src/internal/jobs/export/ExportJob.js"
import * as TargetOpeners from "../../../src/internal/jobs/export/TargetOpeners.js"
import { PartStopped } from "../../../src/internal/jobs/JobKind.js"
import * as Account from "../../export/Account.js"
import * as Fixture from "./Fixture.js"

const encodeWatermark = Schema.encodeSync(CustomerExport.Watermark)
const decodeResult = Schema.decode(Schema.parseJson(CustomerJobs.ExportResult))

const rowsOf = (count: number) => Account.spread.inOneHour(count)
const sorted = (rows: ReadonlyArray<Account.Row>) => rows.map(({ id }) => id).toSorted()

/** An export of an account to a new folder. */
const begin = (
  account: ReturnType<typeof Account.make>,
  options: { readonly payload?: object; readonly root?: string; readonly instance?: string } = {}
) =>
  Effect.gen(function* () {
    const root = options.root ?? (yield* Fixture.folder)
    const context = yield* Effect.context<NodeContext.NodeContext>()
    const open = TargetOpeners.openers([CustomerJobs.toFolder(root, { formats: [CustomerCsv.jobFormat] })])
    const customers = yield* Effect.provide(Customers.Customers, account.layer)
    const kind = ExportJob.make(customers, (target, writing) => Effect.provide(open(target, writing), context))
    const payload = { id: "job", target: { _tag: "Folder", path: "a/b" }, partRows: 1000, ...options.payload }
    const job = yield* Fixture.byHand(kind, payload, options.instance)
    return { ...job, root, path: `${root}/a/b` }
  })

const files = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.provide(Effect.scoped(test), NodeContext.layer)

describe("an export job to a folder", () => {
  const orders: ReadonlyArray<Account.Order> = ["ascending", "descending", "shuffled"]
  const spreads = Object.keys(Account.spread) as ReadonlyArray<keyof typeof Account.spread>
  const cases = orders.flatMap((order) => spreads.map((spread) => [spread, order] as const))

  it.effect.each(cases)("has each customer once, created %s, listed %s", ([spread, order]) => {
    const rows = Account.spread[spread](1_500)
    return files(
      Effect.gen(function* () {
        const job = yield* begin(Account.make({ rows, order }), { payload: { partRows: 300 } })
        const result = yield* Effect.flatMap(Fixture.runAll(job), decodeResult)
        expect(yield* Fixture.idsIn(job.path)).toEqual(sorted(rows))
        expect(result).toMatchObject({ rows: 1_500, manifest: "manifest.json" })
      })
    )
  })

  it.effect(
    "cuts an account with an even density into parts of about the size asked for",
    () =>
      files(
        Effect.gen(function* () {
          const account = Account.make({ rows: Account.spread.evenly(20_000) })
          const job = yield* begin(account)
          const planned = account.requests.length
          yield* Fixture.runAll(job)
          const { parts } = yield* Fixture.manifestIn(job.path)
          expect(planned).toBeLessThan(160)
          expect(job.specs.length).toBeGreaterThan(15)
          expect(Math.max(...parts.map(({ rows }) => rows))).toBeLessThan(2_000)
        })
      ),
    // It reads and writes most of all tests here, and only the default limit of a test looks at the time.
    60_000
  )

  it.effect("finds a burst after a long quiet time", () =>
    files(
      Effect.gen(function* () {
        const quiet = Array.from({ length: 300 }, (_, i) => ({
          id: `old-${i}`,
          createdAt: Date.parse("2018-01-01") + i * 9 * 24 * 3_600_000
        }))
        const burst = Array.from({ length: 5_000 }, (_, i) => ({
          id: `new-${i}`,
          createdAt: Date.parse("2026-02-01") + Account.chance(i) * 3_600_000
        }))
        const job = yield* begin(Account.make({ rows: [...quiet, ...burst] }))
        yield* Fixture.runAll(job)
        const parts = yield* job.parts
        expect(Math.max(...parts.map(({ totals }) => totals.rows))).toBeLessThan(2_500)
      })
    )
  )

  it.effect("tells the rows, bytes and hash of each file", () =>
    files(
      Effect.gen(function* () {
        const job = yield* begin(Account.make({ rows: rowsOf(3_000) }), { payload: { maxFileBytes: 100_000 } })
        yield* Fixture.runAll(job)
        const { parts, rows } = yield* Fixture.manifestIn(job.path)
        expect(parts.length).toBeGreaterThan(job.specs.length)
        expect(rows).toBe(3_000)
        for (const { bytes, name, rows, sha256 } of parts) {
          const content = yield* Effect.flatMap(FileSystem.FileSystem, ({ readFile }) =>
            readFile(`${job.path}/${name}`)
          )
          expect(content.length).toBe(bytes)
          expect(content.filter((byte) => byte === 10).length).toBe(rows)
          expect(createHash("sha256").update(content).digest("hex")).toBe(sha256)
        }
        expect(yield* Fixture.namesIn(job.path)).toEqual(["manifest.json", ...parts.map(({ name }) => name)].toSorted())
      })
    )
  )

  it.effect("writes CSV with a header in each file", () =>
    files(
      Effect.gen(function* () {
        const format = { _tag: "Csv", columns: ["id", "name"] }
        const job = yield* begin(Account.make({ rows: rowsOf(500) }), {
          payload: { target: { _tag: "Folder", path: "a/b", format }, maxFileBytes: 5_000 }
        })
        yield* Fixture.runAll(job)
        const { parts } = yield* Fixture.manifestIn(job.path)
        expect(parts.length).toBeGreaterThan(2)
        for (const { name, rows } of parts) {
          const text = yield* Effect.flatMap(FileSystem.FileSystem, (files) =>
            files.readFileString(`${job.path}/${name}`)
          )
          expect(text.startsWith("id,name\r\n")).toBe(true)
          expect(text.split("\r\n").length).toBe(rows + 2)
        }
      })
    )
  )

  it.effect("stops between pages, leaves nothing under a final name, and begins the part anew", () =>
    files(
      Effect.gen(function* () {
        const rows = rowsOf(3_000)
        const account = Account.make({ rows })
        const job = yield* begin(account, { payload: { partRows: 100_000, maxFileBytes: 500_000_00 } })
        const pages = yield* Ref.make(0)
        const before = account.requests.length
        const goOn = Effect.filterOrFail(
          Ref.updateAndGet(pages, (pages) => pages + 1),
          (pages) => pages <= 5,
          () => new PartStopped()
        ).pipe(Effect.asVoid)
        const stopped = yield* Effect.exit(job.run(0, "first", { goOn }))
        expect(stopped).toEqual(Exit.fail(new PartStopped()))
        expect(account.requests.length - before).toBeLessThanOrEqual(8)
        expect(yield* Fixture.namesIn(job.path)).toEqual([])
        yield* Fixture.runAll(job)
        expect(yield* Fixture.idsIn(job.path)).toEqual(sorted(rows))
      })
    )
  )

  it.effect("does not let an owner that was replaced touch what the manifest names", () =>
    files(
      Effect.gen(function* () {
        const rows = rowsOf(3_000)
        const job = yield* begin(Account.make({ rows }))
        yield* job.run(0, "stale-owner", { lost: true }).pipe(Effect.flip)
        const left = yield* Fixture.namesIn(job.path)
        expect(left.length).toBe(1)
        yield* Fixture.runAll(job)
        const { parts } = yield* Fixture.manifestIn(job.path)
        expect(yield* Fixture.namesIn(job.path)).toEqual(["manifest.json", ...parts.map(({ name }) => name)].toSorted())
        // It comes back after the end.
        yield* job.run(0, "stale-owner-2", { lost: true }).pipe(Effect.flip)
        expect(yield* Fixture.idsIn(job.path)).toEqual(sorted(rows))
        for (const { bytes, name } of parts) {
          const info = yield* Effect.flatMap(FileSystem.FileSystem, ({ stat }) => stat(`${job.path}/${name}`))
          expect(Number(info.size)).toBe(bytes)
        }
      })
    )
  )

  it.effect("writes the manifest last, and the same one if it is finished twice", () =>
    files(
      Effect.gen(function* () {
        const job = yield* begin(Account.make({ rows: rowsOf(3_000) }))
        yield* Effect.forEach(job.specs, (_, part) => job.run(part, crypto.randomUUID()))
        expect(yield* Fixture.namesIn(job.path)).not.toContain("manifest.json")
        const first = yield* job.finish
        const manifest = yield* Fixture.manifestIn(job.path)
        expect(yield* job.finish).toBe(first)
        expect(yield* Fixture.manifestIn(job.path)).toEqual(manifest)
      })
    )
  )

  it.effect("keeps files of others, and refuses a path with the manifest of another export", () =>
    files(
      Effect.gen(function* () {
        const { makeDirectory, writeFileString } = yield* FileSystem.FileSystem
        const account = Account.make({ rows: rowsOf(200) })
        const root = yield* Fixture.folder
        yield* makeDirectory(`${root}/a/b`, { recursive: true })
        yield* writeFileString(`${root}/a/b/part-other.ndjson`, "mine")
        const job = yield* begin(account, { root })
        yield* Fixture.runAll(job)
        expect(yield* Fixture.namesIn(job.path)).toContain("part-other.ndjson")
        const refused = yield* begin(account, { root, instance: "22222222-2222-4222-8222-222222222222" }).pipe(
          Effect.flip
        )
        expect(refused).toHaveProperty("desired", "Fail")
        expect(JSON.stringify(refused)).toContain("another export")
      })
    )
  )

  it.effect.each(["../out", "/etc", "a/../../b", "a//b", "", ".", "a\\..\\b", "C:/x", "a\u0000b"])(
    "refuses the path %j",
    (path) =>
      files(
        Effect.gen(function* () {
          const jobs = yield* CustomerJobs.CustomerJobs
          const error = yield* Effect.flip(
            jobs.start(CustomerJobs.Export, { id: "job", target: { _tag: "Folder", path } })
          )
          expect(error._tag).toBe("StiggInvalidRequestError")
        }).pipe(
          Effect.provide(CustomerJobs.layerMemory({ rate: Fixture.NoRate })),
          Effect.provide([Fixture.NoSources, StiggTest.layer()])
        )
      )
  )

  it.effect("pauses while the folder cannot be written, and says why", () =>
    files(
      Effect.gen(function* () {
        const { writeFileString } = yield* FileSystem.FileSystem
        const job = yield* begin(Account.make({ rows: rowsOf(200) }))
        yield* writeFileString(`${job.root}/a`, "a file where a folder should be")
        const failure = yield* Effect.flip(job.run(0, "owner"))
        expect(failure._tag).toBe("JobHalted")
        expect(failure).toHaveProperty("desired", "Pause")
        expect(failure._tag === "JobHalted" ? failure.problem : "").toContain(job.path)
      })
    )
  )

  it.effect("exports what changed since the watermark of the last one, also a customer that came meanwhile", () =>
    files(
      Effect.gen(function* () {
        const rows = rowsOf(3_000)
        const later = Date.parse("2026-02-01")
        const account = Account.make({ rows })
        const root = yield* Fixture.folder
        const first = yield* begin(account, { root })
        account.state.rows.push({ id: "meanwhile", createdAt: later })
        const { watermark } = yield* Effect.flatMap(Fixture.runAll(first), decodeResult)
        if (watermark === null) return yield* Effect.dieMessage("no watermark")
        expect(DateTime.lessThan(watermark.updatedAt, DateTime.unsafeMake(later))).toBe(true)
        const exported = yield* Fixture.idsIn(first.path)
        expect(exported.filter((id) => id !== "meanwhile")).toEqual(sorted(rows))

        account.state.rows.splice(7, 1, {
          ...rows[7],
          id: "changed",
          createdAt: rows[7]?.createdAt ?? 0,
          updatedAt: later
        })
        const second = yield* begin(account, {
          root,
          payload: { target: { _tag: "Folder", path: "second" }, changedSince: encodeWatermark(watermark) }
        })
        yield* Fixture.runAll(second)
        expect(yield* Fixture.idsIn(`${root}/second`)).toEqual(["changed", "meanwhile"])
      })
    )
  )
})
