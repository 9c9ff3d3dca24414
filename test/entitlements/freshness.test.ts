import { describe, expect, it } from "@effect/vitest"
import { Customers, Entitlements, StiggClient } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "../transport/ScriptedClient.js"
import { brief, check, failWith, layer, seed, sent, switchOff } from "./world.js"

const sso = { featureId: "sso" } as const
const audit = { featureId: "audit" } as const
const eu = { featureId: "regions", requestedValues: ["eu"] } as const

const sourceOf = (customerId: string, params: Parameters<typeof check>[1] = sso) =>
  Effect.map(check(customerId, params), ({ source }) => source)

/** An API that answers the given number of requests and then none. */
const stalling = (after: number) =>
  ScriptedClient.make((_, index) => (index < after ? ScriptedClient.ok({ entitlements: [granted] }) : Effect.never))

const granted = {
  type: "FEATURE",
  isGranted: true,
  feature: { id: "sso", displayName: "SSO", featureType: "BOOLEAN", featureStatus: "ACTIVE" }
}

describe("the TTL", () => {
  it.effect("lasts until its last millisecond", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* TestClock.adjust(9999)
      expect(yield* sourceOf("acme")).toBe("cache")
      yield* TestClock.adjust(1)
      expect(yield* sourceOf("acme")).toBe("api")
    }).pipe(Effect.provide(layer({ timeToLive: "10 seconds", refreshAhead: 1 })))
  )

  it.effect("of a check starts when the check was sent, not with the state", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* TestClock.adjust("20 seconds")
      yield* check("acme", eu)
      yield* TestClock.adjust("10 seconds")
      yield* sent
      expect(yield* sourceOf("acme", eu)).toBe("cache")
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer({ refreshAhead: 1 })))
  )

  it.effect("never exceeds the validUntil of an entitlement", () =>
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      yield* customers.promotionalEntitlements.create("acme", [
        { featureId: "audit", period: "custom", customEndDate: DateTime.unsafeMake(12_000) }
      ])
      expect(brief(yield* check("acme", audit))).toEqual([true, null, "api"])
      yield* TestClock.adjust(11_999)
      expect(brief(yield* check("acme", audit))).toEqual([true, null, "cache"])
      yield* sent
      yield* TestClock.adjust(1)
      expect(brief(yield* check("acme", audit))).toEqual([false, "NoFeatureEntitlementInSubscription", "api"])
      expect(yield* sent).toEqual(["entitlements", "check"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is one second if the API's clock says that its response has already expired", () =>
    Effect.gen(function* () {
      const entitlement = { type: "SEAT", isGranted: true, validUntil: "1970-01-01T00:00:00.000Z" }
      yield* failWith(Faults.status(200, { body: { data: { entitlements: [entitlement] } } }))
      const { state } = yield* Entitlements.Entitlements
      yield* TestClock.adjust("1 minute")
      yield* Effect.replicateEffect(state("acme"), 5)
      expect(yield* sent).toEqual(["entitlements"])
      yield* TestClock.adjust("1 second")
      yield* state("acme")
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )
})

describe("refresh ahead", () => {
  it.effect("refreshes a state in use once in the background and serves the old one meanwhile", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* Emulator.inject({ fault: Faults.latency("1 second") })
      yield* TestClock.adjust("24 seconds")
      yield* sent
      expect(yield* Effect.replicateEffect(sourceOf("acme"), 3)).toEqual(["cache", "cache", "cache"])
      yield* TestClock.adjust("1 second")
      expect(yield* sent).toEqual(["entitlements"])
      // Fresh since 24. The first state would have expired at 30.
      yield* TestClock.adjust("20 seconds")
      expect(yield* sourceOf("acme")).toBe("cache")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("does not refresh an unused state", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* sent
      yield* TestClock.adjust("29 seconds")
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is not retried after a failure, and the old state lasts until its TTL ends", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* sent
      yield* switchOff
      yield* TestClock.adjust("25 seconds")
      expect(yield* Effect.replicateEffect(Effect.zipLeft(sourceOf("acme"), TestClock.adjust(0)), 5)).toEqual(
        new Array<string>(5).fill("cache")
      )
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("also refreshes the API's response to a check", () =>
    Effect.gen(function* () {
      yield* check("acme", eu)
      yield* TestClock.adjust("20 seconds")
      yield* check("acme", sso)
      yield* sent
      yield* TestClock.adjust("5 seconds")
      expect(yield* sourceOf("acme", eu)).toBe("cache")
      yield* TestClock.adjust(0)
      expect(yield* sent).toEqual(["check"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("stops with the layer and aborts its request", () =>
    Effect.gen(function* () {
      const scripted = stalling(1)
      yield* Effect.gen(function* () {
        yield* check("acme", sso)
        yield* TestClock.adjust("25 seconds")
        expect(yield* sourceOf("acme")).toBe("cache")
        yield* TestClock.adjust(0)
        expect([scripted.sent.length, scripted.interrupted]).toEqual([2, []])
      }).pipe(Effect.provide(Entitlements.layer()), Effect.provide(ScriptedClient.services(scripted)))
      expect(scripted.interrupted).toEqual([1])
    })
  )
})

describe("request sharing", () => {
  it.effect("1,000 fibers that check one uncached customer share one request", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("100 millis") })
      const fibers = yield* Effect.forkAll(Effect.replicate(sourceOf("acme"), 1000))
      yield* TestClock.adjust("100 millis")
      expect(new Set(yield* Fiber.join(fibers))).toEqual(new Set(["api"]))
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("1,000 fibers with the same check share two requests, and another check adds one more", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("100 millis") })
      const fibers = yield* Effect.forkAll([
        ...Effect.replicate(sourceOf("acme", eu), 1000),
        ...Effect.replicate(sourceOf("acme", { featureId: "regions", requestedValues: ["us"] }), 1000)
      ])
      yield* TestClock.adjust("200 millis")
      yield* Fiber.join(fibers)
      expect(yield* sent).toEqual(["entitlements", "check", "check"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("the first caller can be interrupted, and the others get the answer", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("100 millis") })
      const first = yield* Effect.fork(check("acme", sso))
      const second = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("50 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("50 millis")
      expect((yield* Fiber.join(second)).isGranted).toBe(true)
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("interrupting the last waiter aborts the request, and the next check sends a new one", () => {
    const scripted = stalling(0)
    return Effect.gen(function* () {
      const first = yield* Effect.fork(check("acme", sso))
      const second = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("50 millis")
      expect(Exit.isInterrupted(yield* Fiber.interrupt(first))).toBe(true)
      expect(scripted.interrupted).toEqual([])
      expect(Exit.isInterrupted(yield* Fiber.interrupt(second))).toBe(true)
      expect(scripted.interrupted).toEqual([0])
      yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust(0)
      expect(scripted.sent).toHaveLength(2)
    }).pipe(Effect.provide(Entitlements.layer()), Effect.provide(ScriptedClient.services(scripted)))
  })
})

describe("the capacity", () => {
  it.effect("evicts the least recently used state", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* check("globex", sso)
      yield* check("acme", sso)
      yield* check("initech", sso)
      expect(yield* sourceOf("acme")).toBe("cache")
      expect(yield* sourceOf("initech")).toBe("cache")
      expect(yield* sourceOf("globex")).toBe("api")
      expect(yield* sourceOf("initech")).toBe("cache")
      expect(yield* sourceOf("acme")).toBe("api")
    }).pipe(Effect.provide(layer({ capacity: 2 })))
  )

  it.effect("counts the states of resources", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* check("acme", { ...sso, resourceId: "site" })
      yield* check("globex", sso)
      yield* sent
      expect(yield* sourceOf("acme", { ...sso, resourceId: "site" })).toBe("cache")
      expect(yield* sourceOf("acme")).toBe("api")
    }).pipe(Effect.provide(layer({ capacity: 2 })))
  )

  it.effect("for checks of one state is a hundred, and the oldest is evicted first", () =>
    Effect.gen(function* () {
      const seats = (requestedUsage: number) => sourceOf("acme", { featureId: "seats", requestedUsage })
      for (let i = 0; i < 101; i++) yield* seats(100 + i)
      expect(yield* seats(101)).toBe("cache")
      expect(yield* seats(100)).toBe("api")
    }).pipe(Effect.provide(layer()))
  )
})

describe("a resource", () => {
  it.effect("has its own state", () =>
    Effect.gen(function* () {
      const site = { ...sso, resourceId: "site" }
      expect(yield* sourceOf("acme")).toBe("api")
      expect(yield* sourceOf("acme", site)).toBe("api")
      expect(yield* sourceOf("acme", site)).toBe("cache")
      expect(yield* sent).toEqual(["entitlements", "entitlements"])
    }).pipe(Effect.provide(layer()))
  )
})

describe("a change through the SDK", () => {
  it.effect.each<readonly [string, (customers: Customers.Service) => Effect.Effect<unknown, unknown>]>([
    ["update", (customers) => customers.update("acme", { name: "Acme" })],
    ["archive", (customers) => customers.archive("acme")],
    ["unarchive", (customers) => customers.unarchive("acme")],
    ["import", (customers) => customers.import({ customers: [{ id: "acme", name: null, email: null }] })],
    [
      "grant",
      (customers) => customers.promotionalEntitlements.create("acme", [{ featureId: "audit", period: "1 month" }])
    ],
    [
      "revoke",
      (customers) =>
        customers.promotionalEntitlements
          .create("acme", [{ featureId: "audit", period: "1 month" }])
          .pipe(Effect.zipRight(customers.promotionalEntitlements.revoke("acme", "audit")))
    ],
    ["detach", (customers) => customers.paymentMethod.detach("acme")]
  ])("%s: the next check requests the customer and its resources again", ([, change]) =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* check("acme", { ...sso, resourceId: "site" })
      yield* check("globex", sso)
      yield* change(yield* Customers.Customers)
      yield* sent
      yield* check("acme", { ...sso, resourceId: "site" })
      yield* check("acme", sso)
      expect((yield* sent).filter((operation) => operation === "entitlements")).toHaveLength(2)
      expect(yield* sourceOf("globex")).toBe("cache")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is visible to the very next check", () =>
    Effect.gen(function* () {
      const { promotionalEntitlements } = yield* Customers.Customers
      expect(brief(yield* check("acme", audit))).toEqual([false, "NoFeatureEntitlementInSubscription", "api"])
      yield* promotionalEntitlements.create("acme", [{ featureId: "audit", period: "1 month" }])
      expect(brief(yield* check("acme", audit))).toEqual([true, null, "api"])
      yield* promotionalEntitlements.revoke("acme", "audit")
      expect(brief(yield* check("acme", audit))).toEqual([false, "Revoked", "api"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a raw request that names the customer also invalidates it", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* StiggClient.request({
        method: "PATCH",
        path: "/api/v1/customers/{id}",
        pathParams: { id: "acme" },
        body: { name: "Acme" },
        customerIds: ["acme"]
      })
      expect(yield* sourceOf("acme")).toBe("api")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("a response to an earlier request is not cached", () =>
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      yield* Emulator.inject({
        operation: "customers.retrieveEntitlements",
        fault: Faults.latency("1 second"),
        times: 1
      })
      const before = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("500 millis")
      yield* customers.archive("acme")
      expect(brief(yield* check("acme", sso))).toEqual([false, "CustomerIsArchived", "api"])
      yield* TestClock.adjust("500 millis")
      yield* Fiber.join(before)
      expect(brief(yield* check("acme", sso))).toEqual([false, "CustomerIsArchived", "cache"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("leaves nothing cached if the API goes down after it", () =>
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      yield* check("acme", sso)
      yield* customers.archive("acme")
      yield* switchOff
      expect(brief(yield* check("acme", sso))).toEqual([false, "Unknown", "fallback"])
    }).pipe(Effect.provide(layer({ fallback: false })))
  )

  it.effect("invalidate does the same for changes made elsewhere", () =>
    Effect.gen(function* () {
      const { invalidate } = yield* Entitlements.Entitlements
      yield* check("acme", sso)
      yield* invalidate("acme")
      expect(yield* sourceOf("acme")).toBe("api")
      yield* invalidate("nobody")
    }).pipe(Effect.provide(layer({}, seed)))
  )
})
