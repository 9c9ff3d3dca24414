import type { Act } from "../../../Act.js"
import * as Faults from "../../../Faults.js"

/** An input of a form, and how its value is read: `after` is a duration, a `headers` line is `name: value`. */
interface Field {
  readonly name: string
  readonly label: string
  readonly kind: "text" | "amount" | "flag" | "after" | "json" | "headers"
  readonly isOptional?: true
}

/** What a form shows for a choice of its first input. */
interface Choice {
  readonly title: string
  readonly fields: ReadonlyArray<Field>
}

const customerId: Field = { name: "customerId", label: "Customer", kind: "text" }
const planId: Field = { name: "planId", label: "Plan", kind: "text" }
const currencyId: Field = { name: "currencyId", label: "Currency", kind: "text" }
const amount: Field = { name: "amount", label: "Amount", kind: "amount" }

/** The acts, with the fields that the page has for them. An act that is forgotten does not compile. */
export const acts: Readonly<Record<Act["type"], Choice>> = {
  reportUsage: {
    title: "Report usage",
    fields: [
      customerId,
      { name: "of", label: "Feature or currency", kind: "text" },
      { name: "value", label: "Value", kind: "amount" }
    ]
  },
  subscribe: {
    title: "Subscribe to a plan",
    fields: [
      customerId,
      planId,
      { name: "endDate", label: "Ends after, such as 14 days", kind: "after", isOptional: true },
      { name: "isTrial", label: "Trial", kind: "flag", isOptional: true }
    ]
  },
  unsubscribe: { title: "Leave a plan", fields: [customerId, planId] },
  changePlan: {
    title: "Change a limit of a plan",
    fields: [
      planId,
      { name: "featureId", label: "Feature", kind: "text" },
      { name: "usageLimit", label: "Limit", kind: "amount" }
    ]
  },
  grantCredits: { title: "Grant credits", fields: [customerId, currencyId, amount] },
  spendCredits: { title: "Spend credits", fields: [customerId, currencyId, amount] },
  failPayment: {
    title: "Fail a payment",
    fields: [customerId, { name: "invoiceId", label: "Invoice (optional)", kind: "text", isOptional: true }]
  },
  payInvoice: { title: "Pay an invoice", fields: [customerId, { name: "invoiceId", label: "Invoice", kind: "text" }] }
}

const fieldsOfFaults: Readonly<Partial<Record<Faults.Fault["type"], ReadonlyArray<Field>>>> = {
  latency: [{ name: "millis", label: "Milliseconds", kind: "amount" }],
  status: [
    { name: "status", label: "Status", kind: "amount" },
    { name: "body", label: "Body, JSON or text (optional)", kind: "json", isOptional: true },
    {
      name: "headers",
      label: "Headers, such as retry-after: 1, each on a line (optional)",
      kind: "headers",
      isOptional: true
    }
  ]
}

/** The faults, with the fields of each. */
export const faults: Readonly<Record<string, Choice>> = Object.fromEntries(
  Faults.Fault.members.flatMap(({ fields }) =>
    fields.type.literals.map((type) => [type, { title: type, fields: fieldsOfFaults[type] ?? [] }])
  )
)
