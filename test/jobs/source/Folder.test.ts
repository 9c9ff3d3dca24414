import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { folder } from "../../../src/internal/jobs/source/Folder.js"
import type { Format } from "../../../src/internal/jobs/source/Format.js"
import * as SourceOpeners from "../../../src/internal/jobs/source/SourceOpeners.js"
import { collect, expectSameFromEachPosition, ids } from "./reread.js"

const root = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const open = (folderPath: string, path: string, format: Format = { _tag: "Ndjson" }) =>
  SourceOpeners.openers([folder(folderPath, { formats: [CustomerCsv.jobFormat] })])({ _tag: "Folder", path, format })

const write = (path: string, text: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.writeFileString(path, text))

/** Sets the modification time in seconds. */
const touch = (path: string, time: number) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.utimes(path, time, time))

const line = (id: string) => `${JSON.stringify({ id })}\n`

describe("a file in a folder", () => {
  it.scoped("is read from any position, in each format", () =>
    Effect.gen(function* () {
      const path = yield* root
      yield* write(`${path}/a.ndjson`, `\ufeff${line("ä")}\r\n{"id\n${line("b")}${line("c")}`)
      yield* write(`${path}/a.csv`, '\ufeffid,email,name\r\n1,,"x\r\ny"\r\n"2,,\r\n3,,ö\r\n4,,\r\n')
      yield* write(`${path}/a.json`, '{"customers":[{"customerId":"1"}, {"customerId":"2"}]}')
      const ndjson = yield* expectSameFromEachPosition(open(path, "a.ndjson"))
      expect(ids(ndjson)).toEqual(["ä", "Expected the rest of a string, found the end", "b", "c"])
      const rows = yield* expectSameFromEachPosition(open(path, "a.csv", { _tag: "Csv" }))
      expect(rows.map(({ position, row }) => [row.number, position?.line])).toEqual([
        [1, 2],
        [2, undefined],
        [3, 5],
        [4, 6]
      ])
      expect(ids(yield* expectSameFromEachPosition(open(path, "a.json", { _tag: "Bulk" })))).toEqual(["1", "2"])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("tells its size with each row, for an estimate", () =>
    Effect.gen(function* () {
      const path = yield* root
      yield* write(`${path}/a`, line("a") + line("b"))
      const [, second] = yield* collect(yield* open(path, "a"))
      const rows = yield* collect(yield* open(path, "a"), second?.position)
      expect(rows.map(({ row }) => row.sourceBytes)).toEqual([22])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("can be larger than one read, and empty", () =>
    Effect.gen(function* () {
      const path = yield* root
      const count = 50_000
      yield* write(`${path}/large`, Array.from({ length: count }, (_, i) => line(`customer-${i}`)).join(""))
      const whole = yield* collect(yield* open(path, "large"))
      expect(whole).toHaveLength(count)
      const [from, until] = [whole[20_000]?.position, whole[40_000]?.position]
      expect(yield* collect(yield* open(path, "large"), from, until)).toEqual(whole.slice(20_000, 40_000))
      yield* write(`${path}/empty`, "")
      expect(yield* collect(yield* open(path, "empty"))).toEqual([])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped.each(["../outside", "a/../../outside", "/etc/passwd", "", ".", "a/..", "..", "a\0b"])(
    "is refused with the path %j",
    (path) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(open(`${yield* root}/folder`, path))
        expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Invalid" })
        expect(error.message).toContain("source.path: Expected a path within the folder")
      }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped.each(["a", "./a", "sub/../a", "..a", "sub/..b"])("can have the path %j", (path) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* root
      yield* files.makeDirectory(`${folder}/sub`)
      for (const name of ["a", "..a", "sub/..b"]) yield* write(`${folder}/${name}`, line("a"))
      expect(ids(yield* collect(yield* open(folder, path)))).toEqual(["a"])
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("has a version of its size and modification time", () =>
    Effect.gen(function* () {
      const path = yield* root
      const version = Effect.flatMap(open(path, "a"), (source) => source.version)
      yield* write(`${path}/a`, line("a"))
      yield* touch(`${path}/a`, 1_000)
      const first = yield* version
      expect(first).toBe("11 bytes, 1970-01-01T00:16:40.000Z")
      expect(yield* version).toBe(first)
      yield* touch(`${path}/a`, 1_001)
      expect(yield* version).not.toBe(first)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("fails with Changed if it was written again after the version was read", () =>
    Effect.gen(function* () {
      const path = yield* root
      yield* write(`${path}/a`, line("a"))
      yield* touch(`${path}/a`, 1_000)
      const source = yield* open(path, "a")
      yield* source.version
      yield* write(`${path}/a`, line("b"))
      yield* touch(`${path}/a`, 1_001)
      expect(yield* Effect.flip(collect(source))).toMatchObject({ reason: "Changed", path: `${path}/a` })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("fails with Changed if it grows while it is read", () =>
    Effect.gen(function* () {
      const path = yield* root
      yield* write(`${path}/a`, line("a"))
      const source = yield* open(path, "a")
      const read = source.rows(null).pipe(Stream.tap(() => write(`${path}/a`, line("a") + line("b"))))
      expect(yield* Effect.flip(Stream.runDrain(read))).toMatchObject({ reason: "Changed" })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("fails with NotFound or Directory, and names the full path", () =>
    Effect.gen(function* () {
      const path = yield* root
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(`${path}/sub`)
      const missing = yield* open(path, "missing")
      expect(yield* Effect.flip(missing.version)).toMatchObject({ reason: "NotFound", path: `${path}/missing` })
      expect(yield* Effect.flip(collect(missing))).toMatchObject({ reason: "NotFound" })
      const directory = yield* open(path, "sub")
      expect(yield* Effect.flip(directory.version)).toMatchObject({ reason: "Directory", path: `${path}/sub` })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("fails for what is not a regular file: its bytes cannot be read again", () =>
    Effect.gen(function* () {
      const source = yield* open("/dev", "null")
      expect(yield* Effect.flip(source.version)).toMatchObject({
        reason: "Unreadable",
        message: "/dev/null is not a regular file"
      })
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
