import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Either, Fiber, Option, Schema, Stream } from "effect"
import { CustomerExport, Schemas } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Account from "./export/Account.js"
import { idsOf, inFolder, read } from "./export/Folder.js"

const rows = Account.spread.inOneHour(2_500)

const ids = rows.map(({ id }) => id).toSorted()

/** Runs an export that fails with an outage at a given request. */
const brokenAt = (request: number) =>
  Account.make({ rows, before: (n) => (n === request ? Effect.fail(Account.outage) : Effect.void) }).layer

const always = { checkpointEvery: 0 } as const

describe("a file", () => {
  it.effect("contains each customer as one line of JSON, which decodes to the customer", () =>
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
  ] as const)("is not created when %s is invalid: %d", ([field, value]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const run = CustomerExport.toFileResumable(`${folder}/customers.ndjson`, { [field]: value })
        expect(yield* Effect.flip(Stream.runDrain(run))).toMatchObject({ _tag: "StiggInvalidRequestError", field })
        expect(yield* files.readDirectory(folder)).toEqual([])
      }).pipe(Effect.provide([Account.make({ rows }).layer, KeyValueStore.layerMemory]))
    )
  )

  it.effect("gets its final name only when it is complete", () =>
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

  it.effect("has a header if the format has one, even without customers", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const csv = CustomerCsv.format()
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

describe("a format", () => {
  it("can be CSV made for a file, and not a CSV encoder, which writes a header per batch", () => {
    expectTypeOf(CustomerCsv.format()).toExtend<CustomerExport.Format>()
    expectTypeOf(CustomerExport.ndjson).toExtend<CustomerExport.Format>()
    expectTypeOf(CustomerCsv.encode()).not.toExtend<CustomerExport.Format<unknown, unknown>>()
    // Without a decision about the header, an encoder is no format either.
    expectTypeOf({ rows: CustomerCsv.encode() }).not.toExtend<CustomerExport.Format<unknown, unknown>>()
  })

  it.effect("writes bytes, and none for a header of null", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const bytes = new TextEncoder()
        const lines = Stream.map(({ id }: Schemas.Customer) => bytes.encode(`${id}\n`))
        const run = (path: string, header: CustomerExport.Format["header"]) =>
          CustomerExport.toFile(path, { format: { header, rows: lines } }).pipe(
            Stream.runDrain,
            Effect.provide(Account.make({ rows }).layer)
          )
        const [with_, without] = [`${folder}/with`, `${folder}/without`]
        yield* run(with_, bytes.encode("ä\n"))
        yield* run(without, null)
        expect((yield* read(with_)).split("\n").toSorted()).toEqual(["", ...ids, "ä"])
        expect((yield* read(without)).split("\n").toSorted()).toEqual(["", ...ids])
      })
    )
  )

  it.effect("fails the export with its own error", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const format: CustomerExport.Format<"broken"> = { header: null, rows: () => Stream.fail("broken") }
        const run = Stream.runDrain(CustomerExport.toFile(`${folder}/x`, { format }))
        expect(yield* Effect.flip(run)).toBe("broken")
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

  it.effect("is rejected and left unchanged if it exists, unless overwriting is enabled", () =>
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

  it.effect("is rejected with the reason if it is a directory, or its folder is missing or is a file", () =>
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

it.effect("is locked by an export: a second concurrent export fails with the reason", () =>
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
          // The first export continues while the second is in the middle.
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

describe("an interrupted export", () => {
  it.effect(
    "resumes after a failure at any request, with each customer in the file exactly once",
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
            // Also with a different number of partitions.
            const last = yield* Effect.provide(run(request % 2 === 0 ? 4 : 1 + (request % 8)), rest.layer)
            expect(idsOf(yield* read(path))).toEqual(ids)
            expect(Option.map(last, ({ exported }) => exported)).toEqual(Option.some(2_500))
            // Starting over would take at least one request per page.
            if (request === 41) expect(rest.requests.length).toBeLessThan(rows.length / 100)
          }
        })
      ),
    30_000
  )

  it.effect("resumes a CSV file without a second header", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        for (const request of [0, 1, 8]) {
          const path = `${folder}/${request}.csv`
          const format = CustomerCsv.format({ columns: ["id", "name"], delimiter: ";" })
          const run = Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, format }))
          yield* Effect.flip(run).pipe(Effect.provide(brokenAt(request)))
          yield* Effect.provide(run, Account.make({ rows }).layer)
          const [header, ...records] = (yield* read(path)).trimEnd().split("\r\n")
          expect(header).toBe("id;name")
          expect(records.map((record) => record.split(";")[0]).toSorted()).toEqual(ids)
        }
      })
    )
  )

  it.effect("resumes from one partition to several, with each customer in the file exactly once", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const run = (partitions: number) =>
          Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, partitions }))
        yield* Effect.flip(run(1)).pipe(Effect.provide(brokenAt(7)))
        yield* run(8).pipe(Effect.provide(Account.make({ rows }).layer))
        expect(idsOf(yield* read(path))).toEqual(ids)
        // No progress is left, so the next export to that path starts over.
        expect(yield* Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.size)).toBe(0)
      })
    )
  )

  it.effect("keeps what it wrote since its last checkpoint if it can still save one", () =>
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

  it.effect("resumes when the API no longer knows its cursors", () =>
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

  it.effect("resumes from the previous checkpoint when the last one was truncated while being written", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const memory = yield* KeyValueStore.KeyValueStore
        let writes = 0
        // What a file store leaves when its process is killed between truncating a file and writing it.
        const torn = KeyValueStore.make({
          ...memory,
          set: (key, value) =>
            ++writes >= 9 ? memory.set(key, value.slice(0, value.length / 2)) : memory.set(key, value)
        })
        const run = Stream.runDrain(CustomerExport.toFileResumable(path, { ...always, partitions: 1 }))
        // Only one write is torn, because a killed process writes nothing more.
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

  it.effect("resumes from the previous checkpoint when the disk was too full to save another", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = `${folder}/customers.ndjson`
        const memory = yield* KeyValueStore.KeyValueStore
        let writes = 0
        const noSpace = new SystemError({ module: "KeyValueStore", method: "set", reason: "Unknown" })
        // Like a file store: it truncates a file, then fails to write it.
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
        // The ninth, and once more at the end.
        expect(writes).toBe(10)
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(idsOf(yield* read(path))).toEqual(ids)
        expect(rest.requests.length).toBe(25 - 8)
      })
    )
  )

  it.effect("only renames the file, without requests, when nothing else was left to do", () =>
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

  it.effect("is not resumed by an export of other customers, or without its file", () =>
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
