import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Either, Fiber, Option, Schema, Stream } from "effect"
import { CustomerExport, Schemas } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Account from "./export/Account.js"
import { idsOf, inFolder, read } from "./export/Folder.js"

const rows = Account.spread.inOneHour(2_500)

const ids = rows.map(({ id }) => id).toSorted()

/** A run that an outage breaks off at a request. */
const brokenAt = (request: number) =>
  Account.make({ rows, before: (n) => (n === request ? Effect.fail(Account.outage) : Effect.void) }).layer

const always = { checkpointEvery: 0 } as const

describe("a file", () => {
  it.effect("holds each customer as one line of JSON, which reads as the customer", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const last = yield* Stream.runLast(CustomerExport.toFile(path, { partitions: 4 }))
        expect(Option.map(last, ({ exported, windows }) => [exported, windows.open])).toEqual(Option.some([2_500, 0]))
        const lines = (yield* read(path)).trimEnd().split("\n")
        const decode = Schema.decodeSync(Schema.parseJson(Schemas.Customer))
        expect(lines.map((line) => decode(line).id).toSorted()).toEqual(ids)
        expect(decode(lines[0] ?? "").metadata).toEqual({ 'a "key"': "a\nvalue" })
      }).pipe(Effect.provide(Account.make({ rows }).layer))
    )
  )

  it.effect.each([
    ["checkpointEvery", NaN],
    ["checkpointEvery", -1],
    ["partitions", NaN]
  ] as const)("is not begun with an impossible %s: %d", ([field, value]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const run = CustomerExport.toFileResumable(`${folder}/customers.ndjson`, { [field]: value })
        expect(yield* Effect.flip(Stream.runDrain(run))).toMatchObject({ _tag: "StiggInvalidRequestError", field })
        expect(yield* files.readDirectory(folder)).toEqual([])
      }).pipe(Effect.provide([Account.make({ rows }).layer, KeyValueStore.layerMemory]))
    )
  )

  it.effect("appears under its name only when it is complete", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = `${folder}/customers.ndjson`
        const names = yield* CustomerExport.toFile(path).pipe(
          Stream.mapEffect(() => files.readDirectory(folder)),
          Stream.runFold(new Array<string>(), (all, found) => [...all, found.join()])
        )
        expect(names.slice(0, -1)).toEqual(new Array(25).fill("customers.ndjson.partial"))
        expect(names.at(-1)).toEqual("customers.ndjson")
      }).pipe(Effect.provide(Account.make({ rows }).layer))
    )
  )

  it.effect("of a format with a header has one, also without customers", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const csv: CustomerExport.Format = (customers, { isFirst }) =>
          CustomerCsv.encode({ header: isFirst })(customers)
        const [full, empty] = [`${folder}/full.csv`, `${folder}/empty.csv`]
        yield* Stream.runDrain(CustomerExport.toFile(full, { format: csv, partitions: 4 }))
        yield* Stream.runDrain(
          CustomerExport.toFile(empty, { format: csv, until: DateTime.unsafeMake("2000-01-01"), partitions: 4 })
        )
        const records = (yield* read(full)).split(/\r\n/)
        expect(records.filter((record) => record.startsWith("id,"))).toHaveLength(1)
        expect(records[0]).toMatch(/^id,/)
        expect(records.filter((record) => record.startsWith("customer-"))).toHaveLength(2_500)
        expect(yield* read(empty)).toBe(`${records[0]}\r\n`)
      }).pipe(Effect.provide(Account.make({ rows }).layer))
    )
  )
})

describe("a path", () => {
  const refused = (path: string, options: CustomerExport.FileOptions = {}) =>
    CustomerExport.toFile(path, options).pipe(
      Stream.runDrain,
      Effect.flip,
      Effect.provide(Account.make({ rows }).layer)
    )

  it.effect("that exists is refused and stays as it was, unless it is to be overwritten", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = `${folder}/customers.ndjson`
        yield* files.writeFileString(path, "mine")
        expect(yield* refused(path)).toMatchObject({ _tag: "StiggExportFileError", reason: "AlreadyExists", path })
        expect(yield* read(path)).toBe("mine")
        yield* CustomerExport.toFile(path, { overwrite: true }).pipe(
          Stream.runForEach(({ windows }) =>
            windows.open === 0 ? Effect.void : Effect.map(read(path), (text) => expect(text).toBe("mine"))
          ),
          Effect.provide(Account.make({ rows }).layer)
        )
        expect(idsOf(yield* read(path))).toEqual(ids)
      })
    )
  )

  it.effect("that is a directory, or lies in no folder or in a file, is refused by that reason", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${folder}/file`, "")
        expect(yield* refused(folder, { overwrite: true })).toMatchObject({ reason: "IsDirectory" })
        expect(yield* refused(`${folder}/none/customers.ndjson`)).toMatchObject({ reason: "NoSuchFolder" })
        expect(yield* refused(`${folder}/file/customers.ndjson`)).toMatchObject({ reason: "NoSuchFolder" })
      })
    )
  )
})

it.effect("two exports to one path at once: the first fails and says why, the file is the second's", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const path = `${folder}/customers.ndjson`
      const files = yield* FileSystem.FileSystem
      const gate = yield* Deferred.make<void>()
      const first = Account.make({ rows, before: (request) => (request === 3 ? Deferred.await(gate) : Effect.void) })
      const running = yield* CustomerExport.toFile(path).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(first.layer),
        Effect.fork
      )
      while (first.requests.length < 4) yield* Effect.yieldNow()
      yield* CustomerExport.toFile(path).pipe(
        Stream.tap(({ pages }) =>
          // The first goes on while the second is in the middle.
          pages === 7 ? Effect.zipRight(Deferred.succeed(gate, undefined), Fiber.await(running)) : Effect.void
        ),
        Stream.runDrain,
        Effect.provide(Account.make({ rows, order: "descending" }).layer)
      )
      expect(yield* Fiber.join(running)).toMatchObject({ _tag: "StiggExportFileError", reason: "TakenOver", path })
      expect(idsOf(yield* read(path))).toEqual(ids)
      expect(yield* files.readDirectory(folder)).toEqual(["customers.ndjson"])
    })
  )
)

describe("a run that was broken off", () => {
  it.effect(
    "at any request is gone on with, and each customer is in the file once",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          for (const request of [0, 1, 3, 8, 13, 41]) {
            const path = `${folder}/${request}.ndjson`
            const run = (partitions: number) =>
              Stream.runLast(CustomerExport.toFileResumable(path, { ...always, partitions }))
            const broken = yield* Effect.either(run(4)).pipe(Effect.provide(brokenAt(request)))
            expect(Either.isLeft(broken)).toBe(true)
            const rest = Account.make({ rows })
            // With another number of partitions, too.
            const last = yield* Effect.provide(run(request % 2 === 0 ? 4 : 1 + (request % 8)), rest.layer)
            expect(idsOf(yield* read(path))).toEqual(ids)
            expect(Option.map(last, ({ exported }) => exported)).toEqual(Option.some(2_500))
            // To begin again would take a request for each page, at the least.
            if (request === 41) expect(rest.requests.length).toBeLessThan(rows.length / 100)
          }
        })
      ),
    30_000
  )

  it.effect("with one partition goes on with several, and each customer is in the file once", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const run = (partitions: number) =>
          Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, partitions }))
        yield* Effect.flip(run(1)).pipe(Effect.provide(brokenAt(7)))
        yield* run(8).pipe(Effect.provide(Account.make({ rows }).layer))
        expect(idsOf(yield* read(path))).toEqual(ids)
        // Nothing is left of its progress, so that the next export to that path is one from the beginning.
        expect(yield* Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.size)).toBe(0)
      })
    )
  )

  it.effect("keeps what was written since its last checkpoint, when it had the time", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const run = Stream.runDrain(CustomerExport.toFileResumable(path, { checkpointEvery: "1 hour" }))
        yield* Effect.flip(run).pipe(Effect.provide(brokenAt(20)))
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(rest.requests.length).toBe(5)
        expect(idsOf(yield* read(path))).toEqual(ids)
      })
    )
  )

  it.effect("goes on when the API knows its cursors no more", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const run = Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, partitions: 4 }))
        yield* Effect.flip(run).pipe(Effect.provide(brokenAt(17)))
        const begun = new Set<string>()
        const forgetful = Account.make({
          rows,
          before: (_, { after, createdAt }) => {
            const query = JSON.stringify(createdAt)
            if (after === undefined) begun.add(query)
            return after !== undefined && !begun.has(query) ? Effect.fail(Account.badCursor) : Effect.void
          }
        })
        yield* Effect.provide(run, forgetful.layer)
        expect(idsOf(yield* read(path))).toEqual(ids)
      })
    )
  )

  it.effect("goes on from the checkpoint before, when the last was cut short in writing", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const memory = yield* KeyValueStore.KeyValueStore
        let writes = 0
        // What a store of files leaves when its process is killed between emptying a file and filling it.
        const torn = KeyValueStore.make({
          ...memory,
          set: (key, value) =>
            ++writes >= 9 ? memory.set(key, value.slice(0, value.length / 2)) : memory.set(key, value)
        })
        const run = Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, partitions: 1 }))
        // Only one write is torn: nothing is written by a process that was killed.
        const killed = CustomerExport.toFileResumable(path, { ...always, partitions: 1 }).pipe(
          Stream.takeUntil(() => writes >= 8),
          Stream.runDrain
        )
        yield* killed.pipe(
          Effect.provideService(KeyValueStore.KeyValueStore, torn),
          Effect.provide(Account.make({ rows }).layer)
        )
        expect(writes).toBe(9)
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(idsOf(yield* read(path))).toEqual(ids)
        expect(rest.requests.length).toBe(25 - 8)
      })
    )
  )

  it.effect("goes on from the checkpoint before, when no other could be written: the disk was full", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const memory = yield* KeyValueStore.KeyValueStore
        let writes = 0
        const noSpace = new SystemError({ module: "KeyValueStore", method: "set", reason: "Unknown" })
        // As a store of files does: it empties a file, and fails to fill it.
        const full = KeyValueStore.make({
          ...memory,
          set: (key, value) =>
            ++writes > 8 ? Effect.zipRight(memory.set(key, ""), Effect.fail(noSpace)) : memory.set(key, value)
        })
        const run = Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, partitions: 1 }))
        const error = yield* Effect.flip(run).pipe(
          Effect.provideService(KeyValueStore.KeyValueStore, full),
          Effect.provide(Account.make({ rows }).layer)
        )
        expect(error).toMatchObject({ _tag: "StiggExportCheckpointError", reason: "StoreFailed" })
        // The ninth, and once more when it ended.
        expect(writes).toBe(10)
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(idsOf(yield* read(path))).toEqual(ids)
        expect(rest.requests.length).toBe(25 - 8)
      })
    )
  )

  it.effect("when only the file's name was missing gives it that, and requests nothing", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const files = yield* FileSystem.FileSystem
        const unnamed = FileSystem.make({
          ...files,
          rename: () => Effect.fail(new SystemError({ module: "FileSystem", method: "rename", reason: "Busy" }))
        })
        const run = Stream.runDrain(CustomerExport.toFileResumable(path))
        yield* Effect.flip(run).pipe(
          Effect.provideService(FileSystem.FileSystem, unnamed),
          Effect.provide(Account.make({ rows }).layer)
        )
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(rest.requests).toEqual([])
        expect(idsOf(yield* read(path))).toEqual(ids)
        expect(yield* Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.size)).toBe(0)
      })
    )
  )

  it.effect("is not gone on with by an export of other customers, nor without its file", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const run = (options: CustomerExport.Options) =>
          Effect.flip(Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, ...options })))
        yield* run({}).pipe(Effect.provide(brokenAt(9)))
        yield* Effect.gen(function* () {
          const other = yield* run({ changedSince: DateTime.unsafeMake("2026-01-01") })
          expect(other).toMatchObject({ _tag: "StiggExportCheckpointError", reason: "OtherExport" })
          yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.truncate(`${path}.partial`, 10))
          expect(yield* run({})).toMatchObject({ _tag: "StiggExportCheckpointError", reason: "FileShorter" })
        }).pipe(Effect.provide(Account.make({ rows }).layer))
      })
    )
  )
})
