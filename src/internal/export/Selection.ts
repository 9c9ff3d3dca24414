import type * as DateTime from "effect/DateTime"
import type { Options, Watermark } from "../../CustomerExport.js"
import type * as Schemas from "../../Schemas.js"

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
