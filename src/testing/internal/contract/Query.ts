import * as Array from "effect/Array"
import * as JSONSchema from "effect/JSONSchema"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { Cursors } from "../../../internal/operations/Declaration.js"

/** The default page size. */
export const defaultLimit = 20

/**
 * The schema of a query string, from the schema of the client's params. A nested field is a parameter with brackets
 * (`createdAt[gte]`), a list is joined by commas or repeated, and numbers are decimal digits.
 *
 * A list accepts both cursors, which the client rejects: the Ruby client sends both.
 */
export const fromParams = (params: Schema.Schema.AnyNoContext, cursors: Cursors | null): Schema.Schema.AnyNoContext => {
  const parameters = parametersOf(struct(params.ast), [], false).map((parameter) =>
    cursors === null ? parameter : paged(parameter, cursors)
  )
  const query = Schema.Struct(
    Object.fromEntries(
      parameters.map(({ isOptional, name, schema }) => [name, isOptional ? Schema.optional(schema) : schema])
    )
  )
  const type = AST.typeAST(cursors === null ? params.ast : struct(params.ast))
  return Schema.transform(query, Schema.make<unknown>(type), {
    strict: true,
    decode: (flat) => parameters.reduce((into, { name, path }) => set(into, path, Reflect.get(flat, name)), {}),
    encode: (nested) => Object.fromEntries(parameters.map(({ name, path }) => [name, path.reduce(get, nested)]))
  })
}

/** A query parameter. */
interface Parameter {
  readonly name: string
  /** The path of its value in the params. */
  readonly path: ReadonlyArray<string>
  readonly isOptional: boolean
  readonly schema: Schema.Schema.AnyNoContext
  readonly value: Schema.Schema<unknown>
}

const parametersOf = (
  { propertySignatures }: AST.TypeLiteral,
  parent: ReadonlyArray<string>,
  isOptional: boolean
): ReadonlyArray<Parameter> =>
  propertySignatures.flatMap((property) => {
    const path = [...parent, String(property.name)]
    const type = present(property.type)
    const mayBeAbsent = isOptional || property.isOptional || type !== property.type
    const base = unrefined(type)
    if (AST.isTypeLiteral(base)) return parametersOf(base, path, mayBeAbsent)
    const name = path.reduce((name, key) => `${name}[${key}]`)
    const value = Schema.make<unknown>(AST.typeAST(type))
    return [{ name, path, isOptional: mayBeAbsent, value, schema: fromText(name, type, base, value) }]
  })

/** Decodes a value from a query string. */
const fromText = (
  name: string,
  type: AST.AST,
  base: AST.AST,
  value: Schema.Schema<unknown>
): Schema.Schema.AnyNoContext => {
  if (AST.isStringKeyword(base)) {
    const known = openEnum(base)
    return known.length > 0 ? Schema.Literal(...known) : Schema.make<string>(type)
  }
  if (AST.isNumberKeyword(base)) return number(value)
  if (AST.isTupleType(base)) {
    return Schema.transform(Lists.annotations({ jsonSchema: jsonSchema(value) }), value, {
      strict: true,
      decode: (lists) => Array.ensure(lists).flatMap((list) => list.split(",").filter((item) => item !== "")),
      encode: (items): string | ReadonlyArray<string> => (globalThis.Array.isArray(items) ? items.join(",") : "")
    })
  }
  // `HttpApi` passes a list if the schema does not start from a string.
  if (AST.isDeclaration(base)) {
    return Schema.compose(
      Schema.String.annotations({ jsonSchema: jsonSchema(value) }),
      Schema.make<unknown, string>(type)
    )
  }
  throw new Error(`The query parameter ${name} has a type that a query cannot contain: ${String(type)}`)
}

/** Some clients repeat a list's parameter for each item. */
const Lists = Schema.Union(Schema.String, Schema.Array(Schema.String))

const number = (value: Schema.Schema<unknown>, described: object = {}): Schema.Schema<unknown, string> =>
  Schema.transform(digits({ ...jsonSchema(value), ...described }), value, {
    strict: true,
    decode: Number,
    encode: String
  })

/** The type, bounds, and format of a value. */
const jsonSchema = <A, I>(schema: Schema.Schema<A, I>): object => {
  const { $defs = {}, ...root } = JSONSchema.make(schema)
  // `Schema.Int` has its own definition, and a parameter cannot refer to one.
  const merged = [...Object.values($defs), root].reduce<object>((all, one) => ({ ...all, ...one }), {})
  const isBound = ([key]: readonly [string, unknown]) => !["$ref", "$schema", "description", "title"].includes(key)
  return Object.fromEntries(Object.entries(merged).filter(isBound))
}

const digits = (jsonSchema: object) =>
  Schema.String.pipe(
    Schema.filter((digits) => /^-?\d{1,15}(\.\d{1,15})?$/.test(digits), { description: "a number", jsonSchema })
  )

/** A list parameter, with the form of the API's cursors and the default of `limit`. */
const paged = (parameter: Parameter, cursors: Cursors): Parameter => {
  switch (parameter.name) {
    case "after":
    case "before":
      return cursors === "uuid" ? { ...parameter, schema: uuid } : parameter
    case "limit":
      return { ...parameter, schema: number(parameter.value, { default: defaultLimit }) }
    default:
      return parameter
  }
}

const uuid = Schema.String.pipe(
  Schema.pattern(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
    description: "a cursor",
    jsonSchema: { format: "uuid" }
  })
)

const openEnum = (ast: AST.AST): ReadonlyArray<string> => {
  const jsonSchema = Option.getOrElse(AST.getJSONSchemaAnnotation(ast), () => ({}))
  const known: unknown = Reflect.get(jsonSchema, "x-open-enum")
  return globalThis.Array.isArray(known) ? known.map(String) : []
}

/** The fields of params, without rules that span several fields. */
const struct = (ast: AST.AST): AST.TypeLiteral => {
  const base = unrefined(ast)
  if (AST.isTypeLiteral(base)) return base
  throw new Error(`The params of a GET must be a struct: ${String(ast)}`)
}

const unrefined = (ast: AST.AST): AST.AST => (AST.isRefinement(ast) ? unrefined(ast.from) : ast)

/** The type of an optional field without `undefined`. */
const present = (ast: AST.AST): AST.AST =>
  AST.isUnion(ast) && ast.types.some(AST.isUndefinedKeyword)
    ? AST.Union.make(ast.types.filter((type) => !AST.isUndefinedKeyword(type)))
    : ast

const get = (value: unknown, key: string): unknown => (Predicate.isRecord(value) ? value[key] : undefined)

/** Sets a value at a path. Omits a record without values. */
const set = (
  into: Readonly<Record<string, unknown>>,
  [key = "", ...rest]: ReadonlyArray<string>,
  value: unknown
): Readonly<Record<string, unknown>> => {
  if (value === undefined) return into
  const inner = into[key]
  return { ...into, [key]: rest.length === 0 ? value : set(Predicate.isRecord(inner) ? inner : {}, rest, value) }
}
