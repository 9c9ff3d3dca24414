import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import * as Decoder from "../../../schemas/internal/Decoder.js"

/**
 * Makes the fast decoder of a struct. It decodes in place, and refuses unknown keys, also in nested structs. The structs
 * of the API's responses drop unknown keys, as their schemas do.
 */
export const make = <A, I>(schema: Schema.Schema<A, I>): ((input: unknown) => A | typeof Decoder.invalid) =>
  // The decoder returns what the schema decodes to. The AST does not have this type.
  compile(schema.ast) as (input: unknown) => A | typeof Decoder.invalid

const compile = (ast: AST.AST): Decoder.Decoder => {
  if (AST.isTypeLiteral(ast) && ast.indexSignatures.length === 0) return struct(ast.propertySignatures)
  if (AST.isUnion(ast)) return union(ast)
  const [item, ...more] = AST.isTupleType(ast) && ast.elements.length === 0 ? ast.rest : []
  return item === undefined || more.length > 0 ? Decoder.compile(ast) : Decoder.array(compile(item.type))
}

const struct = (signatures: ReadonlyArray<AST.PropertySignature>): Decoder.Decoder => {
  const fields = new Map(signatures.map(({ name, type }) => [name, compile(type)]))
  const required = signatures.filter(({ isOptional }) => !isOptional).map(({ name }) => name)
  return (input) => {
    if (!Predicate.isRecord(input)) return Decoder.invalid
    for (const key of required) if (!Object.hasOwn(input, key)) return Decoder.invalid
    for (const key in input) {
      const decode = fields.get(key)
      if (decode === undefined) return Decoder.invalid
      const decoded = decode(input[key])
      if (decoded === Decoder.invalid) return Decoder.invalid
      if (decoded !== input[key]) input[key] = decoded
    }
    return input
  }
}

/** Scalars are tried first: a struct or list that refuses an input may have changed it in place. */
const union = (ast: AST.Union): Decoder.Decoder => {
  const first = ast.types.filter(isScalar).map(Decoder.compile)
  const [other, ...more] = ast.types.filter((type) => !isScalar(type))
  if (more.length > 0) return Decoder.general(ast, { onExcessProperty: "error" })
  const last = other === undefined ? refuse : compile(other)
  return (input) => {
    for (const decode of first) if (decode(input) !== Decoder.invalid) return input
    return last(input)
  }
}

const scalars: ReadonlySet<AST.AST["_tag"]> = new Set([
  "Literal",
  "UndefinedKeyword",
  "StringKeyword",
  "NumberKeyword",
  "BooleanKeyword"
])

const isScalar = ({ _tag }: AST.AST): boolean => scalars.has(_tag)

const refuse: Decoder.Decoder = () => Decoder.invalid
