import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { CustomerExport, Customers, Stigg } from "effect-stigg"
import { Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** A row of the table: what was measured, the value, and whether what is promised of it holds. */
export interface Row {
  readonly name: string
  readonly value: string
  readonly isKept: boolean
}

const pages = 300
const start = Date.parse("2024-01-01T00:00:00.000Z")
const customers = Array.from({ length: pages * 100 }, (_, i) => ({
  id: `customer-${i}`,
  createdAt: new Date(start + i * 2_000_000).toISOString()
}))

const seconds = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const begun = performance.now()
    return Effect.map(self, () => (performance.now() - begun) / 1000)
  })

interface Page {
  readonly pagination: { readonly next: string | null }
}

const loop = (url: string) =>
  Effect.promise(async () => {
    let after = ""
    for (;;) {
      const { body } = await Undici.request(`${url}/api/v1/customers?limit=100${after}`, {
        headers: { "x-api-key": "bench" }
      })
      const { pagination } = JSON.parse(await body.text()) as Page
      if (pagination.next === null) return
      after = `&after=${pagination.next}`
    }
  })

/** An export at 40 ms a page, with 1, 4 and 8 partitions, beside a loop that requests one page after another. */
export const speed = Effect.gen(function* () {
  const { url } = yield* EmulatorServer.EmulatorServer
  const services = Stigg.layer({ apiKey: Redacted.make("bench"), baseUrl: url }).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )
  const bare = yield* seconds(loop(url))
  const rows: Array<Row> = [{ name: "export, a sequential undici loop", value: `${bare.toFixed(1)} s`, isKept: true }]
  for (const partitions of [1, 4, 8]) {
    const time = yield* seconds(Stream.runDrain(CustomerExport.stream({ partitions }))).pipe(Effect.provide(services))
    rows.push({
      name: `export, ${partitions} partitions`,
      value: `${time.toFixed(1)} s, ${(bare / time).toFixed(1)} times as fast`,
      isKept: partitions < 8 || bare / time >= 6
    })
  }
  return rows
}).pipe(
  Effect.provide(
    EmulatorServer.layer({
      seed: { customers },
      faults: [{ operation: "customers.list", fault: Faults.latency("40 millis") }]
    })
  )
)

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** An account whose pages are made when they are asked for. */
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

/** The most that the heap held while that many customers were exported, in MB. */
const peak = (count: number) =>
  Effect.gen(function* () {
    let most = 0
    let exported = 0
    yield* CustomerExport.batches({ partitions: 8 }).pipe(
      Stream.runForEach(({ progress }) =>
        Effect.sync(() => {
          exported = progress.exported
          if (progress.pages % 100 !== 50) return
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

/** The heap of an export of 1,000,000 customers beside that of 10,000. */
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
