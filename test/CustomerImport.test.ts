import { describe, expect, it } from "@effect/vitest"
import { CustomerImport, type StiggError } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { collect, customer, customers, hasten, known, make, refusal, rowsOf } from "./import/harness.js"

const run = (values: ReadonlyArray<unknown>, options: CustomerImport.Options = {}) =>
  collect(CustomerImport.run(rowsOf(values), { rateLimit: false, ...options }))

const stored = Effect.map(Emulator.snapshot, ({ customers }) => customers)

/**
 * The promise: the counts include each row that was read exactly once, and each row that was not imported is reported.
 */
const expectSum = (
  values: ReadonlyArray<unknown>,
  { batches, rejected, summary }: Effect.Effect.Success<ReturnType<typeof run>>
) => {
  expect(summary.rows).toBe(summary.created + summary.updated + summary.updatedOrSkipped + summary.rejected)
  expect(rejected).toHaveLength(summary.rejected)
  expect(new Set(rejected.map(({ row }) => row)).size).toBe(rejected.length)
  let next = 1
  for (const { created, firstRow, lastRow, rejected, rows, updated, updatedOrSkipped } of batches) {
    expect([firstRow, lastRow]).toEqual([next, next + rows - 1])
    expect(rows).toBe(created.length + updated + updatedOrSkipped + rejected.length)
    next = lastRow + 1
  }
  expect(summary.rows).toBe(next - 1)
  expect(summary.rows).toBeLessThanOrEqual(values.length)
}

describe("run", () => {
  it.effect("creates new customers and counts known ones separately", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      yield* run(customers(3))
      const { summary } = yield* run(customers(5), { batchSize: 2 })
      expect(summary).toMatchObject({ rows: 5, total: 5, created: 2, updated: 3, rejected: 0, requests: 3 })
      expect((yield* stored).map(({ id }) => id)).toEqual(["c-1", "c-2", "c-3", "c-4", "c-5"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("reports each batch in order with running totals, and the summary last", () => {
    const { layer } = make((_, index) => Effect.as(Effect.sleep(index === 0 ? "5 seconds" : "1 seconds"), null))
    return Effect.gen(function* () {
      const { batches, summary } = yield* hasten(run(customers(5), { batchSize: 2 }))
      expect(batches.map(({ created, index, progress }) => [index, created, progress.rows, progress.total])).toEqual([
        [0, ["c-1", "c-2"], 2, 5],
        [1, ["c-3", "c-4"], 4, 5],
        [2, ["c-5"], 5, 5]
      ])
      expect(summary.rate).toBeCloseTo(1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("counts an existing customer as updated unless its row has an updatedAt that the API may skip", () => {
    const { layer } = make()
    const [earlier, later] = ["2026-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"]
    return Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-02-01"))
      yield* run(["a", "b", "c"].map((id) => customer(id)))
      const told = yield* run(
        [
          customer("a", { name: "without" }),
          customer("b", { name: "earlier", updatedAt: earlier }),
          customer("c", { name: "later", updatedAt: later }),
          customer("d", { updatedAt: earlier })
        ],
        { batchSize: 3 }
      )
      expect(told.summary).toMatchObject({ rows: 4, created: 1, updated: 1, updatedOrSkipped: 2, rejected: 0 })
      expect(told.batches.map(({ updated, updatedOrSkipped }) => [updated, updatedOrSkipped])).toEqual([
        [1, 2],
        [0, 0]
      ])
      expect((yield* stored).map(({ customer }) => customer)).toMatchObject([
        { id: "a", name: "without" },
        { id: "b", name: "Name of b" },
        { id: "c", name: "later" },
        { id: "d", name: "Name of d" }
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("sends nothing and emits a summary when there are no rows", () => {
    const { layer, sent } = make()
    return Effect.gen(function* () {
      const { batches, summary } = yield* run([])
      expect([batches, summary.rows, sent]).toEqual([[], 0, []])
    }).pipe(Effect.provide(layer))
  })

  it.effect("rejects an invalid row, but not its batch, with its number, value, field, and rule", () => {
    const { layer } = make()
    const bad = [{ id: "/", name: "n", email: "none" }, { id: "c-9" }, 7, customer("c-8", { metadata: { a: 1 } })]
    return Effect.gen(function* () {
      const { rejected, summary } = yield* run([customer("c-1"), ...bad, customer("c-2")])
      expect(summary).toMatchObject({ rows: 6, created: 2, rejected: 4 })
      expect(rejected.map(({ field, reason, row, value }) => [row, reason, field, value])).toEqual([
        [2, "Invalid", "id", bad[0]],
        [3, "Invalid", "email", bad[1]],
        [4, "Invalid", null, 7],
        [5, "Invalid", "metadata.a", bad[3]]
      ])
      expect(rejected[0]?.message).toMatch(/^id: [^;]*; email: Expected an email address[^;]*$/)
    }).pipe(Effect.provide(layer))
  })

  it.effect("says that a field is missing, and tells of an invalid part of a field once", () => {
    const { layer } = make()
    return Effect.gen(function* () {
      const { rejected } = yield* run([{ metadata: { plan: 9 } }])
      expect(rejected[0]?.message.split("; ")).toEqual([
        "id: Expected a string, but the row has no such field",
        "email: Expected a string or null, but the row has no such field",
        "name: Expected a string or null, but the row has no such field",
        "metadata.plan: Expected string, actual 9"
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("rejects a row nested 10,000 levels deep and bounds the message about a 1 MB value", () => {
    const { layer } = make()
    const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`) as unknown
    const long = "x".repeat(1_000_000)
    const bad = [
      customer("c-2", { name: deep }),
      customer("c-3", { metadata: deep }),
      customer("c-5", { email: long }),
      customer("c-6", { metadata: { [long]: 1 } })
    ]
    return Effect.gen(function* () {
      const { rejected, summary } = yield* run([customer("c-1"), ...bad])
      expect(summary).toMatchObject({ rows: 5, created: 1, rejected: 4 })
      expect(rejected.map(({ field }) => field?.slice(0, 10))).toEqual(["name", "metadata.a", "email", "metadata.x"])
      for (const { field, message } of rejected) {
        expect(field?.length).toBeLessThanOrEqual(200)
        expect(message.length).toBeLessThanOrEqual(1000)
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("sends only the fields of an import and omits those that are null", () => {
    const { layer, sent } = make()
    const exported = customer("c-1", { billingId: null, createdAt: "2026-01-01T00:00:00.000Z", integrations: [] })
    const programs = customer("c-2", { updatedAt: DateTime.unsafeMake(0), billingId: "cus_1", metadata: { a: "b" } })
    return Effect.gen(function* () {
      yield* run([exported, programs], { integrationId: "stripe-eu" })
      expect(JSON.parse(sent[0]?.body ?? "")).toEqual({
        customers: [
          customer("c-1"),
          customer("c-2", { billingId: "cus_1", metadata: { a: "b" }, updatedAt: "1970-01-01T00:00:00.000Z" })
        ],
        integrationId: "stripe-eu"
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([
    ["batchSize", { batchSize: 1001 }],
    ["concurrency", { concurrency: 0 }],
    ["giveUpAfter", { giveUpAfter: 1.5 }],
    ["expected", { expected: -1 }],
    ["batchSize", { batchSize: NaN }],
    ["concurrency", { concurrency: Infinity }],
    ["giveUpAfter", { giveUpAfter: NaN }],
    ["rateLimit", { rateLimit: NaN }],
    ["rateLimit", { rateLimit: Infinity }],
    ["rateLimit", { rateLimit: 0 }],
    ["retry.maxRetries", { retry: { maxRetries: NaN } }],
    ["retry.retryAfterCap", { retry: { retryAfterCap: NaN } }]
  ] as const)("rejects an invalid %s before reading or sending anything", ([field, options]) => {
    const { layer, sent } = make()
    return Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(CustomerImport.run(Stream.die("read"), options)))
      expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      expect(sent).toEqual([])
    }).pipe(Effect.provide(layer))
  })

  it.effect("reads a few batches ahead of a consumer that stops, and no more", () => {
    const { layer } = make()
    let read = 0
    const rows = CustomerImport.fromValues(
      Stream.range(1, 10_000).pipe(
        Stream.rechunk(1),
        Stream.map((i) => customer(`c-${(read = i)}`))
      )
    )
    return Effect.gen(function* () {
      const options = { batchSize: 10, concurrency: 2, duplicates: "batch", rateLimit: false } as const
      yield* CustomerImport.run(rows, options).pipe(Stream.take(1), Stream.runDrain)
      expect(read).toBeLessThanOrEqual(80)
    }).pipe(Effect.provide(layer))
  })
})

describe("a batch that the API rejects", () => {
  const poisoned = (isBad: (id: string) => boolean, status = 400) =>
    make(({ ids }) => Effect.succeed(ids.some(isBad) ? refusal(status) : null))

  it.effect.each([400, 413, 422])(
    "with %i is halved until the invalid rows are alone, and the rest is imported",
    (status) => {
      const bad = new Set(["c-3", "c-4", "c-700"])
      const { layer, sent } = poisoned((id) => bad.has(id), status)
      const values = customers(1000)
      return Effect.gen(function* () {
        const told = yield* run(values)
        expectSum(values, told)
        expect(told.rejected.map(({ error, reason, row }) => [row, reason, error?._tag === undefined])).toEqual([
          [3, "Refused", false],
          [4, "Refused", false],
          [700, "Refused", false]
        ])
        expect(yield* stored).toHaveLength(997)
        expect(sent.length).toBeLessThan(60)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("reports every row when the API rejects all of them", () => {
    const { layer } = poisoned(() => true)
    const values = customers(7)
    return Effect.gen(function* () {
      const told = yield* run(values)
      expectSum(values, told)
      expect(told.summary).toMatchObject({ rows: 7, rejected: 7 })
      expect(Exit.isSuccess(told.exit)).toBe(true)
    }).pipe(Effect.provide(layer))
  })

  it.effect("uses a new idempotency key for each part and reuses it for retries of that part", () => {
    const { layer, sent } = make(({ ids }, index) =>
      Effect.succeed(index === 1 ? refusal(503) : ids.includes("c-4") ? refusal(400) : null)
    )
    return Effect.gen(function* () {
      yield* hasten(run(customers(4)))
      const parts = new Set(sent.map(({ ids }) => ids.join()))
      expect([...parts]).toEqual(["c-1,c-2,c-3,c-4", "c-1,c-2", "c-3,c-4", "c-3", "c-4"])
      expect(sent).toHaveLength(6)
      expect(new Set(sent.map(({ ids, key }) => `${ids.join()} ${key}`)).size).toBe(5)
      expect(new Set(sent.map(({ key }) => key)).size).toBe(5)
    }).pipe(Effect.provide(layer))
  })
})

describe("rows in = created + updated + updated or skipped + rejected", () => {
  const every: ReadonlyArray<readonly [string, Faults.Fault]> = [
    ["latency", Faults.latency("3 seconds")],
    ...[204, 302, 400, 401, 403, 404, 408, 409, 413, 418, 422, 429, 500, 503].map(
      (status) => [`${status}`, Faults.status(status)] as const
    ),
    ["200 without a body", Faults.status(200, { body: "" })],
    ["200 with HTML", Faults.status(200, { body: "<html>" })],
    ["429 with Retry-After", Faults.status(429, { headers: { "retry-after": "2" } })],
    ["429 with a month", Faults.status(429, { headers: { "retry-after": "2592000" } })],
    ["a reset", Faults.reset],
    ["a reset in the body", Faults.resetInBody],
    ["a lost response", Faults.answerLost],
    ["a stall", Faults.stall],
    ["a stall in the body", Faults.stallInBody],
    ["malformed JSON", Faults.malformedJson]
  ]
  const values = [
    ...customers(60).map((one, i) => (i % 3 === 0 ? { ...one, updatedAt: "2026-01-01T00:00:00.000Z" } : one)),
    ...[customer("c-7"), { id: "" }, customer("c-61")]
  ]

  it.effect.each(every)("holds under occasional %s", ([, fault]) => {
    const { layer } = make(undefined, [{ fault, probability: 0.4 }])
    return Effect.gen(function* () {
      const told = yield* hasten(run(values, { batchSize: 10, concurrency: 3 }), "10 seconds")
      expectSum(values, told)
      const ids = new Set((yield* stored).map(({ id }) => id))
      for (const { created } of told.batches) for (const id of created) expect(ids).toContain(id)
      // Without failures every row is counted, and every row that was not rejected was imported.
      if (Exit.isFailure(told.exit)) return
      expect(told.summary.rows).toBe(values.length)
      const out = new Set(told.rejected.map(({ row }) => row))
      values.forEach(({ id }, i) => {
        if (!out.has(i + 1)) expect(ids).toContain(id)
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect.each(every)("holds under permanent %s", ([name, fault]) => {
    const { layer } = make(undefined, [{ fault }])
    return Effect.gen(function* () {
      const told = yield* hasten(run(values, { batchSize: 10, concurrency: 3 }), "10 seconds")
      expectSum(values, told)
      const { created, updated, updatedOrSkipped } = told.summary
      expect(created + updated + updatedOrSkipped > 0).toBe(name === "latency")
      expect(Exit.isSuccess(told.exit)).toBe(name === "latency")
    }).pipe(Effect.provide(layer))
  })

  it.effect.each(every)("holds under occasional %s while batches are halved around rejected rows", ([, fault]) => {
    const bad = new Set(["c-13", "c-14", "c-41"])
    const { layer } = make(
      ({ ids }) => Effect.succeed(ids.some((id) => bad.has(id)) ? refusal(400) : null),
      [{ fault, probability: 0.25 }]
    )
    return Effect.gen(function* () {
      const told = yield* hasten(run(values, { batchSize: 20, concurrency: 2 }), "10 seconds")
      expectSum(values, told)
      const ids = new Set((yield* stored).map(({ id }) => id))
      for (const id of bad) expect(ids).not.toContain(id)
      if (Exit.isFailure(told.exit)) return
      expect(told.summary.rows).toBe(values.length)
      const out = new Map(told.rejected.map(({ reason, row }) => [row, reason]))
      for (const row of [13, 14, 41]) expect(["Refused", "Failed"]).toContain(out.get(row))
      values.forEach(({ id }, i) => {
        if (!out.has(i + 1)) expect(ids).toContain(id)
      })
    }).pipe(Effect.provide(layer))
  })

  it.effect.each([
    ["was lost", Faults.answerLost],
    ["could not be read", Faults.malformedJson]
  ] as const)("counts a customer as created when the first response %s and a retry succeeds", ([, fault]) => {
    const { layer } = make(undefined, [{ fault, times: 1 }])
    return Effect.gen(function* () {
      const { summary } = yield* hasten(run(customers(5)))
      expect(summary).toMatchObject({ created: 5, updated: 0, updatedOrSkipped: 0, requests: 2 })
    }).pipe(Effect.provide(layer))
  })
})

describe("a failure that the rows did not cause", () => {
  const errorOf = (exit: Exit.Exit<void, unknown>) =>
    Exit.isFailure(exit) ? Option.getOrNull(Cause.failureOption(exit.cause)) : null

  it.effect("rejects the rows of its batch as Failed with the error and continues", () => {
    const { layer } = make(({ ids }) => Effect.succeed(ids.includes("c-3") ? refusal(500) : null))
    return Effect.gen(function* () {
      const { exit, rejected, summary } = yield* hasten(run(customers(6), { batchSize: 2 }))
      expect(summary).toMatchObject({ rows: 6, created: 4, rejected: 2 })
      expect(rejected.map(({ error, reason, row }) => [row, reason, error?._tag])).toEqual([
        [3, "Failed", "StiggInternalServerError"],
        [4, "Failed", "StiggInternalServerError"]
      ])
      expect(Exit.isSuccess(exit)).toBe(true)
    }).pipe(Effect.provide(layer))
  })

  it.effect("stops the import after three in a row with that error, after the summary", () => {
    const { layer, sent } = make(() => Effect.succeed(refusal(503)))
    return Effect.gen(function* () {
      const { exit, summary } = yield* hasten(run(customers(1000), { batchSize: 10, concurrency: 1 }))
      expect(errorOf(exit)).toMatchObject({ _tag: "StiggInternalServerError", status: 503 })
      expect(summary).toMatchObject({ rows: 30, rejected: 30, total: 1000 })
      expect(sent.length).toBeLessThanOrEqual(4 * 9)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "stops the import when every row of three batches in a row is rejected: the integration may not exist",
    () => {
      const { layer } = make(() => Effect.succeed(refusal(400)))
      return Effect.gen(function* () {
        const { exit, rejected, summary } = yield* run(customers(1000), { batchSize: 5, concurrency: 1 })
        expect(errorOf(exit)).toMatchObject({ _tag: "StiggBadRequestError" })
        expect(summary).toMatchObject({ rows: 15, rejected: 15 })
        expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set(["Refused"]))
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect.each([
    [401, "StiggAuthenticationError"],
    [403, "StiggPermissionDeniedError"],
    [404, "StiggNotFoundError"]
  ] as const)("with status %i stops the import at once", ([status, tag]) => {
    const { layer, sent } = make(() => Effect.succeed(refusal(status)))
    return Effect.gen(function* () {
      const { exit, summary } = yield* run(customers(1000), { batchSize: 10, concurrency: 1 })
      expect(errorOf(exit)).toMatchObject({ _tag: tag } satisfies Partial<StiggError.StiggError>)
      expect(summary).toMatchObject({ rows: 10, rejected: 10 })
      expect(sent.length).toBeLessThanOrEqual(3)
    }).pipe(Effect.provide(layer))
  })

  it.effect("in the source ends the import with that error", () => {
    const { layer } = make(() => Effect.succeed(known()))
    return Effect.gen(function* () {
      const rows = Stream.concat(rowsOf(customers(3)), Stream.fail("the disk is gone" as const))
      const events = CustomerImport.run(rows, { duplicates: "batch", batchSize: 1 })
      expect(yield* Effect.flip(Stream.runDrain(events))).toBe("the disk is gone")
    }).pipe(Effect.provide(layer))
  })
})
