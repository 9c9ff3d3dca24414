/**
 * Pages of a list, and streams over them.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Pagination } from "./schemas/Cursors.js"
import * as PagePull from "./internal/pagination/PagePull.js"
import type { PageParams } from "./schemas/PageParams.js"

/**
 * A page of a list, with its cursors.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Effect.gen(function* () {
 *   const customers = yield* Customers.Customers
 *   const page = yield* customers.listPage({ limit: 50 })
 *   return page.pagination.next === null ? page.data : page.data.slice(0, 10)
 * })
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<A> {
  /** The items, in the API's order. */
  readonly data: ReadonlyArray<A>
  /** The cursors: pass `next` as `after`, or `prev` as `before`. Null if there is no such page. */
  readonly pagination: Pagination
}

/**
 * Streams the pages of a list: forwards from the start or from `after`, or backwards from `before`. Items keep their
 * order within a page.
 *
 * The stream prefetches one page while the current one is consumed, and interrupts that request when it ends early. An
 * empty page does not end the stream. If a cursor repeats, the stream fails with `onRepeat` instead of looping.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { Customers, Pagination } from "effect-stigg"
 *
 * const pages = Stream.unwrap(
 *   Effect.map(Customers.Customers, (customers) =>
 *     Pagination.pages(customers.listPage, { limit: 100 }, (cursor) => new Error(`cursor ${cursor} repeats`))
 *   )
 * )
 *
 * @category constructors
 * @since 0.1.0
 */
export const pages = <A, E, R, Params extends PageParams, E2 = never>(
  fetch: (params: Params) => Effect.Effect<Page<A>, E, R>,
  params: Params,
  onRepeat: (cursor: string) => E2
): Stream.Stream<Page<A>, E | E2, R> =>
  Stream.unwrapScoped(Effect.map(PagePull.make(fetch, params, onRepeat), Stream.repeatEffectOption))

/**
 * Flattens a stream of pages into a stream of their items.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { Customers, Pagination } from "effect-stigg"
 *
 * const ids = Stream.unwrap(Effect.map(Customers.Customers, (customers) => customers.listPages())).pipe(
 *   Pagination.items,
 *   Stream.map((customer) => customer.id)
 * )
 *
 * @category combinators
 * @since 0.1.0
 */
export const items = <A, E, R>(self: Stream.Stream<Page<A>, E, R>): Stream.Stream<A, E, R> =>
  Stream.flattenIterables(Stream.map(self, (page) => page.data))
