import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { collect, customer, customers, hasten, make, refusal, rowsOf } from "./import/harness.js"

const values = customers(10)

const start = (progress: CustomerImport.Options["progress"], rows = values, options: CustomerImport.Options = {}) =>
  CustomerImport.run(rowsOf(rows), { rateLimit: false, batchSize: 2, concurrency: 1, progress, ...options })

const memory = Effect.map(KeyValueStore.KeyValueStore, (store) => ({ store, key: "customers.ndjson" }))

describe.each(["everywhere", "batch"] as const)("progress, duplicates: %s", (duplicates) => {
  it.effect("resumes after the batches that were emitted, and the summary covers all runs", () => {
    const { layer, sent } = make()
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* start(progress, values, { duplicates }).pipe(Stream.take(3), Stream.runDrain)
      const before = sent.length
      const { batches, summary } = yield* collect(start(progress, values, { duplicates }))
      // The consumer did not pull past the third batch, so it runs again.
      expect(batches[0]).toMatchObject({ firstRow: 5, index: 0 })
      expect(sent.slice(before).flatMap(({ ids }) => ids)).toEqual(values.slice(4).map(({ id }) => id))
      expect(summary).toMatchObject({ rows: 10, resumed: 4, rejected: 0 })
      expect(summary.created + summary.updated).toBe(10)
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("is deleted after a complete run, so the next run starts at the first row", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const progress = yield* memory
      expect((yield* collect(start(progress, values, { duplicates }))).summary.isResumable).toBe(false)
      expect(yield* progress.store.size).toBe(0)
      const { summary } = yield* collect(start(progress, values, { duplicates }))
      expect(summary).toMatchObject({ rows: 10, resumed: 0, updated: 10 })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("stops before a failed batch, and the next run starts with that batch", () => {
    let isDown = true
    const { layer } = make(({ ids }) => Effect.sync(() => (isDown && ids.includes("c-5") ? refusal(500) : null)))
    return Effect.gen(function* () {
      const progress = yield* memory
      const first = yield* hasten(collect(start(progress, values, { duplicates })))
      expect(first.summary).toMatchObject({ rows: 10, created: 8, rejected: 2, isResumable: true })
      isDown = false
      const { batches, summary } = yield* collect(start(progress, values, { duplicates }))
      expect(batches[0]).toMatchObject({ firstRow: 5, created: ["c-5", "c-6"] })
      // The batches after the failed one are sent again with the keys of the first run, so they count as created again.
      expect(summary).toMatchObject({ rows: 10, resumed: 4, created: 10, updated: 0, rejected: 0 })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect.each([
    ["the last row has changed", values.map(({ id }) => customer(`other-${id}`))],
    ["it is shorter than before", values.slice(0, 2)]
  ] as const)("rejects a different source: %s", ([, rows]) => {
    const { layer } = make()
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* start(progress, values, { duplicates }).pipe(Stream.take(3), Stream.runDrain)
      const error = yield* Effect.flip(Stream.runDrain(start(progress, [...rows], { duplicates })))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason: "Changed" })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })
})

describe("progress", () => {
  it.effect("costs one batch when it was half written as the process died", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* start(progress).pipe(Stream.take(4), Stream.runDrain)
      yield* progress.store.set("customers.ndjson.0", "")
      const { summary } = yield* collect(start(progress))
      expect(summary).toMatchObject({ rows: 10, resumed: 4 })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("starts over when it cannot be read", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* progress.store.set("customers.ndjson.0", "{")
      yield* progress.store.set("customers.ndjson.1", "null")
      const { summary } = yield* collect(start(progress))
      expect(summary).toMatchObject({ rows: 10, resumed: 0 })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("is separate per key", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const { store } = yield* memory
      yield* start({ store, key: "a" }).pipe(Stream.take(3), Stream.runDrain)
      const { summary } = yield* collect(start({ store, key: "b" }))
      expect(summary.resumed).toBe(0)
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("counts rejected rows once across all runs", () => {
    const { layer } = make()
    const rows = [{ id: "" }, ...values, customer("c-1")]
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* start(progress, rows as typeof values).pipe(Stream.take(3), Stream.runDrain)
      const { summary } = yield* collect(start(progress, rows as typeof values))
      expect(summary).toMatchObject({ rows: 12, resumed: 4, rejected: 2 })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("fails with ImportProgressError when the store fails", () => {
    const { layer } = make()
    const full = new PlatformError.SystemError({
      reason: "Unknown",
      module: "KeyValueStore",
      method: "set",
      pathOrDescriptor: "customers.ndjson",
      description: "ENOSPC: no space left on device"
    })
    return Effect.gen(function* () {
      const { store } = yield* memory
      const progress = { store: { ...store, set: () => Effect.fail(full) }, key: "customers.ndjson" }
      const exit = yield* Effect.exit(Stream.runDrain(start(progress)))
      expect(exit).toMatchObject(Exit.fail({ _tag: "StiggImportProgressError", key: "customers.ndjson" }))
      expect(String(exit)).toContain("no space left")
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("is written completely when the import is interrupted during the write", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const { key, store } = yield* memory
      const slow: CustomerImport.Options["progress"] = {
        key,
        store: { ...store, set: (key, value) => Effect.zipRight(Effect.sleep("1 seconds"), store.set(key, value)) }
      }
      // The first write, before anything is sent, ends after a second, and the second one is interrupted.
      yield* hasten(Effect.timeoutOption(Stream.runDrain(start(slow)), "1500 millis"), "100 millis")
      const { summary } = yield* collect(start({ key, store }))
      expect(summary).toMatchObject({ rows: 10, resumed: 2 })
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.live("can be kept in files", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      yield* Effect.gen(function* () {
        const progress = yield* memory
        yield* start(progress).pipe(Stream.take(3), Stream.runDrain)
        const { summary } = yield* collect(start(progress))
        expect(summary).toMatchObject({ rows: 10, resumed: 4 })
        expect(yield* files.readDirectory(directory)).toEqual([])
      }).pipe(Effect.provide([layer, KeyValueStore.layerFileSystem(directory)]))
    }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
  })
})

describe("the idempotency keys", () => {
  it.effect("of a resumed import are those of the run before, for rows that have not changed", () => {
    const { layer, sent } = make(({ ids }) => Effect.sync(() => (ids.includes("c-3") ? refusal(401) : null)))
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* Effect.exit(collect(start(progress)))
      yield* Effect.exit(collect(start(progress)))
      const changed = values.map((value) => (value.id === "c-3" ? { ...value, name: "changed" } : value))
      yield* Effect.exit(collect(start(progress, changed)))
      const [, first, second, third] = sent.map(({ key }) => key)
      expect(second).toBe(first)
      expect(third).not.toBe(first)
      expect(first).toMatch(/^[0-9a-f]{64}$/)
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })

  it.effect("of an import that begins anew after a complete one are others", () => {
    const { layer, sent } = make()
    return Effect.gen(function* () {
      const progress = yield* memory
      yield* collect(start(progress))
      yield* collect(start(progress))
      expect(new Set(sent.map(({ key }) => key)).size).toBe(10)
    }).pipe(Effect.provide([layer, KeyValueStore.layerMemory]))
  })
})
