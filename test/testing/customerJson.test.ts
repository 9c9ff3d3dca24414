import { describe, expect, it } from "@effect/vitest"
import { Schemas } from "effect-stigg"
import * as Arbitrary from "effect/Arbitrary"
import * as fc from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Envelope from "../../src/testing/internal/world/Envelope.js"

const encode = Schema.encodeSync(Schemas.Customer)

const Customers = Arbitrary.make(Schemas.Customer)

/** An entry of the world with a customer. Its links have fields that the customer's do not. */
const entryOf = (customer: Schemas.Customer) => ({
  customer,
  links: customer.integrations.map((link, serial) => ({
    serial,
    createdAt: 0,
    id: link.id,
    link: { ...link, syncData: null },
    unlinked: false
  }))
})

/** Through JSON, because an assignment would lose a key such as `__proto__`. */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, inner: unknown) => (inner === null ? undefined : inner))

describe("a customer in a response", () => {
  it("is what its schema encodes, without a passthrough that is null", () => {
    fc.assert(
      fc.property(Customers, (customer) => {
        const { passthrough: _, ...wanted } = encode({ ...customer, passthrough: null })
        expect(Envelope.customer(entryOf({ ...customer, passthrough: null }))).toEqual(wanted)
      }),
      { numRuns: 200 }
    )
  })

  it("is what its schema encodes, without nulls in its passthrough", () => {
    fc.assert(
      fc.property(Customers, (customer) => {
        const { passthrough, ...wanted } = encode(customer)
        const written = passthrough === null ? {} : { passthrough: withoutNulls(passthrough) }
        expect(Envelope.customer(entryOf(customer))).toEqual({ ...wanted, ...written })
      }),
      { numRuns: 200 }
    )
  })
})
