import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type { Schemas } from "effect-stigg"
import { Effect, Option, Stream } from "effect"
import { CustomerExport } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Account from "./export/Account.js"
import { idsOf, inFolder, read } from "./export/Folder.js"

const rows = Account.spread.inOneHour(1_200)

const ids = rows.map(({ id }) => id).toSorted()

const csv = CustomerCsv.format({ columns: ["id", "name"], delimiter: ";" })

const formatsIn = (folder: string) => ({ [`${folder}/a.ndjson`]: CustomerExport.ndjson, [`${folder}/b.csv`]: csv })

/** Expects both files to hold each customer once, and no other file in the folder. */
const expectBoth = (folder: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    expect((yield* files.readDirectory(folder)).toSorted()).toEqual(["a.ndjson", "b.csv"])
    expect(idsOf(yield* read(`${folder}/a.ndjson`))).toEqual(ids)
    const [header, ...records] = (yield* read(`${folder}/b.csv`)).trimEnd().split("\r\n")
    expect(header).toBe("id;name")
    expect(records.map((record) => record.split(";")[0]).toSorted()).toEqual(ids)
  })

const brokenAt = (request: number) =>
  Account.make({ rows, before: (n) => (n === request ? Effect.fail(Account.outage) : Effect.void) }).layer

describe("several files", () => {
  it.effect("hold each customer once, from one request per page, and get their names when all are complete", () => {
    const account = Account.make({ rows })
    return inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const seen = yield* CustomerExport.toFiles(formatsIn(folder)).pipe(
          Stream.mapEffect(() => files.readDirectory(folder)),
          Stream.runFold(new Set<string>(), (all, names) => all.add(names.toSorted().join()))
        )
        expect([...seen]).toEqual(["a.ndjson.partial,b.csv.partial", "a.ndjson,b.csv"])
        expect(account.requests).toHaveLength(rows.length / 100)
        yield* expectBoth(folder)
      }).pipe(Effect.provide(account.layer))
    )
  })

  it.effect("have their headers when there are no customers", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        yield* Stream.runDrain(CustomerExport.toFiles(formatsIn(folder)))
        expect(yield* read(`${folder}/a.ndjson`)).toBe("")
        expect(yield* read(`${folder}/b.csv`)).toBe("id;name\r\n")
      }).pipe(Effect.provide(Account.make({ rows: [] }).layer))
    )
  )

  it("have the errors of all their formats", () => {
    class One extends Error {
      readonly _tag = "One"
    }
    class Two extends Error {
      readonly _tag = "Two"
    }
    const one: CustomerExport.Format<One> = { header: null, rows: () => Stream.fail(new One()) }
    const two: CustomerExport.Format<Two, "service"> = { header: null, rows: () => Stream.fail(new Two()) }
    const both = CustomerExport.toFiles({ one, two, three: csv })
    expectTypeOf<Extract<Stream.Stream.Error<typeof both>, One | Two>>().toEqualTypeOf<One | Two>()
    expectTypeOf<Extract<Stream.Stream.Context<typeof both>, string>>().toEqualTypeOf<"service">()
    const inline = CustomerExport.toFiles({
      "ids.txt": { header: null, rows: Stream.map(({ id }: Schemas.Customer) => id) }
    })
    const alone = CustomerExport.toFile("ids.txt")
    expectTypeOf<Stream.Stream.Error<typeof inline>>().toEqualTypeOf<Stream.Stream.Error<typeof alone>>()
  })

  it.effect("stay as they were when one of their formats fails", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        let batches = 0
        const broken: CustomerExport.Format<"broken"> = {
          header: null,
          rows: (customers) =>
            Stream.mapEffect(customers, ({ id }) =>
              batches > 3 ? Effect.fail("broken" as const) : Effect.succeed(id)
            ).pipe(Stream.onStart(Effect.sync(() => batches++)))
        }
        const run = (b: CustomerExport.Format<"broken">) =>
          CustomerExport.toFilesResumable({ [`${folder}/a.ndjson`]: CustomerExport.ndjson, [`${folder}/b.csv`]: b })
        expect(yield* Effect.flip(Stream.runDrain(run(broken)))).toBe("broken")
        // Encoded together, so both files end after the same page.
        const lines = idsOf(yield* read(`${folder}/a.ndjson.partial`))
        expect(lines).toHaveLength(300)
        expect((yield* read(`${folder}/b.csv.partial`)).split("customer-").length - 1).toBe(300)
      }).pipe(Effect.provide(Account.make({ rows }).layer))
    )
  )
})

describe("two names of one file", () => {
  const refused = (files: { readonly [path: string]: CustomerExport.Format }) => {
    const account = Account.make({ rows })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(CustomerExport.toFiles(files)))
      expect(account.requests).toEqual([])
      return error
    }).pipe(Effect.provide(account.layer))
  }

  it.effect("are refused before anything is created", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        for (const [name, other] of [
          ["a", "./a"],
          ["a", "b/../a"],
          ["a", "a.partial"],
          ["b//a", "b/./a"]
        ] as const) {
          const [one, two] = [`${folder}/${name}`, `${folder}/${other}`]
          const error = yield* refused({ [one]: csv, [two]: CustomerExport.ndjson })
          expect(error).toMatchObject({ _tag: "StiggInvalidRequestError" })
          expect([`files["${one}"]`, `files["${two}"]`]).toContain("field" in error ? error.field : null)
          expect(error.message).toContain(one)
          expect(error.message).toContain(two)
        }
        expect(yield* refused({})).toMatchObject({ _tag: "StiggInvalidRequestError", field: "files" })
        expect(yield* files.readDirectory(folder)).toEqual([])
      })
    )
  )

  it.effect("are refused if a link makes them one", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* files.makeDirectory(`${folder}/real`)
        yield* files.symlink(`${folder}/real`, `${folder}/link`)
        const error = yield* refused({ [`${folder}/link/a`]: csv, [`${folder}/real/a`]: CustomerExport.ndjson })
        expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field: `files["${folder}/link/a"]` })
      })
    )
  )
})

it.effect("a CSV encoder is refused as the rows of a format, because it would repeat its header", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const [path, account] = [`${folder}/b.csv`, Account.make({ rows })]
      const wrong: CustomerExport.Format = { header: null, rows: CustomerCsv.encode({ columns: ["id"] }) }
      const runs = Effect.all([
        Effect.flip(Stream.runDrain(CustomerExport.toFile(path, { format: wrong }))),
        Effect.flip(Stream.runDrain(CustomerExport.toFiles({ [path]: wrong })))
      ])
      expect(yield* Effect.provide(runs, account.layer)).toMatchObject([
        { _tag: "StiggInvalidRequestError", field: "format.rows" },
        { _tag: "StiggInvalidRequestError", field: `files["${path}"].rows` }
      ])
      expect(account.requests).toEqual([])
      const right: CustomerExport.Format = { ...wrong, rows: CustomerCsv.encode({ columns: ["id"], header: false }) }
      yield* Effect.provide(Stream.runDrain(CustomerExport.toFile(path, { format: right })), account.layer)
      expect((yield* read(path)).trimEnd().split("\r\n").toSorted()).toEqual(ids)
    })
  )
)

describe("an interrupted export to several files", () => {
  const always = { checkpointEvery: 0, partitions: 4 } as const

  it.effect(
    "resumes after a failure at any request, in whatever order the files are named",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          for (const request of [0, 1, 8, 17]) {
            const place = `${folder}/${request}`
            yield* files.makeDirectory(place)
            const run = CustomerExport.toFilesResumable(formatsIn(place), always)
            yield* Effect.flip(Stream.runDrain(run)).pipe(Effect.provide(brokenAt(request)))
            const rest = Account.make({ rows })
            const again = CustomerExport.toFilesResumable(
              Object.fromEntries(Object.entries(formatsIn(place)).toReversed()),
              always
            )
            const last = yield* Effect.provide(Stream.runLast(again), rest.layer)
            expect(Option.map(last, ({ exported, fraction }) => [exported, fraction])).toEqual(Option.some([1_200, 1]))
            yield* expectBoth(place)
          }
          expect(yield* Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.size)).toBe(0)
        })
      ),
    30_000
  )

  it.effect("keeps its files consistent when one of them cannot be written", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const noSpace = new SystemError({
          ...{ module: "FileSystem", method: "writeAll", reason: "Unknown" },
          cause: Object.assign(new Error("no space left on device"), { code: "ENOSPC" })
        })
        let writes = 0
        const full = FileSystem.make({
          ...files,
          open: (name, options) =>
            Effect.map(files.open(name, options), (file) => {
              if (!name.includes("b.csv")) return file
              // An object with the methods of the file, of which one fails.
              return Object.assign(Object.create(file) as FileSystem.File, {
                writeAll: (bytes: Uint8Array) =>
                  ++writes > 5
                    ? Effect.zipRight(file.writeAll(bytes.subarray(0, 10)), Effect.fail(noSpace))
                    : file.writeAll(bytes)
              })
            })
        })
        const run = Stream.runDrain(CustomerExport.toFilesResumable(formatsIn(folder), { checkpointEvery: "1 hour" }))
        const error = yield* Effect.flip(run).pipe(
          Effect.provideService(FileSystem.FileSystem, full),
          Effect.provide(Account.make({ rows }).layer)
        )
        expect(error).toMatchObject({ _tag: "StiggExportFileError", reason: "NoSpace", path: `${folder}/b.csv` })
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(rest.requests).toHaveLength(rows.length / 100 - 5)
        yield* expectBoth(folder)
      })
    )
  )

  it.effect("only renames the files that the last run did not rename", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const stuck = FileSystem.make({
          ...files,
          rename: (from, to) =>
            to.endsWith("b.csv")
              ? Effect.fail(new SystemError({ module: "FileSystem", method: "rename", reason: "Busy" }))
              : files.rename(from, to)
        })
        const run = Stream.runDrain(CustomerExport.toFilesResumable(formatsIn(folder)))
        yield* Effect.flip(run).pipe(
          Effect.provideService(FileSystem.FileSystem, stuck),
          Effect.provide(Account.make({ rows }).layer)
        )
        expect((yield* files.readDirectory(folder)).toSorted()).toEqual(["a.ndjson", "b.csv.partial"])
        const rest = Account.make({ rows })
        yield* Effect.provide(run, rest.layer)
        expect(rest.requests).toEqual([])
        yield* expectBoth(folder)
      })
    )
  )

  it.effect("is not resumed with another header, other files, or without one of its files", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const run = (formats: { readonly [path: string]: CustomerExport.Format }) =>
          Effect.flip(Stream.runDrain(CustomerExport.toFilesResumable(formats, { ...always, key: "same" })))
        yield* run(formatsIn(folder)).pipe(Effect.provide(brokenAt(9)))
        yield* Effect.gen(function* () {
          const columns = { ...formatsIn(folder), [`${folder}/b.csv`]: CustomerCsv.format() }
          expect(yield* run(columns)).toMatchObject({ reason: "OtherExport" })
          expect(yield* run({ ...formatsIn(folder), [`${folder}/c`]: csv })).toMatchObject({ reason: "OtherExport" })
          yield* files.remove(`${folder}/b.csv.partial`)
          const error = yield* run(formatsIn(folder))
          expect(error).toMatchObject({ _tag: "StiggExportCheckpointError", reason: "FileShorter" })
          expect(error).toMatchObject({ message: expect.stringContaining("b.csv.partial") as unknown })
        }).pipe(Effect.provide(Account.make({ rows }).layer))
      })
    )
  )
})
