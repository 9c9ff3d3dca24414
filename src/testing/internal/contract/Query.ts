import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"

/** An id in a query: 1 to 255 characters. */
export const Id = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" })
)

/** A text in a query: at most 255 characters. */
export const Text = Schema.String.pipe(Schema.maxLength(255, { description: "a string of at most 255 characters" }))

/** A whole number from `min` to `max`, in decimal digits. */
export const wholeNumber = (
  min: number,
  max: number,
  jsonSchema: { readonly default?: number } = {}
): Schema.Schema<number, string> =>
  Schema.transform(
    Schema.String.pipe(
      Schema.filter((digits) => /^-?\d{1,15}$/.test(digits), {
        description: "a whole number",
        jsonSchema: { type: "integer", minimum: min, ...(max === Infinity ? {} : { maximum: max }), ...jsonSchema }
      })
    ),
    Schema.Number.pipe(
      Schema.between(min, max, {
        description: max === Infinity ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`
      })
    ),
    { strict: true, decode: Number, encode: String }
  )

/** A moment. It starts from a string, for `HttpApi` hands over a list of what does not. */
export const moment = Schema.compose(Schema.String, Schemas.Timestamp)

/** Several values in one parameter, joined by commas. */
export const list: Schema.Schema<ReadonlyArray<string>, string> = Schema.transform(
  Schema.String,
  Schema.Array(Schema.String),
  {
    strict: true,
    decode: (joined) => joined.split(",").filter((item) => item !== ""),
    encode: (items) => items.join(",")
  }
)

const cursorPair = <A extends string>(cursor: Schema.Schema<A, string>) => ({
  after: Schema.optional(cursor),
  before: Schema.optional(cursor),
  limit: Schema.optional(wholeNumber(1, 100, { default: 20 }))
})

/** Where a page starts and how long it is; its cursors are UUIDs. */
export const page = cursorPair(
  Schema.String.pipe(
    Schema.pattern(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
      description: "a cursor",
      jsonSchema: { format: "uuid" }
    })
  )
)

/** As {@link page}, with cursors of any form. */
export const opaquePage = cursorPair(Schema.String.pipe(Schema.minLength(1, { description: "a cursor" })))

/** A range of moments, one parameter a bound. */
export const createdAt = {
  "createdAt[gt]": Schema.optional(moment),
  "createdAt[gte]": Schema.optional(moment),
  "createdAt[lt]": Schema.optional(moment),
  "createdAt[lte]": Schema.optional(moment)
}

/** What {@link createdAt} decodes to. */
export type CreatedAt = Schema.Struct.Type<typeof createdAt>

/** What {@link page} decodes to. */
export type Page = Schema.Struct.Type<typeof page>
