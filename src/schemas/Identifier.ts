import * as Schema from "effect/Schema"

/**
 * An id as it goes into a path: 1 to 255 characters; never `.` or `..`, which a URL parser would fold away, and never
 * half of a surrogate pair, which has no percent-encoding.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const is = Schema.is(Schemas.PathSegment)
 * console.log(is("an older id / with anything"), is("..")) // true false
 *
 * @category identifiers
 * @since 0.1.0
 */
export const PathSegment: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" }),
  Schema.filter((id) => id !== "." && id !== "..", { description: `a string other than "." and ".."` }),
  Schema.filter((id) => !/\p{Surrogate}/u.test(id), { description: "a string without lone surrogates" })
)

/**
 * The id of a new customer: 1 to 255 characters, a letter or digit first, then letters, digits and `_ | . @ -`. Ids
 * that the API already holds need not match.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const is = Schema.is(Schemas.NewCustomerId)
 * console.log(is("customer-acme"), is("/acme")) // true false
 *
 * @category identifiers
 * @since 0.1.0
 */
export const NewCustomerId: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" }),
  Schema.pattern(/^[a-zA-Z0-9][a-zA-Z0-9_|.@-]*$/, {
    description: "a letter or digit followed by letters, digits, _, |, ., @ or - (^[a-zA-Z0-9][a-zA-Z0-9_|.@-]*$)"
  })
)

/**
 * The feature id by which a grant is revoked: 1 to 255 characters, a letter or digit first, then letters, digits and
 * `_ | . -`.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const is = Schema.is(Schemas.GrantedFeatureId)
 * console.log(is("feature-seats"), is("seats@acme")) // true false
 *
 * @category identifiers
 * @since 0.1.0
 */
export const GrantedFeatureId: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.maxLength(255, { description: "a string of at most 255 characters" }),
  Schema.pattern(/^[a-zA-Z0-9][a-zA-Z0-9_|.-]*$/, {
    description: "a letter or digit followed by letters, digits, _, |, . or - (^[a-zA-Z0-9][a-zA-Z0-9_|.-]*$)"
  })
)

/** A text of a request: at most 255 characters. */
export const Text: Schema.Schema<string> = Schema.String.pipe(
  Schema.maxLength(255, { description: "a string of at most 255 characters" })
)

/** An id within a query: 1 to 255 characters. */
export const QueryId: Schema.Schema<string> = Text.pipe(Schema.minLength(1, { description: "a non-empty string" }))

/** One side and the other of an `@`: the API has the last word on what is an address. */
export const Email: Schema.Schema<string> = Text.pipe(
  Schema.pattern(/^[^\s@]+@[^\s@]+$/, {
    description: "an email address",
    jsonSchema: { format: "email" },
    arbitrary: () => (fc) => fc.emailAddress().filter((email) => email.length <= 255)
  })
)

/** The path parameters of a customer. */
export const CustomerPath = Schema.Struct({ id: PathSegment })
