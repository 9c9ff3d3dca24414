import type { Json } from "../testing/document.js"
import { isJson, json, list } from "../testing/document.js"

/**
 * The differences between two OpenAPI documents, 3.0 or 3.1, as far as they concern values on the wire. Notations of the
 * same values do not differ: `nullable: true` and `type: [..., "null"]`, `enum` and `x-open-enum`, a reference and its
 * target, a query of style `deepObject` and its parameters with brackets. Descriptions, examples and operation ids are
 * not compared.
 */

/** What differs, and where: the JSON path in the newer document, or in the older one if something was removed. */
export interface Difference {
  readonly path: string
  readonly what: string
}

/** A node of a document. */
interface Place {
  readonly document: Json
  readonly path: string
  readonly value: unknown
}

/** A parameter, or one property of an object in the query. */
interface Parameter extends Place {
  readonly schema: Place
  readonly isRequired: boolean
}

const child = ({ document, path, value }: Place, key: string | number): Place => ({
  document,
  path:
    typeof key === "number"
      ? `${path}[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(key)
        ? `${path}.${key}`
        : `${path}[${JSON.stringify(key)}]`,
  value: Array.isArray(value) ? list(value)[Number(key)] : json(value)[key]
})

const descend = (place: Place, ...keys: ReadonlyArray<string | number>): Place => keys.reduce(child, place)

const keysOf = (place: Place): ReadonlyArray<string> => Object.keys(json(place.value))

const itemsOf = (place: Place): ReadonlyArray<Place> => list(place.value).map((_, index) => child(place, index))

const rootOf = (document: Json): Place => ({ document, path: "$", value: document })

const refOf = (place: Place): string | undefined => {
  const ref = json(place.value)["$ref"]
  return typeof ref === "string" ? ref : undefined
}

/** Follows local references such as `#/components/schemas/Customer`. */
const resolved = (place: Place, seen: ReadonlyArray<string> = []): Place => {
  const ref = refOf(place)
  if (ref === undefined || !ref.startsWith("#/") || seen.includes(ref)) return place
  const keys = ref
    .slice(2)
    .split("/")
    .map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"))
  return resolved(descend(rootOf(place.document), ...keys), [...seen, ref])
}

const alternativesOf = (place: Place): ReadonlyArray<Place> | undefined => {
  const key = ["anyOf", "oneOf"].find((one) => Array.isArray(json(place.value)[one]))
  return key === undefined ? undefined : itemsOf(child(place, key))
}

const typesOf = (place: Place): ReadonlyArray<string> => {
  const { additionalProperties, items, properties, type } = json(place.value)
  if (typeof type === "string") return [type]
  if (Array.isArray(type)) return type.map(String)
  return properties !== undefined || additionalProperties !== undefined
    ? ["object"]
    : items !== undefined
      ? ["array"]
      : valuesOf(place).length > 0
        ? ["string"]
        : ["any"]
}

/** The known values of an enum. */
const valuesOf = (place: Place): ReadonlyArray<unknown> => {
  const { "x-open-enum": open, enum: closed } = json(place.value)
  return list(open ?? closed).filter((value) => value !== null)
}

const isNullable = (place: Place, seen: ReadonlyArray<string> = []): boolean => {
  const target = resolved(place)
  if (seen.includes(target.path)) return false
  const { enum: closed, nullable } = json(target.value)
  return (
    nullable === true ||
    list(closed).includes(null) ||
    typesOf(target).includes("null") ||
    (alternativesOf(target) ?? []).some((one) => isNullable(one, [...seen, target.path]))
  )
}

/** The alternatives that are not null. References stay. */
const shapesOf = (place: Place): ReadonlyArray<Place> =>
  alternativesOf(place)?.flatMap(shapesOf) ??
  (refOf(place) === undefined && typesOf(place).join() === "null" ? [] : [place])

const typeOf = (place: Place): string =>
  typesOf(place)
    .filter((type) => type !== "null")
    .sort()
    .join(" or ")

/** Tells alternatives apart: by their name, or else by their type and constants. */
const identityOf = (place: Place): string => {
  const ref = refOf(place)
  if (ref !== undefined) return ref.slice(ref.lastIndexOf("/") + 1)
  const properties = child(place, "properties")
  const constants = keysOf(properties).flatMap((key) => {
    const constant = json(child(properties, key).value)["const"]
    return constant === undefined ? [] : [`${key} ${JSON.stringify(constant)}`]
  })
  return [typeOf(place), ...constants].join(", ")
}

const describe = (place: Place): string =>
  [...shapesOf(place).map(identityOf), ...(isNullable(place) ? ["null"] : [])].join(" or ")

/** Keywords that are compared as they are. Without a keyword, any value is allowed. */
const keywords = [
  "format",
  "const",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "default",
  "deprecated"
]

/** JSON with the keys in order, so that equal values have equal texts. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    isJson(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one
  ) ?? "none"

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

/** All differences of the newer document from the older one. */
export const differences = (older: Json, newer: Json): ReadonlyArray<Difference> => {
  const found = new Map<string, Difference>()
  const compared = new Set<string>()
  const report = ({ path }: Place, what: string) => found.set(`${path} ${what}`, { path, what })

  /** Calls `both` for the keys in both maps, and reports the others. */
  const pairs = <P extends Place>(
    before: ReadonlyMap<string, P>,
    after: ReadonlyMap<string, P>,
    both: (before: P, after: P) => void,
    name: (key: string) => string,
    details: (after: P, key: string) => string = () => ""
  ) => {
    for (const [key, place] of before) if (!after.has(key)) report(place, `removed ${name(key)}`)
    for (const [key, place] of after) {
      const counterpart = before.get(key)
      if (counterpart === undefined) report(place, `new ${name(key)}${details(place, key)}`)
      else both(counterpart, place)
    }
  }

  const children = (place: Place) => new Map(keysOf(place).map((key) => [key, child(place, key)] as const))

  const requirement = (before: boolean, after: boolean, place: Place) => {
    if (before !== after) report(place, after ? "now required" : "no longer required")
  }

  const schemas = (before: Place, after: Place): void => {
    // Schemas with the same name are compared once, by name.
    if (refOf(before) !== undefined && refOf(before) === refOf(after)) return
    const pair = `${before.path} ${after.path}`
    if (compared.has(pair)) return
    compared.add(pair)

    if (isNullable(before) !== isNullable(after)) {
      report(after, isNullable(after) ? "can now be null" : "can no longer be null")
    }
    const [olds, news] = [shapesOf(resolved(before)), shapesOf(resolved(after))]
    const [old, next] = [olds[0], news[0]]
    if (old !== undefined && next !== undefined && olds.length === 1 && news.length === 1) return shapes(old, next)
    pairs(
      new Map(olds.map((one) => [identityOf(one), one])),
      new Map(news.map((one) => [identityOf(one), one])),
      shapes,
      (identity) => `alternative: ${identity}`
    )
  }

  const shapes = (before: Place, after: Place): void => {
    if (refOf(before) !== undefined || refOf(after) !== undefined) {
      return refOf(before) === refOf(after) ? undefined : schemas(resolved(before), resolved(after))
    }
    if (typeOf(before) !== typeOf(after)) return void report(after, `type ${typeOf(after)}, was ${typeOf(before)}`)
    for (const keyword of keywords) {
      const [old, next] = [text(json(before.value)[keyword]), text(json(after.value)[keyword])]
      if (old !== next) report(after, `${keyword} ${next}, was ${old}`)
    }
    const [olds, news] = [valuesOf(before).map(text), valuesOf(after).map(text)]
    for (const value of olds) if (!news.includes(value)) report(after, `removed value ${value}`)
    for (const value of news) if (!olds.includes(value)) report(after, `new value ${value}`)

    const requiredBefore = list(json(before.value)["required"])
    const requiredAfter = list(json(after.value)["required"])
    pairs(
      children(child(before, "properties")),
      children(child(after, "properties")),
      schemas,
      () => "property",
      (place, key) => `, ${requiredAfter.includes(key) ? "required" : "optional"}, ${describe(place)}`
    )
    for (const key of keysOf(child(before, "properties"))) {
      const place = descend(after, "properties", key)
      if (place.value !== undefined) requirement(requiredBefore.includes(key), requiredAfter.includes(key), place)
    }
    for (const key of ["items", "additionalProperties"]) {
      const [old, next] = [child(before, key), child(after, key)]
      if (isJson(old.value) && isJson(next.value)) schemas(old, next)
      else if ((old.value ?? true) !== (next.value ?? true)) {
        report(after, `${key} ${text(next.value)}, was ${text(old.value)}`)
      }
    }
  }

  /** The schemas of a body or a response, by content type. */
  const contents = (before: Place, after: Place) =>
    pairs(
      children(child(resolved(before), "content")),
      children(child(resolved(after), "content")),
      (old, next) => schemas(child(old, "schema"), child(next, "schema")),
      (type) => `content ${type}`
    )

  const parameters = (operation: Place, ofPath: Place): ReadonlyMap<string, Parameter> =>
    new Map(
      [...itemsOf(child(ofPath, "parameters")), ...itemsOf(child(operation, "parameters"))].flatMap((one) => {
        const place = resolved(one)
        const { in: where, name, style } = json(place.value)
        const schema = child(place, "schema")
        const named = (suffix: string) =>
          `${String(where)} parameter "${where === "header" ? String(name).toLowerCase() : String(name)}${suffix}"`
        if (style !== "deepObject") return [[named(""), { ...place, schema, isRequired: isRequired(place) }] as const]
        // `createdAt[gt]` is sent, in either notation.
        const object = resolved(schema)
        const required = list(json(object.value)["required"])
        return keysOf(child(object, "properties")).map((key) => {
          const property = descend(object, "properties", key)
          return [
            named(`[${key}]`),
            { ...property, schema: property, isRequired: isRequired(place) && required.includes(key) }
          ] as const
        })
      })
    )

  const isRequired = (place: Place) => json(resolved(place).value)["required"] === true

  const operations = (document: Json) => {
    const paths = child(rootOf(document), "paths")
    return new Map(
      keysOf(paths).flatMap((path) =>
        methods
          .map((method) => [`operation ${method.toUpperCase()} ${path}`, descend(paths, path, method)] as const)
          .filter(([, { value }]) => isJson(value))
          .map(([name, operation]) => [name, { operation, ofPath: child(paths, path) }] as const)
      )
    )
  }

  const [operationsBefore, operationsAfter] = [operations(older), operations(newer)]
  const places = (all: ReturnType<typeof operations>) => new Map([...all].map(([name, one]) => [name, one.operation]))
  pairs(
    places(operationsBefore),
    places(operationsAfter),
    () => undefined,
    (name) => name
  )
  for (const [name, before] of operationsBefore) {
    const after = operationsAfter.get(name)
    if (after === undefined) continue
    const deprecated = json(after.operation.value)["deprecated"] === true
    if (deprecated && json(before.operation.value)["deprecated"] !== true) report(after.operation, "now deprecated")
    pairs(
      parameters(before.operation, before.ofPath),
      parameters(after.operation, after.ofPath),
      (old, next) => {
        requirement(old.isRequired, next.isRequired, next)
        schemas(old.schema, next.schema)
      },
      (parameter) => parameter,
      (place) => `, ${place.isRequired ? "required" : "optional"}, ${describe(place.schema)}`
    )
    const [bodyBefore, bodyAfter] = [child(before.operation, "requestBody"), child(after.operation, "requestBody")]
    if (bodyBefore.value === undefined && bodyAfter.value !== undefined) report(bodyAfter, "new request body")
    else if (bodyBefore.value !== undefined && bodyAfter.value === undefined) report(bodyBefore, "removed request body")
    else {
      requirement(isRequired(bodyBefore), isRequired(bodyAfter), bodyAfter)
      contents(bodyBefore, bodyAfter)
    }
    pairs(
      children(child(before.operation, "responses")),
      children(child(after.operation, "responses")),
      contents,
      (status) => `response ${status}`
    )
  }

  const named = (document: Json) => children(descend(rootOf(document), "components", "schemas"))
  pairs(named(older), named(newer), schemas, (name) => `schema ${name}`)
  return [...found.values()]
}
