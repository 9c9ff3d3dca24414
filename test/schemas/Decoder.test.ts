import { describe, expect, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isDeepStrictEqual } from "node:util"
import * as Endpoint from "../../src/internal/transport/Endpoint.js"
import { parseApiTimestamp } from "../../src/schemas/internal/ApiTimestamp.js"
import * as Decoder from "../../src/schemas/internal/Decoder.js"
import { responseNames } from "./document.js"
import { schemaNamed } from "./exported.js"
import { samples, timestamps } from "./mutated.js"

const responses = responseNames.map((name) => [name, schemaNamed(name)] as const)

/** Each schema decodes this many inputs, so that all of them together decode at least 100,000. */
const inputs = Math.ceil(100_000 / responses.length)
describe("the fast decoder", () => {
  it.each(responses)("of %s agrees with the schema, for every value and every error", (_, schema) => {
    const isSame = Schema.decodeUnknownEither(Schema.Struct({ data: schema }))
    const decodeByParts = Endpoint.data(schema)
    const fast = Decoder.make(schema)
    let refused = 0
    for (const data of samples(schema, inputs)) {
      const expected = isSame({ data: structuredClone(data) })
      const actual = decodeByParts({ data: structuredClone(data) }, () => ({ data: structuredClone(data) }))
      // The end result alone would not show a decoder that rejects what the schema accepts: the schema would decode it.
      const isInvalid = fast(structuredClone(data)) === Decoder.invalid
      if (isInvalid) refused++
      const agrees =
        isInvalid === Either.isLeft(expected) &&
        (Either.isRight(expected)
          ? Either.isRight(actual) && isDeepStrictEqual(actual.right, expected.right.data)
          : Either.isLeft(actual) && errorText(actual.left) === errorText(expected.left.issue))
      if (!agrees) expect(actual, JSON.stringify(data)).toStrictEqual(expected)
    }
    // Both outcomes were compared.
    expect(refused).toBeGreaterThan(inputs / 100)
    expect(refused).toBeLessThan(inputs)
  })

  it("agrees with `Date.parse` on every timestamp that it reads itself", () => {
    const written = FastCheck.sample(Arbitrary.make(Schemas.Timestamp), { numRuns: 10_000, seed: 3 })
    const texts = [...timestamps, ...written.map((time) => Schema.encodeSync(Schemas.Timestamp)(time))]
    const read = texts.filter((text) => !Number.isNaN(parseApiTimestamp(text)))
    expect(read.length).toBeGreaterThan(9000)
    expect(read.filter((text) => parseApiTimestamp(text) !== Date.parse(text))).toEqual([])
  })

  it("drops keys that are not fields, at any depth", () => {
    const acme = {
      id: "customer-acme",
      createdAt: "2026-06-13T10:00:00.000Z",
      updatedAt: "2026-06-13T10:00:00.000Z",
      integrations: [{ id: "stripe", vendorIdentifier: "STRIPE", isNew: true }],
      tier: "gold"
    }
    const decoded = Decoder.make(Schemas.Customer)(acme)
    expect(decoded).not.toHaveProperty("tier")
    expect(decoded).toHaveProperty("integrations", [{ id: "stripe", vendorIdentifier: "STRIPE", syncedEntityId: null }])
  })

  it("does not change a value that a schema decodes for a program", () => {
    const acme = { id: "customer-acme", createdAt: "2026-06-13T10:00:00.000Z", updatedAt: "2026-06-13T10:00:00.000Z" }
    const before = structuredClone(acme)
    Schema.decodeUnknownSync(Schemas.Customer)(acme)
    expect(acme).toStrictEqual(before)
  })

  it.each([
    ["the decoded side", Schema.typeSchema(schemaNamed("Customer"))],
    ["the encoded side", Schema.encodedSchema(schemaNamed("Customer"))]
  ])("of %s of a schema agrees with it", (_, schema) => {
    const decode = Decoder.make(schema)
    const explain = ParseResult.decodeUnknownEither(schema)
    const customers = FastCheck.sample(Arbitrary.make(Schemas.Customer), { numRuns: 100, seed: 5 })
    for (const value of [...customers, ...customers.map((customer) => Schema.encodeSync(Schemas.Customer)(customer))]) {
      const expected = explain(value)
      expect(decode(value)).toStrictEqual(Either.getOrElse(expected, () => Decoder.invalid))
    }
  })
})

const errorText = (issue: ParseResult.ParseIssue): string => ParseResult.TreeFormatter.formatIssueSync(issue)
