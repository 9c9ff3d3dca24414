import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type { Entitlements } from "effect-stigg"
import { Catalogue } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { layer, seed } from "./entitlements/world.js"

const catalogue = Catalogue.make({
  features: { sso: "BOOLEAN", seats: "NUMBER", regions: "ENUM", audit: "BOOLEAN" },
  currencies: ["tokens"]
})

describe("the checks of a catalogue", () => {
  it.effect("are those of Entitlements", () =>
    Effect.gen(function* () {
      const checks = yield* catalogue.entitlements
      expect((yield* catalogue.check("acme", { featureId: "sso" })).source).toBe("api")
      expect((yield* catalogue.check("acme", { featureId: "sso" })).source).toBe("cache")
      expect((yield* catalogue.require("acme", { featureId: "seats", requestedUsage: 2 })).usageLimit).toBe(10)
      expect(yield* Effect.flip(catalogue.require("acme", { featureId: "seats", requestedUsage: 3 }))).toMatchObject({
        _tag: "StiggEntitlementDeniedError",
        reason: "RequestedUsageExceedingLimit"
      })
      expect(yield* catalogue.check("acme", { featureId: "regions", requestedValues: ["mars"] })).toMatchObject({
        accessDeniedReason: "RequestedValuesMismatch"
      })
      expect((yield* catalogue.check("acme", { currencyId: "tokens", requestedUsage: 30 })).isGranted).toBe(true)
      expect(Option.getOrNull(yield* catalogue.peek("acme", { featureId: "sso" }))?.isGranted).toBe(true)
      expect(Option.getOrNull(checks.peek("acme", { featureId: "sso" }))?.source).toBe("cache")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("can go to the API without a cache", () =>
    Effect.gen(function* () {
      const denied = yield* catalogue.checkEntitlement("acme", { featureId: "seats", requestedUsage: 3 })
      expect(denied).toMatchObject({ isGranted: false, accessDeniedReason: "RequestedUsageExceedingLimit" })
    }).pipe(Effect.provide(StiggTest.layer({ seed })))
  )

  it.effect("a feature that is declared and does not exist is denied as FeatureNotFound", () =>
    Effect.gen(function* () {
      const wrong = Catalogue.make({ features: { nowhere: "BOOLEAN" } })
      expect(yield* wrong.check("acme", { featureId: "nowhere" })).toMatchObject({
        isGranted: false,
        accessDeniedReason: "FeatureNotFound"
      })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("two catalogues in one program do not know of each other", () =>
    Effect.gen(function* () {
      const staging = Catalogue.make({ features: { beta: "BOOLEAN" } })
      const of = (featureId: string) =>
        layer({}, { features: [{ id: featureId, type: "BOOLEAN" }], customers: [{ id: "acme" }] })
      const reasonOf = Effect.map(({ accessDeniedReason }: Entitlements.Answer) => accessDeniedReason)
      const asked = [
        reasonOf(staging.check("acme", { featureId: "beta" })).pipe(Effect.provide(Layer.fresh(of("beta")))),
        reasonOf(staging.check("acme", { featureId: "beta" })).pipe(Effect.provide(Layer.fresh(of("sso")))),
        reasonOf(catalogue.check("acme", { featureId: "sso" })).pipe(Effect.provide(Layer.fresh(of("sso"))))
      ]
      expect(yield* Effect.all(asked)).toEqual(["NoActiveSubscription", "NoActiveSubscription", "NoActiveSubscription"])
    })
  )
})

describe("the ids of a catalogue", () => {
  it("are schemas, for an id from outside", () => {
    const decode = Schema.decodeUnknownEither(catalogue.FeatureId)
    expect(decode("sso")).toEqual(Either.right("sso"))
    expect(Either.isLeft(decode("sos"))).toBe(true)
    expect(Schema.is(catalogue.CurrencyId)("tokens")).toBe(true)
    expect(Schema.is(Catalogue.make({ features: {} }).CurrencyId)("tokens")).toBe(false)
    expectTypeOf<Catalogue.FeatureId<typeof catalogue>>().toEqualTypeOf<"sso" | "seats" | "regions" | "audit">()
  })

  it.effect("seed an emulator", () =>
    Effect.gen(function* () {
      const answer = yield* catalogue.checkEntitlement("acme", { featureId: "seats", requestedUsage: 1 })
      expect(answer.isGranted).toBe(true)
    }).pipe(
      Effect.provide(
        StiggTest.layer({
          seed: {
            features: catalogue.features,
            currencies: catalogue.currencies,
            plans: [
              {
                id: "pro",
                features: [{ featureId: "seats", usageLimit: 1 }],
                credits: [{ currencyId: "tokens", amount: 1 }]
              }
            ],
            customers: [{ id: "acme", plan: "pro" }]
          }
        })
      )
    )
  )
})
