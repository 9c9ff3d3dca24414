import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

/**
 * A declared schema does not know whether it is used as a codec, as its type side or as its encoded side: it only sees
 * its type parameters in that form. With this schema as a parameter, it can tell.
 */
export const Side: Schema.Schema<"type", "wire"> = Schema.transformLiteral("wire", "type")

/** How a declared schema with the parameter `side` is used: as a codec, or as its `type` or `wire` side. */
export const sideOf = (side: AST.AST): "codec" | "type" | "wire" =>
  AST.isTransformation(side) ? "codec" : AST.isLiteral(side) && side.literal === "type" ? "type" : "wire"
