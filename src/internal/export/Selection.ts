import type * as DateTime from "effect/DateTime"
import type * as Schemas from "../../Schemas.js"
import type { Watermark } from "./Watermark.js"

/**
 * Which customers to export, and how.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { CustomerExport } from "effect-stigg"
 *
 * const lastYear: CustomerExport.Options = {
 *   from: DateTime.unsafeMake("2025-01-01"),
 *   until: DateTime.unsafeMake("2026-01-01"),
 *   partitions: 8
 * }
 * console.log(lastYear.partitions)
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Only customers created at or after this time, with millisecond precision. */
  readonly from?: DateTime.Utc | undefined
  /**
   * Only customers created before this time, with millisecond precision. Without it, the range has no end, whatever the
   * clock of this machine says.
   */
  readonly until?: DateTime.Utc | undefined
  /**
   * How many windows of creation time are fetched in parallel, 1 to 1,000. Default: 1. The list of the API can be split
   * only by creation time, down to a millisecond: customers created in the same millisecond, for example by a bulk
   * import, are fetched one page after another.
   */
  readonly partitions?: number | undefined
  /** Customers per request, 1 to 100. Default: 100. */
  readonly pageSize?: number | undefined
  /** Only customers with exactly this email or name. */
  readonly filter?: { readonly email?: string | undefined; readonly name?: string | undefined } | undefined
  /**
   * Only customers created after this time, or after a watermark. Customers created in the same millisecond as the
   * watermark are included, unless it lists them.
   */
  readonly since?: DateTime.Utc | Watermark | undefined
  /** Only customers that this watermark covers. Take it with {@link newest} before the export. */
  readonly upTo?: Watermark | undefined
  /**
   * Only customers changed after this time, or after the `updatedAt` of a watermark. The list of the API has no such
   * filter: all customers are requested, and the others are dropped. With watermarks from {@link newest}, no change
   * is missed; a customer that changes during an export may appear in two exports.
   */
  readonly changedSince?: DateTime.Utc | Watermark | undefined
}

/** The range of creation times to request, and a predicate for what the range cannot express. */
export const selection = ({ changedSince, from, since, until, upTo }: Options) => {
  const lower = [
    ...(from === undefined ? [] : [Math.floor(from.epochMillis)]),
    ...(since === undefined ? [] : ["ids" in since ? since.createdAt.epochMillis : Math.floor(since.epochMillis) + 1])
  ]
  const upper = [
    ...(until === undefined ? [] : [Math.floor(until.epochMillis)]),
    ...(upTo === undefined ? [] : [upTo.createdAt.epochMillis + 1])
  ]
  const known = since !== undefined && "ids" in since ? since : null
  const isKnown = known === null ? () => false : isAmong(known)
  const isInTime = upTo === undefined ? () => true : isAmong(upTo)
  const changed = changedSince === undefined ? -Infinity : latestOf(changedSince)
  return {
    from: lower.length === 0 ? null : Math.max(...lower),
    until: upper.length === 0 ? null : Math.min(...upper),
    keep: (customer: Schemas.Customer): boolean =>
      customer.updatedAt.epochMillis > changed &&
      !(customer.createdAt.epochMillis === known?.createdAt.epochMillis && isKnown(customer)) &&
      (customer.createdAt.epochMillis !== upTo?.createdAt.epochMillis || isInTime(customer))
  }
}

const isAmong = ({ ids }: Watermark): ((customer: Schemas.Customer) => boolean) => {
  const known = new Set(ids)
  return ({ id }) => known.has(id)
}

const latestOf = (moment: DateTime.Utc | Watermark): number =>
  "ids" in moment ? moment.updatedAt.epochMillis : moment.epochMillis
