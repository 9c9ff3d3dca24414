import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * Fast decoders. A decoder returns the value or {@link invalid}, without an `Either`, options, or a walk of the AST. It
 * may decode in place, so its input must be JSON that nothing else reads. It does not report what is wrong: after
 * `invalid`, the schema decodes a second copy of the JSON to make the error.
 *
 * A decoder accepts exactly what its schema accepts and returns an equal value. {@link compile} uses `ParseResult` for
 * schemas that have no faster decoder.
 */
export type Decoder = (input: unknown) => unknown

/** The result of a decoder for an input that the schema rejects. */
export const invalid: unique symbol = Symbol("effect-stigg/schemas/invalid")

/** Makes the fast decoder of a declared schema from its type parameters; null if there is none for this side. */
type MakeDecoder = (...parameters: ReadonlyArray<AST.AST>) => Decoder | null

const DecoderId: unique symbol = Symbol("effect-stigg/schemas/Decoder")

/**
 * The annotation that gives a declared schema a fast decoder. The type side and the encoded side of a schema keep its
 * annotations: the function tells them apart by the type parameters.
 */
export const annotation = (make: MakeDecoder) => ({ [DecoderId]: make })

/** The decoder of a schema. */
export const make = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => A | typeof invalid) =>
  // The decoder returns what the schema decodes to. The AST does not have this type.
  compile(schema.ast) as (input: unknown) => A | typeof invalid

/** The decoder of an AST, compiled once. */
export const compile = (ast: AST.AST): Decoder => {
  const known = compiled.get(ast)
  if (known !== undefined) return known
  const decoder = compileNew(ast)
  compiled.set(ast, decoder)
  return decoder
}

const compiled = new WeakMap<AST.AST, Decoder>()

const compileNew = (ast: AST.AST): Decoder => {
  if (Option.isSome(AST.getDecodingFallbackAnnotation(ast)) || ast.annotations[AST.ParseOptionsAnnotationId]) {
    return general(ast)
  }
  switch (ast._tag) {
    case "StringKeyword":
      return (input) => (typeof input === "string" ? input : invalid)
    case "NumberKeyword":
      return (input) => (typeof input === "number" ? input : invalid)
    case "BooleanKeyword":
      return (input) => (typeof input === "boolean" ? input : invalid)
    case "Literal": {
      const { literal } = ast
      return (input) => (input === literal ? literal : invalid)
    }
    case "Refinement":
      return ast === Schema.Finite.ast ? finite : general(ast)
    case "TupleType": {
      const [item, ...more] = ast.rest
      return ast.elements.length === 0 && item !== undefined && more.length === 0
        ? array(compile(item.type))
        : general(ast)
    }
    case "Declaration": {
      const make = Option.getOrUndefined(AST.getAnnotation<MakeDecoder>(ast, DecoderId))
      return make?.(...ast.typeParameters) ?? general(ast)
    }
    default:
      return general(ast)
  }
}

const finite: Decoder = (input) => (Number.isFinite(input) ? input : invalid)

/** The decoder of a list from that of its items. */
export const array =
  (decode: Decoder): Decoder =>
  (input) => {
    if (!Array.isArray(input)) return invalid
    const items: Array<unknown> = input
    for (let i = 0; i < items.length; i++) {
      const value = decode(items[i])
      if (value === invalid) return invalid
      if (value !== items[i]) items[i] = value
    }
    return items
  }

/** The decoder of any AST, by `ParseResult`. */
export const general = (ast: AST.AST, options?: AST.ParseOptions): Decoder => {
  const decode = ParseResult.decodeUnknownOption(Schema.make<unknown, unknown>(ast), options)
  return (input) => Option.getOrElse(decode(input), () => invalid)
}
