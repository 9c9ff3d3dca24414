import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The vendor's document, for tests that check responses against it. */

export type Json = { readonly [key: string]: unknown }

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)
export const json = (value: unknown): Json => (isJson(value) ? value : {})
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

export const theirs = json(
  JSON.parse(readFileSync(fileURLToPath(new URL("../contract/openapi.json", import.meta.url)), "utf8"))
)

const schemas = json(json(theirs["components"])["schemas"])

const routes = Object.entries(json(theirs["paths"])).flatMap(([path, item]) =>
  Object.entries(json(item)).map(([method, operation]) => ({
    method: method.toUpperCase(),
    // A name in the path stands for one segment. If two paths match, the one without names wins.
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
    isStatic: !path.includes("{"),
    responses: json(json(operation)["responses"])
  }))
)

/** Where a response differs from the document: the paths into it. */
export const departures = (method: string, url: string, status: number, body: unknown): ReadonlyArray<string> => {
  const path = url.replace(/\?.*/s, "")
  const matching = routes.filter((route) => route.method === method && route.pattern.test(path))
  const route = matching.find(({ isStatic }) => isStatic) ?? matching[0]
  if (route === undefined) return []
  const response = route.responses[String(status)]
  if (response === undefined) return status === 500 || status === 503 ? [] : [`status ${status} is not documented`]
  // Clients look for a trace id in the body of an error, where the document has none.
  const { traceId: _, ...error } = json(body)
  const documented = status >= 400 && isJson(body) ? error : body
  return faults(json(json(json(json(response)["content"])["application/json"])["schema"]), documented, "$")
}

const formats: { readonly [format: string]: RegExp } = {
  "date-time": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  email: /^[^\s@]+@[^\s@]+$/
}

const faults = (schema: Json, value: unknown, at: string): ReadonlyArray<string> => {
  const ref = schema["$ref"]
  if (typeof ref === "string") return faults(json(schemas[ref.replace("#/components/schemas/", "")]), value, at)
  const members = list(schema["anyOf"] ?? schema["oneOf"]).map(json)
  if (members.length > 0) {
    return members.some((member) => faults(member, value, at).length === 0)
      ? []
      : [`${at} matches no member of its union`]
  }
  if ("const" in schema && schema["const"] !== value) return [`${at} is not ${String(schema["const"])}`]
  const types = typeof schema["type"] === "string" ? [schema["type"]] : list(schema["type"])
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value
  const isInteger = type === "number" && Number.isInteger(value) && types.includes("integer")
  if (types.length > 0 && !types.includes(type) && !isInteger) return [`${at} is ${type}, not ${types.join(" or ")}`]
  const known = list(schema["x-open-enum"])
  if (known.length > 0 && value !== null && !known.includes(value))
    return [`${at} is not a known value: ${String(value)}`]
  if (typeof value === "string") {
    const format = formats[String(schema["format"])]
    return format !== undefined && !format.test(value) ? [`${at} is not a ${String(schema["format"])}`] : []
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => faults(json(schema["items"]), item, `${at}[${i}]`))
  if (!isJson(value)) return []
  const properties = json(schema["properties"])
  return [
    ...list(schema["required"]).flatMap((name) => (String(name) in value ? [] : [`${at}.${String(name)} is missing`])),
    ...Object.entries(value).flatMap(([name, field]) =>
      name in properties
        ? faults(json(properties[name]), field, `${at}.${name}`)
        : isJson(schema["additionalProperties"])
          ? faults(schema["additionalProperties"], field, `${at}.${name}`)
          : [`${at}.${name} is not documented`]
    )
  ]
}
