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
  /** Created then or later, to the millisecond. */
  readonly from?: DateTime.Utc | undefined
  /** Created before then, to the millisecond. Without it the end stays open, whatever this machine's clock says. */
  readonly until?: DateTime.Utc | undefined
  /**
   * How many walks go on at once, 1 to 1,000; 1 unless told otherwise. The API's list can be split by time of creation
   * alone, and no finer than a millisecond: customers created within one, as by an import in bulk, are one walk.
   */
  readonly partitions?: number | undefined
  /** Customers a request, 1 to 100; 100 unless told otherwise. */
  readonly pageSize?: number | undefined
  /** Only customers with exactly this address or name. */
  readonly filter?: { readonly email?: string | undefined; readonly name?: string | undefined } | undefined
  /**
   * Created after this moment, or after all that a watermark knows of: those of its very millisecond come, but for its
   * own.
   */
  readonly since?: DateTime.Utc | Watermark | undefined
  /** Created by then: nobody that this watermark, taken before with {@link newest}, does not know of. */
  readonly upTo?: Watermark | undefined
  /**
   * Changed after this moment, or after the latest that a watermark knows of. The API's list has no such filter: all
   * customers are requested, and those that changed are kept. With watermarks of {@link newest} none is missed, and one
   * that changes while an export runs may come in two.
   */
  readonly changedSince?: DateTime.Utc | Watermark | undefined
}

/** The bounds in time, and the rule for what they cannot say. */
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
