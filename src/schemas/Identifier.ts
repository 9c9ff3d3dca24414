import * as Schema from "effect/Schema"

/**
 * An id in a URL path: 1 to 255 characters. It cannot be `.` or `..`, which URL parsers resolve, or contain a lone
 * surrogate, which has no percent-encoding.
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
 * The id of a new customer: 1 to 255 characters, a letter or digit followed by letters, digits and `_ | . @ -`. Ids
 * that already exist in the API may break this rule.
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
 * The feature id of a grant to revoke: 1 to 255 characters, a letter or digit followed by letters, digits and
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

/** A string in a request: at most 255 characters. */
export const Text: Schema.Schema<string> = Schema.String.pipe(
  Schema.maxLength(255, { description: "a string of at most 255 characters" })
)

/** An id in a query string: 1 to 255 characters. */
export const QueryId: Schema.Schema<string> = Text.pipe(Schema.minLength(1, { description: "a non-empty string" }))

/**
 * An item of a list in a query. The list is sent as one parameter joined by commas, so an item with a comma would
 * arrive as two.
 */
export const QueryListItem: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1, { description: "a non-empty string" }),
  Schema.filter((item) => !item.includes(","), { description: "a string without a comma" })
)

/**
 * The email in a request: at most 255 characters, without white space, and with at least one character on each side of
 * a single `@`. The API has the final say on what an address is. Emails in responses are plain strings.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const is = Schema.is(Schemas.Email)
 * console.log(is("billing@acme.com"), is("acme.com")) // true false
 *
 * @category identifiers
 * @since 0.1.0
 */
export const Email: Schema.Schema<string> = Text.pipe(
  Schema.pattern(/^[^\s@]+@[^\s@]+$/, {
    description: "an email address",
    jsonSchema: { format: "email" },
    arbitrary: () => (fc) => fc.emailAddress().filter((email) => email.length <= 255)
  })
)

/** The path parameters of a customer. */
export const CustomerPath = Schema.Struct({ id: PathSegment })
