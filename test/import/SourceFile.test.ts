import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { collect, make } from "./harness.js"

const directory = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const readers = [
  ["readNdjson", CustomerImport.readNdjson],
  ["readBulkFile", CustomerImport.readBulkFile]
] as const

describe.each(readers)("%s", (_, read) => {
  it.scoped("fails with NotFound for a file that is missing", () =>
    Effect.gen(function* () {
      const path = `${yield* directory}/missing`
      const error = yield* Effect.flip(Stream.runDrain(read(path)))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "NotFound", path })
      expect(error.message).toBe(`${path} does not exist`)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("fails with Directory for a directory", () =>
    Effect.gen(function* () {
      const path = yield* directory
      expect(yield* Effect.flip(Stream.runDrain(read(path)))).toMatchObject({ reason: "Directory", path })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scoped("names the file in errors about its content", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* directory}/customers`
      yield* files.writeFile(path, new Uint8Array([0xff, 0xfe, 0x7b, 0]))
      const error = yield* Effect.flip(Stream.runDrain(read(path)))
      expect(error).toMatchObject({ reason: "Encoding", path, line: 1, byte: 0 })
      expect(error.message).toContain(path)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reports a disk failure with the system's message", () => {
    const broken = new PlatformError.SystemError({
      reason: "Unknown",
      module: "FileSystem",
      method: "read",
      pathOrDescriptor: "customers",
      description: "EIO: i/o error"
    })
    const files = FileSystem.layerNoop({
      stat: () => Effect.fail(broken)
    })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(read("customers")))
      expect(error).toMatchObject({ reason: "Unreadable", path: "customers" })
      expect(error.message).toContain("EIO")
    }).pipe(Effect.provide(files))
  })
})

describe("a file with some malformed rows", () => {
  it.scoped("imports all other rows and reports each malformed row with its line", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* directory}/customers.ndjson`
      const good = (id: string) => JSON.stringify({ id, name: null, email: null })
      yield* files.writeFileString(path, [good("a"), "{", "", good("b"), '{"id":"c"}', good("a")].join("\r\n"))
      const { rejected, summary } = yield* collect(CustomerImport.run(CustomerImport.readNdjson(path)))
      expect(summary).toMatchObject({ rows: 5, created: 2, rejected: 3 })
      expect(rejected.map(({ line, reason, row }) => [row, line, reason])).toEqual([
        [1, 1, "Duplicate"],
        [2, 2, "Malformed"],
        [4, 5, "Invalid"]
      ])
    }).pipe(Effect.provide([layer, NodeFileSystem.layer]))
  })
})
