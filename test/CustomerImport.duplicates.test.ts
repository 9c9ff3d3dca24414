import { describe, expect, it } from "@effect/vitest"
import { CustomerImport } from "effect-stigg"
import { Emulator } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { IdIndex } from "../src/internal/import/Duplicates.js"
import { collect, customer, hasten, make, refusal, rowsOf } from "./import/harness.js"

const run = (values: ReadonlyArray<unknown>, options: CustomerImport.Options = {}) =>
  collect(CustomerImport.run(rowsOf(values), { rateLimit: false, ...options }))

const nameOf = (id: string) =>
  Effect.map(Emulator.snapshot, ({ customers }) => {
    const found = customers.find((customer) => customer.id === id)?.customer
    return Predicate.hasProperty(found, "name") ? found.name : null
  })

const named = (name: string, updatedAt?: string) =>
  customer("c-1", { name, ...(updatedAt === undefined ? {} : { updatedAt }) })

const [early, late] = ["2020-01-01T00:00:00.000Z", "2020-01-01T02:00:00.000+01:00"]

describe.each([
  ["within a batch", 1000],
  ["across batches", 1]
])("two rows with the same id, %s", (_, batchSize) => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<unknown>, winner: string, losers: ReadonlyArray<number>]> =
    [
      ["imports the last without updatedAt", [named("a"), named("b")], "b", [1]],
      ["imports the later updatedAt when it is last", [named("a", early), named("b", late)], "b", [1]],
      ["imports the later updatedAt when it is first", [named("a", late), named("b", early)], "a", [2]],
      ["imports the last when updatedAt is equal", [named("a", early), named("b", early)], "b", [1]],
      ["imports the last when one has no updatedAt", [named("a", late), named("b")], "b", [1]],
      ["imports one of three", [named("a", early), named("b", late), named("c", early)], "b", [1, 3]],
      ["ignores a row that is not a valid customer", [named("a"), { ...named("b"), email: "none" }], "a", []]
    ]

  it.effect.each(cases)("%s and reports the other", ([, values, winner, losers]) => {
    const { layer, sent } = make()
    return Effect.gen(function* () {
      const { rejected, summary } = yield* run(values, { batchSize })
      expect(yield* nameOf("c-1")).toBe(winner)
      const duplicates = rejected.filter(({ reason }) => reason === "Duplicate")
      expect(duplicates.map(({ row }) => row)).toEqual(losers)
      for (const { duplicateOf, message, value } of duplicates) {
        expect(message).toContain(`Row ${duplicateOf}`)
        expect(values[(duplicateOf ?? 0) - 1]).toMatchObject({ name: winner })
        expect(value).not.toMatchObject({ name: winner })
      }
      expect(summary.rows).toBe(summary.created + summary.updated + summary.rejected)
      expect(sent).toHaveLength(1)
    }).pipe(Effect.provide(layer))
  })
})

describe("duplicates: everywhere", () => {
  it.effect("reads the rows twice and sends nothing during the first pass", () => {
    const { layer, sent } = make()
    const before: Array<number> = []
    const rows = CustomerImport.fromValues(
      Stream.make(named("a"), named("b")).pipe(Stream.tap(() => Effect.sync(() => before.push(sent.length))))
    )
    return Effect.gen(function* () {
      yield* Stream.runDrain(CustomerImport.run(rows, { batchSize: 1 }))
      expect(before).toEqual([0, 0, 0, 0])
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails after the summary when the second pass reads other rows", () => {
    const { layer } = make()
    let times = 0
    const rows = Stream.suspend(() => rowsOf(times++ === 0 ? [named("a"), customer("c-2")] : [named("a")]))
    return Effect.gen(function* () {
      const { exit, summary } = yield* collect(CustomerImport.run(rows))
      expect(summary.rows).toBe(1)
      expect(String(exit)).toContain("The source had 2 rows")
      expect(exit).toMatchObject(Exit.fail({ _tag: "StiggImportSourceError", reason: "Changed" }))
    }).pipe(Effect.provide(layer))
  })
})

describe("duplicates: batch", () => {
  it.effect("reads the rows once", () => {
    const { layer } = make()
    let times = 0
    const rows = Stream.suspend(() => rowsOf([named(`${times++}`)]))
    return Effect.gen(function* () {
      yield* Stream.runDrain(CustomerImport.run(rows, { duplicates: "batch" }))
      expect(times).toBe(1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("keeps rows with the same id in order while the first is retried, and lets other rows pass", () => {
    const { layer, sent } = make(({ body }, index) =>
      Effect.succeed(index < 3 && body.includes('"a"') ? refusal(503) : null)
    )
    return Effect.gen(function* () {
      const values = [named("a"), customer("c-2"), named("b"), customer("c-3")]
      const { summary } = yield* hasten(run(values, { duplicates: "batch", batchSize: 1, concurrency: 4 }))
      expect(summary).toMatchObject({ rows: 4, created: 3, updated: 1, rejected: 0 })
      expect(yield* nameOf("c-1")).toBe("b")
      expect(sent.findIndex(({ ids }) => ids[0] === "c-3")).toBeLessThan(
        sent.findIndex(({ body }) => body.includes('"b"'))
      )
    }).pipe(Effect.provide(layer))
  })
})

describe("the index of ids", () => {
  it("holds a million ids, including names of Object properties", () => {
    const index = new IdIndex()
    for (let i = 0; i < 1_000_000; i++) index.add(`customer-${i}`, i + 1, undefined)
    index.add("__proto__", 1_000_001, undefined)
    expect(index.winner("customer-999999")).toBe(1_000_000)
    expect(index.winner("__proto__")).toBe(1_000_001)
    expect(index.winner("constructor")).toBeUndefined()
  })
})
