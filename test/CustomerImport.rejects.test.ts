import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { collect, customer, hasten, make, refusal, rowsOf } from "./import/harness.js"

const inFolder = <A, E, R>(body: (folder: string, files: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return yield* body(yield* files.makeTempDirectoryScoped(), files)
  }).pipe(Effect.scoped, Effect.provide([NodeFileSystem.layer, KeyValueStore.layerMemory]))

const options = { rateLimit: false, concurrency: 1, batchSize: 2 } as const

const ndjsonLines = [
  JSON.stringify(customer("c-1")),
  '{"id":"c-2","name":"cut off',
  '  { "id" : "c-3", "name": null, "email": "none", "extra": 1e2 }',
  JSON.stringify(customer("c-4")),
  "[]",
  "{}",
  JSON.stringify(customer("c-5")),
  JSON.stringify(customer("c-1", { name: "last" }))
]

describe("rejected rows as NDJSON", () => {
  it.effect("keep their original lines, and the file can be fixed and imported", () => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const [source, rejects, again] = [`${folder}/a.ndjson`, `${folder}/rejects.ndjson`, `${folder}/again.ndjson`]
        yield* files.writeFileString(source, ndjsonLines.join("\n"))
        const told = yield* collect(
          CustomerImport.run(CustomerImport.readNdjson(source), options).pipe(CustomerImport.writeRejects(rejects))
        )
        expect(told.summary).toMatchObject({ rows: 8, created: 3, rejected: 5 })
        const text = yield* files.readFileString(rejects)
        const of = (row: number, reason: string) => `{"rejected":{"row":${row},"line":${row},"reason":"${reason}",`
        const lines = text.trimEnd().split("\n")
        expect(lines.map((line) => line.replace(/"message":"(?:[^"\\]|\\.)*"/, ""))).toEqual([
          `${of(1, "Duplicate")}},${ndjsonLines[0]?.slice(1)}`,
          `${of(2, "Malformed")}},"text":${JSON.stringify(ndjsonLines[1])}}`,
          `${of(3, "Invalid")}},"id" : "c-3", "name": null, "email": "none", "extra": 1e2}`,
          `${of(5, "Malformed")}},"text":"[]"}`,
          `${of(6, "Invalid")}}}`
        ])
        // Unchanged, every row but the duplicate is rejected again, and has its reason once.
        const second = yield* collect(
          CustomerImport.run(CustomerImport.readNdjson(rejects), options).pipe(CustomerImport.writeRejects(again))
        )
        expect(second.summary).toMatchObject({ rows: 5, created: 0, updated: 1, rejected: 4 })
        const rounds = (yield* files.readFileString(again)).trimEnd().split("\n")
        expect(rounds.map((line) => line.split('"rejected"').length - 1)).toEqual([1, 1, 1, 1])
        expect(rounds[1]).toMatch(/\},"id" : "c-3", "name": null, "email": "none", "extra": 1e2\}$/)
        // Fixed, it is imported.
        yield* files.writeFileString(rejects, (lines[2] ?? "").replace('"none"', '"c@example.com"'))
        const third = yield* collect(CustomerImport.run(CustomerImport.readNdjson(rejects), options))
        expect(third.batches[0]).toMatchObject({ created: ["c-3"] })
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect("are the JSON of their values if they have no text", () => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const path = `${folder}/rejects`
        const cycle: Record<string, unknown> = { id: 1 }
        cycle["self"] = cycle
        yield* Stream.runDrain(
          CustomerImport.run(rowsOf([{ id: "" }, 7, cycle, undefined, [1n]])).pipe(CustomerImport.writeRejects(path))
        )
        const lines = (yield* files.readFileString(path)).trimEnd().split("\n")
        expect(lines.map((line) => line.slice(line.indexOf("},") + 1))).toEqual([
          ',"id":""}',
          ',"value":7}',
          expect.stringMatching(/^\{"rejected":\{.*\}\}$/) as unknown,
          ',"value":null}',
          ',"value":null}'
        ])
        for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow()
        // Customers of a bulk file get the field names of a row.
        const bulk = '{"customers":[\n{"customerId":"c-1",\n"email":"none"},\n{"customerId"\n}]}'
        const rows = CustomerImport.fromBulkFile(Stream.make(new TextEncoder().encode(bulk)))
        yield* Stream.runDrain(CustomerImport.run(rows).pipe(CustomerImport.writeRejects(`${folder}/bulk`)))
        const [first, second] = (yield* files.readFileString(`${folder}/bulk`)).trimEnd().split("\n")
        expect(first).toMatch(/\},"email":"none","id":"c-1","name":null\}$/)
        expect(second).toMatch(/\},"text":"\{\\"customerId\\"\\n\}"\}$/)
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect("make no file if there are none", () => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const path = `${folder}/rejects`
        const run = (options?: CustomerImport.RejectsOptions) =>
          CustomerImport.run(rowsOf([customer("a")])).pipe(CustomerImport.writeRejects(path, options), Stream.runDrain)
        yield* files.writeFileString(`${path}.partial`, "of a run that was killed")
        yield* run()
        expect(yield* files.readDirectory(folder)).toEqual([])
        yield* files.writeFileString(path, "of an earlier import")
        yield* run({ overwrite: true })
        expect(yield* files.readDirectory(folder)).toEqual([])
      }).pipe(Effect.provide(layer))
    )
  })
})

describe("rejected rows as CSV", () => {
  const read = (path: string) => CustomerCsv.read(path, { columns: { id: "Account", email: "E-mail" }, delimiter: ";" })
  const source = [
    '\ufeffAccount;"E-mail";name;"Note; free"',
    "c-1;a@example.com;One;",
    'c-2;none;"He said ""no""";"two\r\nlines; and more"',
    "c-3;none;=1+1;'+49",
    "c-4;none;''=x;x",
    "c-5;too few",
    'c-6;"not closed;x;y',
    "c-7;b@example.com;Seven;'free'"
  ].join("\r\n")

  it.effect("keep the header, the cells, the delimiter and the byte order mark, and can be fixed and imported", () => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const [path, rejects, again] = [`${folder}/a.csv`, `${folder}/rejects.csv`, `${folder}/again.csv`]
        yield* files.writeFileString(path, source)
        const told = yield* collect(CustomerImport.run(read(path), options).pipe(CustomerCsv.writeRejects(rejects)))
        expect(told.summary).toMatchObject({ rows: 7, created: 2, rejected: 5 })
        // `readFileString` drops a byte order mark.
        const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(yield* files.readFile(rejects))
        const lines = text.split("\r\n")
        expect(lines[0]).toBe(
          '\ufeffAccount;E-mail;name;"Note; free";' +
            "rejected.row;rejected.line;rejected.reason;rejected.message;rejected.text"
        )
        expect(lines[1]).toMatch(/^c-2;none;"He said ""no""";"two\nlines; and more";2;3;Invalid;/)
        expect(lines[2]).toMatch(/^c-3;none;'=1\+1;'\+49;3;5;Invalid;/)
        expect(lines[3]).toMatch(/^c-4;none;''=x;x;4;6;Invalid;/)
        expect(lines[4]).toMatch(/^;;;;5;7;Malformed;[^;]*;"c-5;too few"$/)
        expect(lines[5]).toMatch(/^;;;;6;8;Malformed;[^;]*;"c-6;""not closed;x;y"$/)
        // Its reader sees the values that were rejected.
        const values = yield* Effect.map(Stream.runCollect(read(rejects)), Chunk.toReadonlyArray)
        expect(values.slice(0, 3).map(({ value }) => value)).toEqual(
          told.rejected.slice(0, 3).map(({ value }) => value)
        )
        // Unchanged, each row is rejected again. The columns that were added are there once.
        const second = yield* collect(CustomerImport.run(read(rejects), options).pipe(CustomerCsv.writeRejects(again)))
        expect(second.summary).toMatchObject({ rows: 5, rejected: 5 })
        const twice = (yield* files.readFileString(again)).split("\r\n")
        expect(`\ufeff${twice[0] ?? ""}`).toBe(lines[0])
        expect(twice[1]).toMatch(/^c-2;none;"He said ""no""";"two\nlines; and more";1;2;Invalid;/)
        // Fixed, each is imported.
        const fixed = text
          .replaceAll(";none;", ";c@example.com;")
          .replace(/^;;;;5/m, "c-5;;;;5")
          .replace(/^;;;;6/m, "c-6;;;;6")
        yield* files.writeFileString(rejects, fixed)
        const third = yield* collect(CustomerImport.run(read(rejects), options))
        expect(third.batches.flatMap(({ created }) => created)).toEqual(["c-2", "c-3", "c-4", "c-5", "c-6"])
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect("keep their cells as they are for a reader that does not remove apostrophes", () => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const rows = CustomerCsv.decode({ neutralizeFormulas: false })(
          Stream.make(new TextEncoder().encode("id,name,email\n'=1,=1+1,none\n"))
        )
        yield* CustomerImport.run(rows).pipe(CustomerCsv.writeRejects(`${folder}/r.csv`), Stream.runDrain)
        expect(yield* files.readFileString(`${folder}/r.csv`)).toContain("\r\n'=1,=1+1,none,1,2,Invalid,")
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect("must come from one table", () => {
    const { layer } = make()
    return inFolder((folder) =>
      Effect.gen(function* () {
        const decode = (text: string) => CustomerCsv.decode()(Stream.make(new TextEncoder().encode(text)))
        const run = <E>(rows: Stream.Stream<CustomerImport.Row, E>) =>
          CustomerImport.run(rows, options).pipe(
            CustomerCsv.writeRejects(`${folder}/r.csv`),
            Stream.runDrain,
            Effect.flip
          )
        const other = Stream.concat(decode("id,name,email\n,,\n"), decode("id,email,name\n,,\n"))
        for (const rows of [rowsOf([{}]), other]) {
          expect(yield* run(rows)).toMatchObject({ _tag: "StiggImportRejectsError", reason: "OtherTable" })
        }
      }).pipe(Effect.provide(layer))
    )
  })
})

describe("the file of rejected rows", () => {
  const lines = Array.from({ length: 40 }, (_, i) => (i % 3 === 1 ? "{ broken" : JSON.stringify(customer(`c-${i}`))))
  const csv = [
    "id,name,email",
    ...Array.from({ length: 40 }, (_, i) => (i % 3 === 1 ? `c-${i},"a\nb",none` : `c-${i},,`))
  ]
  const broken = lines.flatMap((_, i) => (i % 3 === 1 ? [i + 1] : []))

  const formats = [
    ["ndjson", lines.join("\n"), CustomerImport.readNdjson, CustomerImport.writeRejects, /"row":(\d+)/g],
    ["csv", csv.join("\n"), CustomerCsv.read, CustomerCsv.writeRejects, /none,(\d+),/g]
  ] as const

  const rowsIn = (text: string, row: RegExp) => Array.from(text.matchAll(row), ([, number]) => Number(number))

  it.effect.each(formats)(
    "contains each row once when an import is killed between any two writes: %s",
    ([, text, reader, writer, row]) => {
      const { layer } = make()
      return inFolder((folder, files) =>
        Effect.gen(function* () {
          const [path, rejects] = [`${folder}/source`, `${folder}/rejects`]
          yield* files.writeFileString(path, text)
          const progress = { store: yield* KeyValueStore.KeyValueStore, key: "rejects" }
          const run = CustomerImport.run(reader(path), { ...options, batchSize: 3, progress }).pipe(writer(rejects))
          // What an earlier import left, which must not become part of this one.
          yield* files.writeFileString(`${rejects}.partial`, '{"rejected":{"row":1,"line":1}}\n')
          for (const batches of [1, 2, 3, 1, 2]) {
            yield* Stream.runDrain(Stream.take(run, batches))
            // The kill hit while more was written: the progress does not cover the last batch, and a row is torn.
            const written = yield* files.readFileString(`${rejects}.partial`)
            expect(new Set(rowsIn(written, row)).size).toBe(rowsIn(written, row).length)
            const torn = written.trimEnd().split(/\r?\n/).at(-1)?.slice(0, -3) ?? ""
            yield* files.writeFileString(`${rejects}.partial`, written + torn)
          }
          const { summary } = yield* collect(run)
          expect(summary).toMatchObject({ rows: 40, rejected: broken.length })
          expect(summary.resumed).toBeGreaterThan(3)
          expect(rowsIn(yield* files.readFileString(rejects), row)).toEqual(broken)
          expect((yield* files.readDirectory(folder)).toSorted()).toEqual(["rejects", "source"])
        }).pipe(Effect.provide(layer))
      )
    }
  )

  it.effect("keeps the suffix .partial while a batch has failed, and loses its rows when they are imported", () => {
    let isDown = true
    const { layer } = make(({ ids }) => Effect.sync(() => (isDown && ids.includes("c-12") ? refusal(500) : null)))
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const [path, rejects] = [`${folder}/source`, `${folder}/rejects`]
        yield* files.writeFileString(path, lines.join("\n"))
        const progress = { store: yield* KeyValueStore.KeyValueStore, key: "rejects" }
        const run = CustomerImport.run(CustomerImport.readNdjson(path), { ...options, progress }).pipe(
          CustomerImport.writeRejects(rejects)
        )
        const first = yield* hasten(collect(run))
        expect(first.summary).toMatchObject({ rows: 40, rejected: broken.length + 1, isResumable: true })
        expect(yield* files.readFileString(`${rejects}.partial`)).toContain('"row":13,"line":13,"reason":"Failed"')
        isDown = false
        yield* collect(run)
        expect(rowsIn(yield* files.readFileString(rejects), /"row":(\d+)/g)).toEqual(broken)
        // Without progress, nothing will resume the import, so the file is complete.
        isDown = true
        const alone = CustomerImport.run(CustomerImport.readNdjson(path), options).pipe(
          CustomerImport.writeRejects(`${folder}/alone`)
        )
        expect((yield* hasten(collect(alone))).summary.isResumable).toBe(false)
        expect(yield* files.readFileString(`${folder}/alone`)).toContain('"reason":"Failed"')
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect("is not replaced unless overwriting is enabled, and nothing is sent before", () => {
    const { layer, sent } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const path = `${folder}/rejects`
        yield* files.writeFileString(path, "a person's work")
        const run = (options?: CustomerImport.RejectsOptions) =>
          CustomerImport.run(rowsOf([customer("c-1"), {}])).pipe(
            CustomerImport.writeRejects(path, options),
            Stream.runDrain
          )
        const error = yield* Effect.flip(run())
        expect(error).toMatchObject({ _tag: "StiggImportRejectsError", reason: "AlreadyExists", path })
        expect(sent).toEqual([])
        expect(yield* files.readFileString(path)).toBe("a person's work")
        yield* run({ overwrite: true })
        expect(yield* files.readFileString(path)).toMatch(/^\{"rejected":\{"row":2,/)
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect.each(formats)("is not truncated when it was edited: %s", ([name, text, reader, writer]) => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const [path, rejects] = [`${folder}/source`, `${folder}/rejects`]
        yield* files.writeFileString(path, text)
        const progress = { store: yield* KeyValueStore.KeyValueStore, key: name }
        const run = Stream.runDrain(
          CustomerImport.run(reader(path), { ...options, progress }).pipe(writer(rejects), Stream.take(8))
        )
        yield* run
        const written = yield* files.readFileString(`${rejects}.partial`)
        const edits =
          name === "csv"
            ? [
                ["Edited", written.replace("rejected.row", "row")],
                ["Edited", written.replace("c-1,", "x")],
                ["OtherTable", written.replaceAll(",", "\t")]
              ]
            : [
                ["Edited", `// mine\n${written}`],
                ["Edited", written.replace('"row":5', '"row": 5')]
              ]
        for (const [reason, edited = ""] of edits) {
          expect(edited).not.toBe(written)
          yield* files.writeFileString(`${rejects}.partial`, edited)
          expect(yield* Effect.flip(run)).toMatchObject({ _tag: "StiggImportRejectsError", reason })
          expect(yield* files.readFileString(`${rejects}.partial`)).toBe(edited)
        }
      }).pipe(Effect.provide(layer))
    )
  })

  it.effect("that cannot be written stops the import before the batch counts as processed", () => {
    const { layer } = make()
    return inFolder((folder, files) =>
      Effect.gen(function* () {
        const [path, rejects] = [`${folder}/source`, `${folder}/rejects`]
        yield* files.writeFileString(path, lines.join("\n"))
        const progress = { store: yield* KeyValueStore.KeyValueStore, key: "rejects" }
        const run = CustomerImport.run(CustomerImport.readNdjson(path), { ...options, progress }).pipe(
          CustomerImport.writeRejects(rejects)
        )
        let room = 300
        const noSpace = new SystemError({
          ...{ module: "FileSystem", method: "writeAll", reason: "Unknown" },
          cause: Object.assign(new Error("no space left on device"), { code: "ENOSPC" })
        })
        const full = FileSystem.make({
          ...files,
          open: (name, options) =>
            Effect.map(files.open(name, options), (file) =>
              Object.assign(Object.create(file) as FileSystem.File, {
                writeAll: (bytes: Uint8Array) => {
                  const fits = bytes.subarray(0, room)
                  room -= fits.length
                  return fits.length < bytes.length
                    ? Effect.zipRight(fits.length === 0 ? Effect.void : file.writeAll(fits), Effect.fail(noSpace))
                    : file.writeAll(bytes)
                }
              })
            )
        })
        const error = yield* Stream.runDrain(run).pipe(Effect.flip, Effect.provideService(FileSystem.FileSystem, full))
        expect(error).toMatchObject({ _tag: "StiggImportRejectsError", reason: "NoSpace", path: rejects })
        const { summary } = yield* collect(run)
        expect(summary).toMatchObject({ rows: 40, rejected: broken.length })
        expect(rowsIn(yield* files.readFileString(rejects), /"row":(\d+)/g)).toEqual(broken)
      }).pipe(Effect.provide(layer))
    )
  })
})
