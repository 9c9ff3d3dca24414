import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type * as Schemas from "../../../../Schemas.js"
import type { InvalidAct } from "../../../Act.js"
import { none } from "../../webhooks/Event.js"
import * as Happenings from "../../webhooks/Happenings.js"
import type { CustomerEntry } from "../CustomerEntry.js"
import type { WorldState } from "../World.js"
import type { Of } from "./ActSchema.js"
import type { Outcome } from "./Refusal.js"
import { customerOf, refuse } from "./Refusal.js"

/** A payment that fails, of an open invoice or of none. */
export const fail = (world: WorldState, act: Of<"failPayment">): Outcome =>
  Either.gen(function* () {
    const entry = yield* customerOf(world, act.customerId)
    if (act.invoiceId !== undefined) {
      yield* openInvoice(entry, act.invoiceId)
      changeLatest(world, entry, act.invoiceId, { requiresAction: true })
    }
    return Happenings.paymentFailed(entry, act.reason ?? "Your card was declined.", act.invoiceId ?? null)
  })

/** The payment of an open invoice. No documented event follows from it. */
export const pay = (world: WorldState, { customerId, invoiceId }: Of<"payInvoice">, now: number): Outcome =>
  Either.gen(function* () {
    const entry = yield* customerOf(world, customerId)
    const paid = yield* openInvoice(entry, invoiceId)
    entry.change(world, {
      invoices: entry.invoices.map((invoice) =>
        invoice === paid ? { ...invoice, state: "PAID", paidDate: DateTime.unsafeMake(now) } : invoice
      )
    })
    changeLatest(world, entry, invoiceId, { requiresAction: false, status: "PAID", amountDue: 0 })
    return none
  })

const openInvoice = (entry: CustomerEntry, invoiceId: string): Either.Either<Schemas.Invoice, InvalidAct> => {
  const invoice = entry.invoices.find((invoice) => invoice.invoiceId === invoiceId)
  if (invoice === undefined) return refuse("invoiceId", `unknown invoice ${invoiceId} of customer ${entry.id}`)
  return invoice.state === "OPEN"
    ? Either.right(invoice)
    : refuse("invoiceId", `invoice ${invoiceId} is ${invoice.state}`)
}

/** Changes the invoice where a contract has it as its latest. */
const changeLatest = (
  world: WorldState,
  entry: CustomerEntry,
  invoiceId: string,
  to: Partial<Schemas.ContractLatestInvoice>
) =>
  entry.change(world, {
    contracts: entry.contracts.map((contract) =>
      contract.latestInvoice?.billingId === invoiceId
        ? { ...contract, latestInvoice: { ...contract.latestInvoice, ...to } }
        : contract
    )
  })
