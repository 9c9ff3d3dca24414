import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

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

/** Annotations of an id: its rule, and a message that says the rule and not the value, which can be personal data. */
const idAnnotations = (title: string, rule: string) => ({
  title,
  description: rule,
  message: () => ({ message: `Expected ${rule}`, override: true })
})

/**
 * The id of a customer: 1 to 255 characters, other than `.` and `..`. Every operation on a customer accepts these ids
 * and no others, so use it to check an id where it enters your program, such as in a route or a form. The message of
 * this schema does not contain the value. See {@link NewCustomerId} for the stricter rule of new customers.
 *
 * Operations take plain strings. If your program has a type of its own for ids, add it with `Schema.brand`.
 *
 * @example
 * import { Effect, Schema } from "effect"
 * import { Customers, Schemas } from "effect-stigg"
 *
 * const CustomerId = Schemas.CustomerId.pipe(Schema.brand("CustomerId"))
 *
 * const show = (param: string) =>
 *   Effect.gen(function* () {
 *     const id = yield* Schema.decode(CustomerId)(param)
 *     const customers = yield* Customers.Customers
 *     return yield* customers.retrieve(id)
 *   })
 *
 * console.log(Schema.is(Schemas.CustomerId)("an older id / with anything")) // true
 *
 * @category identifiers
 * @since 0.1.0
 */
export const CustomerId: Schema.Schema<string> = PathSegment.annotations({
  ...idAnnotations("CustomerId", 'a well-formed string of 1 to 255 characters, other than "." and ".."'),
  // Without it, the title and the description are not in the JSON Schema.
  jsonSchema: {}
})

/**
 * The id of a new customer, for `provision`, `ensure` and `import`: 1 to 255 characters, a letter or digit followed by
 * letters, digits and `_ | . @ -`. Ids that already exist in the API may break this rule: see {@link CustomerId}. The
 * message of this schema does not contain the value.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const SignUp = Schema.Struct({ account: Schemas.NewCustomerId, email: Schemas.Email })
 * const is = Schema.is(SignUp)
 * console.log(is({ account: "acme", email: "a@acme.com" }), is({ account: "/acme", email: "a@acme.com" })) // true false
 *
 * @category identifiers
 * @since 0.1.0
 */
export const NewCustomerId: Schema.Schema<string> = Schema.String.pipe(
  Schema.minLength(1),
  Schema.maxLength(255),
  Schema.pattern(/^[a-zA-Z0-9][a-zA-Z0-9_|.@-]*$/)
).annotations(
  idAnnotations(
    "NewCustomerId",
    "a string of 1 to 255 characters: a letter or digit followed by letters, digits, _, |, ., @ or -"
  )
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

/** A {@link QueryListItem} whose JSON Schema lists the known values of an enum. */
export const queryListItemOf = (known: Schema.Schema.AnyNoContext): Schema.Schema<string> =>
  QueryListItem.annotations({ jsonSchema: Option.getOrElse(AST.getJSONSchemaAnnotation(known.ast), () => ({})) })

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
