import { describe, expect, it } from "@effect/vitest"
import { Schemas } from "effect-stigg"
import * as Arbitrary from "effect/Arbitrary"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Envelope from "../../src/testing/internal/world/Envelope.js"

const encode = Schema.encodeSync(Schemas.Customer)

describe("a customer in a response", () => {
  it("is what its schema encodes, without a passthrough that is null", () => {
    fc.assert(
      fc.property(Arbitrary.make(Schemas.Customer), (customer) => {
        const { passthrough: _, ...wanted } = encode({ ...customer, passthrough: null })
        expect(Envelope.customer({ ...customer, passthrough: null })).toEqual(wanted)
      }),
      { numRuns: 200 }
    )
  })
})
