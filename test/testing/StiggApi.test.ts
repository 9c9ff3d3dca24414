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

const pick = (schema: Json, keys: ReadonlyArray<string>): Json =>
  Object.fromEntries(keys.map((key) => [key, schema[key]]))

/** The query parameters with what their schemas say. Nested ones are in brackets. */
const queryParameters = (operation: Json): ReadonlyArray<readonly [string, Json]> =>
  list(operation["parameters"])
    .map(json)
    .filter((parameter) => parameter["in"] === "query")
    .flatMap((parameter) => {
      const [name, schema] = [String(parameter["name"]), json(parameter["schema"])]
      const nested = Object.entries(json(schema["properties"]))
      return nested.length === 0
        ? [[name, values(schema)] as const]
        : nested.map(([key, inner]) => [`${name}[${key}]`, values(json(inner))] as const)
    })

/** In a query, a list is one string, and open enums have only their known values. */
const values = (schema: Json): Json => {
  const { description: _, items, title: __, type, "x-open-enum": known, ...bounds } = schema
  return { type: items === undefined ? type : "string", ...bounds, ...(known === undefined ? {} : { enum: known }) }
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

const success = (operation: Json) =>
  Object.entries(json(operation["responses"])).flatMap(([status, response]) =>
    status.startsWith("2")
      ? [[status, json(json(json(json(response)["content"])["application/json"])["schema"])] as const]
      : []
  )

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
      const documented = queryParameters(theirOperation)
      const emulated = new Map(queryParameters(ourOperation))
      expect(documented.map(([name, schema]) => [name, pick(emulated.get(name) ?? {}, Object.keys(schema))])).toEqual(
        documented
      )
    })

    it("accepts the API's body", () => {
      expect(sorted(properties(ours, body(ourOperation)))).toEqual(sorted(properties(theirs, body(theirOperation))))
    })

    it("returns the API's success response", () => {
      const shape = (document: Json, operation: Json) =>
        success(operation).map(([status, schema]) => [
          status,
          // This contract merges the API's three reset shapes into one, so it is not a union here.
          sorted(properties(document, schema)).filter((name) => !name.includes("resetPeriodConfiguration."))
        ])
      expect(shape(ours, ourOperation)).toEqual(shape(theirs, theirOperation))
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
      expect(sorted(properties(ours, ref))).toEqual(sorted(properties(theirs, ref)))
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
