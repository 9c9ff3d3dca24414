import type { Seed } from "effect-stigg/testing"
import { Operation } from "effect-stigg/testing"

/** The customer on which the check of an operation works, so that the checks can share an emulator. */
export const customerOf = (operation: Operation.Operation): string => `customer-${operation}`

/** More than two pages of 100. */
export const walked = 250

export const walkedId = (index: number): string => `walked-${String(index).padStart(3, "0")}`

/** The state that the emulators of the checks begin with. */
export const seed: Seed.Input = {
  features: [
    { id: "feature-seats", type: "NUMBER" },
    { id: "feature-sso", type: "BOOLEAN" }
  ],
  currencies: [{ id: "credits" }],
  plans: [
    {
      id: "plan-pro",
      features: [{ featureId: "feature-seats", usageLimit: 10 }],
      credits: [{ currencyId: "credits", amount: 100 }]
    }
  ],
  customers: [
    ...Operation.all.map((operation) => ({
      id: customerOf(operation),
      email: "billing@acme.example",
      plan: "plan-pro",
      usage: [{ of: "feature-seats", used: 9 }],
      resources: [{ id: "site-1" }, { id: "site-2" }],
      integrations: [{ id: "stripe", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }],
      grants: [{ grant: { featureId: "feature-sso", period: "lifetime" as const } }],
      contracts: [{ contractId: "c1", externalId: "contract-1", billingId: "bill-1", state: "ACTIVE" }],
      invoices: [invoice(1), invoice(2)]
    })),
    ...Array.from({ length: walked }, (_, index) => ({
      id: walkedId(index),
      name: "Walked",
      createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString()
    }))
  ]
}

function invoice(month: number) {
  return {
    invoiceId: `in_${month}`,
    issueDate: `2026-0${month}-01T00:00:00.000Z`,
    dueDate: `2026-0${month}-15T00:00:00.000Z`,
    total: month,
    state: "OPEN",
    contractExternalId: "contract-1"
  }
}
