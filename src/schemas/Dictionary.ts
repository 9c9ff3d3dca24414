import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import * as Decoder from "./internal/Decoder.js"

/**
 * A record of strings, such as `metadata`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const metadata: Schemas.Dictionary = { plan: "gold" }
 * console.log(metadata["plan"]) // gold
 *
 * @category models
 * @since 0.1.0
 */
export interface Dictionary {
  readonly [key: string]: string
}

/**
 * Decodes and encodes a record of strings. Unlike `Schema.Record`, it keeps a key named `__proto__`. The issue for an
 * invalid value names its key.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.Dictionary)({ plan: "gold" })) // { plan: "gold" }
 *
 * @category models
 * @since 0.1.0
 */
export const Dictionary: Schema.Schema<Dictionary> = Schema.declare(
  [],
  {
    decode: () => strings,
    encode: () => strings
  },
  {
    title: "a record of strings",
    jsonSchema: { type: "object", additionalProperties: { type: "string" } },
    ...Decoder.annotation(() => read),
    arbitrary: () => (fc) =>
      // Not `fc.dictionary`: it builds the record by assignment, which would drop `__proto__`.
      fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
    equivalence: () => (self, that) =>
      Object.keys(self).length === Object.keys(that).length &&
      Object.entries(self).every(([key, value]) => Object.hasOwn(that, key) && that[key] === value)
  }
)

const strings = (
  input: unknown,
  _: AST.ParseOptions,
  ast: AST.Declaration
): Either.Either<Dictionary, ParseResult.ParseIssue> => {
  if (!Predicate.isRecord(input)) return Either.left(new ParseResult.Type(ast, input))
  const entries: Array<[string, string]> = []
  for (const [key, value] of Object.entries(input)) {
    if (!Predicate.isString(value)) {
      const issue = new ParseResult.Type(Schema.String.ast, value)
      return Either.left(new ParseResult.Composite(ast, input, new ParseResult.Pointer(key, input, issue)))
    }
    entries.push([key, value])
  }
  return Either.right(Object.fromEntries(entries))
}

const read: Decoder.Decoder = (input) => {
  if (!Predicate.isRecord(input)) return Decoder.invalid
  for (const key in input) if (typeof input[key] !== "string") return Decoder.invalid
  return input
}

/**
 * Accepts a record of any JSON and leaves it unchanged, for shapes that this SDK does not know. Rejects a record nested
 * more than 100 levels deep: recursing into it, as `JSON.stringify` does, could overflow the stack.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.JsonRecord)({ anything: [1, 2] })) // { anything: [ 1, 2 ] }
 *
 * @category models
 * @since 0.1.0
 */
export const JsonRecord: Schema.Schema<JsonRecord> = Schema.declare(
  (input): input is JsonRecord => Predicate.isReadonlyRecord(input) && isWithin(input, 100),
  {
    title: "a record nested at most 100 levels deep",
    jsonSchema: { type: "object" },
    arbitrary: () => (fc) =>
      fc.array(fc.tuple(fc.string(), fc.jsonValue()), { maxLength: 3 }).map(Object.fromEntries<unknown>),
    equivalence: () => isSameJson
  }
)

/** Whether a value is nested at most this deep. Walks level by level, because recursion could overflow the stack. */
const isWithin = (value: object, depth: number): boolean => {
  let level = new Set([value])
  for (let i = 0; i < depth && level.size > 0; i++) {
    const below = new Set<object>()
    for (const parent of level)
      for (const child of Object.values(parent)) if (Predicate.isObject(child)) below.add(child)
    level = below
  }
  return level.size === 0
}

const isSameJson = (self: unknown, that: unknown): boolean => {
  if (Array.isArray(self) && Array.isArray(that)) {
    return self.length === that.length && self.every((item, i) => isSameJson(item, that[i]))
  }
  if (!Predicate.isRecord(self) || !Predicate.isRecord(that)) return self === that
  return (
    Object.keys(self).length === Object.keys(that).length &&
    Object.entries(self).every(([key, value]) => Object.hasOwn(that, key) && isSameJson(value, that[key]))
  )
}

/**
 * A record of any JSON, unchanged.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const record: Schemas.JsonRecord = { anything: [1, 2] }
 * console.log(Object.keys(record)) // [ "anything" ]
 *
 * @category models
 * @since 0.1.0
 */
export interface JsonRecord {
  readonly [key: string]: unknown
}
