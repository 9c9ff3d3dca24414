import { describe, expect, it } from "@effect/vitest"
import { Chunk, DateTime, Deferred, Duration, Effect, Fiber, Option, Stream, TestClock } from "effect"
import { CustomerExport } from "effect-stigg"
import * as Account from "./export/Account.js"

const idsOf = (options: CustomerExport.Options) =>
  CustomerExport.stream(options).pipe(
    Stream.map(({ id }) => id),
    Stream.runCollect,
    Effect.map((ids) => Chunk.toReadonlyArray(ids).toSorted())
  )

const idsIn = (rows: ReadonlyArray<Account.Row>) => rows.map(({ id }) => id).toSorted()

const at = (text: string) => DateTime.unsafeMake(text)

/** How long an effect takes by the test clock. */
const timed = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(Effect.timed(self))
    yield* TestClock.adjust("10 minutes")
    return yield* Fiber.join(fiber)
  })

describe("an export emits every customer exactly once", () => {
  const orders: ReadonlyArray<Account.Order> = ["ascending", "descending", "shuffled"]
  const spreads = Object.keys(Account.spread) as ReadonlyArray<keyof typeof Account.spread>
  const cases = orders.flatMap((order) => spreads.flatMap((spread) => [2, 8].map((n) => [n, spread, order] as const)))

  it.effect.each(cases)("in %i partitions, created %s, listed %s", ([partitions, spread, order]) => {
    const rows = Account.spread[spread](3_000)
    return Effect.gen(function* () {
      expect(yield* idsOf({ partitions })).toEqual(idsIn(rows))
    }).pipe(Effect.provide(Account.make({ rows, order }).layer))
  })

  it.effect("in one partition, with a single query without bounds", () => {
    const rows = Account.spread.evenly(950)
    const account = Account.make({ rows, order: "shuffled" })
    return Effect.gen(function* () {
      expect(yield* idsOf({})).toEqual(idsIn(rows))
      expect(account.requests.map(({ params }) => params.createdAt)).toEqual(new Array(10).fill(undefined))
    }).pipe(Effect.provide(account.layer))
  })

  it.effect.each([0, 1, 100, 101])("with %i customers", (count) => {
    const rows = Account.spread.evenly(count)
    return Effect.gen(function* () {
      expect(yield* idsOf({ partitions: 8 })).toEqual(idsIn(rows))
    }).pipe(Effect.provide(Account.make({ rows }).layer))
  })

  it.effect("while other customers are created and updated", () => {
    const rows = Account.spread.inOneHour(6_000)
    const account = Account.make({
      rows,
      before: (request) =>
        Effect.sync(() => {
          const i = Math.floor(Account.chance(request) * rows.length)
          const row = account.state.rows[i]
          if (row !== undefined) account.state.rows[i] = { ...row, updatedAt: Date.parse("2026-02-01") }
          account.state.rows.push({ id: `new-${request}`, createdAt: Date.parse("2026-02-01") + request })
        })
    })
    return Effect.gen(function* () {
      const ids = yield* idsOf({ partitions: 8 })
      expect(ids.filter((id) => id.startsWith("customer"))).toEqual(idsIn(rows))
      expect(new Set(ids).size).toBe(ids.length)
    }).pipe(Effect.provide(account.layer))
  })

  it.effect("including customers created in this machine's future, because the last window has no upper bound", () => {
    const rows = [
      ...Account.spread.evenly(500),
      ...Array.from({ length: 500 }, (_, i) => ({ id: `late-${i}`, createdAt: Date.parse("2030-01-01") + i * 7e6 }))
    ]
    const account = Account.make({ rows })
    return Effect.gen(function* () {
      expect(yield* idsOf({ partitions: 4 })).toEqual(idsIn(rows))
      expect(account.requests.some(({ params }) => params.createdAt?.gte && !params.createdAt.lt)).toBe(true)
    }).pipe(Effect.provide(account.layer))
  })
})

describe("bounds", () => {
  const edge = Date.parse("2024-01-01T00:00:00.000Z")
  const rows = [-1, -0.001, 0, 0.001, 0.999, 1].map((offset) => ({ id: `at${offset}`, createdAt: edge + offset }))

  it.effect("include the millisecond of from and exclude that of until", () =>
    Effect.gen(function* () {
      const moment = DateTime.unsafeMake(edge)
      expect(yield* idsOf({ from: moment })).toEqual(["at0", "at0.001", "at0.999", "at1"])
      expect(yield* idsOf({ until: moment })).toEqual(["at-0.001", "at-1"])
      expect(yield* idsOf({ from: moment, until: moment })).toEqual([])
    }).pipe(Effect.provide(Account.make({ rows }).layer))
  )

  it.effect.each([
    ["partitions", 0],
    ["partitions", NaN],
    ["partitions", Infinity],
    ["pageSize", 0],
    ["pageSize", 101],
    ["pageSize", NaN]
  ] as const)("are rejected without a request for an invalid %s: %d", ([field, value]) => {
    const account = Account.make({ rows })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(idsOf({ [field]: value }))
      expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      expect(account.requests).toEqual([])
    }).pipe(Effect.provide(account.layer))
  })
})

describe("time", () => {
  const latency = "40 millis"
  const walk = (partitions: number, rows: ReadonlyArray<Account.Row>, order: Account.Order) =>
    TestClock.setTime(Date.parse("2026-01-01")).pipe(
      Effect.zipRight(timed(idsOf({ partitions }))),
      Effect.map(([time, ids]) => {
        expect(ids.length).toBe(rows.length)
        return Duration.toMillis(time)
      }),
      Effect.provide(Account.make({ rows, order, latency }).layer)
    )

  it.effect("one partition sends one request after another", () =>
    Effect.gen(function* () {
      expect(yield* walk(1, Account.spread.evenly(2_000), "ascending")).toBe(20 * 40)
    })
  )

  const sorted: ReadonlyArray<Account.Order> = ["ascending", "descending"]
  it.effect.each(sorted)(
    "8 partitions are 5 times as fast when 9 of 10 customers were created in one hour, %s",
    (order) =>
      Effect.gen(function* () {
        const rows = Account.spread.inOneHour(40_000)
        expect((400 * 40) / (yield* walk(8, rows, order))).toBeGreaterThan(5)
      }),
    30_000
  )

  it.effect(
    "8 partitions are 6 times as fast when creation is spread evenly",
    () =>
      Effect.gen(function* () {
        const rows = Account.spread.evenly(40_000)
        expect((400 * 40) / (yield* walk(8, rows, "ascending"))).toBeGreaterThan(6.6)
      }),
    30_000
  )

  it.effect.each(sorted)(
    "8 partitions walk bursts that were created in one millisecond in parallel, one walk per burst, %s",
    (order) =>
      Effect.gen(function* () {
        const rows = Account.spread.inBursts(14_000)
        // Seven bursts of 20 pages: with one walk each, the best possible speed-up is 7.
        expect((140 * 40) / (yield* walk(8, rows, order))).toBeGreaterThan(4)
      }),
    30_000
  )

  it.effect(
    "8 partitions are 4 times as fast even when the order says nothing about creation time",
    () =>
      Effect.gen(function* () {
        const rows = Account.spread.inOneHour(40_000)
        expect((400 * 40) / (yield* walk(8, rows, "shuffled"))).toBeGreaterThan(4)
      }),
    30_000
  )
})

describe("the consumer", () => {
  it.effect.each([1, 4])("blocks %i partitions when it stops pulling, one page ahead each", (partitions) => {
    const account = Account.make({ rows: Account.spread.evenly(6_000), latency: "10 millis" })
    return Effect.gen(function* () {
      const never = yield* Deferred.make<void>()
      const consumer = CustomerExport.batches({ partitions }).pipe(Stream.runForEach(() => Deferred.await(never)))
      const fiber = yield* Effect.fork(consumer)
      yield* TestClock.adjust("1 hour")
      expect(account.requests.length).toBe(1 + partitions)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(account.layer))
  })

  it.effect("interrupts requests in flight when it stops", () => {
    const account = Account.make({ rows: Account.spread.evenly(6_000), latency: "10 millis" })
    return Effect.gen(function* () {
      const fiber = yield* Effect.fork(Stream.runDrain(CustomerExport.stream({ partitions: 4 })))
      yield* TestClock.adjust("55 millis")
      yield* Fiber.interrupt(fiber)
      expect(account.state.interrupted).toBe(4)
    }).pipe(Effect.provide(account.layer))
  })

  it.effect.each([1, 4])("can stop early in an uninterruptible region: %i partitions", (partitions) =>
    Effect.gen(function* () {
      const first = CustomerExport.batches({ partitions }).pipe(Stream.take(1))
      expect(yield* Effect.uninterruptible(Stream.runCount(first))).toBe(1)
    }).pipe(Effect.provide(Account.make({ rows: Account.spread.evenly(6_000) }).layer))
  )

  it.effect("receives everything before an outage and then the error, and every partition stops", () => {
    const account = Account.make({
      rows: Account.spread.evenly(6_000),
      before: (request) => (request === 20 ? Effect.fail(Account.outage) : Effect.void)
    })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(Stream.runDrain(CustomerExport.stream({ partitions: 4 })))
      expect(error._tag).toBe("StiggAPIConnectionError")
      const made = account.requests.length
      yield* TestClock.adjust("1 hour")
      expect(account.requests.length).toBe(made)
    }).pipe(Effect.provide(account.layer))
  })

  it.effect("receives progress as values", () =>
    Effect.gen(function* () {
      const account = Account.make({ rows: Account.spread.evenly(1_050), latency: "100 millis" })
      const [, batches] = yield* timed(Stream.runCollect(CustomerExport.batches())).pipe(Effect.provide(account.layer))
      const [first, ...rest] = Chunk.toReadonlyArray(batches).map(({ progress }) => progress)
      expect(first).toEqual({
        ...{ exported: 100, pages: 1, elapsed: Duration.millis(100), rate: 1000 },
        ...{ fraction: null, remaining: null, windows: { done: 0, open: 1 } }
      })
      expect(rest.at(-1)).toMatchObject({ exported: 1_050, pages: 11, windows: { done: 1, open: 0 } })
    })
  )

  const estimates = (expected: number | undefined, options: CustomerExport.Options = {}) =>
    Effect.gen(function* () {
      const account = Account.make({ rows: Account.spread.evenly(400), latency: "100 millis" })
      const [, batches] = yield* timed(Stream.runCollect(CustomerExport.batches({ ...options, expected }))).pipe(
        Effect.provide(account.layer)
      )
      return Chunk.toReadonlyArray(batches).map(({ progress: { fraction, remaining } }) => [
        fraction,
        remaining === null ? null : Duration.toMillis(remaining)
      ])
    })

  it.effect("has a fraction and an estimate only of an expected number, or when nothing is left", () =>
    Effect.gen(function* () {
      const none = [null, null]
      expect(yield* estimates(undefined)).toEqual([none, none, none, [1, 0]])
      expect(yield* estimates(400)).toEqual([
        [0.25, 300],
        [0.5, 200],
        [0.75, 100],
        [1, 0]
      ])
      // Too few or none were expected, too many, or none are kept.
      expect(yield* estimates(250)).toEqual([[0.4, 150], [0.8, 50], none, [1, 0]])
      expect(yield* estimates(0)).toEqual([none, none, none, [1, 0]])
      expect((yield* estimates(1_000)).slice(2)).toEqual([
        [0.3, 700],
        [1, 0]
      ])
      expect(yield* estimates(10, { changedSince: at("2030-01-01") })).toEqual([
        [0, null],
        [0, null],
        [0, null],
        [1, 0]
      ])
    })
  )
})

describe("increments", () => {
  const day = (n: number) => at(`2026-01-${String(n).padStart(2, "0")}T00:00:00.000Z`)
  const row = (id: string, created: number, updated = created) => ({
    ...{ id, createdAt: day(created).epochMillis, updatedAt: day(updated).epochMillis }
  })

  it.effect("since selects customers created after a moment", () =>
    Effect.gen(function* () {
      expect(yield* idsOf({ since: day(2) })).toEqual(["c"])
    }).pipe(Effect.provide(Account.make({ rows: [row("a", 1), row("b", 2), row("c", 3)] }).layer))
  )

  it.effect("changedSince selects customers updated after a moment, whenever they were created", () =>
    Effect.gen(function* () {
      expect(yield* idsOf({ changedSince: day(2), partitions: 2 })).toEqual(["a", "c"])
    }).pipe(Effect.provide(Account.make({ rows: [row("a", 1, 9), row("b", 2), row("c", 3)] }).layer))
  )

  it.effect("the newest watermark comes from the data, not from this machine's clock", () =>
    Effect.gen(function* () {
      const rows = [...Account.spread.evenly(3_000), row("new-1", 20, 21), row("new-2", 20)]
      for (const now of ["1970-01-01", "2023-06-01", "2026-01-20T00:00:01Z", "2026-02-01", "2040-01-01"]) {
        yield* TestClock.setTime(Date.parse(now))
        for (const order of ["ascending", "descending", "shuffled"] as const) {
          const account = Account.make({ rows, order })
          const newest = yield* Effect.provide(CustomerExport.newest(), account.layer)
          expect(Option.map(newest, ({ createdAt, ids }) => [createdAt, ids.toSorted()])).toEqual(
            Option.some([day(20), ["new-1", "new-2"]])
          )
          expect(account.requests.length).toBeLessThan(60)
        }
      }
    })
  )

  it.effect("the newest watermark covers its whole millisecond, and there is none without customers", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 350 }, (_, i) => row(`c-${i}`, 5))
      const newest = yield* Effect.provide(CustomerExport.newest(), Account.make({ rows }).layer)
      expect(Option.map(newest, ({ ids }) => ids.length)).toEqual(Option.some(350))
      expect(yield* Effect.provide(CustomerExport.newest(), Account.make({ rows: [] }).layer)).toEqual(Option.none())
    })
  )

  it.effect("nightly runs export each customer once, even one created in a watermark's millisecond", () => {
    const account = Account.make({ rows: [row("a", 1), row("b", 2)] })
    return Effect.gen(function* () {
      let since: CustomerExport.Watermark | undefined = undefined
      const nights: Array<ReadonlyArray<string>> = []
      for (const created of [[row("c", 2)], [row("d", 2), row("e", 4)], []]) {
        const upTo: CustomerExport.Watermark = Option.getOrThrow(yield* CustomerExport.newest())
        // Created while the export runs: the next night exports it.
        account.state.rows.push(...created)
        nights.push(yield* idsOf({ since, upTo, partitions: 2 }))
        since = upTo
      }
      expect(nights).toEqual([["a", "b"], ["c"], ["d", "e"]])
    }).pipe(Effect.provide(account.layer))
  })
})

it.effect("a cursor cycle fails instead of looping forever", () => {
  const account = Account.make({ rows: Account.spread.evenly(900) })
  return Effect.gen(function* () {
    const circle = CustomerExport.stream().pipe(Stream.runDrain, Effect.flip)
    expect((yield* circle)._tag).toBe("StiggResponseDecodeError")
  }).pipe(Effect.provide(Account.inCircles(account, 3)))
})
