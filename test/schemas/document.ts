import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"

/** The API's document, for tests that compare the schemas with it. */

/** A JSON Schema node, as far as the document uses it. */
export interface Node {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly const?: string
  readonly anyOf?: ReadonlyArray<Node>
  readonly oneOf?: ReadonlyArray<Node>
  readonly properties?: { readonly [name: string]: Node }
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | Node
  readonly items?: Node
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly format?: string
  readonly "x-open-enum"?: ReadonlyArray<string>
}

const exact = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

export const Node: Schema.Schema<Node> = Schema.suspend(() =>
  Schema.Struct({
    $ref: exact(Schema.String),
    type: exact(Schema.Union(Schema.String, Schema.Array(Schema.String))),
    const: exact(Schema.String),
    anyOf: exact(Schema.Array(Node)),
    oneOf: exact(Schema.Array(Node)),
    properties: exact(Schema.Record({ key: Schema.String, value: Node })),
    required: exact(Schema.Array(Schema.String)),
    additionalProperties: exact(Schema.Union(Schema.Boolean, Node)),
    items: exact(Node),
    minItems: exact(Schema.Number),
    maxItems: exact(Schema.Number),
    minLength: exact(Schema.Number),
    maxLength: exact(Schema.Number),
    minimum: exact(Schema.Number),
    maximum: exact(Schema.Number),
    pattern: exact(Schema.String),
    format: exact(Schema.String),
    "x-open-enum": exact(Schema.Array(Schema.String))
  })
)

export const Body = Schema.Struct({
  content: exact(Schema.Struct({ "application/json": Schema.Struct({ schema: Node }) }))
})

const Operation = Schema.Struct({
  operationId: Schema.String,
  parameters: exact(Schema.Array(Schema.Struct({ name: Schema.String, in: Schema.String, schema: Node }))),
  requestBody: exact(Body),
  responses: Schema.Record({ key: Schema.String, value: Body })
})

const Document = Schema.parseJson(
  Schema.Struct({
    paths: Schema.Record({ key: Schema.String, value: Schema.Record({ key: Schema.String, value: Operation }) }),
    components: Schema.Struct({ schemas: Schema.Record({ key: Schema.String, value: Node }) })
  })
)

const document = Schema.decodeSync(Document)(readFileSync(new URL("../contract/openapi.json", import.meta.url), "utf8"))

/** Its operations, by path and method. */
export const paths = document.paths

const operations = Object.values(paths).flatMap((path) => Object.values(path))

/** Every named schema of the document. */
export const components = document.components.schemas

/** What a node says about its values: whether they can be null, and their other shapes. */
export interface Meaning {
  readonly isNullable: boolean
  readonly shapes: ReadonlyArray<Node>
}

export const meaning = (node: Node): Meaning => {
  const named = node.$ref === undefined ? undefined : components[nameOf(node.$ref)]
  if (named !== undefined) return meaning(named)
  const alternatives = node.anyOf ?? node.oneOf
  if (alternatives !== undefined) {
    const all = alternatives.map(meaning)
    return { isNullable: all.some((one) => one.isNullable), shapes: all.flatMap((one) => one.shapes) }
  }
  const types = typeof node.type === "string" ? [node.type] : (node.type ?? ["string"])
  return {
    isNullable: types.includes("null"),
    shapes: types.filter((type) => type !== "null").map((type) => ({ ...node, type }))
  }
}

const nameOf = (ref: string) => ref.slice(ref.lastIndexOf("/") + 1)

/** An enum at any position: the values known today. */
export const knownValues = (node: Node): ReadonlyArray<string> =>
  meaning(node).shapes.flatMap((shape) => shape["x-open-enum"] ?? [])

export const isRequired = (node: Node, property: string): boolean => node.required?.includes(property) ?? false

/** A list or a record of strings that is never null: empty when it is missing or null. */
export const isCollection = (node: Node): boolean => {
  const { isNullable, shapes } = meaning(node)
  return !isNullable && shapes.every((shape) => shape.type === "array" || isDictionary(shape))
}

export const isDictionary = (shape: Node): boolean => typeof shape.additionalProperties === "object"

/** The named schemas that a node refers to, directly or indirectly. */
const reached = (node: Node, into = new Set<string>()): Set<string> => {
  if (node.$ref !== undefined && !into.has(nameOf(node.$ref))) {
    into.add(nameOf(node.$ref))
    reached(components[nameOf(node.$ref)] ?? {}, into)
  }
  for (const child of [
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
    ...Object.values(node.properties ?? {}),
    ...(node.items === undefined ? [] : [node.items])
  ]) {
    reached(child, into)
  }
  return into
}

const namesReached = (nodes: ReadonlyArray<Node>): ReadonlyArray<string> =>
  [...nodes.reduce((into, node) => reached(node, into), new Set<string>())].sort()

const schemaOf = (body: typeof Body.Type | undefined): ReadonlyArray<Node> =>
  body?.content === undefined ? [] : [body.content["application/json"].schema]

/** The named schemas of responses, including error bodies. */
export const responseNames = namesReached(
  operations.flatMap(({ responses }) => Object.values(responses).flatMap(schemaOf))
)

/** The named schemas of request bodies. */
export const requestNames = namesReached(operations.flatMap(({ requestBody }) => schemaOf(requestBody)))

/** The request bodies without a name, by operation. */
export const inlineBodies: Readonly<Record<string, Node>> = Object.fromEntries(
  operations.flatMap(({ operationId, requestBody }) =>
    schemaOf(requestBody)
      .filter((node) => node.$ref === undefined)
      .map((node) => [operationId, node] as const)
  )
)

/** The query parameters of each operation that has any, as one object. */
export const queries: Readonly<Record<string, Node>> = Object.fromEntries(
  operations.flatMap(({ operationId, parameters }) => {
    const properties = (parameters ?? []).filter((one) => one.in === "query")
    const node: Node = {
      type: "object",
      properties: Object.fromEntries(properties.map((one) => [one.name, one.schema] as const))
    }
    return properties.length === 0 ? [] : [[operationId, node] as const]
  })
)

/** A JSON value that the document allows: every property present, nothing null. */
export const sample = (node: Node): unknown => {
  const { shapes } = meaning(node)
  return sampleOf(shapes[0] ?? {})
}

const sampleOf = (shape: Node): unknown => {
  if (shape.const !== undefined) return shape.const
  switch (shape.type ?? "string") {
    case "boolean":
      return true
    case "number":
      return 49.5
    case "integer":
      return 7
    case "array":
      return [sample(shape.items ?? {})]
    case "object":
      return typeof shape.additionalProperties === "object"
        ? { colour: sample(shape.additionalProperties) }
        : Object.fromEntries(Object.entries(shape.properties ?? {}).map(([name, child]) => [name, sample(child)]))
    default:
      return shape["x-open-enum"]?.[0] ?? sampleText(shape)
  }
}

const sampleText = ({ format, maxLength, pattern }: Node): string => {
  if (format === "date-time") return "2026-06-13T10:00:00.000Z"
  if (format === "email") return "billing@acme.com"
  if (format === "uuid") return "018f3c5e-0d2a-7bbf-b4a1-1f6f6d3a2c11"
  return pattern === undefined && maxLength === 255 ? "é".repeat(255) : "customer-acme"
}

/** JSON values that the document allows, which together cover each alternative, enum value, and null. */
export const samples = (node: Node): ReadonlyArray<unknown> => {
  const { isNullable, shapes } = meaning(node)
  return [
    ...(isNullable ? [null] : []),
    ...shapes.flatMap((shape) => [
      ...(shape["x-open-enum"] ?? [sampleOf(shape)]),
      ...(shape.type === "array" && shape.minItems === undefined ? [[]] : []),
      ...(isDictionary(shape) ? [{}] : [])
    ])
  ]
}

/** JSON values of types that the document does not allow here. */
export const wrongTypes = (node: Node): ReadonlyArray<unknown> => {
  const { shapes } = meaning(node)
  const allowed = shapes.map((shape) => (shape.type === "integer" ? "number" : shape.type))
  return Object.entries({ string: "text", number: 12, boolean: true, array: [], object: {} })
    .filter(([type]) => !allowed.includes(type))
    .map(([, value]) => value)
}
