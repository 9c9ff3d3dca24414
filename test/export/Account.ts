import type { Schemas } from "effect-stigg"
import { Customers, Pagination, StiggError } from "effect-stigg"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scripted from "../transport/ScriptedClient.js"

/** A customer as the API stores it: creation time in fractional milliseconds. */
export interface Row {
  readonly id: string
  readonly createdAt: number
  readonly updatedAt?: number
}

export type Order = "ascending" | "descending" | "shuffled"

// Without spreads, which take nine times as long. That is a tenth of the time of the tests of exports.
const customerOf = ({ createdAt, id, updatedAt = createdAt }: Row): Schemas.Customer => ({
  id,
  name: `Customer ${id}`,
  email: null,
  billingId: null,
  billingCurrency: null,
  couponId: null,
  integrations: [],
  language: null,
  metadata: { 'a "key"': "a\nvalue" },
  passthrough: null,
  timezone: null,
  defaultPaymentMethod: null,
  createdAt: DateTime.unsafeMake(Math.floor(createdAt)),
  updatedAt: DateTime.unsafeMake(Math.floor(updatedAt)),
  archivedAt: null
})

/** A pseudo-random number from 0 to 1 for each index. The same every time. */
export const chance = (n: number): number => {
  let x = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}

const hash = (text: string): number => [...text].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), 7)

/**
 * An account that only supports the list, as strictly as the API could: a cursor is valid only for the query that
 * returned it, and each query has its own order.
 */
export const make = (options: {
  readonly rows: ReadonlyArray<Row>
  readonly order?: Order
  readonly latency?: Duration.DurationInput
  /** Runs before each response. The request number starts at 0. */
  readonly before?: (request: number, params: Schemas.ListCustomers) => Effect.Effect<void, StiggError.StiggError>
}) => {
  const { latency = 0, order = "ascending" } = options
  const requests: Array<{ readonly params: Schemas.ListCustomers; readonly at: number }> = []
  const state = { rows: [...options.rows], interrupted: 0 }
  const queries = new Map<string, ReadonlyArray<Row>>()

  const answerTo = (params: Schemas.ListCustomers): ReadonlyArray<Row> => {
    const from = params.createdAt?.gte?.epochMillis ?? -Infinity
    const until = params.createdAt?.lt?.epochMillis ?? Infinity
    const query = `${from} ${until}`
    // A continued query keeps the rows that it started with. A new one sees the current rows.
    const begun = params.after === undefined ? undefined : queries.get(query)
    if (begun !== undefined) return begun
    const found = state.rows.filter(({ createdAt }) => createdAt >= from && createdAt < until)
    const rank = (row: Row) => (order === "shuffled" ? hash(row.id + query) : row.createdAt)
    const sorted = found
      .map((row) => [rank(row), row] as const)
      .sort(([a], [b]) => (order === "descending" ? b - a : a - b))
      .map(([, row]) => row)
    queries.set(query, sorted)
    return sorted
  }

  // Concurrent requests share a timer, because each timer slows the test clock.
  const timers = new Map<number, Deferred.Deferred<void>>()
  const answered = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const timer = timers.get(now) ?? (yield* Deferred.make<void>())
    if (!timers.has(now)) {
      timers.set(now, timer)
      yield* Effect.sleep(latency).pipe(
        Effect.tap(() => timers.delete(now)),
        Effect.zipRight(Deferred.succeed(timer, void 0)),
        Effect.forkDaemon
      )
    }
    yield* Deferred.await(timer)
  })

  const listPage = (params: Schemas.ListCustomers = {}) =>
    Effect.gen(function* () {
      const request = requests.push({ params, at: yield* Clock.currentTimeMillis }) - 1
      yield* answered
      yield* options.before?.(request, params) ?? Effect.void
      const limit = params.limit ?? 20
      const rows = answerTo(params)
      const cursor = `${params.createdAt?.gte?.epochMillis ?? ""}/${params.createdAt?.lt?.epochMillis ?? ""}/`
      if (params.after !== undefined && !params.after.startsWith(cursor)) return yield* badCursor
      const start = params.after === undefined ? 0 : Number(params.after.slice(cursor.length))
      return {
        data: rows.slice(start, start + limit).map(customerOf),
        pagination: { next: start + limit < rows.length ? `${cursor}${start + limit}` : null, prev: null }
      }
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => (state.interrupted += 1))))

  const layer = Layer.effect(
    Customers.Customers,
    Effect.map(Customers.Customers, (customers) => ({
      ...customers,
      listPage,
      list: (params) => Pagination.items(Pagination.pages(listPage, { ...params, limit: 100 }, () => badCursor))
    }))
  ).pipe(Layer.provide(Scripted.services(Scripted.sequence(Effect.never))))

  return { layer, requests, state }
}

/** The account, with a list whose cursors lead back to the first page. */
export const inCircles = (account: ReturnType<typeof make>, pages: number) =>
  Layer.effect(
    Customers.Customers,
    Effect.map(Customers.Customers, (customers) => ({
      ...customers,
      listPage: ({ after = "0", ...params }: Schemas.ListCustomers = {}) =>
        Effect.map(customers.listPage(params), (page) => ({
          ...page,
          pagination: { next: String((Number(after) + 1) % pages), prev: null }
        }))
    }))
  ).pipe(Layer.provide(account.layer))

/** The API's response to an invalid cursor. */
export const badCursor: StiggError.StiggError = new StiggError.BadRequestError({
  ...{ operation: "customers.list", method: "GET", url: "/api/v1/customers", attempts: 1, status: 400 },
  ...{ message: "not a cursor of this list", code: null, retryAfter: null, traceId: null, headers: {}, body: "" }
})

/** The response during an outage. */
export const outage: StiggError.StiggError = new StiggError.APIConnectionError({
  ...{ operation: "customers.list", method: "GET", url: "/api/v1/customers", attempts: 3 },
  ...{ message: "connection refused", reason: "request", code: "ECONNREFUSED", cause: null }
})

const hour = 3_600_000
const year = 365 * 24 * hour
const first = Date.parse("2023-01-01T00:00:00.000Z")

const rows = (count: number, createdAt: (i: number) => number): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, i) => ({ id: `customer-${i}`, createdAt: createdAt(i) }))

/** Distributions of creation times over three years. */
export const spread = {
  evenly: (count: number) => rows(count, (i) => first + chance(i) * 3 * year),
  /** Nine of ten within one hour. */
  inOneHour: (count: number) =>
    rows(count, (i) => first + (i % 10 === 0 ? chance(i) * 3 * year : 1.4 * year + chance(i) * hour)),
  /** In bursts within one millisecond each, as imports create them. */
  inBursts: (count: number) => rows(count, (i) => first + (i % 7) * 0.4 * year + 0.25),
  /** A few microseconds on both sides of each millisecond. */
  aroundMilliseconds: (count: number) => rows(count, (i) => first + Math.floor(i / 4) + (i % 2 === 0 ? -0.001 : 0.0005))
}
