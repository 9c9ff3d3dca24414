import { describe, expect, it } from "@effect/vitest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Customers } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as CustomerJobs from "../../../src/CustomerJobs.js"
import * as Environment from "../../../src/internal/jobs/sync/Environment.js"
import * as SyncJob from "../../../src/internal/jobs/sync/SyncJob.js"
import { PartStopped } from "../../../src/internal/jobs/JobKind.js"
import * as Fixture from "./Fixture.js"

const listed = (customers: Customers.Service) =>
  Stream.runCollect(customers.list()).pipe(
    Effect.map((all) => Chunk.toReadonlyArray(all).map(({ id, metadata, name }) => ({ id, metadata, name }))),
    Effect.map((all) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
  )

describe("a sync job", () => {
  it.live("writes each customer once, then only what changed, and leaves nothing in its spool folder", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      const source = Context.get(yield* Layer.build(StiggTest.layer({ seed: Fixture.seed })), Customers.Customers)
      const target = yield* Layer.build(StiggTest.layer())
      const environments = [
        CustomerJobs.fromEnvironment({
          name: "production",
          layer: Layer.succeed(Customers.Customers, source),
          spool: root
        })
      ]
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        yield* jobs.start(CustomerJobs.Sync, { id: "first", from: "production", partRows: 100 })
        const first = yield* jobs.result(CustomerJobs.Sync, "first")
        expect(first).toMatchObject({ rows: 450, created: 450, updated: 0, rejected: 0 })
        expect(yield* listed(Context.get(target, Customers.Customers))).toEqual(yield* listed(source))
        expect(yield* Fixture.namesIn(`${root}/stigg-sync`)).toEqual([])

        yield* source.update("customer-7", { name: "Changed" })
        yield* source.provision({ id: "new", name: "New" })
        const changedSince = first.watermark ?? undefined
        yield* jobs.start(CustomerJobs.Sync, { id: "second", from: "production", changedSince })
        const second = yield* jobs.result(CustomerJobs.Sync, "second")
        expect(second).toMatchObject({ rows: 2, created: 1, updated: 1, rejected: 0 })
        expect(yield* listed(Context.get(target, Customers.Customers))).toEqual(yield* listed(source))
      }).pipe(
        Effect.provide(CustomerJobs.layerMemory({ rate: Fixture.NoRate, environments })),
        Effect.provide(Fixture.NoSources),
        Effect.provide(target)
      )
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("imports the rows that were read first when another owner goes on with a part", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      const source = Context.get(yield* Layer.build(StiggTest.layer({ seed: Fixture.seed })), Customers.Customers)
      const target = yield* Layer.build(StiggTest.layer())
      const kind = yield* SyncJob.make(
        yield* Environment.openAll([
          CustomerJobs.fromEnvironment({ name: "one", layer: Layer.succeed(Customers.Customers, source), spool: root })
        ])
      ).pipe(Effect.provide(target), Effect.provide(Fixture.NoRate))
      const job = yield* Fixture.byHand(kind, { id: "job", from: "one", partRows: 100_000, batchSize: 100 })
      // Five pages are read, and two batches are sent.
      const asked = yield* Ref.make(0)
      const goOn = Effect.filterOrFail(
        Ref.updateAndGet(asked, (asked) => asked + 1),
        (asked) => asked <= 7,
        () => new PartStopped()
      ).pipe(Effect.asVoid)
      yield* Effect.flip(job.run(0, "first", { goOn }))
      expect((yield* job.parts)[0]?.totals).toMatchObject({ rows: 200, created: 200 })
      yield* source.update("customer-449", { name: "Changed after it was read" })
      yield* job.run(0, "second")
      const [part] = yield* job.parts
      expect(part).toMatchObject({ isDone: true, totals: { rows: 450, created: 450, updated: 0 } })
      const written = yield* listed(Context.get(target, Customers.Customers))
      expect(written.find(({ id }) => id === "customer-449")?.name).toBe("Name 449")
      yield* job.finish
      expect(yield* Fixture.namesIn(`${root}/stigg-sync`)).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  )

  it.live("fails if the runner does not know the environment", () =>
    Effect.gen(function* () {
      const jobs = yield* CustomerJobs.CustomerJobs
      yield* jobs.start(CustomerJobs.Sync, { id: "job", from: "other" })
      const failure = yield* Effect.flip(jobs.result(CustomerJobs.Sync, "job"))
      expect(failure.message).toContain("from: Expected an environment")
    }).pipe(
      Effect.provide(CustomerJobs.layerMemory({ rate: Fixture.NoRate })),
      Effect.provide([Fixture.NoSources, StiggTest.layer()])
    )
  )
})

describe("a job of the engine", () => {
  it.scoped("exports to a folder, paused and resumed in the middle", () =>
    Effect.gen(function* () {
      const root = yield* Fixture.folder
      yield* Effect.gen(function* () {
        const jobs = yield* CustomerJobs.CustomerJobs
        const target = { _tag: "Folder", path: "all" } as const
        yield* jobs.start(CustomerJobs.Export, { id: "job", target, partRows: 100, concurrency: 1 })
        yield* Fixture.passUntilJob("job", ({ rows }) => rows > 0)
        yield* jobs.pause("job")
        yield* Fixture.passUntilJob("job", ({ state }) => state !== "Running" && state !== "Pausing")
        const paused = yield* jobs.poll("job")
        expect(paused.state).toBe("Paused")
        const files = yield* Fixture.namesIn(`${root}/all`)
        expect(files).not.toContain("manifest.json")
        yield* Fixture.pass(20)
        expect([(yield* jobs.poll("job")).rows, yield* Fixture.namesIn(`${root}/all`)]).toEqual([paused.rows, files])
        yield* jobs.resume("job")
        yield* Fixture.passUntilJob("job", ({ endedAt }) => endedAt !== null)
        const { manifest, rows } = yield* jobs.result(CustomerJobs.Export, "job")
        expect({ manifest, rows }).toEqual({ manifest: "manifest.json", rows: 450 })
        expect(yield* Fixture.idsIn(`${root}/all`)).toEqual(Fixture.seed.customers.map(({ id }) => id).toSorted())
      }).pipe(
        Effect.provide(CustomerJobs.layerMemory({ rate: Fixture.NoRate, targets: [CustomerJobs.toFolder(root)] })),
        Effect.provide([Fixture.NoSources, Fixture.slow])
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
