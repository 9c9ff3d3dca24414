import { describe, expect, it } from "@effect/vitest"
import type { Entitlements, Schemas } from "effect-stigg"
import { Faults } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { brief, check, failWith, layer, sent, switchOff, switchOn, tag } from "./world.js"

/** Each cell of the table in `src/docs/entitlements.md`: what is cached, what the API does, and what answers. */

const sso = { featureId: "sso" } as const
const withinSeats = { featureId: "seats", requestedUsage: 2 } as const
const beyondSeats = { featureId: "seats", requestedUsage: 3 } as const
const beyondSoftLimit = { featureId: "calls", requestedUsage: 101 } as const
const eu = { featureId: "regions", requestedValues: ["eu"] } as const
const mars = { featureId: "regions", requestedValues: ["mars"] } as const

const both = { fallback: false, fallbacks: { sso: true } } satisfies Entitlements.Options

describe("while the API is up", () => {
  it.effect.each<readonly [string, Schemas.CheckEntitlement]>([
    ["an enabled feature", sso],
    ["usage within the limit", withinSeats],
    ["unlimited usage", { featureId: "storage", requestedUsage: 1_000_000 }],
    ["an enum without requested values", { featureId: "regions" }],
    ["credits within the balance", { currencyId: "tokens", requestedUsage: 30 }]
  ])("a check that the state grants makes one request, then hits the cache: %s", ([, params]) =>
    Effect.gen(function* () {
      expect(brief(yield* check("acme", params))).toEqual([true, null, "api"])
      expect(brief(yield* check("acme", params))).toEqual([true, null, "cache"])
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect.each<readonly [string, Schemas.CheckEntitlement, boolean, string | null]>([
    ["usage above the limit", beyondSeats, false, "RequestedUsageExceedingLimit"],
    ["usage above a soft limit", beyondSoftLimit, true, null],
    ["a value of an enum", eu, true, null],
    ["a value that an enum lacks", mars, false, "RequestedValuesMismatch"],
    ["a feature that is not in the plan", { featureId: "audit" }, false, "NoFeatureEntitlementInSubscription"],
    ["an unknown feature", { featureId: "nowhere" }, false, "FeatureNotFound"],
    ["credits above the balance", { currencyId: "tokens", requestedUsage: 31 }, false, "InsufficientCredits"],
    ["credits of another currency", { currencyId: "coins" }, false, "EntitlementNotFound"],
    ["usage of a feature without usage", { featureId: "sso", requestedUsage: 1 }, false, "FeatureTypeMismatch"],
    ["values of a feature without values", { featureId: "seats", requestedValues: ["a"] }, false, "FeatureTypeMismatch"]
  ])(
    "a check that the state would deny or cannot decide is sent and cached by its arguments: %s",
    ([, params, isGranted, reason]) =>
      Effect.gen(function* () {
        expect(brief(yield* check("acme", params))).toEqual([isGranted, reason, "api"])
        expect(brief(yield* check("acme", { ...params }))).toEqual([isGranted, reason, "cache"])
        expect(yield* sent).toEqual(["entitlements", "check"])
      }).pipe(Effect.provide(layer()))
  )

  it.effect("one request serves every feature of a customer", () =>
    Effect.gen(function* () {
      const sources = yield* Effect.forEach(["sso", "seats", "storage", "regions"], (featureId) =>
        Effect.map(check("acme", { featureId }), ({ source }) => source)
      )
      expect(sources).toEqual(["api", "cache", "cache", "cache"])
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("an expired state is fetched again before it answers", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* TestClock.adjust("30 seconds")
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "api"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("an unknown customer is denied and briefly cached", () =>
    Effect.gen(function* () {
      expect(brief(yield* check("nobody", sso))).toEqual([false, "CustomerNotFound", "api"])
      expect(brief(yield* check("nobody", sso))).toEqual([false, "CustomerNotFound", "cache"])
      expect(brief(yield* check("nobody", beyondSeats))).toEqual([false, "CustomerNotFound", "cache"])
      expect(yield* sent).toEqual(["entitlements"])
      yield* TestClock.adjust("5 seconds")
      expect(brief(yield* check("nobody", sso))).toEqual([false, "CustomerNotFound", "api"])
    }).pipe(Effect.provide(layer(both)))
  )

  it.effect.each([
    [400, "StiggBadRequestError"],
    [401, "StiggAuthenticationError"],
    [403, "StiggPermissionDeniedError"],
    [409, "StiggConflictError"],
    [422, "StiggUnprocessableEntityError"],
    [451, "StiggAPIStatusError"]
  ] as const)(
    "a %s is the API's decision: the check fails, whatever is cached and whatever the fallback",
    ([status, expected]) =>
      Effect.gen(function* () {
        yield* check("acme", sso)
        yield* failWith(Faults.status(status))
        expect(brief(yield* check("acme", sso))).toEqual([true, null, "cache"])
        yield* TestClock.adjust("1 minute")
        for (let i = 0; i < 5; i++) expect(tag(yield* Effect.flip(check("acme", sso)))).toBe(expected)
        expect(tag(yield* Effect.flip(check("globex", sso)))).toBe(expected)
      }).pipe(Effect.provide(layer(both)))
  )
})

const failures = [
  ["breaks the connection", Faults.reset],
  ["breaks the connection inside the body", Faults.resetInBody],
  ["does not answer", Faults.stall],
  ["stalls inside the body", Faults.stallInBody],
  ["answers 500", Faults.status(500)],
  ["answers 503", Faults.status(503)],
  ["answers 408", Faults.status(408)],
  [
    "answers 404 for an unknown route",
    Faults.status(404, { body: { message: "Cannot GET /x", code: "RouteNotFound" } })
  ],
  ["is hidden by a gateway's 404", Faults.status(404, { body: "<html><title>404 Not Found</title></html>" })],
  ["answers 429", Faults.status(429, { headers: { "retry-after": "60" } })],
  ["answers with a redirect", Faults.status(302, { headers: { location: "https://elsewhere.example" } })],
  ["answers with truncated JSON", Faults.malformedJson],
  ["answers with HTML", Faults.status(200, { body: "<html>" })],
  ["answers with an unexpected shape", Faults.status(200, { body: { data: 1 } })]
] as const

/** A check that has time for the API's timeout. */
const patiently = (customerId: string, params: Schemas.CheckEntitlement) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(check(customerId, params))
    yield* TestClock.adjust("2 seconds")
    return yield* Fiber.join(fiber)
  })

describe.each(failures)("when the API %s", (_, fault) => {
  const known = (...params: ReadonlyArray<Schemas.CheckEntitlement>) =>
    Effect.zipRight(
      Effect.forEach(params, (params) => check("acme", params)),
      Effect.zipRight(failWith(fault), TestClock.adjust("30 seconds"))
    )

  it.effect("a fresh state answers", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* failWith(fault)
      expect(brief(yield* patiently("acme", withinSeats))).toEqual([true, null, "cache"])
    }).pipe(Effect.provide(layer(both)))
  )

  it.effect("the last known state answers what it grants", () =>
    Effect.gen(function* () {
      yield* known(sso)
      expect(brief(yield* patiently("acme", withinSeats))).toEqual([true, null, "stale"])
    }).pipe(Effect.provide(layer({ fallback: false })))
  )

  it.effect("the last known state answers what it denies", () =>
    Effect.gen(function* () {
      yield* known(sso)
      expect(brief(yield* patiently("acme", beyondSeats))).toEqual([false, "RequestedUsageExceedingLimit", "stale"])
      expect(brief(yield* patiently("acme", { featureId: "audit" }))).toEqual([
        false,
        "NoFeatureEntitlementInSubscription",
        "stale"
      ])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("the API's response to the same check answers what the state cannot decide", () =>
    Effect.gen(function* () {
      yield* known(eu, mars, beyondSoftLimit)
      expect(brief(yield* patiently("acme", eu))).toEqual([true, null, "stale"])
      expect(brief(yield* patiently("acme", mars))).toEqual([false, "RequestedValuesMismatch", "stale"])
      expect(brief(yield* patiently("acme", beyondSoftLimit))).toEqual([true, null, "stale"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("the fallback answers what the state cannot decide if the API never answered it", () =>
    Effect.gen(function* () {
      yield* known(sso)
      expect(brief(yield* patiently("acme", eu))).toEqual([true, null, "fallback"])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect("the feature's fallback takes precedence over the global one", () =>
    Effect.gen(function* () {
      yield* failWith(fault)
      expect(brief(yield* patiently("acme", sso))).toEqual([true, null, "fallback"])
      expect(brief(yield* patiently("acme", withinSeats))).toEqual([false, "Unknown", "fallback"])
    }).pipe(Effect.provide(layer(both)))
  )

  it.effect("without a fallback the check fails with the error", () =>
    Effect.gen(function* () {
      yield* failWith(fault)
      const error = yield* Effect.flip(patiently("acme", sso))
      expect(error._tag).toMatch(
        /^Stigg(API(Connection|Timeout|Status)|InternalServer|RateLimit|ResponseDecode|RouteNotFound)Error$/
      )
    }).pipe(Effect.provide(layer()))
  )
})

describe("with the API down", () => {
  it.effect("cached states answer for an hour after their TTL and then no more", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* check("acme", eu)
      yield* switchOff
      yield* TestClock.adjust("1 hour")
      yield* TestClock.adjust("29 seconds")
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "stale"])
      expect(brief(yield* check("acme", eu))).toEqual([true, null, "stale"])
      yield* TestClock.adjust("1 second")
      expect(brief(yield* check("acme", sso))).toEqual([false, "Unknown", "fallback"])
      expect(brief(yield* check("acme", eu))).toEqual([false, "Unknown", "fallback"])
    }).pipe(Effect.provide(layer({ fallback: false })))
  )

  it.effect("staleFor 0 uses the fallback at once", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* switchOff
      yield* TestClock.adjust("30 seconds")
      expect(brief(yield* check("acme", sso))).toEqual([false, "Unknown", "fallback"])
    }).pipe(Effect.provide(layer({ fallback: false, staleFor: 0 })))
  )

  it.effect("a grant from an older check is not used after a newer state removed it", () =>
    Effect.gen(function* () {
      // Checked at 10 seconds and cached until 40. The state is fetched at 0, and again at 30 without the feature.
      yield* check("acme", sso)
      yield* TestClock.adjust("10 seconds")
      yield* check("acme", eu)
      yield* failWith(Faults.status(200, { body: { data: { accessDeniedReason: "NoActiveSubscription" } } }))
      yield* TestClock.adjust("20 seconds")
      yield* Effect.either(check("acme", sso))
      yield* switchOff
      expect(brief(yield* check("acme", eu))).toEqual([false, "NoActiveSubscription", "stale"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("the API answers again once it recovers", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      yield* switchOff
      yield* TestClock.adjust("30 seconds")
      expect((yield* check("acme", sso)).source).toBe("stale")
      yield* switchOn
      expect((yield* check("acme", sso)).source).toBe("api")
    }).pipe(Effect.provide(layer()))
  )
})

describe("offline", () => {
  const offline = { ...both, offline: true } as const

  it.effect("fallbacks answer, and nothing is sent", () =>
    Effect.gen(function* () {
      expect(brief(yield* check("acme", sso))).toEqual([true, null, "fallback"])
      expect(brief(yield* check("acme", withinSeats))).toEqual([false, "Unknown", "fallback"])
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer(offline)))
  )

  it.effect("a check without a fallback fails and says so", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(check("acme", sso))
      expect([error._tag, error.message]).toEqual([
        "StiggAPIConnectionError",
        "Entitlements are offline, and there is no fallback for sso"
      ])
    }).pipe(Effect.provide(layer({ offline: true })))
  )
})
