import { describe, expect, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as JSONSchema from "effect/JSONSchema"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Node } from "./document.js"
import { Node as JsonSchemaNode } from "./document.js"
import {
  components,
  inlineBodies,
  isCollection,
  isRequired,
  knownValues,
  meaning,
  queries,
  requestNames,
  responseNames,
  sample,
  samples,
  wrongTypes
} from "./document.js"
import { exported, faults, schemaNamed } from "./exported.js"

/** Request schemas have their own name if their shape differs from that of a response. */
const requestCounterparts: Readonly<Record<string, string>> = {
  Address: "AddressParams",
  CustomerIntegrationLink: "CustomerIntegrationLinkParams",
  Passthrough: "PassthroughParams",
  PaymentMethod: "PaymentMethodParams",
  StripePassthrough: "StripePassthroughParams",
  ZuoraPassthrough: "ZuoraPassthroughParams",
  "customers.paymentMethod.attach": "AttachPaymentMethod",
  "customers.integrations.link": "LinkIntegration",
  "customers.integrations.update": "UpdateIntegration",
  "customers.promotionalEntitlements.create": "GrantPromotionalEntitlements"
}

const queryCounterparts: Readonly<Record<string, string>> = {
  "customers.list": "ListCustomers",
  "customers.listInvoices": "ListInvoices",
  "customers.listResources": "PageParams",
  "customers.checkEntitlement": "CheckEntitlement",
  "customers.retrieveEntitlements": "RetrieveEntitlements",
  "customers.promotionalEntitlements.list": "ListPromotionalEntitlements",
  "customers.integrations.list": "ListIntegrations"
}

const objectOf = (node: Node): Node | undefined => {
  const { shapes } = meaning(node)
  return shapes.length === 1 && shapes[0]?.properties !== undefined ? shapes[0] : undefined
}

const propertiesOf = (node: Node): ReadonlyArray<readonly [string, Node]> => Object.entries(node.properties ?? {})

const record = (value: unknown): Readonly<Record<string, unknown>> => {
  if (!Predicate.isReadonlyRecord(value)) throw new Error(`not a record: ${String(value)}`)
  return value as Readonly<Record<string, unknown>>
}

const without = (value: unknown, key: string) =>
  Object.fromEntries(Object.entries(record(value)).filter(([name]) => name !== key))

const decode = (name: string, json: unknown) => Schema.decodeUnknownEither(schemaNamed(name))(json)
const encode = (name: string, value: unknown) => Schema.encodeUnknownEither(schemaNamed(name))(value)
const decoded = (name: string, json: unknown) => Schema.decodeUnknownSync(schemaNamed(name))(json)
const sent = (name: string, value: unknown): unknown =>
  JSON.parse(JSON.stringify(Schema.encodeUnknownSync(schemaNamed(name))(value)))

/** The one of several shapes that a JSON object has: all its keys are present and its discriminator matches. */
const shapeFor = (node: Node, json: Readonly<Record<string, unknown>>): Node => {
  const shape = meaning(node).shapes.find(
    (one) =>
      (one.required ?? []).every((key) => key in json) &&
      propertiesOf(one).every(([key, child]) => child.const === undefined || child.const === json[key])
  )
  if (shape === undefined) throw new Error(`no shape for ${JSON.stringify(json)}`)
  return shape
}

/**
 * The decoded value of JSON according to the document and the rules. With `fill`, absent response fields become null.
 */
const inProgram = (node: Node, json: unknown, fill: boolean): unknown => {
  if (json === null || json === undefined) return fill && isCollection(node) ? emptyOf(node) : null
  if (typeof json === "string") {
    return meaning(node).shapes[0]?.format === "date-time" ? DateTime.unsafeMake(json) : json
  }
  if (Array.isArray(json)) return json.map((item) => inProgram(meaning(node).shapes[0]?.items ?? {}, item, fill))
  if (!Predicate.isReadonlyRecord(json)) return json
  const shape = shapeFor(node, json as Readonly<Record<string, unknown>>)
  if (shape.properties === undefined) return json
  return Object.fromEntries(
    propertiesOf(shape)
      .filter(([key]) => fill || key in json)
      .map(([key, child]) => [key, inProgram(child, record(json)[key], fill)])
  )
}

const emptyOf = (node: Node) => (meaning(node).shapes[0]?.type === "array" ? [] : {})

describe("the document", () => {
  it("has 53 named schemas, each for a request, a response, or both", () => {
    expect(Object.keys(components)).toHaveLength(53)
    expect([...new Set([...responseNames, ...requestNames])].sort()).toEqual(Object.keys(components).sort())
  })

  it.each(responseNames)("%s in responses has its schema", (name) => {
    expect(exported.has(name)).toBe(true)
  })

  it.each([...requestNames, ...Object.keys(inlineBodies)])("%s in requests has its schema", (name) => {
    expect(exported.has(requestCounterparts[name] ?? name)).toBe(true)
  })

  it.each(Object.keys(queries))("the query of %s has its schema", (operation) => {
    expect(exported.has(queryCounterparts[operation] ?? operation)).toBe(true)
  })
})

describe("an enum", () => {
  const enums = Object.entries(components).filter(([, node]) => node["x-open-enum"] !== undefined)

  it.each(enums)("%s decodes each known value and an unknown one", (name, node) => {
    for (const value of [...knownValues(node), "SOMETHING_NEW"]) {
      expect(decoded(name, value)).toBe(value)
    }
  })

  it.each(enums)("%s rejects values that are not strings", (name, node) => {
    for (const value of wrongTypes(node)) {
      expect(faults(decode(name, value))).toEqual([""])
    }
  })

  it.each(enums)("%s lists the known values in its JSON Schema", (name, node) => {
    expect(jsonSchema(name)).toMatchObject({ type: "string", "x-open-enum": node["x-open-enum"] })
  })
})

describe.each(responseNames.map((name) => [name, components[name] ?? {}] as const))(
  "%s in a response",
  (name, node) => {
    it("decodes as documented", () => {
      for (const shape of meaning(node).shapes) {
        const json = sample(shape)
        expect(decoded(name, json)).toStrictEqual(inProgram(node, json, true))
      }
    })

    const object = objectOf(node)
    if (object === undefined) return
    const whole = sample(node)

    it("decodes with only its required keys and contains no undefined", () => {
      const json = Object.fromEntries(Object.entries(record(whole)).filter(([key]) => isRequired(object, key)))
      expect(decoded(name, json)).toStrictEqual(inProgram(node, json, true))
    })

    it("drops an unknown field", () => {
      expect(decoded(name, { ...record(whole), somethingNew: { a: [1] } })).toStrictEqual(decoded(name, whole))
    })

    it("rejects values that are not objects", () => {
      for (const value of wrongTypes(node)) {
        expect(faults(decode(name, value))).toEqual([""])
      }
    })

    it("has the documented properties in its JSON Schema, and requires the same ones", () => {
      const { properties, required } = Schema.decodeUnknownSync(JsonSchemaObject)(jsonSchema(name))
      expect(Object.keys(properties).sort()).toEqual(Object.keys(object.properties ?? {}).sort())
      expect([...required].sort()).toEqual([...(object.required ?? [])].sort())
    })

    describe.each(propertiesOf(object))("%s", (key, child) => {
      const having = (value: unknown) => ({ ...record(whole), [key]: value })
      const { isNullable } = meaning(child)

      it("decodes each documented value", () => {
        for (const value of samples(child)) {
          expect(decoded(name, having(value))).toStrictEqual(inProgram(node, having(value), true))
        }
      })

      if (isCollection(child)) {
        it("is empty when missing or null", () => {
          expect(record(decoded(name, without(whole, key)))[key]).toStrictEqual(emptyOf(child))
          expect(record(decoded(name, having(null)))[key]).toStrictEqual(emptyOf(child))
        })
      } else if (isNullable || !isRequired(object, key)) {
        it("is null when missing or null", () => {
          expect(record(decoded(name, without(whole, key)))[key]).toBeNull()
          expect(record(decoded(name, having(null)))[key]).toBeNull()
        })
      } else {
        it("fails when missing or null, with the path to it", () => {
          expect(faults(decode(name, without(whole, key)))).toEqual([key])
          expect(faults(decode(name, having(null)))).toEqual([key])
        })
      }

      it("fails with a wrong type, with the path to it", () => {
        for (const value of wrongTypes(child)) {
          expect(faults(decode(name, having(value)))).toContain(key)
        }
      })

      if (knownValues(child).length > 0) {
        it("accepts an unknown value of its enum", () => {
          expect(record(decoded(name, having("SOMETHING_NEW")))[key]).toBe("SOMETHING_NEW")
        })

        it("lists the known values of its enum in JSON Schema", () => {
          expect(listedValues(name, key)).toEqual(knownValues(child))
        })
      }
    })
  }
)

describe.each(
  [...requestNames.map((name) => [name, components[name] ?? {}] as const), ...Object.entries(inlineBodies)].flatMap(
    ([name, node]) => {
      const object = objectOf(node)
      return object === undefined ? [] : [[requestCounterparts[name] ?? name, node, object] as const]
    }
  )
)("%s in a request", (name, node, object) => {
  const whole = record(inProgram(node, sample(node), false))
  /** The grant's nullable fields can be omitted in a program but not in the request. */
  const isFilledIn = (key: string, child: Node) =>
    name === "GrantPromotionalEntitlement" && isRequired(object, key) && meaning(child).isNullable

  it("encodes as documented", () => {
    expect(sent(name, whole)).toStrictEqual(sample(node))
  })

  it("has the documented properties in its JSON Schema and requires what is required and never null", () => {
    const { properties, required } = Schema.decodeUnknownSync(JsonSchemaObject)(jsonSchema(name))
    expect(Object.keys(properties).sort()).toEqual(Object.keys(object.properties ?? {}).sort())
    for (const [key, child] of propertiesOf(object)) {
      if (!isRequired(object, key)) expect(required).not.toContain(key)
      else if (!meaning(child).isNullable) expect(required).toContain(key)
    }
  })

  it("does not send fields that the API does not know", () => {
    expect(sent(name, { ...whole, somethingNew: 1 })).toStrictEqual(sample(node))
  })

  it("rejects values that are not objects", () => {
    for (const value of wrongTypes(node)) {
      expect(faults(encode(name, value))).toEqual([""])
    }
  })

  describe.each(propertiesOf(object))("%s", (key, child) => {
    const having = (value: unknown) => ({ ...whole, [key]: value })
    const documented = samples(child)

    it("encodes each documented value", () => {
      for (const value of documented) {
        const json = { ...record(sample(node)), [key]: value }
        expect(record(sent(name, having(inProgram(child, value, false))))[key]).toStrictEqual(json[key])
      }
    })

    if (isFilledIn(key, child)) {
      it("is sent as null when absent, undefined, or null", () => {
        expect(sent(name, without(whole, key))).toStrictEqual({ ...record(sample(node)), [key]: null })
        expect(sent(name, having(undefined))).toStrictEqual({ ...record(sample(node)), [key]: null })
        expect(sent(name, having(null))).toStrictEqual({ ...record(sample(node)), [key]: null })
      })
    } else if (isRequired(object, key)) {
      it("is rejected when absent or undefined, with the path to it", () => {
        expect(faults(encode(name, without(whole, key)))).toEqual([key])
        expect(faults(encode(name, having(undefined)))).toContain(key)
      })
    } else {
      it("is omitted when absent or undefined", () => {
        expect(sent(name, without(whole, key))).toStrictEqual(without(sample(node), key))
        expect(sent(name, having(undefined))).toStrictEqual(without(sample(node), key))
      })
    }

    it(meaning(child).isNullable ? "is sent as null, which clears it" : "is rejected as null", () => {
      if (meaning(child).isNullable) expect(record(sent(name, having(null)))[key]).toBeNull()
      else expect(faults(encode(name, having(null)))).toContain(key)
    })

    it("is rejected with a wrong type, with the path to it", () => {
      for (const value of wrongTypes(child)) {
        expect(faults(encode(name, having(value))).some((path) => path.startsWith(key))).toBe(true)
      }
    })

    const broken = breakingRules(child)
    if (broken.length > 0) {
      it("is rejected when it violates the documented rules, with the path to it", () => {
        for (const value of broken) expect(faults(encode(name, having(value)))).toEqual([key])
      })
    }

    if (knownValues(child).length > 0) {
      it("accepts an unknown value of its enum", () => {
        expect(record(sent(name, having("SOMETHING_NEW")))[key]).toBe("SOMETHING_NEW")
      })

      it("lists the known values of its enum in JSON Schema", () => {
        expect(listedValues(name, key)).toEqual(knownValues(child))
      })
    }
  })
})

describe.each(Object.entries(queries))("the query of %s", (operation, node) => {
  const name = queryCounterparts[operation] ?? operation
  /** A check is for a feature if it is not for a currency. */
  const given = (key: string) => (name === "CheckEntitlement" && key !== "currencyId" ? { featureId: "seats" } : {})

  describe.each(propertiesOf(node))("%s", (key, child) => {
    it("encodes its documented value and is omitted when undefined", () => {
      const value = sample(child)
      const others = given(key)
      expect(sent(name, { ...others, [key]: inProgram(child, value, false) })).toStrictEqual({
        ...others,
        [key]: value
      })
      if (key === "currencyId" || key === "featureId") return
      expect(sent(name, { ...others, [key]: undefined })).toStrictEqual(others)
    })

    it("is rejected with a wrong type or a violated rule, with the path to it", () => {
      for (const value of [...wrongTypes(child), ...breakingRules(child)]) {
        if (key === "createdAt" && Array.isArray(value)) continue
        expect(faults(encode(name, { ...given(key), [key]: value }))).toEqual([key])
      }
    })
  })
})

/** Values of the right type that violate a length, a bound, a pattern, or a format. */
const breakingRules = (node: Node): ReadonlyArray<unknown> => {
  const shape = meaning(node).shapes[0] ?? {}
  const item = shape.items === undefined ? undefined : inProgram(shape.items, sample(shape.items), false)
  return [
    ...(shape.type === "integer" ? [1.5, Number.NaN, Number.POSITIVE_INFINITY] : []),
    ...(shape.type === "number" ? [Number.NaN, Number.NEGATIVE_INFINITY] : []),
    ...(shape.minimum === undefined ? [] : [shape.minimum - 1]),
    ...(shape.maximum === undefined ? [] : [shape.maximum + 1]),
    ...(shape.minLength === undefined ? [] : ["x".repeat(shape.minLength - 1)]),
    ...(shape.maxLength === undefined ? [] : ["x".repeat(shape.maxLength + 1)]),
    ...(shape.pattern === undefined ? [] : ["-x", "a b", "a/b", "é", "a\n"]),
    ...(shape.format === "email" ? ["acme.com", "billing@", "a b@acme.com"] : []),
    ...(shape.minItems === undefined ? [] : [Array.from({ length: shape.minItems - 1 }, () => item)]),
    ...(shape.maxItems === undefined ? [] : [Array.from({ length: shape.maxItems + 1 }, () => item)])
  ]
}

const JsonSchemaObject = Schema.Struct({
  properties: Schema.Record({ key: Schema.String, value: JsonSchemaNode }),
  required: Schema.Array(Schema.String)
})

const WithDefinitions = Schema.Struct({
  $ref: Schema.optional(Schema.String),
  $defs: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
})

const definition = (ref: string) => ref.slice("#/$defs/".length)

/** The JSON Schema of a schema: the definition that it refers to. */
const jsonSchema = (name: string): unknown => {
  const made: unknown = JSONSchema.make(schemaNamed(name))
  const { $defs, $ref } = Schema.decodeUnknownSync(WithDefinitions)(made)
  return $ref === undefined ? made : $defs?.[definition($ref)]
}

/** The values that the JSON Schema of a schema lists for one of its properties. */
const listedValues = (name: string, key: string): ReadonlyArray<string> => {
  const { $defs } = Schema.decodeUnknownSync(WithDefinitions)(JSONSchema.make(schemaNamed(name)))
  const listed = (node: Node): ReadonlyArray<string> => [
    ...(node["x-open-enum"] ?? []),
    ...(node.anyOf ?? []).flatMap(listed),
    ...(node.$ref === undefined ? [] : listed(Schema.decodeUnknownSync(JsonSchemaNode)($defs?.[definition(node.$ref)])))
  ]
  return listed(Schema.decodeUnknownSync(JsonSchemaObject)(jsonSchema(name)).properties[key] ?? {})
}
