import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type { StiggError } from "effect-stigg"
import { Entitlements, Schemas } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as CheckArguments from "../../src/internal/entitlements/CheckArguments.js"
import { check, layer, sent, switchOff } from "./world.js"

/** Values that untyped code can pass. */
const unchecked = (params: unknown) => params as Schemas.CheckEntitlement

const bad: ReadonlyArray<readonly [string, unknown, string]> = [
  ["both ids", { featureId: "sso", currencyId: "tokens" }, "currencyId"],
  ["neither id", {}, "featureId"],
  ["a negative usage", { featureId: "seats", requestedUsage: -1 }, "requestedUsage"],
  ["a fractional usage", { featureId: "seats", requestedUsage: 1.5 }, "requestedUsage"],
  ["no number", { featureId: "seats", requestedUsage: Number.NaN }, "requestedUsage"],
  ["an empty feature id", { featureId: "" }, "featureId"],
  ["an empty resource id", { featureId: "sso", resourceId: "" }, "resourceId"],
  ["a value with a comma", { featureId: "regions", requestedValues: ["a,b"] }, "requestedValues[0]"],
  ["values with a currency", { currencyId: "tokens", requestedValues: ["a"] }, "requestedValues"],
  ["an unknown field", { featureId: "sso", requestedusage: 1 }, "requestedusage"],
  ["missing params", null, "params"]
]

describe("a check that the API would reject", () => {
  it.effect.each(bad)("%s fails with the field, and nothing is sent", ([, params, field]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(check("acme", unchecked(params)))
      expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect.each(bad)("%s fails even if the customer is cached", ([, params, field]) =>
    Effect.gen(function* () {
      yield* check("acme", { featureId: "sso" })
      expect(yield* Effect.flip(check("acme", unchecked(params)))).toMatchObject({ field })
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect.each(bad)("%s fails even if the API is down", ([, params]) =>
    Effect.gen(function* () {
      yield* switchOff
      yield* Effect.replicateEffect(Effect.either(check("globex", { featureId: "sso" })), 4)
      expect(yield* Effect.flip(check("acme", unchecked(params)))).toMatchObject({ _tag: "StiggInvalidRequestError" })
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it.effect.each(["", ".", "..", "x".repeat(256)])("a customer id of %j fails in every method", (id) =>
    Effect.gen(function* () {
      const { check, prefetch, require, state } = yield* Entitlements.Entitlements
      const params = { featureId: "sso" }
      const asked: ReadonlyArray<Effect.Effect<unknown, StiggError.StiggError | Entitlements.EntitlementDeniedError>> =
        [check(id, params), require(id, params), state(id), prefetch([id])]
      for (const ask of asked) {
        const error = yield* Effect.flip(ask)
        expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field: "id" })
      }
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer({ fallback: true })))
  )

  it("does not compile if the types can exclude it", () => {
    expectTypeOf<{ featureId: string; currencyId: string }>().not.toExtend<Schemas.CheckEntitlement>()
    expectTypeOf<{ requestedUsage: number }>().not.toExtend<Schemas.CheckEntitlement>()
    expectTypeOf<{ featureId: string; requestedUsage: number }>().toExtend<Schemas.CheckEntitlement>()
  })

  it("is rejected exactly when the schema rejects it", () => {
    const isAcceptable = ParseResult.encodeUnknownEither(Schemas.CheckEntitlement, { onExcessProperty: "error" })
    const id = FastCheck.constantFrom<unknown>("a", "", "x".repeat(255), "x".repeat(256), 1, null, undefined)
    const params = FastCheck.record(
      {
        featureId: id,
        currencyId: id,
        resourceId: id,
        requestedUsage: FastCheck.constantFrom<unknown>(
          0,
          1,
          -1,
          1.5,
          -0,
          2 ** 53,
          Infinity,
          Number.NaN,
          "1",
          null,
          undefined
        ),
        requestedValues: FastCheck.constantFrom<unknown>([], ["a"], ["a", ""], ["a,b"], [1], "a", {}, null, undefined),
        more: FastCheck.constantFrom<unknown>(1, undefined)
      },
      { requiredKeys: [] }
    )
    FastCheck.assert(
      FastCheck.property(params, (params) => {
        expect(CheckArguments.isValid(unchecked(params))).toBe(Either.isRight(isAcceptable(params)))
      }),
      { numRuns: 20_000 }
    )
  })

  it.effect("a customer or feature named like an Object method does not exist", () =>
    Effect.gen(function* () {
      const names = ["constructor", "__proto__", "toString"]
      for (const name of names) {
        expect((yield* check(name, { featureId: "sso" })).accessDeniedReason).toBe("CustomerNotFound")
        expect((yield* check("acme", { featureId: name })).isGranted).toBe(false)
      }
    }).pipe(Effect.provide(layer()))
  )
})
