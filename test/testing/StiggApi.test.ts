import { describe, expect, it } from "@effect/vitest"
import { StiggApi } from "effect-stigg/testing"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

type Json = { readonly [key: string]: unknown }

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
const json = (value: unknown): Json => (isJson(value) ? value : {})
const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The vendor's document and the contract's. */
const theirs = json(
  JSON.parse(readFileSync(fileURLToPath(new URL("../contract/openapi.json", import.meta.url)), "utf8"))
)
const ours = json(JSON.parse(JSON.stringify(StiggApi.document())))

const operations = (document: Json) =>
  new Map(
    Object.entries(json(document["paths"])).flatMap(([path, item]) =>
      Object.entries(json(item)).map(([method, operation]) => [`${method} ${path}`, json(operation)] as const)
    )
  )

/**
 * Names in comparable form: brackets folded, headers in lower case, and required ones with a trailing exclamation
 * mark.
 */
const parameters = (operation: Json): ReadonlyArray<string> =>
  [
    ...new Set(
      list(operation["parameters"])
        .map(json)
        .map((parameter) => {
          const name = String(parameter["name"]).replace(/\[.*/, "")
          const place = String(parameter["in"])
          return `${place} ${place === "header" ? name.toLowerCase() : name}${parameter["required"] === true ? "!" : ""}`
        })
    )
  ].sort()

/** The part of a node that another one has too. Extra rules, such as the length of a list's items, are left out. */
const alike = (node: Json, other: Json): Json =>
  Object.fromEntries(
    Object.entries(other).map(([key, value]) => [key, isJson(value) ? alike(json(node[key]), value) : node[key]])
  )

/** The query parameters with what their schemas say. Nested ones are in brackets. */
const queryParameters = (document: Json, operation: Json): ReadonlyArray<readonly [string, Json]> =>
  list(operation["parameters"])
    .map(json)
    .filter((parameter) => parameter["in"] === "query")
    .flatMap((parameter): ReadonlyArray<readonly [string, Json]> => {
      const [name, schema] = [String(parameter["name"]), json(parameter["schema"])]
      const { explode, style } = parameter
      const nested = Object.entries(json(schema["properties"]))
      return nested.length === 0
        ? [[name, { ...values(document, schema), ...(schema["type"] === "array" ? { explode, style } : {}) }] as const]
        : nested.map(([key, inner]) => [`${name}[${key}]`, values(document, json(inner))] as const)
    })

/** In a query, an open enum has only its known values. */
const values = (document: Json, schema: Json): Json => {
  const { description: _, enum: closed, items, title: __, "x-open-enum": open, ...bounds } = deref(document, schema)
  const known = closed ?? open
  return {
    ...bounds,
    ...(known === undefined ? {} : { known }),
    ...(items === undefined ? {} : { items: values(document, json(items)) })
  }
}

const deref = (document: Json, node: Json): Json => {
  const ref = node["$ref"]
  return typeof ref === "string"
    ? deref(document, json(json(json(document["components"])["schemas"])[ref.replace("#/components/schemas/", "")]))
    : node
}

const isNull = (node: Json) => node["type"] === "null"
const isNullable = (node: Json): boolean =>
  isNull(node) || list(node["type"]).includes("null") || list(node["anyOf"]).map(json).some(isNullable)

/** A schema without null. Nothing for a union of several. */
const present = (document: Json, node: Json): Json => {
  const members = list(node["anyOf"] ?? node["oneOf"])
    .map(json)
    .filter((member) => !isNull(member))
  const [only] = members
  if (members.length === 0) return deref(document, node)
  return members.length === 1 && only !== undefined ? present(document, deref(document, only)) : {}
}

/** Every property of a schema, with an exclamation mark if it is required and never null. */
const properties = (document: Json, schema: unknown, path = "", depth = 0): ReadonlyArray<string> => {
  const node = present(document, deref(document, json(schema)))
  if (depth > 6) return []
  if (isJson(node["items"])) return properties(document, node["items"], `${path}[]`, depth + 1)
  return Object.entries(json(node["properties"])).flatMap(([name, property]) => {
    const here = `${path}.${name}`
    const required = list(node["required"]).includes(name) && !isNullable(deref(document, json(property)))
    return [`${here}${required ? "!" : ""}`, ...properties(document, property, here, depth + 1)]
  })
}

const sorted = (names: ReadonlyArray<string>) => [...names].sort()

const body = (operation: Json) =>
  json(json(json(json(operation["requestBody"])["content"])["application/json"])["schema"])

const responses = (operation: Json) =>
  Object.entries(json(operation["responses"])).map(
    ([status, response]) => [status, json(json(json(json(response)["content"])["application/json"])["schema"])] as const
  )

/** Every property of a schema in order, by its path, with all that the document says of its values. */
const described = (document: Json, schema: unknown, path = "$"): ReadonlyArray<readonly [path: string, Json]> => {
  const whole = deref(document, json(schema))
  const node = present(document, whole)
  const { const: only, enum: closed, format, maxLength, type, "x-open-enum": known } = node
  // One union's members have names of their own in either document, and are compared by them below. This contract
  // merges the three shapes of a reset into one, and gives the data of a synchronization a fourth, for those to come.
  const isUnion = Object.keys(node).length === 0 || /\.(resetPeriodConfiguration|syncData)$/.test(path)
  if (isUnion) return [[path, { isNullable: isNullable(whole) }]]
  const constant = only ?? (list(closed).length === 1 ? list(closed)[0] : undefined)
  return [
    [
      path,
      {
        isNullable: isNullable(whole),
        type: constant === undefined ? list([type].flat()).filter((one) => one !== "null") : "constant",
        ...(constant === undefined ? {} : { constant }),
        ...(format === undefined ? {} : { format }),
        ...(maxLength === undefined ? {} : { maxLength }),
        ...(known === undefined ? {} : { known }),
        ...(isJson(node["properties"]) ? { required: sorted(list(node["required"]).map(String)) } : {})
      }
    ],
    ...(isJson(node["items"]) ? described(document, node["items"], `${path}[]`) : []),
    ...Object.entries(json(node["properties"]))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, property]) => described(document, property, `${path}.${name}`))
  ]
}

describe("the contract's document", () => {
  const [theirOperations, ourOperations] = [operations(theirs), operations(ours)]

  it("has exactly the API's operations, each with its method and path", () => {
    expect(sorted([...ourOperations.keys()])).toEqual(sorted([...theirOperations.keys()]))
    expect(ourOperations.size).toBeGreaterThan(0)
  })

  describe.each([...theirOperations])("%s", (name, theirOperation) => {
    const ourOperation = json(ourOperations.get(name))

    it("has the API's name", () => {
      expect(ourOperation["operationId"]).toBe(theirOperation["operationId"])
    })

    it("accepts the API's parameters", () => {
      expect(parameters(ourOperation)).toEqual(parameters(theirOperation))
    })

    it("has the types, bounds, and formats of the API's query parameters", () => {
      const documented = queryParameters(theirs, theirOperation)
      const emulated = new Map(queryParameters(ours, ourOperation))
      expect(documented.map(([name, schema]) => [name, alike(emulated.get(name) ?? {}, schema)])).toEqual(documented)
    })

    it("accepts the API's body", () => {
      expect(sorted(properties(ours, body(ourOperation)))).toEqual(sorted(properties(theirs, body(theirOperation))))
    })

    it("returns the API's responses, with what is required, null, or in a format", () => {
      const shapes = (document: Json, operation: Json) =>
        responses(operation).map(([status, schema]) => [status, described(document, schema)])
      expect(shapes(ours, ourOperation)).toEqual(shapes(theirs, theirOperation))
    })

    it("requires the API's credentials", () => {
      expect(ourOperation["security"]).toEqual(theirOperation["security"])
    })

    it("returns the API's error responses", () => {
      const statuses = (operation: Json) => Object.keys(json(operation["responses"])).sort()
      expect(statuses(ourOperation)).toEqual(statuses(theirOperation))
    })
  })

  it.each(["FeatureEntitlement", "CreditEntitlement", "PriceBillingSync", "BillingSync", "MarketplaceSync"])(
    "describes %s, a member of a union, as the API does",
    (name) => {
      const ref = { $ref: `#/components/schemas/${name}` }
      expect(described(ours, ref)).toEqual(described(theirs, ref))
    }
  )

  it("rejects unknown fields where the API does", () => {
    const strict = (document: Json) =>
      Object.entries(json(json(document["components"])["schemas"])).flatMap(([name, schema]) =>
        json(schema)["additionalProperties"] === false ? [name] : []
      )
    expect(sorted(strict(ours))).toEqual(sorted(strict(theirs)))
  })

  it("allows more fields in responses", () => {
    const closed = (node: unknown): ReadonlyArray<unknown> =>
      Array.isArray(node)
        ? node.flatMap(closed)
        : isJson(node)
          ? [...(node["additionalProperties"] === false ? [node] : []), ...Object.values(node).flatMap(closed)]
          : []
    const { ProvisionCustomer: _, UpdateCustomer: __, ...others } = json(json(ours["components"])["schemas"])
    expect(closed(ours["paths"])).toEqual([])
    expect(closed(others)).toEqual([])
  })

  it("declares the API's credentials", () => {
    const schemes = (document: Json) => json(document["components"])["securitySchemes"]
    expect(schemes(ours)).toEqual(schemes(theirs))
  })

  it("has no dangling references", () => {
    const refs = [...JSON.stringify(ours).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name)
    const names = Object.keys(json(json(ours["components"])["schemas"]))
    expect(refs.filter((name) => name !== undefined && !names.includes(name))).toEqual([])
  })
})
