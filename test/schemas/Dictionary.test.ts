import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as Schema from "effect/Schema"
import { faults } from "./exported.js"

/** As received: `__proto__` is an ordinary key. */
const metadata: unknown = JSON.parse('{"__proto__":"a","constructor":"b","plan":"gold","":"empty"}')

const entries = (value: unknown) => Object.entries(Object(value) as object)

const timestamp = "2026-06-13T10:00:00.000Z"
const wire = { id: "acme", createdAt: timestamp, updatedAt: timestamp, archivedAt: null, metadata }

describe("Dictionary", () => {
  it("keeps a __proto__ key when decoding", () => {
    expect(entries(Schema.decodeUnknownSync(Schemas.Dictionary)(metadata))).toEqual(entries(metadata))
  })

  it("keeps a __proto__ key when encoding", () => {
    expect(entries(Schema.encodeUnknownSync(Schemas.Dictionary)(metadata))).toEqual(entries(metadata))
  })

  it("keeps a __proto__ key in a customer's metadata through a round trip", () => {
    const customer = Schema.decodeUnknownSync(Schemas.Customer)(wire)
    expect(entries(customer.metadata)).toEqual(entries(metadata))
    expect(JSON.stringify(Schema.encodeSync(Schemas.Customer)(customer).metadata)).toBe(JSON.stringify(metadata))
  })

  it("keeps a __proto__ key in a request's metadata", () => {
    const customer: Schemas.ProvisionCustomer = {
      id: "acme",
      metadata: Schema.decodeUnknownSync(Schemas.Dictionary)(metadata)
    }
    const sent = Schema.encodeSync(Schemas.ProvisionCustomer)(customer)
    expect(JSON.stringify(sent)).toBe(`{"id":"acme","metadata":${JSON.stringify(metadata)}}`)
  })

  it("does not turn a __proto__ key into a prototype", () => {
    const decoded = Schema.decodeUnknownSync(Schemas.Dictionary)(metadata)
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
  })

  it.each([1, true, null, {}, []])("rejects the value %j and names its key", (value) => {
    expect(faults(Schema.decodeUnknownEither(Schemas.Dictionary)({ plan: "gold", seats: value }))).toEqual(["seats"])
    expect(faults(Schema.encodeUnknownEither(Schemas.Dictionary)({ plan: "gold", seats: value }))).toEqual(["seats"])
  })

  it.each([null, undefined, "text", 1, []])("rejects %j", (value) => {
    expect(faults(Schema.decodeUnknownEither(Schemas.Dictionary)(value))).toEqual([""])
  })

  it("is equal to another with the same entries in any order", () => {
    const isSame = Schema.equivalence(Schemas.Dictionary)
    expect(isSame({ a: "1", b: "2" }, { b: "2", a: "1" })).toBe(true)
    expect(isSame({ a: "1" }, { a: "2" })).toBe(false)
    expect(isSame({ a: "1" }, { a: "1", b: "2" })).toBe(false)
    expect(isSame(Object.fromEntries([["__proto__", "1"]]), { a: "1" })).toBe(false)
  })

  it("is typed as strings by key", () => {
    expectTypeOf<Schemas.Dictionary>().toEqualTypeOf<{ readonly [key: string]: string }>()
  })
})

describe("JsonRecord", () => {
  it("is kept as received", () => {
    const record: unknown = JSON.parse('{"__proto__":{"a":[1,null]},"b":{"c":true}}')
    expect(Schema.decodeUnknownSync(Schemas.JsonRecord)(record)).toBe(record)
    expect(Schema.encodeUnknownSync(Schemas.JsonRecord)(record)).toBe(record)
  })

  it.each([null, "text", 1, []])("rejects %j", (value) => {
    expect(faults(Schema.decodeUnknownEither(Schemas.JsonRecord)(value))).toEqual([""])
  })

  it("is equal to another with the same content", () => {
    const isSame = Schema.equivalence(Schemas.JsonRecord)
    expect(isSame({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true)
    expect(isSame({ a: [1, { b: null }] }, { a: [1, { b: 0 }] })).toBe(false)
    expect(isSame({ a: [] }, { a: {} })).toBe(false)
    expect(isSame({ a: undefined }, { b: undefined })).toBe(false)
  })
})
