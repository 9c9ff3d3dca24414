import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Customers from "../../Customers.js"
import * as Schemas from "../../Schemas.js"
import type { StiggError } from "../../StiggError.js"

/**
 * How far an account had come at some moment, by its own data: what the next export goes on from.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { CustomerExport } from "effect-stigg"
 *
 * const watermark: CustomerExport.Watermark = {
 *   createdAt: DateTime.unsafeMake("2026-06-13T10:00:00.000Z"),
 *   ids: ["customer-acme"],
 *   updatedAt: DateTime.unsafeMake("2026-06-14T08:00:00.000Z")
 * }
 * console.log(watermark.ids)
 *
 * @category incremental
 * @since 0.1.0
 */
export interface Watermark {
  /** When the newest customer was created, to the millisecond. */
  readonly createdAt: DateTime.Utc
  /** The customers of that millisecond: another may be created in it yet. */
  readonly ids: ReadonlyArray<string>
  /** The latest moment that the data tells of. Changes that were made before it had been made by then. */
  readonly updatedAt: DateTime.Utc
}

/**
 * The schema of {@link Watermark}, to keep one in a `KeyValueStore`.
 *
 * @example
 * import { KeyValueStore } from "@effect/platform"
 * import { Effect } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const previous = Effect.gen(function* () {
 *   const store = (yield* KeyValueStore.KeyValueStore).forSchema(CustomerExport.Watermark)
 *   return yield* store.get("customers")
 * })
 *
 * @category incremental
 * @since 0.1.0
 */
export const Watermark: Schema.Schema<
  Watermark,
  { readonly createdAt: string; readonly ids: ReadonlyArray<string>; readonly updatedAt: string }
> = Schema.Struct({
  createdAt: Schemas.Timestamp,
  ids: Schema.Array(Schema.String),
  updatedAt: Schemas.Timestamp
})

const minute = 60_000

/**
 * The watermark of now: the newest customer, found by asking for ever other times of creation. None when there is no
 * customer. Take it before an export, as its `upTo`, and keep it after: the next one goes on from it with `since`.
 *
 * Some ten requests, none of which rests on the order of the list, and none on this machine's clock.
 *
 * @example
 * import { Effect, Option } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const upTo = yield* CustomerExport.newest()
 *   yield* Effect.log(Option.map(upTo, (watermark) => watermark.createdAt))
 * })
 *
 * @category incremental
 * @since 0.1.0
 */
export const newest = (
  filter: { readonly email?: string | undefined; readonly name?: string | undefined } = {}
): Effect.Effect<Option.Option<Watermark>, StiggError, Customers.Customers> =>
  Effect.gen(function* () {
    const customers = yield* Customers.Customers
    const now = yield* Clock.currentTimeMillis

    /** Narrows down: there is someone at or after `low` (null: not known yet), and nobody from `high` on. */
    const search = (
      at: number | null,
      low: number | null,
      high: number | null,
      reach: number
    ): Effect.Effect<Option.Option<Watermark>, StiggError> =>
      Effect.gen(function* () {
        const createdAt = at === null ? {} : { createdAt: { gte: DateTime.unsafeMake(at) } }
        const { data, pagination } = yield* customers.listPage({ ...filter, ...createdAt, limit: 100 })
        const latest = Math.max(...data.map((customer) => customer.createdAt.epochMillis))
        if (data.length === 0 && (pagination.next ?? "") === "") {
          if (at === null) return Option.none()
          if (low !== null) return yield* search(Math.floor((low + at) / 2), low, at, reach)
          // Further back by ever more, and for all of time in the end.
          const next = at - reach
          return yield* search(next < 0 ? null : next, null, at, reach * 8)
        }
        if ((pagination.next ?? "") === "") return Option.some(watermarkOf(data))
        if (
          data.length === 0 ||
          (high !== null && high - latest <= 1) ||
          (at !== null && at === low && at === latest)
        ) {
          // So many in one moment that they take pages; or a page with nobody on it: all of what is left, then.
          const rest = yield* customers
            .list({ ...filter, ...createdAt })
            .pipe(Stream.runFold<ReadonlyArray<Schemas.Customer>, Schemas.Customer>([], newestOf))
          return Option.some(watermarkOf(rest))
        }
        const next = high === null ? latest + reach : Math.floor((latest + high) / 2)
        return yield* search(Math.max(next, latest + 1), latest, high, reach * 8)
      })

    return yield* search(now - minute, null, null, minute)
  })

/** Keeps those of the latest moment. */
const newestOf = (
  newest: ReadonlyArray<Schemas.Customer>,
  customer: Schemas.Customer
): ReadonlyArray<Schemas.Customer> => {
  const difference = customer.createdAt.epochMillis - (newest[0]?.createdAt.epochMillis ?? -Infinity)
  return difference > 0 ? [customer] : difference === 0 ? [...newest, customer] : newest
}

const watermarkOf = (customers: ReadonlyArray<Schemas.Customer>): Watermark => {
  const latest = Math.max(...customers.map(({ createdAt }) => createdAt.epochMillis))
  return {
    createdAt: DateTime.unsafeMake(latest),
    ids: customers.filter(({ createdAt }) => createdAt.epochMillis === latest).map(({ id }) => id),
    updatedAt: DateTime.unsafeMake(Math.max(latest, ...customers.map(({ updatedAt }) => updatedAt.epochMillis)))
  }
}
