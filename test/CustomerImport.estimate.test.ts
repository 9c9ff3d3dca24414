import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { collect, customers, hasten, make, refusal, rowsOf } from "./import/harness.js"

const values = customers(8)

const slow = () => make(() => Effect.as(Effect.sleep("1 seconds"), null))

const options = { rateLimit: false, concurrency: 1, batchSize: 2 } as const

const estimate = ({ fraction, remaining }: CustomerImport.Counts) => [
  fraction,
  remaining === null ? null : Duration.toMillis(remaining)
]

/** The estimate after each batch, and in the summary. */
const estimates = <E, R>(rows: Stream.Stream<CustomerImport.Row, E, R>, more: CustomerImport.Options = {}) =>
  Effect.map(hasten(collect(CustomerImport.run(rows, { ...options, ...more }))), ({ batches, summary }) => [
    ...batches.map(({ progress }) => estimate(progress)),
    estimate(summary)
  ])

const quarters = [
  [0.25, 3_000],
  [0.5, 2_000],
  [0.75, 1_000],
  [1, 0],
  [1, 0]
]

const none = [null, null]

describe("the progress of an import has a fraction and an estimate", () => {
  it.effect("of the rows that the first pass counted", () =>
    Effect.gen(function* () {
      expect(yield* estimates(rowsOf(values), { expected: 1_000 })).toEqual(quarters)
    }).pipe(Effect.provide(slow().layer))
  )

  it.effect("of an expected number in one pass, and none when that was too low or is not given", () =>
    Effect.gen(function* () {
      const one = (expected?: number) => estimates(rowsOf(values), { duplicates: "batch", expected })
      expect(yield* one(8)).toEqual(quarters)
      expect(yield* one(16)).toEqual([
        [0.125, 7_000],
        [0.25, 6_000],
        [0.375, 5_000],
        [0.5, 4_000],
        [1, 0]
      ])
      expect(yield* one(5)).toEqual([[0.4, 1_500], [0.8, 500], none, none, [1, 0]])
      expect(yield* one(0)).toEqual([none, none, none, none, [1, 0]])
      expect(yield* one()).toEqual([none, none, none, none, [1, 0]])
    }).pipe(Effect.provide(slow().layer))
  )

  it.effect("not before time has passed, and not of a source without rows", () =>
    Effect.gen(function* () {
      expect(yield* estimates(rowsOf(values))).toEqual([
        [0.25, null],
        [0.5, null],
        [0.75, null],
        [1, 0],
        [1, 0]
      ])
      expect(yield* estimates(rowsOf([]))).toEqual([[1, 0]])
    }).pipe(Effect.provide(make().layer))
  )

  it.effect("of the rate of this run when it resumes another", () =>
    Effect.gen(function* () {
      const progress = { store: yield* KeyValueStore.KeyValueStore, key: "estimate" }
      const first = CustomerImport.run(rowsOf(values), { ...options, progress })
      yield* hasten(Stream.runDrain(Stream.take(first, 3)))
      const [resumed, ...rest] = yield* estimates(rowsOf(values), { progress })
      expect(rest).toEqual([
        [1, 0],
        [1, 0]
      ])
      // Two rows of eight are left after one second, or more: hashing a batch takes real time, in which the clock can
      // go on. With the earlier rows, the rate would be three times as high.
      expect(resumed?.[0]).toBe(0.75)
      expect(resumed?.[1]).toBeGreaterThanOrEqual(1_000)
    }).pipe(Effect.provide([slow().layer, KeyValueStore.layerMemory]))
  )

  it.effect("that stays below 1 when the import gives up", () =>
    Effect.gen(function* () {
      const all = yield* estimates(rowsOf(values), { giveUpAfter: 1 })
      expect(all).toEqual([
        [0.25, 3_000],
        [0.25, 3_000]
      ])
    }).pipe(Effect.provide(make(() => Effect.as(Effect.sleep("1 seconds"), refusal(404))).layer))
  )

  it.scoped.each([
    ["NDJSON", (path: string) => CustomerImport.readNdjson(path)],
    ["CSV", (path: string) => CustomerCsv.read(path)],
    ["a bulk file", (path: string) => CustomerImport.readBulkFile(path)]
  ] as const)("of the bytes of a file that is read once: %s", ([name, read]) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* files.makeTempDirectoryScoped()}/customers`
      const text = {
        NDJSON: values.map((one) => JSON.stringify(one)).join("\n"),
        CSV: ["id,name,email", ...values.map(({ email, id, name }) => `${id},${name},${email}`)].join("\n"),
        "a bulk file": JSON.stringify({ customers: values })
      }[name]
      yield* files.writeFileString(path, text)
      const all = yield* estimates(read(path), { duplicates: "batch" })
      expect(all.at(-1)).toEqual([1, 0])
      const fractions = all.map(([fraction]) => fraction ?? Number.NaN)
      // The last row of a batch counts from its start.
      ;[0.25, 0.5, 0.75, 1].forEach((whole, i) => {
        expect(fractions[i]).toBeLessThan(whole + 0.1)
        expect(fractions[i]).toBeGreaterThan(whole - 0.15)
      })
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
      for (const [, remaining] of all) expect(remaining).toBeGreaterThanOrEqual(0)
      for (const [, remaining] of all) expect(remaining).toBeLessThan(30_000)
      // A stream of bytes has no size.
      const bytes = Stream.make(new TextEncoder().encode(values.map((one) => JSON.stringify(one)).join("\n")))
      const ofStream = yield* estimates(CustomerImport.fromNdjson(bytes), { duplicates: "batch" })
      expect(ofStream[0]).toEqual(none)
    }).pipe(Effect.provide([slow().layer, NodeFileSystem.layer]))
  )
})
