import * as Schema from "effect/Schema"
import type { RequestJson } from "./Json.js"
import { requestStruct } from "./internal/RequestStruct.js"

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
