import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Watermark } from "../../CustomerExport.js"
import * as Customers from "../../Customers.js"
import type * as Schemas from "../../Schemas.js"
import type { StiggError } from "../../StiggError.js"

const minute = 60_000

/**
 * Takes a watermark: searches for the newest customer by creation time. None if there are no customers. Take it before
 * an export and pass it as `upTo`. Store it after the export, and pass it to the next one as `since`.
 *
 * It sends about ten requests. The result depends neither on the order of the list nor on the clock of this machine.
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

    /** Narrows the range: a customer exists at or after `low` (null: not known yet), and none from `high` on. */
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
          // Goes back in growing steps, and finally searches all of time.
          const next = at - reach
          return yield* search(next < 0 ? null : next, null, at, reach * 8)
        }
        if ((pagination.next ?? "") === "") return Option.some(watermarkOf(data))
        if (
          data.length === 0 ||
          (high !== null && high - latest <= 1) ||
          (at !== null && at === low && at === latest)
        ) {
          // One moment takes several pages, or a page is empty but not the last: read all that is left.
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

/** Keeps the customers with the latest creation time. */
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
