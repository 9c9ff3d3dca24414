import * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import type { Equivalence } from "effect/Equivalence"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as AST from "effect/SchemaAST"
import { parseApiTimestamp } from "./internal/ApiTimestamp.js"
import * as Decoder from "./internal/Decoder.js"
import { Side, sideOf } from "./internal/Side.js"

/** RFC 3339, as the API writes it. `Date.parse` alone accepts more, such as "1" and "May 5". */
const pattern = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/

/**
 * A point in time: an RFC 3339 string on the wire, a `DateTime.Utc` in a program. Decoding converts other offsets to
 * UTC and drops digits beyond milliseconds. Encoding fails for a year outside 0 to 9999.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const created = Schema.decodeSync(Schemas.Timestamp)("2026-06-13T10:00:00.000Z")
 * console.log(created.epochMillis) // 1781344800000
 *
 * @category wire format
 * @since 0.1.0
 */
export const Timestamp: Schema.Schema<DateTime.Utc, string> = Schema.declare(
  [Side],
  {
    decode: (side) => ({ codec: decode, type: isUtc, wire: isText })[sideOf(side.ast)],
    encode: (side) => ({ codec: encode, type: isUtc, wire: isText })[sideOf(side.ast)]
  },
  {
    title: "an RFC 3339 timestamp",
    jsonSchema: { type: "string", format: "date-time" },
    ...Decoder.annotation((side) => (sideOf(side) === "codec" ? read : null)),
    arbitrary: () => (fc) =>
      fc
        .date({
          min: new Date("0001-01-01T00:00:00.000Z"),
          max: new Date("9999-12-31T23:59:59.999Z"),
          noInvalidDate: true
        })
        .map((date) => DateTime.unsafeMake(date)),
    equivalence: () => DateTime.Equivalence as Equivalence<unknown>
  }
) as Schema.Schema<unknown, unknown> as Schema.Schema<DateTime.Utc, string> // `declare` cannot type both sides

type Parsed = Either.Either<unknown, ParseResult.ParseIssue>

const decode = (input: unknown, _: AST.ParseOptions, ast: AST.Declaration): Parsed => {
  const millis = typeof input === "string" ? parse(input) : Number.NaN
  return Number.isNaN(millis)
    ? Either.left(new ParseResult.Type(ast, input))
    : Either.right(DateTime.unsafeMake(millis))
}

const read: Decoder.Decoder = (input) => {
  if (typeof input !== "string") return Decoder.invalid
  let millis = parseApiTimestamp(input)
  if (Number.isNaN(millis)) millis = parse(input)
  return Number.isNaN(millis) ? Decoder.invalid : DateTime.unsafeMake(millis)
}

/** The milliseconds since 1970, or NaN. */
const parse = (text: string): number => (pattern.test(text) ? Date.parse(text) : Number.NaN)

const encode = (input: unknown, _: AST.ParseOptions, ast: AST.Declaration): Parsed => {
  const text = isUtcValue(input) ? DateTime.formatIso(input) : ""
  return pattern.test(text) ? Either.right(text) : Either.left(new ParseResult.Type(ast, input))
}

const isUtc = (input: unknown, _: AST.ParseOptions, ast: AST.Declaration): Parsed =>
  isUtcValue(input) ? Either.right(input) : Either.left(new ParseResult.Type(ast, input))

const isText = (input: unknown, _: AST.ParseOptions, ast: AST.Declaration): Parsed =>
  typeof input === "string" ? Either.right(input) : Either.left(new ParseResult.Type(ast, input))

const isUtcValue = (input: unknown): input is DateTime.Utc => DateTime.isDateTime(input) && DateTime.isUtc(input)
