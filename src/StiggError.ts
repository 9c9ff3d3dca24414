/**
 * What an operation can fail with. The classes are named as the official clients name theirs, the tags carry a prefix,
 * so that a program's own `NotFoundError` is not caught by mistake: {@link NotFoundError} has the tag
 * `"StiggNotFoundError"`. The class of an answer depends on its status alone, whatever the body holds, but for 404: it is
 * {@link NotFoundError} where the API says so in its documented body, and {@link RouteNotFoundError} otherwise.
 *
 * Text of an answer is cut to a bounded length: a message to 1,000 characters. Control characters in it are replaced by
 * `U+FFFD`, so that it can be printed in a terminal.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/** Fields of every error of a call that was sent. */
const sent = {
  /** The operation, such as `"customers.retrieve"`. */
  operation: Schema.String,
  method: Schema.String,
  /** The URL, without secrets. */
  url: Schema.String,
  /** How often the call was sent, the first time included. */
  attempts: Schema.Int,
  message: Schema.String
}

/** Fields of every error of a call that was answered. */
const answered = {
  ...sent,
  status: Schema.Int,
  /** What to give to support; null when the answer holds none. */
  traceId: Schema.NullOr(Schema.String),
  /** The headers of the answer, their names in lower case; of each value the first thousand characters. */
  headers: Schema.Record({ key: Schema.String, value: Schema.String })
}

/** Fields of every error of an answer that was read to its end. */
const read = {
  ...answered,
  /** The first thousand characters of the body. */
  body: Schema.String
}

/** Fields of every error that a status stands for. */
const refused = {
  ...read,
  /** The API's own code, such as `"DuplicatedEntityNotAllowed"`; null when the body names none. */
  code: Schema.NullOr(Schema.String),
  /** How long the API asks to wait; null when it does not say, or says nonsense. */
  retryAfter: Schema.NullOr(Schema.Duration)
}

/**
 * 400: the API does not accept the request. The message says what is wrong with it.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.update("customer-acme", { couponId: "no-such-coupon" })),
 *   Effect.catchTag("StiggBadRequestError", (error) => Effect.logWarning(error.message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequestError extends Schema.TaggedError<BadRequestError>("effect-stigg/BadRequestError")(
  "StiggBadRequestError",
  refused
) {}

/**
 * 401: the key or token is missing, wrong, rotated, or of another environment.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggAuthenticationError", () => Effect.dieMessage("rotate STIGG_API_KEY"))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class AuthenticationError extends Schema.TaggedError<AuthenticationError>("effect-stigg/AuthenticationError")(
  "StiggAuthenticationError",
  refused
) {}

/**
 * 403: the key or token may not do this.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.archive("customer-acme")),
 *   Effect.catchTag("StiggPermissionDeniedError", (error) => Effect.logError(error.code))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class PermissionDeniedError extends Schema.TaggedError<PermissionDeniedError>(
  "effect-stigg/PermissionDeniedError"
)("StiggPermissionDeniedError", refused) {}

/**
 * 404 from the API itself: there is no such customer, integration or grant. A 404 for another reason is
 * {@link RouteNotFoundError}.
 *
 * After a `detach`, `unlink` or `revoke` with `attempts` above 1 it may mean that an earlier attempt did the deed and
 * its answer was lost.
 *
 * @example
 * import { Effect, Option } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const find = (id: string) =>
 *   Customers.Customers.pipe(
 *     Effect.flatMap((customers) => customers.retrieve(id)),
 *     Effect.asSome,
 *     Effect.catchTag("StiggNotFoundError", () => Effect.succeed(Option.none()))
 *   )
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFoundError extends Schema.TaggedError<NotFoundError>("effect-stigg/NotFoundError")(
  "StiggNotFoundError",
  refused
) {}

/**
 * 404 for another reason than a missing customer, integration or grant: an unknown route (`code` is `"RouteNotFound"`, or
 * the message begins with `Cannot GET /`), or a body that is not the API's, which has a `message` and a `code`. The base
 * URL is wrong, or a proxy answered in the API's place, so it tells nothing of the customer.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggRouteNotFoundError", (error) => Effect.dieMessage(`check STIGG_BASE_URL: ${error.url}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class RouteNotFoundError extends Schema.TaggedError<RouteNotFoundError>("effect-stigg/RouteNotFoundError")(
  "StiggRouteNotFoundError",
  refused
) {}

/**
 * 409: what is to be created exists already (`code` is `"DuplicatedEntityNotAllowed"`), or two changes met (`code` is
 * null; such a call is retried).
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.provision({ id: "customer-acme" })),
 *   Effect.catchTag("StiggConflictError", (error) => Effect.log(`already there: ${error.code}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ConflictError extends Schema.TaggedError<ConflictError>("effect-stigg/ConflictError")(
  "StiggConflictError",
  refused
) {}

/**
 * 422: the request is well-formed, and the API cannot do what it says.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.provision({ id: "customer-acme" })),
 *   Effect.catchTag("StiggUnprocessableEntityError", (error) => Effect.logWarning(error.message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class UnprocessableEntityError extends Schema.TaggedError<UnprocessableEntityError>(
  "effect-stigg/UnprocessableEntityError"
)("StiggUnprocessableEntityError", refused) {}

/**
 * 429: too many requests. It is raised after the retries, or at once when `retryAfter` is longer than the policy's cap.
 *
 * @example
 * import { Duration, Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggRateLimitError", (error) =>
 *     Effect.log(error.retryAfter === null ? "later" : `in ${Duration.format(error.retryAfter)}`)
 *   )
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class RateLimitError extends Schema.TaggedError<RateLimitError>("effect-stigg/RateLimitError")(
  "StiggRateLimitError",
  refused
) {}

/**
 * 5xx: the API, or a gateway before it, failed. It is raised after the retries.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggInternalServerError", (error) => Effect.logError(`${error.status}, trace ${error.traceId}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InternalServerError extends Schema.TaggedError<InternalServerError>("effect-stigg/InternalServerError")(
  "StiggInternalServerError",
  refused
) {}

/**
 * Any other status that is not a success: a redirect, which is never followed with the key, included. A browser hides
 * the status of a redirect: it is 0 there.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggAPIStatusError", (error) => Effect.logError(`${error.status} from ${error.url}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class APIStatusError extends Schema.TaggedError<APIStatusError>("effect-stigg/APIStatusError")(
  "StiggAPIStatusError",
  refused
) {}

/**
 * The API was not reached, or the connection broke before the last byte of its answer. It is raised after the retries.
 * A change may have been made all the same.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggAPIConnectionError", (error) => Effect.logError(error.code ?? error.reason))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class APIConnectionError extends Schema.TaggedError<APIConnectionError>("effect-stigg/APIConnectionError")(
  "StiggAPIConnectionError",
  {
    ...sent,
    /** Where it broke: before the headers of the answer, or inside its body. */
    reason: Schema.Literal("request", "body"),
    /** The system's code, such as `"ECONNREFUSED"`; null when it names none. */
    code: Schema.NullOr(Schema.String),
    cause: Schema.optional(Schema.Defect)
  }
) {}

/**
 * The answer's last byte did not arrive in time. It is raised after the retries. A change may have been made all the
 * same.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, RequestOptions } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   RequestOptions.locally({ timeout: "2 seconds" }),
 *   Effect.catchTag("StiggAPITimeoutError", (error) => Effect.logError(error.message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class APITimeoutError extends Schema.TaggedError<APITimeoutError>("effect-stigg/APITimeoutError")(
  "StiggAPITimeoutError",
  {
    ...sent,
    /** The time that an attempt had. */
    timeout: Schema.Duration
  }
) {}

/**
 * A success whose body is not what the API documents: broken JSON, no JSON, a wrong type. It is never retried. The
 * message says the operation, the URL and where the body is wrong, as does `path`. A body that is nested too deep to be
 * read is one, too.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTag("StiggResponseDecodeError", (error) => Effect.logError(`${error.path}: ${error.message}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ResponseDecodeError extends Schema.TaggedError<ResponseDecodeError>("effect-stigg/ResponseDecodeError")(
  "StiggResponseDecodeError",
  {
    ...read,
    /** The path to what is wrong, such as `"data[3].createdAt"`; null when the body is no JSON. */
    path: Schema.NullOr(Schema.String)
  }
) {}

/**
 * The body of an answer is longer than `maxResponseBytes` of `RequestOptions`. The connection was closed without reading
 * the rest. It is never retried. A change may have been made all the same.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, RequestOptions } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   RequestOptions.locally({ maxResponseBytes: 64 * 1024 }),
 *   Effect.catchTag("StiggResponseTooLargeError", (error) => Effect.logError(`more than ${error.limit} bytes`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ResponseTooLargeError extends Schema.TaggedError<ResponseTooLargeError>(
  "effect-stigg/ResponseTooLargeError"
)("StiggResponseTooLargeError", {
  ...answered,
  /** The longest body that was allowed: bytes, after decompression. */
  limit: Schema.Int
}) {}

/**
 * The call is not one that the API could accept. Nothing was sent.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.listPage({ limit: 101 })),
 *   Effect.catchTag("StiggInvalidRequestError", (error) => Effect.logError(`${error.field}: ${error.rule}`))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRequestError extends Schema.TaggedError<InvalidRequestError>("effect-stigg/InvalidRequestError")(
  "StiggInvalidRequestError",
  {
    operation: Schema.String,
    /** The field at fault, such as `"customers[3].email"`. */
    field: Schema.String,
    /** The rule that it breaks. */
    rule: Schema.String,
    message: Schema.String
  }
) {}

/**
 * The options of a layer or constructor are invalid. It is raised when the layer is built, never by a call, so it is not
 * part of {@link StiggError}. Layers that read a `Config` fail with `ConfigError` for the same rules.
 *
 * @example
 * import { Effect } from "effect"
 * import { StiggError } from "effect-stigg"
 *
 * const capacity = (value: number): Effect.Effect<number, StiggError.InvalidOptionsError> =>
 *   value > 0
 *     ? Effect.succeed(value)
 *     : new StiggError.InvalidOptionsError({ field: "capacity", rule: "Expected a number above 0" })
 *
 * console.log(Effect.runSync(Effect.flip(capacity(0))).message) // capacity: Expected a number above 0
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidOptionsError extends Schema.TaggedError<InvalidOptionsError>("effect-stigg/InvalidOptionsError")(
  "StiggInvalidOptionsError",
  {
    /** The invalid option, such as `"budget.capacity"`. */
    field: Schema.String,
    /** The rule that it breaks, such as `"Expected a number above 0"`. */
    rule: Schema.String
  }
) {
  /** The field and the rule. */
  override get message(): string {
    return `${this.field}: ${this.rule}`
  }
}

/**
 * The schema of {@link StiggError}: the errors can cross processes and workflows.
 *
 * @example
 * import { Schema } from "effect"
 * import { StiggError } from "effect-stigg"
 *
 * const encode = Schema.encodeSync(StiggError.StiggError)
 * console.log(
 *   encode(
 *     new StiggError.InvalidRequestError({
 *       operation: "customers.list",
 *       field: "limit",
 *       rule: "a whole number from 1 to 100",
 *       message: "limit: Expected a whole number from 1 to 100, actual 0"
 *     })
 *   )
 * )
 *
 * @category union
 * @since 0.1.0
 */
export const StiggError = Schema.Union(
  BadRequestError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  RouteNotFoundError,
  ConflictError,
  UnprocessableEntityError,
  RateLimitError,
  InternalServerError,
  APIStatusError,
  APIConnectionError,
  APITimeoutError,
  ResponseDecodeError,
  ResponseTooLargeError,
  InvalidRequestError
)

/**
 * What an operation can fail with.
 *
 * @example
 * import { Match } from "effect"
 * import type { StiggError } from "effect-stigg"
 *
 * const httpStatus = Match.type<StiggError.StiggError>().pipe(
 *   Match.tag("StiggNotFoundError", () => 404),
 *   Match.tag("StiggInvalidRequestError", () => 400),
 *   Match.orElse(() => 502)
 * )
 *
 * @category union
 * @since 0.1.0
 */
export type StiggError = typeof StiggError.Type

/**
 * Whether a call that failed with this error may succeed when it is sent again: after 408, 429, 5xx, a 409 whose code
 * is null, a connection failure or a timeout, unless the API's `x-should-retry` says otherwise.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.retry({ while: StiggError.isRetryable, times: 5 })
 * )
 *
 * @category refinements
 * @since 0.1.0
 */
export const isRetryable = (error: StiggError): boolean => {
  switch (error._tag) {
    case "StiggAPIConnectionError":
    case "StiggAPITimeoutError":
      return true
    case "StiggInvalidRequestError":
    case "StiggResponseDecodeError":
    case "StiggResponseTooLargeError":
      return false
    default: {
      const told = error.headers["x-should-retry"]
      if (told === "true" || told === "false") return told === "true"
      const { status } = error
      return status === 408 || status === 429 || status >= 500 || (status === 409 && error.code === null)
    }
  }
}

/**
 * How long the API asks to wait before the call is sent again; null when it does not say.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.tapError((error) => Effect.log(StiggError.retryAfter(error)))
 * )
 *
 * @category getters
 * @since 0.1.0
 */
export const retryAfter = (error: StiggError): Duration.Duration | null =>
  "retryAfter" in error ? error.retryAfter : null

const isStiggError = Schema.is(StiggError)

/** How many reasons {@link fromUnknown} looks through: more than any chain of causes has that ends. */
const mostReasons = 1000

/**
 * The error of this package in whatever a Promise was rejected with, whole and with its fields. `Effect.runPromise` and
 * `ManagedRuntime` reject with a `FiberFailure`, which is not an instance of {@link NotFoundError} itself and has none of
 * its fields. Finds the first one in it, in a `Cause` or `Exit`, and in the `cause` of an error that wraps it.
 *
 * @example
 * import { Effect, Option } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * declare const runPromise: <A, E>(program: Effect.Effect<A, E, Customers.Customers>) => Promise<A>
 *
 * const find = (id: string) =>
 *   runPromise(Effect.flatMap(Customers.Customers, (customers) => customers.retrieve(id))).catch((reason: unknown) => {
 *     const error = Option.getOrNull(StiggError.fromUnknown(reason))
 *     if (error instanceof StiggError.NotFoundError) return null
 *     throw reason
 *   })
 *
 * @category getters
 * @since 0.1.0
 */
export const fromUnknown = (reason: unknown): Option.Option<StiggError> => {
  const seen = new Set<unknown>([reason])
  // A set gives what is added to it while it is iterated, and nothing twice.
  for (const one of seen) {
    if (isStiggError(one)) return Option.some(one)
    if (seen.size > mostReasons) break
    if (Runtime.isFiberFailure(one)) seen.add(one[Runtime.FiberFailureCauseId])
    else if (Cause.isCause(one)) for (const inner of [...Cause.failures(one), ...Cause.defects(one)]) seen.add(inner)
    else if (Predicate.hasProperty(one, "cause")) seen.add(one.cause)
  }
  return Option.none()
}

/** Handlers for several tags at once, one function for all of them. */
const group =
  <const Tags extends ReadonlyArray<StiggError["_tag"]>>(...tags: Tags) =>
  <A>(
    handler: (error: Extract<StiggError, { readonly _tag: Tags[number] }>) => A
  ): { readonly [Tag in Tags[number]]: (error: Extract<StiggError, { readonly _tag: Tag }>) => A } =>
    // `Object.fromEntries` forgets the keys that the type names.
    Object.fromEntries(tags.map((tag) => [tag, handler])) as never

/**
 * A handler for `Effect.catchTags`: the API is out of reach for now. Connection failures, timeouts, 429 and 5xx.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.checkEntitlement("customer-acme", { featureId: "feature-sso" })),
 *   Effect.map((entitlement) => entitlement.isGranted),
 *   Effect.catchTags(StiggError.unavailable(() => Effect.succeed(true)))
 * )
 *
 * @category groups
 * @since 0.1.0
 */
export const unavailable = group(
  "StiggAPIConnectionError",
  "StiggAPITimeoutError",
  "StiggRateLimitError",
  "StiggInternalServerError"
)

/**
 * A handler for `Effect.catchTags`: the key or token does not open this door. 401 and 403.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.retrieve("customer-acme")),
 *   Effect.catchTags(StiggError.unauthorized((error) => Effect.dieMessage(error.message)))
 * )
 *
 * @category groups
 * @since 0.1.0
 */
export const unauthorized = group("StiggAuthenticationError", "StiggPermissionDeniedError")

/**
 * A handler for `Effect.catchTags`: the call itself is at fault, and sending it again will not help. A request that was
 * refused before it was sent, 400, 404, 409 and 422.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.provision({ id: "customer-acme" })),
 *   Effect.catchTags(StiggError.rejected((error) => Effect.logWarning(error.message)))
 * )
 *
 * @category groups
 * @since 0.1.0
 */
export const rejected = group(
  "StiggInvalidRequestError",
  "StiggBadRequestError",
  "StiggNotFoundError",
  "StiggConflictError",
  "StiggUnprocessableEntityError"
)
