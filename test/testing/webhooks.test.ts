import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import type { Seed } from "effect-stigg/testing"
import { Act, Emulator, Webhooks } from "effect-stigg/testing"
import type { Json } from "./document.js"
import { json, list } from "./document.js"
import { customers, emulated, patch, post, provisioned, remove } from "./exchange.js"

const secret = Redacted.make("a-secret-of-webhooks")

const seed: Seed.Input = {
  features: [
    { id: "sso", type: "BOOLEAN", displayName: "Single sign-on" },
    { id: "seats", type: "NUMBER" },
    { id: "region", type: "ENUM" }
  ],
  currencies: [{ id: "gems", displayName: "Gems", unitSingular: "gem", unitPlural: "gems" }],
  plans: [
    {
      id: "pro",
      displayName: "Pro",
      features: [
        { featureId: "sso" },
        { featureId: "seats", usageLimit: 10, resetPeriod: "MONTH", resetAccordingTo: "StartOfTheMonth" },
        { featureId: "region", values: ["eu", "us"] }
      ],
      credits: [{ currencyId: "gems", amount: 5 }]
    },
    { id: "basic", features: [{ featureId: "sso" }] }
  ],
  customers: [
    { id: "acme", name: "Acme", email: "billing@acme.com", plan: "pro", billingCurrency: "usd" },
    { id: "none" },
    {
      id: "trial",
      subscriptions: [{ planId: "pro", isTrial: true, endDate: { in: "14 days" } }],
      grants: [{ grant: { featureId: "sso", period: "1 week" } }],
      credits: [{ currencyId: "gems", amount: 1, endDate: { in: "10 days" } }]
    }
  ]
}

/** What a receiver got, and how it answers. */
class Receiver extends Context.Tag("Receiver")<
  Receiver,
  { readonly got: Ref.Ref<ReadonlyArray<Json>>; readonly status: Ref.Ref<number>; readonly secrets: Ref.Ref<unknown> }
>() {}

const app = Effect.gen(function* () {
  const { got, secrets, status } = yield* Receiver
  const request = yield* HttpServerRequest.HttpServerRequest
  const body = json(yield* request.json)
  yield* Ref.update(got, (all) => [...all, body])
  yield* Ref.set(secrets, request.headers["stigg-webhooks-secret"])
  expect([request.method, request.url, request.headers["content-type"]]).toEqual(["POST", "/hook", "application/json"])
  return HttpServerResponse.empty({ status: yield* Ref.get(status) })
})

const receiver = Layer.effect(
  Receiver,
  Effect.all({ got: Ref.make<ReadonlyArray<Json>>([]), status: Ref.make(204), secrets: Ref.make<unknown>(null) })
)

const world = Webhooks.layerApp(app, { path: "/hook", secret }).pipe(
  Layer.provideMerge(receiver),
  Layer.provideMerge(emulated({ seed }))
)

/** The messages that the receiver has got since the last time. */
const got = Effect.gen(function* () {
  yield* Webhooks.idle
  const { got } = yield* Receiver
  return yield* Ref.getAndSet(got, [])
})
const types = Effect.map(got, (bodies) => bodies.map(({ type }) => type))
const answering = (status: number) => Effect.flatMap(Receiver, (receiver) => Ref.set(receiver.status, status))

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe("a message", () => {
  it.effect("has the envelope, the secret, and the customer at the top level", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 hour")
      yield* provisioned("new", { name: "New", email: "new@new.com", metadata: { a: "b" } })
      const [message = {}, ...rest] = yield* got
      expect(rest).toEqual([])
      const { actor, entityId, environmentId, eventId, messageId, traceId, ...fields } = message
      expect(fields).toEqual({
        type: "customer.created",
        timestamp: "1970-01-01T01:00:00.000Z",
        id: "new",
        name: "New",
        email: "new@new.com",
        billingId: null,
        crmId: null,
        metadata: { a: "b" },
        excludeFromExperiment: null,
        experimentInfo: null,
        billingCurrency: null
      })
      for (const id of [entityId, environmentId, eventId, messageId, traceId]) expect(id).toMatch(uuid)
      expect(actor).toEqual({ type: "SYSTEM" })
      expect(yield* Effect.flatMap(Receiver, ({ secrets }) => Ref.get(secrets))).toBe(Redacted.value(secret))
    }).pipe(Effect.provide(world))
  )

  it.effect("of entitlements lists all that are in force", () =>
    Effect.gen(function* () {
      yield* post(`${customers}/acme/promotional-entitlements`, {
        promotionalEntitlements: [{ featureId: "seats", period: "1 month", hasUnlimitedUsage: true }]
      })
      const [granted = {}, updated = {}] = yield* got
      const feature = {
        entityId: expect.stringMatching(uuid) as string,
        description: null,
        enumConfiguration: null,
        meterType: null,
        unit: null,
        units: null,
        status: "ACTIVE"
      }
      const seats = { ...feature, id: "seats", name: "seats", featureType: "NUMBER" }
      expect(granted).toMatchObject({
        type: "promotionalEntitlement.granted",
        id: expect.stringMatching(uuid) as string,
        status: "Active",
        feature: seats,
        customer: { id: "acme", name: "Acme", email: "billing@acme.com", billingCurrency: "usd" },
        hasUnlimitedUsage: true,
        usageLimit: null,
        resetPeriod: null,
        resetPeriodConfiguration: null,
        isVisible: true,
        period: "1 month",
        endDate: "1970-02-01T00:00:00.000Z"
      })
      const none = {
        usageLimit: null,
        hasUnlimitedUsage: false,
        hasSoftLimit: false,
        currentUsage: 0,
        usagePeriodAnchor: null,
        usagePeriodStart: null,
        usagePeriodEnd: null,
        resetPeriod: null,
        resetPeriodConfiguration: null,
        enumValues: null,
        creditBalance: null
      }
      const { entitlements, ...envelope } = updated
      expect(envelope).toMatchObject({
        type: "entitlements.updated",
        trigger: "promotional_entitlement_granted",
        customer: { id: "acme" },
        resource: null,
        entitlementsUpdatedAt: "1970-01-01T00:00:00.000Z",
        eventId: granted["eventId"]
      })
      expect(entitlements).toEqual([
        { ...none, feature: { ...feature, id: "sso", name: "Single sign-on", featureType: "BOOLEAN" } },
        { ...none, feature: seats, hasUnlimitedUsage: true },
        {
          ...none,
          feature: { ...feature, id: "region", name: "region", featureType: "ENUM" },
          enumValues: ["eu", "us"]
        }
      ])
    }).pipe(Effect.provide(world))
  )

  it.effect("of usage tells the measurement, and once that it crossed the limit", () =>
    Effect.gen(function* () {
      const report = (value: number) => Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value }))
      yield* report(9)
      expect(yield* types).toEqual(["measurement.reported"])
      yield* report(3)
      const [reported = {}, exceeded = {}] = yield* got
      expect(reported).toMatchObject({ type: "measurement.reported", currentChange: 3, currentUsage: 12 })
      expect(exceeded).toMatchObject({
        type: "entitlement.usage_exceeded",
        thresholdPercentage: 100,
        usagePercentage: 120,
        currentUsage: 12,
        usageLimit: 10,
        hasUnlimitedUsage: false,
        hasSoftLimit: false,
        usagePeriodAnchor: "1970-01-01T00:00:00.000Z",
        usagePeriodStart: "1970-01-01T00:00:00.000Z",
        usagePeriodEnd: "1970-02-01T00:00:00.000Z",
        resetPeriod: "MONTH",
        resetPeriodConfiguration: { accordingTo: "StartOfTheMonth" },
        feature: { id: "seats" },
        customer: { id: "acme" },
        resource: null,
        subscriptions: [{ startDate: "1970-01-01T00:00:00.000Z", plan: { id: "pro", name: "Pro" } }]
      })
      yield* report(1)
      expect(yield* types).toEqual(["measurement.reported"])
    }).pipe(Effect.provide(world))
  )

  it.effect("of usage of a resource does not count for what the whole customer has", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.subscribe({ customerId: "acme", planId: "basic", resourceId: "site" }))
      yield* got
      yield* Emulator.act(Act.reportUsage({ customerId: "acme", of: "seats", value: 12, resourceId: "site" }))
      expect(yield* got).toMatchObject([{ type: "measurement.reported", currentUsage: 0, resource: { id: "site" } }])
    }).pipe(Effect.provide(world))
  )

  it.effect("of credits tells a grant, and once that the balance is low, and that it ran out", () =>
    Effect.gen(function* () {
      const acme = { customerId: "acme", currencyId: "gems" }
      yield* Emulator.act(Act.grantCredits({ ...acme, amount: 3, endDate: { in: "1 day" } }))
      yield* Emulator.act(Act.spendCredits({ ...acme, amount: 7 }))
      yield* Emulator.act(Act.spendCredits({ ...acme, amount: 2 }))
      yield* Emulator.act(Act.spendCredits({ ...acme, amount: 2 }))
      const [granted = {}, low = {}, depleted = {}, ...rest] = yield* got
      expect(rest).toEqual([])
      expect(granted).toMatchObject({
        type: "credit.grant.created",
        customerId: "acme",
        currencyId: "gems",
        amount: 3,
        effectiveAt: "1970-01-01T00:00:00.000Z",
        expireAt: "1970-01-02T00:00:00.000Z"
      })
      const gems = { id: "gems", name: "Gems", unitLabel: { singular: "gem", plural: "gems" } }
      const balance = {
        customer: { id: "acme" },
        resource: null,
        currency: gems,
        creditCurrency: gems,
        totalGranted: 8
      }
      expect(low).toMatchObject({
        type: "credit_balance.low",
        ...balance,
        thresholdPercentage: 20,
        ...{ currentBalance: 1, remainingBalance: 1, remainingBalancePercentage: 12 },
        ...{ usedPercentage: 88, consumedPercentage: 88 }
      })
      expect(depleted).toMatchObject({
        type: "credit_balance.depleted",
        ...balance,
        ...{ currentBalance: 0, remainingBalance: 0, remainingBalancePercentage: 0 }
      })
      expect(depleted["thresholdPercentage"]).toBeUndefined()
    }).pipe(Effect.provide(world))
  )

  it.effect("of credits tells each threshold that the balance falls to, and of several the lowest", () =>
    Effect.gen(function* () {
      const gems = { customerId: "none", currencyId: "gems" }
      yield* Emulator.act(Act.grantCredits({ ...gems, amount: 100 }))
      for (const amount of [19, 1, 5, 25, 29, 1]) {
        yield* Emulator.act(Act.spendCredits({ ...gems, amount }))
        yield* TestClock.adjust("1 hour")
      }
      yield* Emulator.act(Act.grantCredits({ ...gems, amount: 900 }))
      yield* Emulator.act(Act.spendCredits({ ...gems, amount: 920 }))
      const low = (yield* got).filter(({ type }) => type !== "credit.grant.created")
      expect(low.map(({ remainingBalance, thresholdPercentage }) => [remainingBalance, thresholdPercentage])).toEqual([
        [80, 80],
        [50, 50],
        [20, 20],
        [0, 20],
        [0, undefined]
      ])
    }).pipe(Effect.provide(world))
  )

  it.effect("of a subscription has its fields at the top level", () =>
    Effect.gen(function* () {
      yield* Emulator.act(
        Act.subscribe({
          customerId: "none",
          planId: "pro",
          resourceId: "site",
          isTrial: true,
          endDate: { in: "1 day" }
        })
      )
      const [created = {}, started = {}, updated = {}, ...rest] = yield* got
      expect(rest).toEqual([])
      const subscription = {
        id: expect.stringMatching(/^subscription-pro-[0-9a-f]{6}$/) as string,
        status: "IN_TRIAL",
        startDate: "1970-01-01T00:00:00.000Z",
        endDate: "1970-01-02T00:00:00.000Z",
        trialEndDate: "1970-01-02T00:00:00.000Z",
        isTrialSubscription: true,
        plan: { id: "pro", name: "Pro" },
        customer: { id: "none" },
        resource: { id: "site" }
      }
      expect(created).toMatchObject({ type: "subscription.created", ...subscription })
      expect(started).toMatchObject({ type: "trial.started", ...subscription })
      expect(updated).toMatchObject({ type: "entitlements.updated", resource: { id: "site" } })
      expect(list(updated["entitlements"]).length).toBe(3)
    }).pipe(Effect.provide(world))
  )
})

describe("the events of", () => {
  it.effect("the operations on customers", () =>
    Effect.gen(function* () {
      const acme = `${customers}/acme`
      const stripe = { id: "stripe", syncedEntityId: "cus_1", vendorIdentifier: "STRIPE" }
      yield* patch(acme, { name: "Acme Inc" })
      yield* post(`${acme}/integrations`, stripe)
      yield* patch(`${acme}/integrations/stripe`, { syncedEntityId: "cus_2" })
      yield* remove(`${acme}/integrations/stripe`)
      expect(yield* types).toEqual(["customer.updated", "customer.updated", "customer.updated", "customer.updated"])
      yield* post(`${acme}/payment-method`, {
        integrationId: "stripe",
        paymentMethodId: "pm_1",
        vendorIdentifier: "STRIPE"
      })
      yield* remove(`${acme}/payment-method`)
      yield* remove(`${acme}/payment-method`)
      expect(yield* types).toEqual(["payment_method.attached", "payment_method.detached"])
      yield* post(`${acme}/archive`)
      yield* post(`${acme}/archive`)
      const [deleted = {}, none = {}, ...rest] = yield* got
      expect([deleted["type"], none["type"], none["entitlements"], rest]).toEqual([
        "customer.deleted",
        "entitlements.updated",
        [],
        []
      ])
      yield* post(`${acme}/unarchive`)
      expect(yield* types).toEqual(["customer.updated", "entitlements.updated"])
      yield* post(`${customers}/import`, {
        customers: [
          { id: "imported", name: null, email: null },
          { id: "acme", name: "Acme", email: null }
        ]
      })
      expect((yield* got).map(({ id, type }) => [type, id])).toEqual([
        ["customer.created", "imported"],
        ["customer.updated", "acme"]
      ])
      yield* post(customers, { id: "acme" })
      expect(yield* types).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.effect("grants that are revoked", () =>
    Effect.gen(function* () {
      const path = `${customers}/none/promotional-entitlements`
      yield* post(path, { promotionalEntitlements: [{ featureId: "sso", period: "1 week" }] })
      yield* remove(`${path}/sso`)
      expect(yield* types).toEqual([
        "promotionalEntitlement.granted",
        "entitlements.updated",
        "promotionalEntitlement.revoked",
        "entitlements.updated"
      ])
      yield* TestClock.adjust("8 days")
      expect((yield* got).filter(({ customer }) => json(customer)["id"] === "none")).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.effect("acts", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.unsubscribe({ customerId: "acme", planId: "pro" }))
      expect(yield* types).toEqual(["subscription.canceled", "entitlements.updated"])
      yield* Emulator.act(Act.subscribe({ customerId: "trial", planId: "pro" }))
      expect(yield* types).toEqual(["trial.converted", "subscription.updated", "entitlements.updated"])
      yield* Emulator.act(Act.changePlan({ planId: "pro", features: [{ featureId: "seats", usageLimit: 1 }] }))
      expect((yield* got).map(({ customer, type }) => [type, json(customer)["id"]])).toEqual([
        ["entitlements.updated", "trial"]
      ])
      yield* Emulator.act(Act.failPayment({ customerId: "trial", reason: "No funds" }))
      expect(yield* got).toMatchObject([
        {
          type: "customer.payment_failed",
          customer: { id: "trial" },
          subscription: { plan: { id: "pro" } },
          error: { message: "No funds" }
        }
      ])
    }).pipe(Effect.provide(world))
  )

  it.effect("time come in the order in which they fell due, with the time at which they did", () =>
    Effect.gen(function* () {
      yield* Emulator.act(
        Act.subscribe({ customerId: "none", planId: "basic", startDate: { in: "2 days" }, endDate: { in: "12 days" } })
      )
      expect(yield* types).toEqual(["subscription.created"])
      yield* TestClock.adjust("30 days")
      expect(
        (yield* got).map(({ customer, timestamp, type }) => [
          String(timestamp).slice(8, 10),
          type,
          json(customer)["id"]
        ])
      ).toEqual([
        ["03", "entitlements.updated", "none"],
        ["08", "trial.ends_soon", "trial"],
        ["08", "promotionalEntitlement.expired", "trial"],
        ["08", "entitlements.updated", "trial"],
        ["11", "credit.grant.expired", "trial"],
        ["13", "subscription.expired_non_recurring", "none"],
        ["13", "entitlements.updated", "none"],
        ["15", "trial.expired", "trial"],
        ["15", "entitlements.updated", "trial"]
      ])
    }).pipe(Effect.provide(world))
  )

  it.effect("time tell 7 days before that a grant or a trial ends, but not of one that begins later", () =>
    Effect.gen(function* () {
      yield* post(`${customers}/none/promotional-entitlements`, {
        promotionalEntitlements: [
          { featureId: "seats", period: "1 month", usageLimit: 5 },
          { featureId: "sso", period: "1 week" }
        ]
      })
      yield* Emulator.act(
        Act.subscribe({ customerId: "acme", planId: "basic", isTrial: true, endDate: { in: "6 days" } })
      )
      yield* got
      yield* TestClock.adjust("60 days")
      const warnings = (yield* got).filter(({ type }) => String(type).endsWith("ends_soon"))
      expect(warnings).toMatchObject([
        {
          type: "trial.ends_soon",
          timestamp: "1970-01-08T00:00:00.000Z",
          status: "IN_TRIAL",
          customer: { id: "trial" }
        },
        {
          type: "promotionalEntitlement.ends_soon",
          timestamp: "1970-01-25T00:00:00.000Z",
          status: "Active",
          feature: { id: "seats" },
          customer: { id: "none" },
          endDate: "1970-02-01T00:00:00.000Z"
        }
      ])
    }).pipe(Effect.provide(world))
  )

  it.effect("time come by themselves, without a request", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("6 days")
      yield* TestClock.adjust("1 day")
      const { got } = yield* Receiver
      expect((yield* Ref.get(got)).map(({ type }) => type)).toEqual([
        "trial.ends_soon",
        "promotionalEntitlement.expired",
        "entitlements.updated"
      ])
    }).pipe(Effect.provide(world))
  )
})

describe("a delivery", () => {
  const tries = Effect.map(Webhooks.deliveries, (deliveries) =>
    deliveries.map(({ at, attempt, outcome, status }) => [at.slice(11, 19), attempt, outcome, status])
  )

  it.effect("that fails is tried three times at once, and three times more, 30 seconds apart", () =>
    Effect.gen(function* () {
      yield* answering(500)
      yield* provisioned("new")
      const idle = yield* Effect.fork(Webhooks.idle)
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(idle)
      expect(yield* tries).toEqual([
        ["00:00:00", 1, "retrying", 500],
        ["00:00:00", 2, "retrying", 500],
        ["00:00:00", 3, "retrying", 500],
        ["00:00:00", 4, "retrying", 500],
        ["00:00:30", 5, "retrying", 500],
        ["00:01:00", 6, "retrying", 500],
        ["00:01:30", 7, "failed", 500]
      ])
      const bodies = yield* got
      expect(new Set(bodies.map(({ messageId }) => messageId)).size).toBe(1)
    }).pipe(Effect.provide(world))
  )

  it.effect("that fails does not hold up the next one", () =>
    Effect.gen(function* () {
      yield* answering(503)
      yield* provisioned("first")
      yield* TestClock.adjust("1 second")
      yield* answering(200)
      yield* provisioned("second")
      yield* TestClock.adjust("29 seconds")
      expect((yield* got).map(({ id }) => id)).toEqual(["first", "first", "first", "first", "second", "first"])
      expect((yield* tries).at(-1)).toEqual(["00:00:30", 5, "delivered", 200])
    }).pipe(Effect.provide(world))
  )

  it.effect("that gets no answer within 30 seconds has failed", () =>
    Effect.gen(function* () {
      yield* provisioned("new")
      yield* TestClock.adjust("29 seconds")
      expect(yield* Webhooks.deliveries).toEqual([])
      yield* TestClock.adjust("1 second")
      expect(yield* Webhooks.deliveries).toMatchObject([
        { attempt: 1, status: null, error: "no answer within 30 seconds", outcome: "retrying" }
      ])
    }).pipe(Effect.provide(Webhooks.layerApp(Effect.never, { secret }).pipe(Layer.provideMerge(emulated({ seed })))))
  )

  it.effect("whose client dies does not end the deliveries", () =>
    Effect.gen(function* () {
      yield* Webhooks.subscribe({ url: "http://127.0.0.1/", secret })
      yield* Emulator.act(Act.failPayment({ customerId: "acme" }))
      yield* Emulator.act(Act.failPayment({ customerId: "acme" }))
      yield* TestClock.adjust("2 minutes")
      const errors = (yield* Webhooks.deliveries).map(({ error }) => error)
      expect(errors).toEqual(Array.from({ length: 14 }, () => "Error: no client"))
    }).pipe(
      Effect.scoped,
      Effect.provideService(
        HttpClient.HttpClient,
        HttpClient.make(() => Effect.die(new Error("no client")))
      ),
      Effect.provide(Emulator.layer({ seed }))
    )
  )

  it.effect("can be sent again on request", () =>
    Effect.gen(function* () {
      yield* provisioned("new")
      const [first = {}] = yield* got
      yield* Webhooks.resend(String(first["messageId"]))
      expect(yield* got).toEqual([first])
      expect((yield* Effect.flip(Webhooks.resend("unknown")))._tag).toBe("StiggUnknownMessageError")
    }).pipe(Effect.provide(world))
  )

  it.effect("goes only to endpoints that take its type, until their scope closes", () =>
    Effect.gen(function* () {
      yield* provisioned("first")
      yield* Emulator.act(Act.failPayment({ customerId: "acme" }))
      yield* Webhooks.idle
      const types = Effect.map(Webhooks.deliveries, (all) => all.map(({ type }) => type))
      expect(yield* types).toEqual(["customer.payment_failed"])
      expect((yield* Webhooks.messages).length).toBe(1)
    }).pipe(
      Effect.provide(
        Webhooks.layerApp(HttpServerResponse.empty(), { secret, events: ["customer.payment_failed"] }).pipe(
          Layer.provideMerge(emulated({ seed }))
        )
      )
    )
  )

  it.effect("never records the secret", () =>
    Effect.gen(function* () {
      yield* answering(500)
      yield* provisioned("new")
      yield* TestClock.adjust("2 minutes")
      const { webhooks } = yield* Emulator.Emulator
      const recorded = JSON.stringify([yield* Webhooks.deliveries, yield* Webhooks.messages, yield* webhooks.endpoints])
      expect(recorded).not.toContain(Redacted.value(secret))
    }).pipe(Effect.provide(world))
  )

  it.effect("does not happen without an endpoint: nothing is built or kept", () =>
    Effect.gen(function* () {
      yield* provisioned("new")
      expect([yield* Webhooks.messages, yield* Webhooks.deliveries]).toEqual([[], []])
    }).pipe(Effect.provide(emulated({ seed })))
  )
})

describe("a fault of webhooks", () => {
  const ids = Effect.map(got, (bodies) => bodies.map(({ id }) => id))

  it.effect("sends a message twice", () =>
    Effect.gen(function* () {
      yield* Webhooks.inject({ fault: Webhooks.duplicate, event: "customer.created", times: 1 })
      yield* provisioned("first")
      yield* provisioned("second")
      const bodies = yield* got
      expect(bodies.map(({ id }) => id)).toEqual(["first", "first", "second"])
      expect(bodies[0]).toEqual(bodies[1])
    }).pipe(Effect.provide(world))
  )

  it.effect("sends a message after the next one, or after 10 seconds", () =>
    Effect.gen(function* () {
      yield* Webhooks.inject({ fault: Webhooks.disorder, customer: "first" })
      yield* provisioned("first")
      yield* provisioned("second")
      expect(yield* ids).toEqual(["second", "first"])
      yield* patch(`${customers}/first`, { name: "late" })
      yield* TestClock.adjust("10 seconds")
      expect(yield* ids).toEqual(["first"])
    }).pipe(Effect.provide(world))
  )

  it.effect("drops a message, which can still be sent again", () =>
    Effect.gen(function* () {
      yield* Webhooks.inject({ fault: Webhooks.drop, times: 1 })
      yield* provisioned("first")
      yield* provisioned("second")
      expect(yield* ids).toEqual(["second"])
      const [dropped] = yield* Webhooks.deliveries
      expect(dropped).toMatchObject({ outcome: "dropped", fault: "drop", status: null })
      yield* Webhooks.resend(dropped?.messageId ?? "")
      expect(yield* ids).toEqual(["first"])
    }).pipe(Effect.provide(world))
  )

  it.effect("can be cleared, and is refused if it is invalid", () =>
    Effect.gen(function* () {
      yield* Webhooks.inject({ fault: Webhooks.drop })
      yield* Webhooks.clearFaults
      yield* provisioned("first")
      expect(yield* ids).toEqual(["first"])
      const error = yield* Effect.flip(Webhooks.inject({ fault: Webhooks.drop, times: 0 }))
      expect([error._tag, error.message.startsWith("times: ")]).toEqual(["StiggInvalidWebhookError", true])
    }).pipe(Effect.provide(world))
  )
})

describe("an endpoint is refused", () => {
  it.effect.each([
    ["ftp://127.0.0.1/", "s", "url: Expected an http or https URL without a user name or password"],
    ["http://a:b@127.0.0.1/", "s", "url: Expected an http or https URL without a user name or password"],
    ["http://127.0.0.1/", "", "secret: Expected a non-empty string"]
  ] as const)("%s %s", ([url, text, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Webhooks.subscribe({ url, secret: Redacted.make(text) })))
      expect([error._tag, error.message]).toEqual(["StiggInvalidWebhookError", message])
    }).pipe(Effect.provide(world))
  )
})
