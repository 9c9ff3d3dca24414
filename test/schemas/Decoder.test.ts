import { describe, expect, it } from "@effect/vitest"
import * as Schemas from "effect-stigg/Schemas"
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { isDeepStrictEqual } from "node:util"
import * as Endpoint from "../../src/internal/transport/Endpoint.js"
import { parseApiTimestamp } from "../../src/schemas/internal/ApiTimestamp.js"
import * as Decoder from "../../src/schemas/internal/Decoder.js"
import { responseNames } from "./document.js"
import { schemaNamed } from "./exported.js"

const responses = responseNames.map((name) => [name, schemaNamed(name)] as const)

/** Each schema decodes this many inputs, so that all of them together decode at least 100,000. */
const inputs = Math.ceil(100_000 / responses.length)
const mutationsPerSample = 20

/** Timestamps at the edges of what the API sends, and beyond. */
const timestamps = [
  "2026-06-13T10:00:00.000Z",
  "2024-02-29T23:59:59.999Z",
  "2026-02-29T00:00:00.000Z",
  "2026-04-31T00:00:00.000Z",
  "2026-00-10T00:00:00.000Z",
  "2026-13-10T00:00:00.000Z",
  "2026-06-13T24:00:00.000Z",
  "2026-06-13T23:60:00.000Z",
  "2026-06-13T23:59:60.000Z",
  "2026-06-13t10:00:00.000z",
  "2026-06-13 10:00:00.000Z",
  "2026-06-13T10:00:00Z",
  "2026-06-13T10:00:00.123456Z",
  "2026-06-13T10:00:00.000+02:00",
  "2026-06-13T10:00:00.00xZ",
  "x026-06-13T10:00:00.000Z",
  "0000-01-01T00:00:00.000Z",
  "0099-03-01T00:00:00.000Z",
  "1900-03-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "+12026-06-13T10:00:00.00Z"
]

const value = FastCheck.oneof(
  FastCheck.constantFrom<Array<unknown>>(null, undefined, 0, -0, true, "", "FEATURE", "CREDIT", "SEAT", [], {}),
  FastCheck.constantFrom(...timestamps),
  FastCheck.jsonValue(),
  FastCheck.double()
)

const mutation = FastCheck.record({
  at: FastCheck.nat(),
  key: FastCheck.nat(),
  kind: FastCheck.constantFrom("replace", "remove", "add", "addProto"),
  value
})

type Mutation = typeof mutation extends FastCheck.Arbitrary<infer A> ? A : never

/** The objects and arrays of a JSON value, itself included. */
const nodes = (json: unknown): ReadonlyArray<object> =>
  Predicate.isObject(json) ? [json, ...Object.values(json).flatMap(nodes)] : []

/** The same value, with changes somewhere in it. */
const mutate = (json: unknown, mutations: ReadonlyArray<Mutation>): unknown => {
  const root = { json: structuredClone(json) }
  for (const { at, key, kind, value: shared } of mutations) {
    const value = structuredClone(shared)
    const all = nodes(root)
    const node = all[at % all.length] ?? root
    const keys = Object.keys(node)
    const added = Array.isArray(node) ? node.length : "added"
    const name = keys[key % keys.length] ?? added
    if (kind === "replace") Reflect.set(node, name, value)
    if (kind === "remove") Reflect.deleteProperty(node, name)
    if (kind === "add") Reflect.set(node, added, value)
    // In JSON, only an object has this key.
    if (kind === "addProto" && !Array.isArray(node)) {
      Reflect.defineProperty(node, "__proto__", { value, configurable: true, enumerable: true, writable: true })
    }
  }
  return root.json
}

/** Seeded, so that a failure can be repeated. */
const changes = FastCheck.sample(FastCheck.array(mutation, { maxLength: 3 }), { numRuns: inputs, seed: 21 })

const samples = (schema: Schema.Schema<unknown, unknown>): ReadonlyArray<unknown> => {
  const encode = Schema.encodeSync(schema)
  const bases = FastCheck.sample(Arbitrary.make(schema), { numRuns: Math.ceil(inputs / mutationsPerSample), seed: 12 })
  return changes.map((mutations, i) => mutate(encode(bases[i % bases.length]), mutations))
}

describe("the fast decoder", () => {
  it.each(responses)("of %s agrees with the schema, for every value and every error", (_, schema) => {
    const isSame = Schema.decodeUnknownEither(Schema.Struct({ data: schema }))
    const decodeByParts = Endpoint.data(schema)
    const fast = Decoder.make(schema)
    let refused = 0
    for (const data of samples(schema)) {
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
