import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type * as Customers from "effect-stigg/Customers"
import * as Schemas from "effect-stigg/Schemas"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import { CustomerPath } from "../../src/schemas/Identifier.js"
import { complaints, faults, schemaNamed } from "./exported.js"

/** The first rule that params violate, after the path to the field. */
const complaint = <A, I>(schema: Schema.Schema<A, I>, params: unknown) =>
  complaints(Schema.encodeUnknownEither(schema)(params))[0]

const sent = <A, I>(schema: Schema.Schema<A, I>, params: A): unknown =>
  JSON.parse(JSON.stringify(Schema.encodeSync(schema)(params)))

describe("ids", () => {
  it.each(["acme", "A", "7", "a_b|c.d@e-f", "x".repeat(255)])("accepts %s as the id of a new customer", (id) => {
    expect(sent(Schemas.NewCustomerId, id)).toBe(id)
  })

  it.each(["", "_a", "-a", ".a", "@a", "a b", "a/b", "é", "a\n", "x".repeat(256)])(
    "rejects %j as the id of a new customer",
    (id) => {
      expect(faults(Schema.encodeUnknownEither(Schemas.NewCustomerId)(id))).toEqual([""])
    }
  )

  it.each(["a/b?c#d%é", " ", "...", "older id", "😀", "x".repeat(255)])(
    "accepts %s in a path, because old ids can have any characters",
    (id) => {
      expect(sent(Schemas.PathSegment, id)).toBe(id)
    }
  )

  it.each([
    ["", "a non-empty string"],
    [".", 'a string other than "." and ".."'],
    ["..", 'a string other than "." and ".."'],
    ["a\ud800", "a string without lone surrogates"],
    ["x".repeat(256), "a string of at most 255 characters"]
  ])("rejects %j in a path", (id, rule) => {
    expect(complaint(Schemas.PathSegment, id)).toContain(`Expected ${rule}`)
  })

  const ids = FastCheck.oneof(
    FastCheck.string({ minLength: 0, maxLength: 3 }),
    FastCheck.string({ unit: "binary", maxLength: 300 }),
    FastCheck.constantFrom(".", "..", "", "a\ud800", "x".repeat(255), "x".repeat(256))
  )

  it("CustomerId accepts what every operation on a customer accepts, and nothing else", () => {
    const isCustomerId = Schema.is(Schemas.CustomerId)
    const isSent = Schema.is(CustomerPath)
    FastCheck.assert(FastCheck.property(ids, (id) => isCustomerId(id) === isSent({ id })))
  })

  it("every NewCustomerId is a CustomerId", () => {
    const isCustomerId = Schema.is(Schemas.CustomerId)
    FastCheck.assert(FastCheck.property(Arbitrary.make(Schemas.NewCustomerId), (id) => isCustomerId(id)))
  })

  it.each<readonly [string, Schema.Schema<string>, string]>([
    ["CustomerId", Schemas.CustomerId, 'Expected a well-formed string of 1 to 255 characters, other than "." and ".."'],
    [
      "NewCustomerId",
      Schemas.NewCustomerId,
      "Expected a string of 1 to 255 characters: a letter or digit followed by letters, digits, _, |, ., @ or -"
    ]
  ])("%s says its whole rule and never the value", (_, schema, rule) => {
    const values = ["", "..", " jane.doe@acme.com".repeat(20), `secret\ud800`, 42]
    for (const value of values) {
      const result = Schema.decodeUnknownEither(schema)(value)
      expect(Either.getOrThrow(Either.flip(result)).message).toBe(rule)
      expect(complaints(result)).toEqual([`: ${rule}`])
    }
  })

  it.each<readonly [string, Schema.Schema<string>, object]>([
    ["CustomerId", Schemas.CustomerId, {}],
    ["NewCustomerId", Schemas.NewCustomerId, { pattern: "^[a-zA-Z0-9][a-zA-Z0-9_|.@-]*$" }]
  ])("%s has its rule in the JSON Schema", (title, schema, more) => {
    const { $schema: _, ...json } = JSONSchema.make(schema)
    const description: unknown = expect.stringContaining("string of 1 to 255 characters")
    expect(json).toEqual({ type: "string", title, description, minLength: 1, maxLength: 255, ...more })
  })

  it("a program can brand them, and operations take the brand as a string", () => {
    const Branded = Schemas.CustomerId.pipe(Schema.brand("CustomerId"))
    expectTypeOf<typeof Branded.Type>().toExtend<Parameters<Customers.Service["retrieve"]>[0]>()
    expect(Schema.decodeSync(Branded)("acme")).toBe("acme")
  })

  it.each(["a@b", "-a", ""])("rejects %j as the id of a granted feature", (id) => {
    expect(faults(Schema.encodeUnknownEither(Schemas.GrantedFeatureId)(id))).toEqual([""])
  })
})

describe("emails", () => {
  it.each(["billing@acme.com", "a@b", `${"x".repeat(253)}@b`])("accept %s", (email) => {
    expect(sent(Schemas.Email, email)).toBe(email)
  })

  it.each(["", "acme.com", "@acme.com", "billing@", "a b@acme.com", "a@b@c", `${"x".repeat(254)}@b`])(
    "reject %j",
    (email) => {
      expect(faults(Schema.encodeUnknownEither(Schemas.Email)(email))).toEqual([""])
    }
  )
})

describe("a customer's params", () => {
  it("omit absent and undefined fields and clear fields that are null", () => {
    expect(sent(Schemas.UpdateCustomer, {})).toStrictEqual({})
    expect(
      sent(Schemas.UpdateCustomer, { name: null, email: undefined, couponId: "", metadata: {}, integrations: [] })
    ).toStrictEqual({ name: null, couponId: "", metadata: {}, integrations: [] })
  })

  it.each([
    [{ id: "-acme" }, "id: Expected a string of 1 to 255 characters: a letter or digit followed by letters"],
    [{ id: "" }, "id: Expected a string of 1 to 255 characters: a letter or digit followed by letters"],
    [{ id: "acme", email: "acme.com" }, "email: Expected an email address"],
    [{ id: "acme", name: "x".repeat(256) }, "name: Expected a string of at most 255 characters"],
    [{ id: "acme", metadata: { seats: 5 } }, "metadata.seats: Expected string, actual 5"],
    [{}, "id: is missing"]
  ])("name the field and the rule for %j", (params, rule) => {
    expect(complaint(Schemas.ProvisionCustomer, params)).toContain(rule)
  })

  it("name a deeply nested field", () => {
    const link = { id: "x".repeat(256), syncedEntityId: null, vendorIdentifier: "STRIPE" }
    expect(complaint(Schemas.ProvisionCustomer, { id: "acme", integrations: [link] })).toContain(
      "integrations.0.id: Expected a string of at most 255 characters"
    )
    expect(complaint(Schemas.UpdateCustomer, { passthrough: { stripe: { billingAddress: { city: 1 } } } })).toContain(
      "passthrough.stripe.billingAddress.city: Expected string, actual 1"
    )
  })

  it("name a field that the API does not know in strict mode", () => {
    const strict = Schema.encodeUnknownEither(Schemas.UpdateCustomer, { onExcessProperty: "error" })
    expect(complaints(strict({ nmae: "Acme" }))[0]).toContain("nmae: is unexpected")
  })

  it("can clear every nullable field of an update, in the types too", () => {
    expectTypeOf<null>().toExtend<Schemas.UpdateCustomer["name"]>()
    expectTypeOf<null>().not.toExtend<Schemas.UpdateCustomer["metadata"]>()
    expectTypeOf<{ readonly name?: string | undefined }>().toExtend<Schemas.UpdateCustomer>()
  })
})

describe("an import", () => {
  const row = (id: string): Schemas.ImportCustomer => ({ id, email: null, name: null })

  it("has 1 to 1,000 customers", () => {
    const rows = (count: number) => ({ customers: Array.from({ length: count }, (_, i) => row(`customer-${i}`)) })
    expect(complaint(Schemas.ImportCustomers, rows(0))).toContain("customers: Expected at least 1 customer")
    expect(complaint(Schemas.ImportCustomers, rows(1))).toBeUndefined()
    expect(complaint(Schemas.ImportCustomers, rows(1000))).toBeUndefined()
    expect(complaint(Schemas.ImportCustomers, rows(1001))).toContain("customers: Expected at most 1,000 customers")
  })

  it("names the invalid row", () => {
    const customers = [row("acme"), { ...row("globex"), email: "globex.com" }]
    expect(complaint(Schemas.ImportCustomers, { customers })).toContain("customers.1.email: Expected an email address")
  })

  it("encodes when a row was last changed", () => {
    const updatedAt = DateTime.unsafeMake("2026-06-13T12:00:00+02:00")
    expect(sent(Schemas.ImportCustomer, { ...row("acme"), updatedAt })).toStrictEqual({
      id: "acme",
      email: null,
      name: null,
      updatedAt: "2026-06-13T10:00:00.000Z"
    })
  })
})

describe("a grant", () => {
  it("sends null for omitted fields", () => {
    expect(sent(Schemas.GrantPromotionalEntitlement, { featureId: "seats", period: "1 month" })).toStrictEqual({
      featureId: "seats",
      period: "1 month",
      customEndDate: null,
      enumValues: null,
      hasSoftLimit: null,
      hasUnlimitedUsage: null,
      isVisible: null,
      monthlyResetPeriodConfiguration: null,
      weeklyResetPeriodConfiguration: null,
      yearlyResetPeriodConfiguration: null,
      resetPeriod: null,
      usageLimit: null
    })
  })

  it("with a custom period needs an end date", () => {
    const custom = { featureId: "seats", period: "custom" } as const
    const customEndDate = DateTime.unsafeMake("2027-01-01T00:00:00.000Z")
    const rule = "customEndDate: customEndDate is required for the period custom"
    expect(complaint(Schemas.GrantPromotionalEntitlement, custom)).toBe(rule)
    expect(complaint(Schemas.GrantPromotionalEntitlement, { ...custom, customEndDate: null })).toBe(rule)
    expect(sent(Schemas.GrantPromotionalEntitlement, { ...custom, customEndDate })).toMatchObject({
      customEndDate: "2027-01-01T00:00:00.000Z"
    })
  })

  it("is equal to another that encodes the same, and to no other", () => {
    const isSame = Schema.equivalence(Schemas.GrantPromotionalEntitlement)
    const grant = { featureId: "seats", period: "1 month" } as const
    expect(isSame(grant, { ...grant, usageLimit: null, resetPeriod: undefined })).toBe(true)
    expect(isSame(grant, { ...grant, usageLimit: 5 })).toBe(false)
  })

  it("cannot be an empty list", () => {
    expect(complaint(Schemas.GrantPromotionalEntitlements, { promotionalEntitlements: [] })).toContain(
      "promotionalEntitlements: Expected at least 1 grant"
    )
  })

  it("names the invalid grant", () => {
    const promotionalEntitlements = [{ featureId: "seats", period: "1 week", usageLimit: 1.5 }]
    expect(complaint(Schemas.GrantPromotionalEntitlements, { promotionalEntitlements })).toContain(
      "promotionalEntitlements.0.usageLimit: Expected an integer, actual 1.5"
    )
  })
})

describe("the params of a list", () => {
  const lists = ["ListCustomers", "ListInvoices", "PageParams", "ListPromotionalEntitlements", "ListIntegrations"]

  it.each(lists)("%s reject after and before together", (name) => {
    const schema = schemaNamed(name)
    expect(complaint(schema, { after: "a", before: "b" })).toBe("before: after and before are mutually exclusive")
    expect(complaint(schema, { after: "a", before: undefined })).toBeUndefined()
  })

  it.each(lists)("%s accept 1 to 100 items per page", (name) => {
    const schema = schemaNamed(name)
    for (const limit of [1, 100]) expect(complaint(schema, { limit })).toBeUndefined()
    for (const limit of [0, 101, -1]) {
      expect(complaint(schema, { limit })).toContain("limit: Expected a whole number from 1 to 100")
    }
    expect(complaint(schema, { limit: 1.5 })).toContain("limit: Expected an integer")
  })

  it("encode the moments of a range", () => {
    const gte = DateTime.unsafeMake("2026-01-01T00:00:00.000Z")
    expect(sent(Schemas.ListCustomers, { createdAt: { gte, lt: undefined } })).toStrictEqual({
      createdAt: { gte: "2026-01-01T00:00:00.000Z" }
    })
  })

  it("reject an element with a comma, because it would arrive as two", () => {
    expect(complaint(Schemas.ListInvoices, { stateIn: ["OPEN,PAID"] })).toContain(
      "stateIn.0: Expected a string without a comma"
    )
    expect(complaint(Schemas.ListIntegrations, { vendorIdentifier: ["A,B"] })).toContain("vendorIdentifier.0")
    expect(complaint(Schemas.ListPromotionalEntitlements, { status: ["A,B"] })).toContain("status.0")
    expect(complaint(Schemas.CheckEntitlement, { featureId: "a", requestedValues: ["A,B"] })).toContain(
      "requestedValues.0"
    )
  })
})

describe("a check", () => {
  it("is for a feature or a currency, never for both or neither", () => {
    expect(complaint(Schemas.CheckEntitlement, { featureId: "seats", currencyId: "tokens" })).toBe(
      "currencyId: featureId and currencyId are mutually exclusive"
    )
    expect(complaint(Schemas.CheckEntitlement, {})).toBe("featureId: either featureId or currencyId is required")
    expect(complaint(Schemas.CheckEntitlement, { currencyId: "tokens", requestedValues: ["a"] })).toBe(
      "requestedValues: requestedValues is for enum features, not for a currency"
    )
  })

  it("excludes both at once in its type", () => {
    expectTypeOf<{ featureId: string }>().toExtend<Schemas.CheckEntitlement>()
    expectTypeOf<{ currencyId: string; requestedUsage: number }>().toExtend<Schemas.CheckEntitlement>()
    expectTypeOf<{ featureId: string; currencyId: string }>().not.toExtend<Schemas.CheckEntitlement>()
    expectTypeOf<{ currencyId: string; requestedValues: Array<string> }>().not.toExtend<Schemas.CheckEntitlement>()
    expectTypeOf<Record<never, never>>().not.toExtend<Schemas.CheckEntitlement>()
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("rejects the requested usage %d", (requestedUsage) => {
    expect(complaint(Schemas.CheckEntitlement, { featureId: "seats", requestedUsage })).toContain("requestedUsage: ")
  })

  it("accepts a requested usage of 0", () => {
    expect(sent(Schemas.CheckEntitlement, { featureId: "seats", requestedUsage: 0 })).toStrictEqual({
      featureId: "seats",
      requestedUsage: 0
    })
  })
})

describe("the equivalence of params", () => {
  it("treats undefined as absent and null as different", () => {
    const isSame = Schema.equivalence(Schemas.UpdateCustomer)
    expect(isSame({ name: "Acme" }, { name: "Acme", email: undefined })).toBe(true)
    expect(isSame({ name: "Acme" }, { name: "Acme", email: null })).toBe(false)
    expect(isSame({ name: "Acme" }, { name: "Globex" })).toBe(false)
  })
})
