import * as FileSystem from "@effect/platform/FileSystem"
import { Faults, StiggTest } from "effect-stigg/testing"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import type { JobKind, PartControl } from "../../../src/internal/jobs/JobKind.js"
import { PartStopped } from "../../../src/internal/jobs/JobKind.js"
import type { JobRecord, PartRecord } from "../../../src/internal/jobs/JobRecord.js"
import { noRows } from "../../../src/internal/jobs/JobRecord.js"
import { FleetRate } from "../../../src/jobs/FleetRate.js"
import { OpenSources } from "../../../src/internal/jobs/source/OpenSources.js"

export const NoRate = Layer.succeed(FleetRate, { take: Effect.void, pause: () => Effect.void })

export const NoSources = Layer.succeed(OpenSources, { open: () => Effect.dieMessage("no import here") })

/** Customers that were created over a time, so that there are several parts. */
export const seed = {
  customers: Array.from({ length: 450 }, (_, i) => ({
    id: `customer-${i}`,
    name: `Name ${i}`,
    metadata: { n: `${i}` },
    createdAt: new Date(Date.UTC(2026, 0, 1, i)).toISOString()
  }))
}

/** An account of which each page of customers takes a second. */
export const slow = StiggTest.layer({
  seed,
  faults: [{ operation: "customers.list", fault: Faults.latency("1 second") }]
})

/** A new folder, removed when the scope closes. */
export const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

/** The names of the files in a folder; none if there is no folder. */
export const namesIn = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readDirectory(path)).pipe(
    Effect.orElseSucceed((): Array<string> => []),
    Effect.map((names) => names.toSorted())
  )

export const manifestIn = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(`${path}/manifest.json`)).pipe(
    Effect.flatMap(Schema.decode(Schema.parseJson(CustomerJobs.ExportManifest)))
  )

const Line = Schema.parseJson(Schema.Struct({ id: Schema.String }))

/** The ids in the NDJSON files that the manifest names, sorted. */
export const idsIn = (path: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { parts } = yield* manifestIn(path)
    const texts = yield* Effect.forEach(parts, ({ name }) => files.readFileString(`${path}/${name}`))
    const lines = texts.flatMap((text) => text.split("\n").filter((line) => line !== ""))
    return (yield* Effect.forEach(lines, (line) => Schema.decode(Line)(line))).map(({ id }) => id).toSorted()
  })

/** A job of a kind without an engine: its parts run when a test says so, as often as it says. */
export const byHand = (kind: JobKind, payload: unknown, instance = "11111111-1111-4111-8111-111111111111") =>
  Effect.gen(function* () {
    const job: JobRecord = {
      ...{ id: "job", kind: kind.name, payload: JSON.stringify(payload), instance, round: 1, beat: 0 },
      ...{ desired: "Run", stage: "Running", source: null, plan: null, total: null, parts: null, totals: noRows },
      ...{ problem: null, result: null, createdAt: 0, runningSince: null, rowsBefore: 0, endedAt: null }
    }
    const { parts: specs, plan } = yield* kind.plan(job)
    const planned: JobRecord = { ...job, plan }
    const parts = yield* Ref.make<ReadonlyArray<PartRecord>>(
      specs.map((spec, part) => ({ part, spec, isDone: false, totals: noRows, output: null }))
    )

    /** Runs a part. The control goes on as often as `goesOn` says, and records unless it is `lost`. */
    const run = (
      part: number,
      owner: string,
      {
        goOn = Effect.void,
        lost = false
      }: { readonly goOn?: Effect.Effect<void, PartStopped>; readonly lost?: boolean } = {}
    ) =>
      Effect.gen(function* () {
        const record = (yield* Ref.get(parts))[part]
        if (record === undefined) return yield* Effect.dieMessage(`There is no part ${part}`)
        const control: PartControl = {
          owner,
          goOn,
          wait: (duration) => Effect.zipRight(goOn, Effect.sleep(duration)),
          note: () => Effect.void,
          record: ({ isDone, output, totals }) =>
            lost
              ? new PartStopped()
              : Ref.update(parts, (before) =>
                  before.map((one) =>
                    one.part === part
                      ? {
                          ...{ ...one, isDone, output },
                          totals: {
                            rows: one.totals.rows + totals.rows,
                            created: one.totals.created + totals.created,
                            updated: one.totals.updated + totals.updated,
                            updatedOrSkipped: one.totals.updatedOrSkipped + totals.updatedOrSkipped,
                            rejected: one.totals.rejected + totals.rejected
                          }
                        }
                      : one
                  )
                )
        }
        yield* kind.runPart(planned, record, control)
      })

    const finish = Effect.gen(function* () {
      const done = yield* Ref.get(parts)
      const rows = done.reduce((sum, { totals }) => sum + totals.rows, 0)
      return yield* kind.finish({ ...planned, totals: { ...noRows, rows } }, done)
    })

    return { job: planned, parts: Ref.get(parts), specs, run, finish }
  })

export const runAll = (job: Effect.Effect.Success<ReturnType<typeof byHand>>) =>
  Effect.zipRight(
    Effect.forEach(job.specs, (_, part) => job.run(part, crypto.randomUUID()), { discard: true }),
    job.finish
  )

/**
 * Lets time go by in small steps until something is so. In between, what reads files or hashes has turns of the event loop.
 */
export const passUntil = <E, R>(is: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    for (let step = 0; step < 2000; step++) {
      if (yield* is) return
      yield* TestClock.adjust("250 millis")
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return yield* Effect.dieMessage("It did not become so")
  })

export const pass = (seconds: number) =>
  Effect.flatMap(Clock.currentTimeMillis, (start) =>
    passUntil(Effect.map(Clock.currentTimeMillis, (now) => now >= start + seconds * 1000))
  )

/** Lets time go by until a job is as asked. */
export const passUntilJob = (id: string, is: (job: CustomerJobs.Job) => boolean) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, ({ poll }) => passUntil(Effect.map(poll(id), is)))
