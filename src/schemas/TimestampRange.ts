import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { RequestJson } from "./Json.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * A range of timestamps. A missing bound leaves that side open.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { Schemas } from "effect-stigg"
 *
 * const thisYear: Schemas.TimestampRange = {
 *   gte: DateTime.unsafeMake("2026-01-01"),
 *   lt: DateTime.unsafeMake("2027-01-01")
 * }
 * console.log(Object.keys(thisYear)) // [ "gte", "lt" ]
 *
 * @category customers
 * @since 0.1.0
 */
export interface TimestampRange {
  readonly gt?: DateTime.Utc | undefined
  readonly gte?: DateTime.Utc | undefined
  readonly lt?: DateTime.Utc | undefined
  readonly lte?: DateTime.Utc | undefined
}

/**
 * Encodes each bound of a range as an RFC 3339 string. Does not check that the bounds fit together.
 *
 * @example
 * import { DateTime, Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.TimestampRange)({ gte: DateTime.unsafeMake("2026-01-01") }))
 * // { gte: "2026-01-01T00:00:00.000Z" }
 *
 * @category customers
 * @since 0.1.0
 */
export const TimestampRange: Schema.Schema<TimestampRange, RequestJson<TimestampRange>> = requestStruct(
  "TimestampRange",
  {
    gt: Schema.optional(Timestamp),
    gte: Schema.optional(Timestamp),
    lt: Schema.optional(Timestamp),
    lte: Schema.optional(Timestamp)
  }
)
