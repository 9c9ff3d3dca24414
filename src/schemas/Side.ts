import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * A declared schema is told neither whether it stands for a whole codec nor for its type side alone, only what became
 * of its type parameters. With this one as a parameter it can tell: of the three, only the codec's is a transformation.
 */
export const Side: Schema.Schema<"type", "wire"> = Schema.transformLiteral("wire", "type")

/** Whether a declared schema with the parameter `side` stands for a whole codec, from the wire to a value. */
export const isCodec = (side: Schema.Schema.Any): boolean => AST.isTransformation(side.ast)
