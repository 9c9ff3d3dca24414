import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import { faults } from "./exported.js"

const Colour = Schemas.openEnum("Colour", "red", "green")

/** The values of an open enum that an editor completes: its literals without the open end. */
type Completed<Enum> = Enum extends string ? (Record<never, never> extends Record<Enum, 1> ? never : Enum) : never

describe("openEnum", () => {
  it("accepts known and unknown values in both directions", () => {
    for (const value of ["red", "violet", ""]) {
      expect(Schema.decodeUnknownSync(Colour)(value)).toBe(value)
      expect(Schema.encodeSync(Colour)(value)).toBe(value)
    }
  })

  it.each([1, null, undefined, true, {}, ["red"]])("rejects %j", (value) => {
    expect(faults(Schema.decodeUnknownEither(Colour)(value))).toEqual([""])
  })

  it("names itself in an error", () => {
    expect(() => Schema.decodeUnknownSync(Colour)(1)).toThrow("Expected Colour, actual 1")
  })

  it("lists its known values in JSON Schema and allows others", () => {
    expect(JSONSchema.make(Colour)).toMatchObject({
      $defs: { Colour: { type: "string", "x-open-enum": ["red", "green"] } }
    })
  })

  it("generates known and unknown values", () => {
    const values = new Set<string>(FastCheck.sample(Arbitrary.make(Colour), { numRuns: 200, seed: 1 }))
    expect(values.has("red") && values.has("green")).toBe(true)
    expect([...values].some((value) => value !== "red" && value !== "green")).toBe(true)
  })

  it("completes its known values in an editor and accepts any string", () => {
    expectTypeOf<Completed<typeof Colour.Type>>().toEqualTypeOf<"red" | "green">()
    expectTypeOf<string>().toExtend<typeof Colour.Type>()
    expectTypeOf<typeof Colour.Type>().toExtend<string>()
    expectTypeOf<typeof Colour.Encoded>().toEqualTypeOf<string>()
  })

  it("completes the known values of the API's enums", () => {
    expectTypeOf<Completed<Schemas.InvoiceState>>().toEqualTypeOf<"OPEN" | "CANCELED" | "PAID">()
    expectTypeOf<Completed<Schemas.ContractState>>().toEqualTypeOf<"DRAFT" | "ACTIVE" | "CANCELED" | "END_BILLING">()
    expectTypeOf<Completed<Schemas.PromotionalStatus>>().toEqualTypeOf<"Active" | "Expired" | "Paused">()
    expectTypeOf<Completed<Schemas.PromotionalPeriod>>().toEqualTypeOf<
      "1 week" | "1 month" | "6 month" | "1 year" | "lifetime" | "custom"
    >()
    expectTypeOf<Completed<Schemas.ResetPeriod>>().toEqualTypeOf<"YEAR" | "MONTH" | "WEEK" | "DAY" | "HOUR">()
    expectTypeOf<Completed<Schemas.PaymentMethodType>>().toEqualTypeOf<"CARD" | "BANK" | "CASH_APP">()
    expectTypeOf<"usd">().toExtend<Completed<Schemas.Currency>>()
    expectTypeOf<"STRIPE">().toExtend<Completed<Schemas.VendorIdentifier>>()
    expectTypeOf<"NoActiveSubscription">().toExtend<Completed<Schemas.EntitlementDeniedReason>>()
  })

  it("completes them in the fields of an object", () => {
    expectTypeOf<Completed<Schemas.Invoice["state"]>>().toEqualTypeOf<"OPEN" | "CANCELED" | "PAID">()
    expectTypeOf<Completed<Schemas.FeatureReference["featureType"]>>().toEqualTypeOf<"BOOLEAN" | "NUMBER" | "ENUM">()
    expectTypeOf<Completed<Schemas.WeeklyReset["accordingTo"]>>().toEqualTypeOf<
      | "SubscriptionStart"
      | "EverySunday"
      | "EveryMonday"
      | "EveryTuesday"
      | "EveryWednesday"
      | "EveryThursday"
      | "EveryFriday"
      | "EverySaturday"
    >()
  })
})
