/**
 * The contract of the API, as a value.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Array from "effect/Array"
import * as Predicate from "effect/Predicate"
import * as operations from "../internal/operations/groups.js"
import * as Endpoints from "./internal/contract/Endpoints.js"

/**
 * The contract of the API's customers operations, which the emulator answers by.
 *
 * @example
 * import { StiggApi } from "effect-stigg/testing"
 *
 * console.log(Object.keys(StiggApi.StiggApi.groups))
 *
 * @category contract
 * @since 0.1.0
 */
export class StiggApi extends HttpApi.make("stigg")
  .add(Endpoints.group(operations.customers))
  .add(Endpoints.group(operations.paymentMethod))
  .add(Endpoints.group(operations.promotionalEntitlements))
  .add(Endpoints.group(operations.integrations))
  .annotate(OpenApi.Title, "Stigg customers API, emulated")
  .annotate(OpenApi.Version, "0.1.0")
  .annotate(OpenApi.Transform, (document) => documented(document)) {}

/**
 * The OpenAPI document of the contract.
 *
 * @example
 * import { StiggApi } from "effect-stigg/testing"
 *
 * console.log(Object.keys(StiggApi.document().paths["/api/v1/customers"] ?? {})) // [ "post", "get" ]
 *
 * @category contract
 * @since 0.1.0
 */
export const document = (): OpenApi.OpenAPISpec => OpenApi.fromApi(StiggApi)

/** Either way to authenticate, which the emulator checks before it reads a request. */
const credentials = {
  security: [{ ApiKeyAuth: [] }, { UserToken: [] }],
  schemes: {
    ApiKeyAuth: { type: "apiKey", in: "header", name: "X-API-KEY" },
    UserToken: { type: "http", scheme: "bearer" }
  }
}

/**
 * What `HttpApi` cannot be told: the credentials, how a list is written in a query, and that an undecodable request is
 * answered like any other bad one.
 */
const documented = (closed: Record<string, unknown>): Record<string, unknown> => {
  const document = record(opened(closed))
  const components = record(document["components"])
  const { HttpApiDecodeError: _, Issue: __, PropertyKey: ___, ...schemas } = record(components["schemas"])
  for (const strict of strictBodies) record(schemas[strict])["additionalProperties"] = false
  const badInput = { $ref: "#/components/schemas/BadInputError" }
  for (const path of Object.values(record(document["paths"]))) {
    for (const operation of Object.values(record(path)).map(record)) {
      // Of its own accord each says that it needs none, and a page that sends requests believes it.
      operation["security"] = credentials.security
      for (const parameter of Array.ensure(operation["parameters"]).map(record)) {
        if (record(parameter["schema"])["type"] === "array") Object.assign(parameter, joined)
      }
      const response = record(record(operation["responses"])["400"])
      response["description"] = "BadInput"
      response["content"] = { "application/json": { schema: badInput } }
    }
  }
  return {
    ...document,
    security: credentials.security,
    components: { ...components, schemas, securitySchemes: credentials.schemes }
  }
}

/** How a list is written in a query. */
const joined = { style: "form", explode: false }

/** The bodies in which an unknown field is a bad request, by their names in the document. */
const strictBodies = operations.all.flatMap(({ params, strictBody }) =>
  strictBody && params !== null ? [Endpoints.identifierOf(params)] : []
)

/** A copy without its `additionalProperties: false`: responses grow, and most requests are read as leniently. */
const opened = (node: unknown): unknown => {
  if (globalThis.Array.isArray(node)) return node.map(opened)
  if (!Predicate.isRecord(node)) return node
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      key === "additionalProperties" && value === false ? [] : [[key, opened(value)]]
    )
  )
}

const record = (value: unknown): Record<string, unknown> => (Predicate.isRecord(value) ? value : {})
