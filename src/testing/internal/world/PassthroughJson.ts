import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"

/** What was handed through in a request, as a response shows it. */
export const toPassthrough = (params: Schemas.PassthroughParams | null | undefined): Schemas.Passthrough | null =>
  params === null || params === undefined ? null : decode(encode(params))

const encode = Schema.encodeSync(Schemas.PassthroughParams)
const decode = Schema.decodeUnknownSync(Schemas.Passthrough)
