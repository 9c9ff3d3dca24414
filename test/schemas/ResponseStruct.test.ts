import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as FastCheck from "effect/FastCheck"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { components, responseNames, sample } from "./document.js"
import { faults, schemaNamed } from "./exported.js"

/** A customer as the API sends it. */
const acme = {
  id: "customer-acme-corp",
  name: "Acme Corp",
  email: "billing@acme.com",
  billingId: "cus_MIhJJFnJL24HFH",
  billingCurrency: "usd",
  metadata: {},
  integrations: [],
  defaultPaymentMethod: null,
  couponId: null,
  timezone: null,
  language: "en",
  createdAt: "2026-06-13T10:00:00.000Z",
  updatedAt: "2026-06-13T10:00:00.000Z",
  archivedAt: null
}

const decodeCustomer = Schema.decodeUnknownSync(Schemas.Customer)
const customerFaults = (json: unknown) => faults(Schema.decodeUnknownEither(Schemas.Customer)(json))

/** The paths at which a value contains undefined, at any depth. */
const undefinedAt = (value: unknown, path = ""): ReadonlyArray<string> => {
  if (value === undefined) return [path]
  if (DateTime.isDateTime(value) || typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => undefinedAt(child, `${path}.${key}`))
}

/** JSON without its nulls. */
const withoutNulls = (json: unknown): unknown =>
  Array.isArray(json)
    ? json.map(withoutNulls)
    : Predicate.isRecord(json)
      ? Object.fromEntries(
          Object.entries(json)
            .filter(([, value]) => value !== null)
            .map(([key, value]) => [key, withoutNulls(value)])
        )
      : json

const responses = responseNames.map((name) => [name, schemaNamed(name)] as const)

describe("a response", () => {
  it("decodes as the API sends it", () => {
    expect(decodeCustomer(acme)).toStrictEqual({
      ...acme,
      passthrough: null,
      createdAt: DateTime.unsafeMake("2026-06-13T10:00:00.000Z"),
      updatedAt: DateTime.unsafeMake("2026-06-13T10:00:00.000Z")
    })
  })

  it("contains no undefined, even when the input object does", () => {
    const customer = decodeCustomer({ ...acme, name: undefined, integrations: undefined, metadata: undefined })
    expect(undefinedAt(customer)).toEqual([])
    expect(customer).toMatchObject({ name: null, integrations: [], metadata: {} })
  })

  it.each(responses)("%s contains no undefined at any depth, whatever the API omits", (name, schema) => {
    expect(undefinedAt(Schema.decodeUnknownSync(schema)(sample(components[name] ?? {})))).toEqual([])
    const property = FastCheck.property(Arbitrary.make(schema), (value) => {
      const sparse = withoutNulls(Schema.encodeSync(schema)(value))
      return undefinedAt(Schema.decodeUnknownSync(schema)(sparse)).length === 0
    })
    expect(FastCheck.check(property, { numRuns: 100, seed: 7 }).counterexample).toBeNull()
  })

  it("is not checked for lengths, patterns, or formats", () => {
    const odd = {
      ...acme,
      id: "an older id / with spaces",
      email: "not an address",
      name: "x".repeat(10_000),
      billingCurrency: "",
      language: "",
      couponId: ""
    }
    expect(decodeCustomer(odd)).toMatchObject({ email: "not an address", name: "x".repeat(10_000), couponId: "" })
    expect(
      Schema.decodeUnknownSync(Schemas.PromotionalEntitlement)({
        ...Object(sample(components["PromotionalEntitlement"] ?? {})),
        id: "no uuid"
      }).id
    ).toBe("no uuid")
    expect(Schema.decodeUnknownSync(Schemas.Pagination)({ next: "no uuid" })).toEqual({ next: "no uuid", prev: null })
  })

  it.each(["1e999", "-1e999"])(
    "rejects the number %s, which JSON can contain but a program cannot represent",
    (number) => {
      const json: unknown = JSON.parse(`{"amount":${number},"currency":"usd"}`)
      expect(faults(Schema.decodeUnknownEither(Schemas.Money)(json))).toEqual(["amount"])
    }
  )

  it("rejects NaN in both directions", () => {
    expect(faults(Schema.decodeUnknownEither(Schemas.Money)({ amount: Number.NaN, currency: "usd" }))).toEqual([
      "amount"
    ])
    expect(faults(Schema.encodeUnknownEither(Schemas.Money)({ amount: Number.NaN, currency: "usd" }))).toEqual([
      "amount"
    ])
  })

  it("names a deeply nested field that is missing or has a wrong type", () => {
    const link = { id: "stripe", syncedEntityId: null, vendorIdentifier: "STRIPE" }
    expect(customerFaults({ ...acme, integrations: [link, { ...link, id: 1 }] })).toEqual(["integrations.1.id"])
    expect(customerFaults({ ...acme, integrations: [link, { id: "zuora" }] })).toEqual([
      "integrations.1.vendorIdentifier"
    ])
    expect(customerFaults({ ...acme, passthrough: { stripe: { taxIds: [{ type: "eu_vat" }] } } })).toEqual([
      "passthrough.stripe.taxIds.0.value"
    ])
    expect(customerFaults({ ...acme, metadata: { seats: 5 } })).toEqual(["metadata.seats"])
    expect(customerFaults({ ...acme, createdAt: "yesterday" })).toEqual(["createdAt"])
  })

  it("reports the first error, or all of them on request", () => {
    const broken = { ...acme, id: 1, createdAt: null, metadata: [] }
    expect(customerFaults(broken)).toEqual(["id"])
    const all = Schema.decodeUnknownEither(Schemas.Customer, { errors: "all" })(broken)
    expect(faults(all)).toEqual(["id", "metadata", "createdAt"])
  })

  it("can have unknown fields at any depth, even with a strict parser", () => {
    const grown = {
      ...acme,
      somethingNew: 1,
      defaultPaymentMethod: {
        billingId: null,
        type: "CARD",
        cardLast4Digits: "4242",
        cardExpiryMonth: 12,
        cardExpiryYear: 2030,
        wallet: "APPLE_PAY"
      }
    }
    const customer = Schema.decodeUnknownSync(Schemas.Customer, { onExcessProperty: "error" })(grown)
    expect(Object.keys(customer)).not.toContain("somethingNew")
    expect(customer.defaultPaymentMethod).not.toHaveProperty("wallet")
  })

  it.each([null, undefined, "text", 1, [], [acme]])("rejects %j as a customer", (value) => {
    expect(customerFaults(value)).toEqual([""])
  })

  it("fails to encode a value that lacks a field", () => {
    const { name: _, ...nameless } = decodeCustomer(acme)
    expect(faults(Schema.encodeUnknownEither(Schemas.Customer)(nameless))).toEqual(["name"])
  })

  it("encodes as received, with null for absent fields", () => {
    expect(Schema.encodeSync(Schemas.Customer)(decodeCustomer(acme))).toStrictEqual({ ...acme, passthrough: null })
  })
})

describe("Schema.is", () => {
  it("accepts a decoded customer and rejects its encoded form", () => {
    const is = Schema.is(Schemas.Customer)
    expect(is(decodeCustomer(acme))).toBe(true)
    expect(is(acme)).toBe(false)
  })

  it.each(responses)("accepts a decoded %s", (name, schema) => {
    expect(Schema.is(schema)(Schema.decodeUnknownSync(schema)(sample(components[name] ?? {})))).toBe(true)
  })
})

describe("the encoded side of a schema", () => {
  it("accepts what the API can omit and keeps it absent", () => {
    const { archivedAt, createdAt, id, updatedAt } = acme
    const sparse = { id, createdAt, updatedAt, archivedAt, metadata: null }
    const wire = Schema.encodedSchema(Schemas.Customer)
    expect(Schema.decodeUnknownSync(wire)(sparse)).toStrictEqual(sparse)
    expect(Schema.encodeUnknownSync(wire)(sparse)).toStrictEqual(sparse)
  })

  it("rejects a value without a required field", () => {
    const wire = Schema.encodedSchema(Schemas.Customer)
    expect(faults(Schema.decodeUnknownEither(wire)({ createdAt: acme.createdAt }))).toEqual(["id"])
  })
})

describe("equivalence", () => {
  const isSame = Schema.equivalence(Schemas.Customer)

  it("holds for two customers read from the same JSON", () => {
    expect(isSame(decodeCustomer(acme), decodeCustomer({ ...acme, createdAt: "2026-06-13T12:00:00+02:00" }))).toBe(true)
  })

  it.each([
    { name: "Other" },
    { name: null },
    { createdAt: "2026-06-13T10:00:00.001Z" },
    { archivedAt: "2026-06-13T10:00:00.000Z" },
    { metadata: { a: "1" } },
    { integrations: [{ id: "stripe", syncedEntityId: null, vendorIdentifier: "STRIPE" }] }
  ])("does not hold when %j differs", (change) => {
    expect(isSame(decodeCustomer(acme), decodeCustomer({ ...acme, ...change }))).toBe(false)
    expect(isSame(decodeCustomer({ ...acme, ...change }), decodeCustomer(acme))).toBe(false)
  })
})

/** The parts of a type, at any depth, that can be undefined. Never if there are none. */
type Undefined<A> = A extends undefined
  ? A
  : A extends DateTime.Utc | string | number | boolean | null
    ? never
    : A extends ReadonlyArray<infer Item>
      ? Undefined<Item>
      : { [K in keyof A]: unknown extends A[K] ? never : Undefined<A[K]> }[keyof A]

describe("the type of a response", () => {
  it("contains no undefined at any depth", () => {
    expectTypeOf<Undefined<Schemas.Customer>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.CustomerResource>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.ImportResult>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.EntitlementsState>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.Contract>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.Invoice>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.Integration>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.PromotionalEntitlement>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.Pagination>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<Schemas.ErrorBody>>().toEqualTypeOf<never>()
    expectTypeOf<Undefined<{ readonly a?: string }>>().toEqualTypeOf<undefined>() // Shows that the check can fail.
  })

  it("is the interface with the same name", () => {
    expectTypeOf<typeof Schemas.Customer.Type>().toEqualTypeOf<Schemas.Customer>()
    expectTypeOf<typeof Schemas.Entitlement.Type>().toEqualTypeOf<Schemas.Entitlement>()
  })

  it("allows omitting in the encoded form what is null or empty in the decoded form", () => {
    type Wire = typeof Schemas.Customer.Encoded
    expectTypeOf<{ id: string; createdAt: string; updatedAt: string }>().toExtend<Wire>()
    expectTypeOf<{ createdAt: string; updatedAt: string }>().not.toExtend<Wire>()
    expectTypeOf<Wire["createdAt"]>().toEqualTypeOf<string>()
  })
})
