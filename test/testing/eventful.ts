import * as Effect from "effect/Effect"
import { Act, Emulator, Faults, Seed } from "effect-stigg/testing"
import { customers, patch, post, provisioned, remove } from "./exchange.js"

/** The options of a request with an idempotency key. */
export const key = (key: string) => ({ headers: { "idempotency-key": key } })

/** Everything of the state that can be lost: a grant of each state, an unlinked integration, a replayed key. */
export const eventful = Effect.gen(function* () {
  yield* provisioned("b", {
    name: "B",
    metadata: { "2": "two", "1": "one" },
    passthrough: { stripe: { customerName: "B" } }
  })
  yield* Emulator.setTime("2026-03-01T00:00:00.123Z")
  yield* provisioned("a", { email: "a@example.com" })
  yield* post(`${customers}/a/archive`)
  const link = (id: string) => ({ id, syncedEntityId: id, vendorIdentifier: "STRIPE" })
  for (const id of ["one", "two", "three"]) yield* post(`${customers}/b/integrations`, link(id))
  yield* remove(`${customers}/b/integrations/two`)
  const grant = (featureId: string) => ({ promotionalEntitlements: [{ featureId, period: "1 month" }] })
  for (const featureId of ["feature-sso", "feature-sso", "feature-audit-log"]) {
    yield* post(`${customers}/b/promotional-entitlements`, grant(featureId))
  }
  yield* remove(`${customers}/b/promotional-entitlements/feature-audit-log`)
  yield* provisioned("trial")
  yield* Emulator.act(
    Act.subscribe({ customerId: "trial", planId: "plan-pro", endDate: { in: "1 day" }, isTrial: true })
  )
  yield* Emulator.act(Act.reportUsage({ customerId: "trial", of: "feature-seats", value: 2 }))
  yield* post(customers, { id: "keyed" }, key("key-1"))
  yield* Effect.replicateEffect(patch(`${customers}/keyed`, { name: "changed" }), 3)
  yield* Emulator.inject({ fault: Faults.status(500), operation: "customers.archive", times: 3 })
  yield* Emulator.inject({ fault: Faults.status(429), operation: "customers.unarchive", probability: 0.5 })
  yield* post(`${customers}/keyed/archive`)
  yield* Effect.replicateEffect(post(`${customers}/a/unarchive`), 3)
})

/** The demo, and a customer with what only a seed can give. */
export const seed: Seed.Input = {
  ...Seed.demo,
  customers: [
    ...(Seed.demo.customers ?? []),
    {
      id: "customer-synced",
      defaultPaymentMethod: {
        billingId: null,
        type: "BANK",
        cardLast4Digits: null,
        cardExpiryMonth: null,
        cardExpiryYear: null
      },
      passthrough: { zuora: { currency: "eur", metadata: { "1": "one" } } },
      integrations: [
        { id: "known", vendorIdentifier: "STRIPE", syncData: { billingId: "b", billingLinkUrl: "https://b.example" } },
        { id: "market", vendorIdentifier: "STRIPE", syncData: { dimensions: "d" } }
      ],
      credits: [{ currencyId: "currency-ai-credits", amount: 5, endDate: { in: "1 day" } }]
    }
  ]
}
