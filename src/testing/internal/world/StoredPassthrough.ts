import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"

/** Converts the passthrough of a request to that of a response. */
export const fromParams = (params: Schemas.PassthroughParams | null | undefined): Schemas.Passthrough | null =>
  params === null || params === undefined ? null : decode(encode(params))

const encode = Schema.encodeSync(Schemas.PassthroughParams)
const decode = Schema.decodeUnknownSync(Schemas.Passthrough)
