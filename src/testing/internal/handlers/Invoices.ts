import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Schemas from "../../../Schemas.js"
import * as Envelope from "../world/Envelope.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Cursors from "../contract/Cursors.js"
import { defaultLimit } from "../contract/Query.js"
import type { CustomerEntry } from "../world/CustomerEntry.js"
import { World } from "../world/World.js"

/** A page of a customer's invoices. They come from a billing provider with its own order and cursors. */
export const page = (
  entry: CustomerEntry,
  query: Schemas.ListInvoices
): Effect.Effect<HttpServerResponse.HttpServerResponse, ApiFailure.ApiFailure, World> =>
  Effect.gen(function* () {
    const { ids } = yield* World
    const scope = `invoices of ${entry.serial}`
    const serials = new Map(entry.invoices.map((invoice, serial) => [invoice, serial]))
    const sorted = sort(entry.invoices, query)
    const cursor = (invoice: Schemas.Invoice) => `inv_${ids.uuid(scope, serials.get(invoice) ?? 0).replaceAll("-", "")}`
    const position = (name: "after" | "before") =>
      Effect.suspend(() => {
        const index = sorted.findIndex((invoice) => cursor(invoice) === query[name])
        return index === -1 ? ApiFailure.badInput(name, "not a cursor of this list") : Effect.succeed(index)
      })

    const limit = query.limit ?? defaultLimit
    // Filter after finding the cursor's invoice, which need not match the filters.
    const start = query.after === undefined ? 0 : (yield* position("after")) + 1
    const end = query.before === undefined ? sorted.length : yield* position("before")
    const both = query.after !== undefined && query.before !== undefined
    if (both && end < start) return yield* Cursors.exclusive
    const matches = isWanted(entry.contracts, query)
    // With both cursors, `before` is the start of the current page, and the result is the page after it: see
    // `Envelope.page`.
    const wanted = (both ? sorted.slice(end) : sorted.slice(start, end)).filter(matches)
    const items = both
      ? wanted.slice(limit, 2 * limit)
      : query.before === undefined
        ? wanted.slice(0, limit)
        : wanted.slice(-limit)
    const [first, last] = [items[0], items.at(-1)]
    const hasPrevious = first !== undefined && sorted.slice(0, sorted.indexOf(first)).some(matches)
    const hasNext = last !== undefined && sorted.slice(sorted.indexOf(last) + 1).some(matches)
    return HttpServerResponse.unsafeJson({
      data: items.map(Envelope.invoice),
      pagination: { next: hasNext ? cursor(last) : null, prev: hasPrevious ? cursor(first) : null }
    })
  })

const isWanted =
  (contracts: ReadonlyArray<Schemas.Contract>, query: Schemas.ListInvoices) =>
  (invoice: Schemas.Invoice): boolean => {
    const issued = invoice.issueDate?.epochMillis
    return (
      (query.issuedAfter === undefined || (issued !== undefined && issued >= query.issuedAfter.epochMillis)) &&
      (query.issuedBefore === undefined || (issued !== undefined && issued <= query.issuedBefore.epochMillis)) &&
      (query.stateIn === undefined || query.stateIn.includes(invoice.state)) &&
      (query.contractExternalId === undefined ||
        (invoice.contractExternalId !== null &&
          contractIds(contracts, query.contractExternalId).includes(invoice.contractExternalId)))
    )
  }

/** A contract is identified by its own id or by the billing provider's. */
const contractIds = (contracts: ReadonlyArray<Schemas.Contract>, id: string): ReadonlyArray<string> => [
  id,
  ...contracts.flatMap(({ billingId, externalId }) => (billingId === id ? [externalId] : []))
]

const sort = (
  invoices: ReadonlyArray<Schemas.Invoice>,
  { orderBy = "issueDate", orderDir = "ASC" }: Schemas.ListInvoices
): ReadonlyArray<Schemas.Invoice> => {
  const key = (invoice: Schemas.Invoice): number => {
    const { dueDate, issueDate, total } = invoice
    const value = orderBy === "total" ? total : orderBy === "dueDate" ? dueDate : issueDate
    return value === null ? Infinity : typeof value === "number" ? value : value.epochMillis
  }
  const sign = orderDir === "ASC" ? 1 : -1
  return invoices.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)]
    const byKey = x === y ? 0 : x < y ? -1 : 1
    return sign * (byKey || (a.invoiceId < b.invoiceId ? -1 : a.invoiceId > b.invoiceId ? 1 : 0))
  })
}
