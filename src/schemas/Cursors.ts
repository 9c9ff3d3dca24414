import * as Schema from "effect/Schema"
import type { ResponseJson } from "./Json.js"
import * as Documented from "./internal/Documented.js"
import { optionalNullable, responseStruct } from "./internal/ResponseStruct.js"

/**
 * The cursors of a page. A cursor is null if there is no page in that direction.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isLast = (pagination: Schemas.Pagination): boolean => pagination.next === null
 * console.log(isLast({ next: null, prev: "018f3c" })) // true
 *
 * @category pagination
 * @since 0.1.0
 */
export interface Pagination {
  /** Pass it as `after` to get the next page. */
  readonly next: string | null
  /** Pass it as `before` to get the previous page. */
  readonly prev: string | null
}

/**
 * Decodes the cursors of a page, each null when missing. The API documents them as UUIDs; here they are opaque strings.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.Pagination)({ next: "018f3c" })) // { next: "018f3c", prev: null }
 *
 * @category pagination
 * @since 0.1.0
 */
export const Pagination: Schema.Schema<Pagination, ResponseJson<Pagination>> = responseStruct<Pagination>(
  "Pagination",
  {
    next: optionalNullable(Documented.uuid),
    prev: optionalNullable(Documented.uuid)
  }
)

/**
 * Decodes the cursors of a page of invoices, each null when missing. They come from the billing provider and are not
 * UUIDs.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.OpaquePagination)({ next: "in_1" })) // { next: "in_1", prev: null }
 *
 * @category pagination
 * @since 0.1.0
 */
export const OpaquePagination: Schema.Schema<Pagination, ResponseJson<Pagination>> = responseStruct<Pagination>(
  "OpaquePagination",
  { next: optionalNullable(Schema.String), prev: optionalNullable(Schema.String) }
)
