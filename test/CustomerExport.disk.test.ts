import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { CustomerExport } from "effect-stigg"
import * as Account from "./export/Account.js"
import { idsOf, inFolder, read } from "./export/Folder.js"

const rows = Account.spread.inOneHour(2_500)

/** The methods of a file, for an object literal that overrides some of them. */
const same = (file: FileSystem.File): FileSystem.File => ({
  ...{ [FileSystem.FileTypeId]: FileSystem.FileTypeId, fd: file.fd, stat: file.stat, sync: file.sync },
  seek: (offset, from) => file.seek(offset, from),
  read: (buffer) => file.read(buffer),
  readAlloc: (size) => file.readAlloc(size),
  truncate: (length) => file.truncate(length),
  write: (bytes) => file.write(bytes),
  writeAll: (bytes) => file.writeAll(bytes)
})

it.effect("a checkpoint is saved only after the data it covers is on disk", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const memory = yield* KeyValueStore.KeyValueStore
      const done: Array<string> = []
      const note = (what: string) => Effect.sync(() => done.push(what))
      const watched = FileSystem.make({
        ...files,
        open: (name, options) =>
          Effect.map(files.open(name, options), (file) => ({
            ...same(file),
            sync: Effect.zipLeft(file.sync, note("sync")),
            writeAll: (bytes) => Effect.zipLeft(file.writeAll(bytes), note("write"))
          }))
      })
      const store = KeyValueStore.make({
        ...memory,
        set: (key, value) => Effect.zipRight(note("keep"), memory.set(key, value))
      })
      yield* CustomerExport.toFileResumable(`${folder}/customers.ndjson`, { checkpointEvery: 0 }).pipe(
        Stream.runDrain,
        Effect.provideService(FileSystem.FileSystem, watched),
        Effect.provideService(KeyValueStore.KeyValueStore, store),
        Effect.provide(Account.make({ rows }).layer)
      )
      const pages = new Array<string>(25).fill("write sync keep").join(" ")
      expect(done.join(" ")).toBe(`${pages} sync keep`)
    })
  )
)

it.effect("an export to a full disk reports the byte offset and keeps what it wrote, and the next run resumes", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const path = `${folder}/customers.ndjson`
      const files = yield* FileSystem.FileSystem
      const noSpace = new SystemError({
        ...{ module: "FileSystem", method: "writeAll", reason: "Unknown" },
        cause: Object.assign(new Error("no space left on device"), { code: "ENOSPC" })
      })
      let room = 200_000
      const full = FileSystem.make({
        ...files,
        open: (name, options) =>
          Effect.map(files.open(name, options), (file) => ({
            ...same(file),
            // Like a real disk: it writes what fits, then fails.
            writeAll: (bytes) => {
              const fits = Math.min(room, bytes.length)
              room -= fits
              const written = fits === 0 ? Effect.void : file.writeAll(bytes.subarray(0, fits))
              return fits < bytes.length ? Effect.zipRight(written, Effect.fail(noSpace)) : written
            }
          }))
      })
      const run = Stream.runDrain(CustomerExport.toFileResumable(path, { partitions: 4 }))
      const error = yield* Effect.flip(run).pipe(
        Effect.provideService(FileSystem.FileSystem, full),
        Effect.provide(Account.make({ rows }).layer)
      )
      expect(error).toMatchObject({ _tag: "StiggExportFileError", reason: "NoSpace", path })
      const byte = "byte" in error ? error.byte : 0
      expect(byte).toBeGreaterThan(100_000)
      expect((yield* read(`${path}.partial`)).slice(0, byte)).toMatch(/\}\n$/)
      yield* run.pipe(Effect.provide(Account.make({ rows }).layer))
      expect(idsOf(yield* read(path))).toEqual(rows.map(({ id }) => id).toSorted())
    })
  )
)
