import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { describe, expect, it } from "@effect/vitest"
import { Customers, RequestOptions, RetryPolicy } from "effect-stigg"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { Emulator, Faults, Seed } from "effect-stigg/testing"
import { StiggTest } from "effect-stigg/testing/node"

/** Retries have no delay, so that both transports can run in real time. */
const impatient = Layer.merge(
  RetryPolicy.layer({ schedule: Schedule.spaced("1 millis") }),
  RequestOptions.layer({ timeout: "2 seconds" })
)

const overHttp = (http: typeof NodeHttpClient.layerUndici | typeof FetchHttpClient.layer, options: Emulator.Options) =>
  StiggTest.layerHttp(options).pipe(Layer.provide(http), Layer.provide(impatient))

const doors = [
  ["in process", (options: Emulator.Options) => StiggTest.layer(options).pipe(Layer.provide(impatient))],
  ["over HTTP by undici", (options: Emulator.Options) => overHttp(NodeHttpClient.layerUndici, options)],
  ["over HTTP by node:http", (options: Emulator.Options) => overHttp(NodeHttpClient.layer, options)],
  ["over HTTP by fetch", (options: Emulator.Options) => overHttp(FetchHttpClient.layer, options)]
] as const

describe.each(doors)("the emulator %s", (_, door) => {
  const run = <A, E>(
    scenario: (customers: Customers.Customers["Type"]) => Effect.Effect<A, E, Emulator.Emulator>,
    options: Emulator.Options = { seed: Seed.demo }
  ) => Effect.provide(Effect.flatMap(Customers.Customers, scenario), door(options))

  it.live("handles a customer's whole life cycle", () =>
    run((customers) =>
      Effect.gen(function* () {
        const made = yield* customers.provision({ id: "new", name: "Näme", metadata: { a: "b" } })
        expect(yield* customers.retrieve("new")).toEqual(made)
        const updated = yield* customers.update("new", { name: null, billingCurrency: "eur" })
        expect([updated.name, updated.billingCurrency]).toEqual([null, "eur"])
        yield* customers.integrations.link("new", { id: "i", syncedEntityId: "e", vendorIdentifier: "STRIPE" })
        yield* customers.paymentMethod.attach("new", {
          integrationId: "i",
          paymentMethodId: "pm_1",
          vendorIdentifier: "STRIPE"
        })
        const full = yield* customers.retrieve("new")
        expect([full.integrations.length, full.defaultPaymentMethod?.billingId]).toEqual([1, "pm_1"])
        expect((yield* customers.integrations.update("new", "i", { syncedEntityId: "f" })).syncedEntityId).toBe("f")
        yield* customers.integrations.unlink("new", "i")
        expect((yield* customers.paymentMethod.detach("new")).defaultPaymentMethod).toBe(null)
        expect((yield* customers.archive("new")).archivedAt).not.toBe(null)
        expect(yield* Effect.flip(customers.retrieve("new"))).toMatchObject({ _tag: "StiggNotFoundError" })
        expect((yield* customers.unarchive("new")).archivedAt).toBe(null)
      })
    )
  )

  it.live("returns the errors that the client's tags stand for", () =>
    run((customers) =>
      Effect.gen(function* () {
        expect(yield* Effect.flip(customers.retrieve("nobody"))).toMatchObject({
          _tag: "StiggNotFoundError",
          code: "CustomerNotFound"
        })
        expect(yield* Effect.flip(customers.provision({ id: "customer-acme" }))).toMatchObject({
          _tag: "StiggConflictError",
          code: "DuplicatedEntityNotAllowed"
        })
      })
    )
  )

  it.live("lists every page in both directions", () =>
    run(
      (customers) =>
        Effect.gen(function* () {
          const ids = (stream: ReturnType<typeof customers.list>) =>
            Effect.map(Stream.runCollect(stream), (found) => Chunk.toArray(Chunk.map(found, ({ id }) => id)))
          const all = yield* ids(customers.list({ limit: 7 }))
          expect(all.length).toBeGreaterThan(40)
          expect(new Set(all).size).toBe(all.length)
          const second = yield* customers
            .listPage({ limit: 10 })
            .pipe(Effect.flatMap(({ pagination }) => customers.listPage({ limit: 10, after: pagination.next ?? "" })))
          const before = yield* customers.listPage({ limit: 10, before: second.pagination.prev ?? "" })
          expect(before.data.map(({ id }) => id)).toEqual(all.slice(0, 10))
        }),
      { seed: Seed.random({ customers: 50, seed: 1 }) }
    )
  )

  it.live("checks access by plan, grant, credits, and resource", () =>
    run((customers) =>
      Effect.gen(function* () {
        const check = (id: string, params: Parameters<typeof customers.checkEntitlement>[1]) =>
          Effect.map(customers.checkEntitlement(id, params), ({ accessDeniedReason }) => accessDeniedReason)
        expect(yield* check("customer-acme", { featureId: "feature-seats", requestedUsage: 2 })).toBe(null)
        expect(yield* check("customer-acme", { featureId: "feature-regions", requestedValues: ["eu", "ap"] })).toBe(
          "RequestedValuesMismatch"
        )
        expect(yield* check("customer-acme", { currencyId: "currency-ai-credits", requestedUsage: 21 })).toBe(
          "InsufficientCredits"
        )
        expect(yield* check("customer-sites", { featureId: "feature-sso", resourceId: "site-berlin" })).toBe(null)
        expect(yield* check("customer-new", { featureId: "feature-sso" })).toBe("NoActiveSubscription")
        yield* customers.promotionalEntitlements.create("customer-new", [
          { featureId: "feature-sso", period: "1 week" }
        ])
        expect(yield* check("customer-new", { featureId: "feature-sso" })).toBe(null)
        yield* customers.promotionalEntitlements.revoke("customer-new", "feature-sso")
        expect(yield* check("customer-new", { featureId: "feature-sso" })).toBe("Revoked")
        expect((yield* customers.retrieveEntitlements("customer-acme")).entitlements).toHaveLength(6)
      })
    )
  )

  it.live.each([
    ["a status", Faults.status(503)],
    ["a reset", Faults.reset],
    ["a reset in the body", Faults.resetInBody],
    ["a lost response", Faults.answerLost]
  ] as const)("survives %s with a retry and writes once", ([, fault]) =>
    run((customers) =>
      Effect.gen(function* () {
        yield* Emulator.inject({ fault, operation: "customers.provision", times: 2 })
        expect((yield* customers.provision({ id: "new" })).id).toBe("new")
        const { customers: all } = yield* Emulator.snapshot
        expect(all.filter(({ id }) => id === "new")).toHaveLength(1)
      })
    )
  )

  it.live("makes the client fail with the error of each persistent fault", () =>
    run((customers) =>
      Effect.gen(function* () {
        const tagOf = (fault: Faults.Fault) =>
          Emulator.inject({ fault }).pipe(
            Effect.zipRight(Effect.flip(customers.retrieve("customer-acme"))),
            Effect.map(({ _tag }) => _tag),
            Effect.ensuring(Emulator.clearFaults),
            RequestOptions.locally({ timeout: "100 millis" })
          )
        expect(yield* tagOf(Faults.status(503))).toBe("StiggInternalServerError")
        expect(yield* tagOf(Faults.status(429))).toBe("StiggRateLimitError")
        expect(yield* tagOf(Faults.reset)).toBe("StiggAPIConnectionError")
        expect(yield* tagOf(Faults.resetInBody)).toBe("StiggAPIConnectionError")
        expect(yield* tagOf(Faults.stall)).toBe("StiggAPITimeoutError")
        expect(yield* tagOf(Faults.stallInBody)).toBe("StiggAPITimeoutError")
        expect(yield* tagOf(Faults.malformedJson)).toBe("StiggResponseDecodeError")
        expect((yield* customers.retrieve("customer-acme")).id).toBe("customer-acme")
      })
    )
  )

  it.live("applies limits", () =>
    run(
      (customers) =>
        Effect.gen(function* () {
          yield* Effect.replicateEffect(customers.update("customer-acme", { name: "x" }), 30, { discard: true })
          const error = yield* Effect.flip(RetryPolicy.locally(customers.archive("customer-acme"), { maxRetries: 0 }))
          expect(error).toMatchObject({ _tag: "StiggRateLimitError", code: "RateLimitExceeded" })
        }),
      { seed: Seed.demo, limits: true }
    )
  )
})

describe("StiggTest.layer", () => {
  it.scoped("has its own state, even twice in one program", () =>
    Effect.gen(function* () {
      const idsOf = Effect.map(Emulator.snapshot, ({ customers }) => customers.map(({ id }) => id))
      const provision = (id: string) =>
        Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id })).pipe(Effect.zipRight(idsOf))
      const context = yield* Layer.build(
        Layer.merge(
          Layer.effectDiscard(provision("one")).pipe(Layer.provideMerge(StiggTest.layer())),
          Layer.effectDiscard(Effect.map(provision("two"), (ids) => expect(ids).toEqual(["two"]))).pipe(
            Layer.provide(StiggTest.layer())
          )
        )
      )
      expect(yield* Effect.provide(idsOf, context)).toEqual(["one"])
    })
  )
})
