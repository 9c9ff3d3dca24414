import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Entitlements, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import {
  brief,
  check,
  layer,
  metric,
  Recording,
  seed,
  Sent,
  sent,
  switchOff,
  switchOn,
  tag
} from "./entitlements/world.js"

const sso = { featureId: "sso" } as const
const beyondSeats = { featureId: "seats", requestedUsage: 3 } as const
const sourceOf = (customerId: string) => Effect.map(check(customerId, sso), ({ source }) => source)

describe("an answer", () => {
  it.effect("carries usage, limit, and the whole entitlement", () =>
    Effect.gen(function* () {
      const answer = yield* check("acme", { featureId: "seats" })
      expect(answer).toMatchObject({
        isGranted: true,
        accessDeniedReason: null,
        currentUsage: 8,
        usageLimit: 10,
        hasUnlimitedUsage: false,
        source: "api"
      })
      expect(answer.entitlement).toMatchObject({ type: "FEATURE", feature: { id: "seats" } })
    }).pipe(Effect.provide(layer()))
  )
})

describe("the accessors", () => {
  it.effect("call the service for state, prefetch, and invalidate", () =>
    Effect.gen(function* () {
      expect(yield* Entitlements.prefetch(["acme"])).toEqual({ done: 1, total: 1, failed: 0 })
      expect((yield* Entitlements.state("acme")).source).toBe("cache")
      yield* Entitlements.invalidate("acme")
      expect((yield* Entitlements.state("acme", { resourceId: "site" })).source).toBe("api")
      expect((yield* Entitlements.state("acme")).source).toBe("api")
      expect(yield* sent).toEqual(["entitlements", "entitlements", "entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it("exist for every method", () => {
    expectTypeOf<keyof Entitlements.Service>().toExtend<keyof typeof Entitlements>()
  })
})

describe("require", () => {
  it.effect("returns the answer if access is granted", () =>
    Effect.gen(function* () {
      expect(brief(yield* Entitlements.require("acme", sso))).toEqual([true, null, "api"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("fails with reason, limit, and usage if access is denied, for catchTag", () =>
    Effect.gen(function* () {
      const error = yield* Entitlements.require("acme", beyondSeats).pipe(
        Effect.as(null),
        Effect.catchTag("StiggEntitlementDeniedError", Effect.succeed)
      )
      expect(error).toMatchObject({
        customerId: "acme",
        featureId: "seats",
        currencyId: null,
        reason: "RequestedUsageExceedingLimit",
        usageLimit: 10,
        currentUsage: 8,
        source: "api",
        message: "acme is not entitled to seats: RequestedUsageExceedingLimit"
      })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("names the currency if credits are missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Entitlements.require("acme", { currencyId: "tokens", requestedUsage: 31 }))
      expect(error).toMatchObject({ featureId: null, currencyId: "tokens", reason: "InsufficientCredits" })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("fails with the API's error if there is no fallback", () =>
    Effect.gen(function* () {
      yield* switchOff
      expect(tag(yield* Effect.flip(Entitlements.require("acme", sso)))).toBe("StiggAPIConnectionError")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("has an error that can be serialized between processes", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Entitlements.require("acme", beyondSeats))
      expect(error._tag).toBe("StiggEntitlementDeniedError")
      const Denied = Entitlements.EntitlementDeniedError
      const json = JSON.stringify(yield* Schema.encodeUnknown(Denied)(error))
      expect(yield* Schema.decodeUnknown(Schema.parseJson(Denied))(json)).toEqual(error)
    }).pipe(Effect.provide(layer()))
  )
})

describe("state", () => {
  it.effect("contains every entitlement, its source, and its age, and also serves checks", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      yield* TestClock.adjust("1 second")
      const asked = yield* state("acme")
      expect([asked.source, asked.entitlements.length, DateTime.toEpochMillis(asked.fetchedAt)]).toEqual([
        "api",
        6,
        1000
      ])
      expect((yield* state("acme")).source).toBe("cache")
      expect(yield* sourceOf("acme")).toBe("cache")
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("says that the API does not know the customer", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      expect(yield* state("nobody")).toMatchObject({ accessDeniedReason: "CustomerNotFound", entitlements: [] })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("returns the last known state while the API is down, then the API's error, whatever the fallback", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      yield* state("acme")
      yield* switchOff
      yield* TestClock.adjust("1 minute")
      // After the third failure the breaker is open. The answer must not change.
      for (let i = 0; i < 5; i++) expect((yield* state("acme")).source).toBe("stale")
      expect(tag(yield* Effect.flip(state("globex")))).toBe("StiggAPIConnectionError")
      yield* TestClock.adjust("1 hour")
      expect(tag(yield* Effect.flip(state("acme")))).toBe("StiggAPIConnectionError")
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("comes from the cache while it is fresh and the breaker is open", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      yield* state("acme")
      yield* switchOff
      yield* Effect.replicateEffect(Effect.either(state("globex")), 3)
      expect((yield* state("acme")).source).toBe("cache")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("consists of the fallbacks when offline", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      const { entitlements, source } = yield* state("acme")
      expect(source).toBe("fallback")
      expect(entitlements.map(({ isGranted }) => isGranted)).toEqual([true, false])
    }).pipe(Effect.provide(Entitlements.layerOffline({ fallbacks: { sso: true, audit: false } })))
  )

  it.effect("omits a feature whose fallback has no answer and shows the others when offline", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      const { entitlements } = yield* state("acme")
      expect(entitlements).toMatchObject([{ feature: { id: "audit" }, isGranted: true }])
      expect(tag(yield* Effect.flip(check("acme", sso)))).toBe("StiggAPIConnectionError")
    }).pipe(Effect.provide(Entitlements.layerOffline({ fallbacks: { sso: () => undefined, audit: true } })))
  )

  it.effect("shows a currency's fallback as credits when offline", () =>
    Effect.gen(function* () {
      const { state } = yield* Entitlements.Entitlements
      const { entitlements } = yield* state("acme")
      expect(entitlements).toMatchObject([
        { type: "FEATURE", feature: { id: "sso" } },
        { type: "CREDIT", currency: { currencyId: "tokens" }, isGranted: true, usageLimit: 50, currentUsage: 0 }
      ])
      expect(brief(yield* check("acme", { currencyId: "tokens" }))).toEqual([true, null, "fallback"])
    }).pipe(
      Effect.provide(
        Entitlements.layerOffline({
          fallbacks: { sso: true },
          creditFallbacks: { tokens: { isGranted: true, usageLimit: 50 } }
        })
      )
    )
  )
})

describe("prefetch", () => {
  it.effect("fetches each state once, eight at a time, and serves checks", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* Emulator.inject({ fault: Faults.latency("1 second") })
      const ids = Array.from({ length: 16 }, (_, index) => `nobody-${index}`)
      const fiber = yield* Effect.fork(prefetch([...ids, ...ids]))
      yield* TestClock.adjust("999 millis")
      expect(yield* sent).toHaveLength(8)
      yield* TestClock.adjust("1001 millis")
      yield* Fiber.join(fiber)
      expect(yield* sent).toHaveLength(8)
      expect(yield* sourceOf("nobody-15")).toBe("cache")
    }).pipe(Effect.provide(layer({ timeToLive: "1 minute" })))
  )

  it.effect("does not request fresh states", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* check("acme", sso)
      yield* prefetch(["acme"])
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("fails with the API's error", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* switchOff
      expect(tag(yield* Effect.flip(prefetch(["acme"])))).toBe("StiggAPIConnectionError")
    }).pipe(Effect.provide(layer({ fallback: true })))
  )
})

describe("a fallback", () => {
  const ask = (options: Entitlements.Options, params: Parameters<typeof check>[1] = sso) =>
    Effect.zipRight(switchOff, check("acme", params)).pipe(Effect.provide(layer(options)))

  it.effect("can give the remaining amount", () =>
    Effect.gen(function* () {
      const answer = yield* ask({ fallback: { isGranted: false, accessDeniedReason: "BudgetExceeded", usageLimit: 5 } })
      expect(answer).toEqual({
        isGranted: false,
        accessDeniedReason: "BudgetExceeded",
        usageLimit: 5,
        currentUsage: null,
        hasUnlimitedUsage: null,
        entitlement: null,
        source: "fallback"
      })
    })
  )

  it.effect("can be a function of the customer, the arguments, and the error", () =>
    Effect.gen(function* () {
      const seen: Array<Entitlements.FallbackRequest> = []
      yield* ask({
        fallback: (request) => {
          seen.push(request)
          return true
        }
      })
      expect(seen).toMatchObject([{ customerId: "acme", params: sso, error: { _tag: "StiggAPIConnectionError" } }])
    })
  )

  it.effect("for a feature defers to the global one when it has no answer", () =>
    Effect.gen(function* () {
      const answer = yield* ask({ fallbacks: { sso: () => undefined }, fallback: true })
      expect(brief(answer)).toEqual([true, null, "fallback"])
    })
  )

  it.effect("can be for credits", () =>
    Effect.gen(function* () {
      const answer = yield* ask({ fallbacks: { tokens: true } }, { currencyId: "tokens" })
      expect(brief(answer)).toEqual([true, null, "fallback"])
    })
  )

  it.effect("is accepted for a feature that no response contains", () =>
    Effect.gen(function* () {
      expect(brief(yield* ask({ fallbacks: { "no such feature": true } }, { featureId: "no such feature" }))).toEqual([
        true,
        null,
        "fallback"
      ])
    })
  )

  it.effect("is not looked up under the name of an Object method", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ask({ fallbacks: { sso: true } }, { featureId: "constructor" }))
      expect(error._tag).toBe("StiggAPIConnectionError")
    })
  )
})

describe("metrics", () => {
  const changes = <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const names = ["hits", "misses", "stale", "fallback", "errors", "refreshes"]
      const before = yield* Effect.forEach(names, metric)
      yield* self
      const after = yield* Effect.forEach(names, metric)
      return Object.fromEntries(names.map((name, at) => [name, (after[at] ?? 0) - (before[at] ?? 0)]))
    })

  it.effect("count each check once by the source of its answer", () =>
    Effect.gen(function* () {
      const asked = yield* changes(
        Effect.gen(function* () {
          yield* check("acme", sso)
          yield* check("acme", beyondSeats)
          yield* Effect.replicateEffect(check("acme", sso), 5)
          yield* check("acme", beyondSeats)
          yield* TestClock.adjust("25 seconds")
          yield* check("acme", sso)
          yield* switchOff
          yield* TestClock.adjust("30 seconds")
          yield* check("acme", sso)
          yield* check("globex", { featureId: "audit" })
          yield* Effect.either(check("globex", sso))
        })
      )
      expect(asked).toEqual({ hits: 7, misses: 2, stale: 1, fallback: 1, errors: 1, refreshes: 1 })
    }).pipe(Effect.provide(layer({ fallbacks: { audit: false } })))
  )

  it("have the names that the module exports", () => {
    const { breaker, storeCorrupt, storeFailures, ...checks } = Entitlements.metricNames
    expect([breaker, storeCorrupt, storeFailures]).toEqual([
      "stigg.entitlements.breaker",
      "stigg.entitlements.store.corrupt",
      "stigg.entitlements.store.failures"
    ])
    for (const [name, full] of Object.entries(checks)) expect(full).toBe(`stigg.entitlements.${name}`)
  })

  it.effect("say whether the breaker is open", () =>
    Effect.gen(function* () {
      yield* switchOff
      yield* Effect.replicateEffect(check("acme", sso), 2)
      expect(yield* metric("breaker")).toBe(0)
      yield* check("acme", sso)
      expect(yield* metric("breaker")).toBe(1)
      yield* switchOn
      yield* TestClock.adjust("5 seconds")
      yield* check("acme", sso)
      yield* TestClock.adjust(0)
      expect(yield* metric("breaker")).toBe(0)
    }).pipe(Effect.provide(layer({ fallback: true })))
  )
})

describe("spans", () => {
  const recorded = <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const tracer = yield* Effect.tracer
      const spans: Array<Tracer.Span> = []
      yield* Effect.withTracer(
        self,
        Tracer.make({
          span: (...args) => {
            const span = tracer.span(...args)
            if (span.name.startsWith("stigg.")) spans.push(span)
            return span
          },
          context: (f, fiber) => tracer.context(f, fiber)
        })
      )
      return spans
    })
  const parentOf = (span: Tracer.Span | undefined) =>
    Option.getOrUndefined(Option.map(span?.parent ?? Option.none(), (parent) => ("name" in parent ? parent.name : "?")))

  it.effect("are absent when nothing is sent", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      expect(yield* recorded(Effect.replicateEffect(check("acme", sso), 3))).toEqual([])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("cover a request inside the span of the first caller", () =>
    Effect.gen(function* () {
      const spans = yield* recorded(Effect.withSpan(check("acme", sso), "handler"))
      expect(spans.map(({ name }) => name)).toEqual(["stigg.customers.retrieveEntitlements"])
      expect(parentOf(spans[0])).toBe("handler")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("have their own root for background work", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* TestClock.adjust("25 seconds")
      const spans = yield* recorded(
        Effect.zipRight(Effect.withSpan(check("acme", sso), "handler"), TestClock.adjust(0))
      )
      expect(spans.map((span) => [span.name, parentOf(span)])).toEqual([
        [Entitlements.spanNames.refresh, undefined],
        ["stigg.customers.retrieveEntitlements", "stigg.entitlements.refresh"]
      ])
    }).pipe(Effect.provide(layer()))
  )
})

describe("the layers", () => {
  const Base = Stigg.layer({ apiKey: Redacted.make("server-key") }).pipe(
    Layer.provide(Recording),
    Layer.provideMerge(Emulator.layer({ seed })),
    Layer.provideMerge(Layer.sync(Sent, () => []))
  )
  const configured = (options: Entitlements.ConfigOptions, entries: ReadonlyArray<readonly [string, string]>) =>
    Entitlements.layerConfig(options).pipe(
      Layer.provideMerge(Base),
      Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries))))
    )

  it.effect("layerConfig reads each option", () =>
    Effect.gen(function* () {
      expect(yield* sourceOf("acme")).toBe("api")
      yield* TestClock.adjust("7 seconds")
      expect(yield* sourceOf("acme")).toBe("cache")
      yield* TestClock.adjust("3 seconds")
      expect(yield* sourceOf("acme")).toBe("api")
      expect(yield* sourceOf("globex")).toBe("api")
      expect(yield* sourceOf("acme")).toBe("api")
    }).pipe(
      Effect.provide(
        configured({ timeToLive: Config.duration("TTL"), capacity: Config.integer("CAPACITY"), fallback: false }, [
          ["TTL", "10 seconds"],
          ["CAPACITY", "1"]
        ])
      )
    )
  )

  it.effect("layerConfig can take a program offline", () =>
    Effect.gen(function* () {
      expect(yield* sourceOf("acme")).toBe("fallback")
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(configured({ offline: Config.boolean("OFFLINE"), fallback: true }, [["OFFLINE", "true"]])))
  )

  it.effect.each([
    ["capacity", "0"],
    ["capacity", "1.5"],
    ["refreshAhead", "1.1"],
    ["refreshAhead", "-1"]
  ] as const)("layerConfig fails with ConfigError if %s is %s", ([name, value]) =>
    Effect.gen(function* () {
      const error = yield* sourceOf("acme").pipe(
        Effect.provide(configured({ [name]: Config.number("VALUE") }, [["VALUE", value]])),
        Effect.flip
      )
      expect(String(error)).toContain(name)
    })
  )

  it.effect("layerOffline needs no key and no client", () => {
    const offline = Entitlements.layerOffline({ fallbacks: { sso: true } })
    expectTypeOf(offline).toEqualTypeOf<Layer.Layer<Entitlements.Entitlements>>()
    return Effect.gen(function* () {
      const { check, invalidate, prefetch } = yield* Entitlements.Entitlements
      yield* prefetch(["acme"])
      yield* invalidate("acme")
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "fallback"])
      expect(yield* Effect.flip(check("acme", { featureId: "" }))).toMatchObject({ field: "featureId" })
    }).pipe(Effect.provide(offline))
  })
})
