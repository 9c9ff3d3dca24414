import * as Schema from "effect/Schema"
import type { RequestJson, ResponseJson } from "./Json.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { nullable, responseStruct } from "./internal/ResponseStruct.js"

/**
 * The cursors of a page: null where there is no page in that direction.
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
  /** What to pass as `after` for the following page. */
  readonly next: string | null
  /** What to pass as `before` for the preceding page. */
  readonly prev: string | null
}

/**
 * The schema of {@link Pagination}. The API documents its cursors as UUIDs; they are opaque here.
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
 * The schema of the cursors of invoices, which are the billing provider's and no UUIDs.
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
 * Where a list starts, in which direction it walks, and how large its pages are.
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
  /** The cursor to start after: `pagination.next` of a page. Not together with `before`. */
  readonly after?: string | undefined
  /** The cursor to end before: `pagination.prev` of a page. A stream then walks backwards. */
  readonly before?: string | undefined
  /** Items a page, 1 to 100. A stream asks for 100 unless told otherwise, a single page for the API's 20. */
  readonly limit?: number | undefined
}

const Cursor = Schema.String.pipe(Schema.minLength(1, { description: "a cursor" }))

/** The fields of {@link PageParams}, to be spread into the params of a list. */
export const pageFields = {
  after: Schema.optional(Cursor),
  before: Schema.optional(Cursor),
  limit: Schema.optional(Schema.Int.pipe(Schema.between(1, 100, { description: "a whole number from 1 to 100" })))
}

/** The rule that two directions at once are none. */
export const oneDirection = <A extends PageParams, I, R>(self: Schema.Schema<A, I, R>): Schema.Schema<A, I, R> =>
  self.pipe(
    Schema.filter((params) =>
      params.after !== undefined && params.before !== undefined
        ? { path: ["before"], message: "after and before exclude each other" }
        : undefined
    )
  )

/**
 * The schema of {@link PageParams}.
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

/** A list in a query is one parameter, joined by commas: an element with a comma would arrive as two. */
export const QueryListItem: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.filter((item) => !item.includes(","), { description: "a string without a comma" })
)
