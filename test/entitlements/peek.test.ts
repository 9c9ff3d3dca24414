import { describe, expect, it } from "@effect/vitest"
import { Entitlements } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { brief, check, layer, metric, sent } from "./world.js"

const sso = { featureId: "sso" } as const
const audit = { featureId: "audit" } as const
const eu = { featureId: "regions", requestedValues: ["eu"] } as const

/** Peeks as code outside of any fiber does. */
const peeking = Effect.map(
  Entitlements.Entitlements,
  ({ peek }) =>
    (customerId: string, params: Parameters<typeof peek>[1]) =>
      Option.getOrNull(Option.map(peek(customerId, params), brief))
)

describe("peek", () => {
  it.effect("is none before a check loads the state, and then the answer of the next check", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      expect(peek("acme", sso)).toBeNull()
      expect(yield* sent).toEqual([])
      yield* check("acme", sso)
      expect(peek("acme", sso)).toEqual([true, null, "cache"])
      expect(peek("acme", sso)).toEqual(brief(yield* check("acme", sso)))
      expect(yield* sent).toEqual(["entitlements"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is none for a denial of the state, which a check confirms with the API, and then the API's answer", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      yield* check("acme", sso)
      expect(peek("acme", audit)).toBeNull()
      yield* check("acme", audit)
      expect(peek("acme", audit)).toEqual([false, "NoFeatureEntitlementInSubscription", "cache"])
      yield* check("acme", eu)
      expect(peek("acme", eu)).toEqual([true, null, "cache"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("denies a customer that the API does not know", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      yield* check("nobody", sso)
      expect(peek("nobody", sso)).toEqual([false, "CustomerNotFound", "cache"])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("is none once the TTL is over, and after an invalidation", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      yield* check("acme", sso)
      yield* TestClock.adjust("10 seconds")
      expect(peek("acme", sso)).toBeNull()
      yield* check("acme", sso)
      yield* Entitlements.invalidate("acme")
      expect(peek("acme", sso)).toBeNull()
    }).pipe(Effect.provide(layer({ timeToLive: "10 seconds", refreshAhead: 1 })))
  )

  it.effect("starts one background refresh when it is due", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      yield* check("acme", sso)
      yield* TestClock.adjust("9 seconds")
      expect(peek("acme", sso)).toEqual([true, null, "cache"])
      expect(peek("acme", sso)).toEqual([true, null, "cache"])
      yield* TestClock.adjust("9 seconds")
      expect(peek("acme", sso)).toEqual([true, null, "cache"])
      expect((yield* sent).slice(0, 2)).toEqual(["entitlements", "entitlements"])
    }).pipe(Effect.provide(layer({ timeToLive: "10 seconds", refreshAhead: 0.5 })))
  )

  it.effect("is none for arguments that a check rejects", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      yield* check("acme", sso)
      expect(peek("acme", { featureId: "" })).toBeNull()
      expect(peek("", sso)).toBeNull()
    }).pipe(Effect.provide(layer()))
  )

  it.effect("counts as a hit only with an answer", () =>
    Effect.gen(function* () {
      const peek = yield* peeking
      const before = yield* metric("hits")
      peek("acme", sso)
      expect(yield* metric("hits")).toBe(before)
      yield* check("acme", sso)
      peek("acme", sso)
      expect(yield* metric("hits")).toBe(before + 1)
    }).pipe(Effect.provide(layer()))
  )

  it.effect("has an accessor", () =>
    Effect.gen(function* () {
      yield* check("acme", sso)
      expect(Option.map(yield* Entitlements.peek("acme", sso), brief)).toEqual(Option.some([true, null, "cache"]))
    }).pipe(Effect.provide(layer()))
  )

  it.effect("offline is the fallback", () =>
    Effect.gen(function* () {
      const { peek } = yield* Entitlements.Entitlements
      expect(Option.map(peek("acme", sso), brief)).toEqual(Option.some([true, null, "fallback"]))
      expect(peek("acme", audit)).toEqual(Option.none())
    }).pipe(Effect.provide(Entitlements.layerOffline({ fallbacks: { sso: true } })))
  )
})
