import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { exported } from "./exported.js"

describe("a random value survives encode, JSON and decode", () => {
  it.each([...exported])("of %s", (_, schema) => {
    const encode = Schema.encodeSync(schema)
    const decode = Schema.decodeUnknownSync(schema)
    const isSame = Schema.equivalence(schema)
    const property = FastCheck.property(Arbitrary.make(schema), (value) => {
      const json = JSON.stringify(encode(value))
      const back = decode(JSON.parse(json))
      return isSame(back, value) && isSame(value, back)
    })
    const result = FastCheck.check(property, { numRuns: 300, seed: 20260613 })
    expect(result.counterexample, String(result.errorInstance ?? "the value changed")).toBeNull()
  })
})
