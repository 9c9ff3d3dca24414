import * as Schema from "effect/Schema"
import type { RequestJson, ResponseJson } from "./Json.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { nullable, responseStruct } from "./internal/ResponseStruct.js"

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
    next: nullable(Schema.String),
    prev: nullable(Schema.String)
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
  { next: nullable(Schema.String), prev: nullable(Schema.String) }
)

/**
 * The start, direction and page size of a list.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const backwards: Schemas.PageParams = { before: "018f3c", limit: 50 }
 * console.log(backwards.limit) // 50
 *
 * @category pagination
 * @since 0.1.0
 */
export interface PageParams {
  /** The cursor to start after: `pagination.next` of a page. Cannot be combined with `before`. */
  readonly after?: string | undefined
  /** The cursor to end before: `pagination.prev` of a page. A stream then walks backwards. */
  readonly before?: string | undefined
  /** The page size, 1 to 100. The default is 100 for a stream, and the API's default of 20 for a single page. */
  readonly limit?: number | undefined
}

const Cursor = Schema.String.pipe(Schema.minLength(1, { description: "a cursor" }))

/** The fields of {@link PageParams}, to spread into the parameters of a list. */
export const pageFields = {
  after: Schema.optional(Cursor),
  before: Schema.optional(Cursor),
  limit: Schema.optional(Schema.Int.pipe(Schema.between(1, 100, { description: "a whole number from 1 to 100" })))
}

/** Rejects `after` together with `before`. */
export const oneDirection = <A extends PageParams, I, R>(self: Schema.Schema<A, I, R>): Schema.Schema<A, I, R> =>
  self.pipe(
    Schema.filter((params) =>
      params.after !== undefined && params.before !== undefined
        ? { path: ["before"], message: "after and before are mutually exclusive" }
        : undefined
    )
  )

/**
 * Encodes page parameters. Rejects a `limit` that is not a whole number from 1 to 100, an empty cursor, and `after`
 * together with `before`.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.PageParams)
 * console.log(encode({ limit: 100 })._tag, encode({ after: "a", before: "b" })._tag) // Right Left
 *
 * @category pagination
 * @since 0.1.0
 */
export const PageParams: Schema.Schema<PageParams, RequestJson<PageParams>> = requestStruct(
  "PageParams",
  pageFields
).pipe(oneDirection)

/**
 * An item of a list in a query. The list is sent as one parameter joined by commas, so an item with a comma would
 * arrive as two.
 */
export const QueryListItem: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.filter((item) => !item.includes(","), { description: "a string without a comma" })
)
