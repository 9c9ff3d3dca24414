import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { CustomerExport, Customers, Stigg } from "effect-stigg"
import { forked } from "./forked.js"
import type { Spread } from "./spreads.js"
import { collectGarbage } from "./measure.js"
import { pageCount } from "./spreads.js"

/** A row of the table: what is measured, the value, and whether it keeps its promise. */
export interface Row {
  readonly name: string
  readonly value: string
  readonly isKept: boolean
}

interface Page {
  readonly data: ReadonlyArray<{ readonly id: string }>
  readonly pagination: { readonly next: string | null }
}

/** A program without the SDK: it requests one page after another. */
const loop = (url: string) =>
  Effect.promise(async () => {
    let count = 0
    for (let after = ""; ;) {
      const { body } = await Undici.request(`${url}/api/v1/customers?limit=100${after}`, {
        headers: { "x-api-key": "bench" }
      })
      const { data, pagination } = JSON.parse(await body.text()) as Page
      count += data.length
      if (pagination.next === null) return count
      after = `&after=${pagination.next}`
    }
  })

/** How many seconds it takes until all customers have arrived. */
const secondsOf = <E, R>(customers: Effect.Effect<number, E, R>) =>
  Effect.gen(function* () {
    const begun = performance.now()
    const count = yield* customers
    if (count !== pageCount * 100) return yield* Effect.fail(new Error(`${count} customers came`))
    return (performance.now() - begun) / 1000
  })

const exported = (url: string, partitions: number) =>
  Effect.provide(
    // The median of several runs, because of other load on the machine.
    Effect.replicateEffect(
      secondsOf(Stream.runCount(CustomerExport.stream({ partitions }))),
      partitions === 1 ? 1 : 5
    ).pipe(Effect.map((times) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN)),
    Stigg.layer({ apiKey: Redacted.make("bench"), baseUrl: url }).pipe(Layer.provide(NodeHttpClient.layerUndici))
  )

const row = (name: string, time: number, baseline: number, promised = 0): Row => ({
  name,
  value: `${time.toFixed(2)} s, ${(baseline / time).toFixed(1)} times as fast`,
  isKept: baseline / time >= promised
})

/** Exports at 40 ms per page compared with a sequential loop, also with most customers created in one hour. */
export const speed = Effect.gen(function* () {
  const even = yield* forked("list-server.ts", "evenly" satisfies Spread)
  const bare = yield* secondsOf(loop(even))
  const [one, four, eight] = yield* Effect.all([exported(even, 1), exported(even, 4), exported(even, 8)])
  const skewed = yield* forked("list-server.ts", "inOneHour" satisfies Spread)
  const [skewedOne, skewedEight] = yield* Effect.all([exported(skewed, 1), exported(skewed, 8)])
  return [
    { name: "a sequential undici loop", value: `${bare.toFixed(2)} s`, isKept: true },
    row("1 partition, compared with it", one, bare),
    row("4 partitions, compared with it", four, bare),
    row("8 partitions, compared with it", eight, bare, 6),
    { name: "nine of ten in one hour, 1 partition", value: `${skewedOne.toFixed(2)} s`, isKept: true },
    row("nine of ten in one hour, 8 partitions compared with 1", skewedEight, skewedOne, 5)
  ] satisfies ReadonlyArray<Row>
}).pipe(Effect.scoped)

const start = Date.parse("2024-01-01T00:00:00.000Z")

/** An account that creates its pages on request. */
const instant = (count: number) => (all: Customers.Service) =>
  Customers.Customers.of({
    ...all,
    listPage: ({ after, createdAt, limit = 100 } = {}) =>
      Effect.sync(() => {
        const first = Math.max(0, Math.ceil(((createdAt?.gte?.epochMillis ?? -Infinity) - start) / 1000))
        const end = Math.min(count, Math.ceil(((createdAt?.lt?.epochMillis ?? Infinity) - start) / 1000))
        const from = after === undefined ? first : Number(after)
        const until = Math.max(from, Math.min(end, from + limit))
        return {
          data: Array.from({ length: until - from }, (_, i) => {
            const at = DateTime.unsafeMake(start + (from + i) * 1000)
            return {
              ...{ id: `customer-${from + i}`, name: `Customer ${from + i}`, email: null, billingId: null },
              ...{ billingCurrency: null, couponId: null, integrations: [], language: null, metadata: { n: `${i}` } },
              ...{ passthrough: null, timezone: null, defaultPaymentMethod: null, archivedAt: null },
              ...{ createdAt: at, updatedAt: at }
            }
          }),
          pagination: { next: until < end ? String(until) : null, prev: null }
        }
      })
  })

/** How often the bench samples the heap during an export: a garbage collection takes longer than a hundred pages. */
const samples = 40

/** The peak heap in MB during an export of that many customers. */
const peak = (count: number) =>
  Effect.gen(function* () {
    let most = 0
    let exported = 0
    let next = 0
    yield* CustomerExport.batches({ partitions: 8 }).pipe(
      Stream.runForEach(({ progress }) =>
        Effect.sync(() => {
          exported = progress.exported
          if (progress.exported < next) return
          next += count / samples
          collectGarbage()
          most = Math.max(most, process.memoryUsage().heapUsed / 2 ** 20)
        })
      )
    )
    if (exported !== count) return yield* Effect.fail(new Error(`${exported} customers came`))
    return most
  }).pipe(
    Effect.provide(
      Layer.effect(Customers.Customers, Effect.map(Customers.Customers, instant(count))).pipe(
        Layer.provide(Stigg.layer({ apiKey: Redacted.make("bench") })),
        Layer.provide(NodeHttpClient.layerUndici)
      )
    )
  )

/** The heap of an export of 1,000,000 customers compared with that of 10,000. */
export const memory = Effect.gen(function* () {
  const small = yield* peak(10_000)
  const large = yield* peak(1_000_000)
  return [
    {
      name: "peak heap of an export of 10,000 and of 1,000,000 customers",
      value: `${small.toFixed(1)} MB, ${large.toFixed(1)} MB`,
      isKept: large - small <= 50
    }
  ] satisfies ReadonlyArray<Row>
})
