import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { expect, it } from "@effect/vitest"
import * as Received from "effect-stigg/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Seed } from "effect-stigg/testing"
import { Act, Emulator, WebhookEvent, Webhooks } from "effect-stigg/testing"
import { customers, emulated, patch, post, provisioned, remove } from "./exchange.js"

const seed: Seed.Input = {
  features: [{ id: "seats", type: "NUMBER" }],
  currencies: [{ id: "gems" }],
  plans: [
    {
      id: "pro",
      features: [{ featureId: "seats", usageLimit: 1, resetPeriod: "MONTH" }],
      credits: [{ currencyId: "gems", amount: 1 }]
    },
    { id: "basic" }
  ],
  customers: [{ id: "acme", plan: "pro" }, { id: "trial" }]
}

const world = Webhooks.layerApp(HttpServerResponse.empty(), { secret: Redacted.make("any") }).pipe(
  Layer.provideMerge(emulated({ seed }))
)

const encoder = new TextEncoder()

it.effect("every event that the emulator sends is one that the receiver of this package knows", () =>
  Effect.gen(function* () {
    const acme = `${customers}/acme`
    const trial = { planId: "pro", isTrial: true, endDate: { in: "8 days" } }
    yield* provisioned("new")
    yield* patch(acme, { name: "Acme" })
    yield* post(`${acme}/payment-method`, { integrationId: "s", paymentMethodId: "pm", vendorIdentifier: "STRIPE" })
    yield* remove(`${acme}/payment-method`)
    const grants = [{ featureId: "seats", period: "1 month" }]
    yield* post(`${acme}/promotional-entitlements`, { promotionalEntitlements: grants })
    yield* remove(`${acme}/promotional-entitlements/seats`)
    yield* post(`${customers}/trial/promotional-entitlements`, { promotionalEntitlements: grants })
    yield* Emulator.act(Act.subscribe({ customerId: "trial", ...trial }))
    yield* Emulator.act(Act.subscribe({ customerId: "new", ...trial }))
    yield* Emulator.act(Act.subscribe({ customerId: "new", planId: "pro" }))
    yield* Emulator.act(Act.subscribe({ customerId: "new", planId: "basic", endDate: { in: "1 day" } }))
    yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: 2 }))
    yield* Emulator.act(
      Act.grantCredits({ customerId: "acme", currencyId: "gems", amount: 1, endDate: { in: "1 day" } })
    )
    yield* Emulator.act(Act.spendCredits({ customerId: "acme", currencyId: "gems", amount: 2 }))
    yield* Emulator.act(Act.failPayment({ customerId: "acme" }))
    yield* Emulator.advanceTime("32 days")
    yield* Emulator.act(Act.unsubscribe({ customerId: "acme", planId: "pro" }))
    yield* post(`${acme}/archive`)
    const messages = yield* Webhooks.messages
    const events = yield* Effect.forEach(messages, ({ body }) => Received.parse(encoder.encode(JSON.stringify(body))))
    expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(WebhookEvent.all))
    expect(events.filter(({ _tag }) => _tag === "Unknown")).toEqual([])
    expect(events.map(Received.customerIdOf)).toEqual(messages.map(({ customerId }) => customerId))
    expect(events.map(({ messageId }) => messageId)).toEqual(messages.map(({ messageId }) => messageId))
  }).pipe(Effect.provide(world))
)
