import { describe, expect, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "../docs/extraction.js"
import { isJson, theirs as contract } from "../testing/document.js"
import { differences } from "./differences.js"

type Mutable = { [key: string]: unknown }

const isMutable = (value: unknown): value is Mutable => isJson(value)

/** The object at these keys of a copy of the document. */
const at = (document: unknown, ...keys: ReadonlyArray<string>): Mutable => {
  const found = keys.reduce<unknown>((value, key) => (isMutable(value) ? value[key] : undefined), document)
  if (!isMutable(found)) throw new Error(`no object at ${keys.join(".")}`)
  return found
}

const listAt = (document: unknown, ...keys: ReadonlyArray<string>): Array<unknown> => {
  const found = at(document, ...keys.slice(0, -1))[keys.at(-1) ?? ""]
  if (!Array.isArray(found)) throw new Error(`no list at ${keys.join(".")}`)
  return found
}

const altered = (alter: (document: Mutable) => void): Mutable => {
  const copy: unknown = structuredClone(contract)
  if (!isMutable(copy)) throw new Error("not an object")
  alter(copy)
  return copy
}

/** The lines for an altered copy of the document. */
const drift = (alter: (document: Mutable) => void): ReadonlyArray<string> =>
  differences(contract, altered(alter)).map(({ path, what }) => `${path}: ${what}`)

const schema = (document: unknown, name: string) => at(document, "components", "schemas", name)
const customers = (document: unknown) => at(document, "paths", "/api/v1/customers")

describe("drift", () => {
  it("of the same document is empty", () => {
    expect(drift(() => undefined)).toEqual([])
  })

  it("lists new and removed operations, statuses and schemas", () => {
    expect(
      drift((document) => {
        at(document, "paths")["/api/v1/plans"] = { get: { responses: {} } }
        delete customers(document)["post"]
        at(customers(document), "get", "responses")["409"] = { description: "conflict" }
        at(document, "components", "schemas")["Plan"] = { type: "object" }
        delete at(document, "components", "schemas")["TaxId"]
      })
    ).toEqual([
      '$.paths["/api/v1/customers"].post: removed operation POST /api/v1/customers',
      '$.paths["/api/v1/plans"].get: new operation GET /api/v1/plans',
      '$.paths["/api/v1/customers"].get.responses["409"]: new response 409',
      "$.components.schemas.TaxId: removed schema TaxId",
      "$.components.schemas.Plan: new schema Plan"
    ])
  })

  it("lists new, removed and changed properties of named schemas", () => {
    expect(
      drift((document) => {
        const properties = at(schema(document, "CustomerIntegrationLink"), "properties")
        properties["region"] = { type: ["string", "null"] }
        properties["currency"] = { $ref: "#/components/schemas/Currency" }
        listAt(schema(document, "CustomerIntegrationLink"), "required").push("currency")
        properties["id"] = { type: "string", maxLength: 36, format: "uuid" }
        delete properties["vendorIdentifier"]
        at(schema(document, "ProvisionCustomer"), "properties")["id"] = { type: "integer" }
      })
    ).toEqual([
      "$.components.schemas.CustomerIntegrationLink.properties.vendorIdentifier: removed property",
      '$.components.schemas.CustomerIntegrationLink.properties.id: format "uuid", was none',
      "$.components.schemas.CustomerIntegrationLink.properties.id: maxLength 36, was 255",
      "$.components.schemas.CustomerIntegrationLink.properties.region: new property, optional, string or null",
      "$.components.schemas.CustomerIntegrationLink.properties.currency: new property, required, Currency",
      "$.components.schemas.ProvisionCustomer.properties.id: type integer, was string"
    ])
  })

  it("lists changes of nullability, of required, and of the values of enums", () => {
    expect(
      drift((document) => {
        const link = schema(document, "CustomerIntegrationLink")
        at(link, "properties")["id"] = { type: ["string", "null"], maxLength: 255 }
        at(link, "properties")["syncedEntityId"] = { type: "string", maxLength: 255 }
        at(link, "properties")["vendorIdentifier"] = {
          anyOf: [{ $ref: "#/components/schemas/VendorIdentifier" }, { type: "null" }]
        }
        link["required"] = ["id", "vendorIdentifier"]
        const values = listAt(schema(document, "ResetPeriod"), "x-open-enum")
        values.splice(0, 1, "DECADE")
      }).map((line) => line.replace("$.components.schemas.", ""))
    ).toEqual([
      `ResetPeriod: removed value ${JSON.stringify(listAt(schema(contract, "ResetPeriod"), "x-open-enum")[0])}`,
      'ResetPeriod: new value "DECADE"',
      "CustomerIntegrationLink.properties.id: can now be null",
      "CustomerIntegrationLink.properties.syncedEntityId: can no longer be null",
      "CustomerIntegrationLink.properties.vendorIdentifier: can now be null",
      "CustomerIntegrationLink.properties.syncedEntityId: no longer required"
    ])
  })

  it("lists new, removed and changed parameters", () => {
    expect(
      drift((document) => {
        const parameters = listAt(customers(document), "get", "parameters")
        parameters.shift()
        at(parameters[1], "schema")["maximum"] = 500
        parameters.push({ name: "search", in: "query", required: true, schema: { type: "string" } })
      })
    ).toEqual([
      '$.paths["/api/v1/customers"].get.parameters[0]: removed query parameter "after"',
      '$.paths["/api/v1/customers"].get.parameters[1].schema: maximum 500, was 100',
      '$.paths["/api/v1/customers"].get.parameters[7]: new query parameter "search", required, string'
    ])
  })

  it("lists changes inside an object in the query, in either notation", () => {
    const flattened = (document: Mutable, keys: ReadonlyArray<string>) => {
      const get = at(customers(document), "get")
      get["parameters"] = listAt(get, "parameters").flatMap((one) =>
        at(one)["name"] === "createdAt"
          ? keys.map((key) => ({
              name: `createdAt[${key}]`,
              in: "query",
              schema: { type: "string", format: "date-time" }
            }))
          : [one]
      )
    }
    expect(drift((document) => flattened(document, ["gt", "gte", "lt", "lte"]))).toEqual([])
    expect(drift((document) => flattened(document, ["gt", "gte", "lt", "lte", "eq"]))).toEqual([
      '$.paths["/api/v1/customers"].get.parameters[7]: new query parameter "createdAt[eq]", optional, string'
    ])
    expect(drift((document) => flattened(document, ["gt", "gte", "lt"]))).toEqual([
      '$.paths["/api/v1/customers"].get.parameters[3].schema.properties.lte: removed query parameter "createdAt[lte]"'
    ])
  })

  it("lists a new alternative", () => {
    expect(
      drift((document) => {
        listAt(schema(document, "Entitlement"), "oneOf").push({ $ref: "#/components/schemas/Money" })
      })
    ).toEqual(["$.components.schemas.Entitlement.oneOf[2]: new alternative: Money"])
  })

  it("does not list descriptions, operation ids, or another notation of the same values", () => {
    expect(
      drift((document) => {
        at(customers(document), "get")["operationId"] = "CustomersController_list"
        const link = schema(document, "CustomerIntegrationLink")
        link["description"] = "A link."
        at(link, "properties")["syncedEntityId"] = { type: "string", nullable: true, maxLength: 255 }
        const vendor = schema(document, "VendorIdentifier")
        vendor["enum"] = vendor["x-open-enum"]
        delete vendor["x-open-enum"]
        at(link, "properties")["vendorIdentifier"] = { ...vendor }
      })
    ).toEqual([])
  })
})

describe("the command", () => {
  const run = (content: string) => {
    const folder = mkdtempSync(join(tmpdir(), "drift-"))
    try {
      const file = join(folder, "openapi.json")
      writeFileSync(file, content)
      const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", "test/drift/main.ts", file], {
        cwd: root,
        encoding: "utf8"
      })
      return { status, lines: stdout.split("\n").filter((line) => line !== "") }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it("exits with 0 without differences", () => {
    expect(run(JSON.stringify(contract))).toEqual({ status: 0, lines: [] })
  })

  it("prints a line for each difference and exits with 1", () => {
    const document = altered((copy) => {
      at(schema(copy, "Money"), "properties")["text"] = { type: "string" }
    })
    expect(run(JSON.stringify(document))).toEqual({
      status: 1,
      lines: ["$.components.schemas.Money.properties.text: new property, optional, string"]
    })
  })

  it.each(["{", "{}"])("exits with 2 if the file is no document: %s", (content) => {
    expect(run(content)).toEqual({ status: 2, lines: [] })
  })
})
