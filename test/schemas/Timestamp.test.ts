import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as DateTime from "effect/DateTime"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import { faults } from "./exported.js"

const decode = Schema.decodeUnknownSync(Schemas.Timestamp)
const decodeEither = Schema.decodeUnknownEither(Schemas.Timestamp)
const encode = Schema.encodeUnknownEither(Schemas.Timestamp)

describe("Timestamp", () => {
  it.each([
    ["2026-06-13T10:00:00.000Z", "2026-06-13T10:00:00.000Z"],
    ["2026-06-13T10:00:00Z", "2026-06-13T10:00:00.000Z"],
    ["2026-06-13t10:00:00z", "2026-06-13T10:00:00.000Z"],
    ["2026-06-13 10:00:00Z", "2026-06-13T10:00:00.000Z"],
    ["2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
  ])("decodes %s", (text, moment) => {
    expect(DateTime.formatIso(decode(text))).toBe(moment)
  })

  it.each([
    ["2026-06-13T12:00:00+02:00", "2026-06-13T10:00:00.000Z"],
    ["2026-06-13T04:30:00-05:30", "2026-06-13T10:00:00.000Z"],
    ["2026-01-01T00:30:00+0100", "2025-12-31T23:30:00.000Z"]
  ])("converts the offset of %s to UTC", (text, moment) => {
    expect(DateTime.formatIso(decode(text))).toBe(moment)
  })

  it.each([
    ["2026-06-13T10:00:00.1Z", "2026-06-13T10:00:00.100Z"],
    ["2026-06-13T10:00:00.123456Z", "2026-06-13T10:00:00.123Z"],
    ["2026-06-13T10:00:00.999999999Z", "2026-06-13T10:00:00.999Z"]
  ])("keeps the milliseconds of %s and drops further digits", (text, moment) => {
    expect(DateTime.formatIso(decode(text))).toBe(moment)
  })

  it.each([
    "",
    "yesterday",
    "1",
    "May 5",
    "2026-06-13",
    "2026-06-13T10:00:00",
    "2026-06-13T10:00Z",
    "2026-13-01T00:00:00Z",
    "2026-06-32T00:00:00Z",
    "2026-06-13T24:00:01Z",
    "2026-06-13T10:00:00.Z",
    " 2026-06-13T10:00:00Z",
    "2026-06-13T10:00:00Z\n",
    "20260613T100000Z"
  ])("rejects the string %j", (text) => {
    expect(faults(decodeEither(text))).toEqual([""])
  })

  it.each([1_781_344_800_000, new Date(0), null, undefined, {}, DateTime.unsafeMake(0)])("rejects %s", (value) => {
    expect(faults(decodeEither(value))).toEqual([""])
  })

  it("is a DateTime.Utc when decoded and a string when encoded", () => {
    expectTypeOf<typeof Schemas.Timestamp.Type>().toEqualTypeOf<DateTime.Utc>()
    expectTypeOf<typeof Schemas.Timestamp.Encoded>().toEqualTypeOf<string>()
    expect(DateTime.isUtc(decode("2026-06-13T12:00:00+02:00"))).toBe(true)
  })

  it("encodes with milliseconds and Z", () => {
    const moment = DateTime.unsafeMake("2026-06-13T12:00:00+02:00")
    expect(Schema.encodeSync(Schemas.Timestamp)(moment)).toBe("2026-06-13T10:00:00.000Z")
  })

  it.each([
    ["a text", "2026-06-13T10:00:00.000Z"],
    ["a Date", new Date(0)],
    ["null", null],
    ["the year 10000", DateTime.unsafeMake("+010000-01-01T00:00:00.000Z")],
    ["a year BC", DateTime.unsafeMake("-000001-01-01T00:00:00.000Z")]
  ])("fails to encode %s", (_, value) => {
    expect(faults(encode(value))).toEqual([""])
  })

  it("distinguishes its decoded values from strings", () => {
    const is = Schema.is(Schemas.Timestamp)
    expect(is(DateTime.unsafeMake(0))).toBe(true)
    expect(is("2026-06-13T10:00:00.000Z")).toBe(false)
  })

  it("has separate encoded and decoded schemas, each of which keeps its input", () => {
    const moment = DateTime.unsafeMake(0)
    const wire = Schema.encodedSchema(Schemas.Timestamp)
    const program = Schema.typeSchema(Schemas.Timestamp)
    expect(Schema.decodeUnknownSync(wire)("2026-06-13T10:00:00.000Z")).toBe("2026-06-13T10:00:00.000Z")
    expect(Schema.encodeSync(wire)("2026-06-13T10:00:00.000Z")).toBe("2026-06-13T10:00:00.000Z")
    expect(Schema.decodeUnknownSync(program)(moment)).toBe(moment)
    expect(Schema.encodeSync(program)(moment)).toBe(moment)
  })

  it("is a date-time in JSON Schema", () => {
    expect(JSONSchema.make(Schemas.Timestamp)).toMatchObject({ type: "string", format: "date-time" })
  })
})
