import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * A declared schema is told neither whether it stands for a whole codec nor for one side of it, only what became of its
 * type parameters. With this one as a parameter it can tell.
 */
export const Side: Schema.Schema<"type", "wire"> = Schema.transformLiteral("wire", "type")

/** What a declared schema with the parameter `side` stands for: a codec, or the values of a program or of the wire. */
export const sideOf = (side: Schema.Schema.Any): "codec" | "type" | "wire" =>
  AST.isTransformation(side.ast) ? "codec" : AST.isLiteral(side.ast) && side.ast.literal === "type" ? "type" : "wire"
