import type * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type { RequestJson } from "./Json.js"
import { requestStruct } from "./RequestStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * A range of moments; what is left out is unbounded.
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
 * The schema of {@link TimestampRange}.
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
