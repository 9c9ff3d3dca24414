/**
 * The errors of an operation. The classes are named like those of the official clients. The tags have a prefix, so that
 * catching one never catches a program's own `NotFoundError`: {@link NotFoundError} has the tag `"StiggNotFoundError"`.
 * The status alone decides the class of an error response, except for 404: without the body that the API documents, it
 * is a `StiggRouteNotFoundError`.
 *
 * Every error has `operation`, `method`, `url`, `attempts`, `status`, `code`, `traceId`, `retryAfter` and `message`, null
 * where it has none, so that one handler can read them from any error.
 *
 * Errors keep a bounded part of the response; a message has at most 1,000 characters. Control characters are replaced
 * by `U+FFFD`, so that the text is safe to print in a terminal.
 *
 * @module
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/** Fields of every error of a request that was sent. */
const sent = {
  /** The operation, such as `"customers.retrieve"`. */
  operation: Schema.String,
  method: Schema.String,
  /** The URL, without secrets. */
  url: Schema.String,
  /** The number of attempts, including the first. */
  attempts: Schema.Int,
  message: Schema.String
}

/** Fields of every error with a response. */
const answered = {
  ...sent,
  status: Schema.Int,
  /** The id to quote to support; null if the response has none. */
  traceId: Schema.NullOr(Schema.String),
  /** The response headers, with names in lower case. Each value is cut to 1,000 characters. */
  headers: Schema.Record({ key: Schema.String, value: Schema.String })
}

/** Fields of every error with a response that was read completely. */
const read = {
  ...answered,
  /** The first 1,000 characters of the body. */
  body: Schema.String
}

/** Fields of every error that a status maps to. */
const refused = {
  ...read,
  /** The API's error code, such as `"DuplicatedEntityNotAllowed"`; null if the body has none. */
  code: Schema.NullOr(Schema.String),
  /** How long the API asks to wait; null if it does not say, or if the value is invalid. */
  retryAfter: Schema.NullOr(Schema.Duration)
}

/**
 * 400: the API rejected the request. The message says why.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.listPage({ after: "not-a-cursor" })),
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
 * 401: the key or token is missing, invalid, rotated, or from another environment.
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
 * 403: the key or token lacks the permission.
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
 * 404 from the API itself: the customer, integration or grant does not exist. Any other 404 is a
 * `StiggRouteNotFoundError`.
 *
 * After a `detach`, `unlink` or `revoke` with `attempts` above 1, an earlier attempt may have succeeded and its
 * response may have been lost.
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
 * 404 for any other reason than a missing customer, integration or grant: an unknown route (`code` is
 * `"RouteNotFound"`, or the message starts with `Cannot GET /`), or a body without the API's `message` and `code`. The
 * base URL is wrong, or a proxy responded instead of the API. It says nothing about the customer.
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
 * 409: the entity already exists (`code` is `"DuplicatedEntityNotAllowed"`), or concurrent changes conflict (`code` is
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
 * 422: the request is well-formed, but the API cannot process it.
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
 * 429: too many requests. Raised after the last retry, or at once if `retryAfter` exceeds `retryAfterCap` of
 * `RetryPolicy`.
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
 * 5xx: the API, or a gateway in front of it, failed. Raised after the last retry.
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
 * Any other status that is not a success, including redirects, which are never followed because the request carries the
 * key. Browsers hide the status of a redirect: it is 0 there.
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
 * The API could not be reached, or the connection broke before the end of the response. Raised after the last retry.
 * The API may have applied a change anyway.
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
    /** Where it broke: before the response headers, or inside the body. */
    reason: Schema.Literal("request", "body"),
    /** The system's error code, such as `"ECONNREFUSED"`; null if there is none. */
    code: Schema.NullOr(Schema.String),
    cause: Schema.optional(Schema.Defect)
  }
) {
  /** Null: no response was read completely. */
  get status(): null {
    return null
  }

  /** Null: no response was read completely. */
  get traceId(): null {
    return null
  }

  /** Null: no response was read completely. */
  get retryAfter(): null {
    return null
  }
}

/**
 * The response did not arrive completely within the timeout. Raised after the last retry. The API may have applied a
 * change anyway.
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
    /** The timeout of one attempt. */
    timeout: Schema.Duration
  }
) {
  /** Null: no response was read completely. */
  get status(): null {
    return null
  }

  /** Null: the API gave no code. */
  get code(): null {
    return null
  }

  /** Null: no response was read completely. */
  get traceId(): null {
    return null
  }

  /** Null: no response was read completely. */
  get retryAfter(): null {
    return null
  }
}

/**
 * The body of a successful response is not what the API documents: it is not JSON, has the wrong shape, or is nested
 * too deep to read. Never retried. The message contains the operation, the URL and, for a wrong shape, the path to the
 * invalid value.
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
    /** The path to the invalid value, such as `"data[3].createdAt"`; null if the body could not be read. */
    path: Schema.NullOr(Schema.String)
  }
) {
  /** Null: a success has no error code. */
  get code(): null {
    return null
  }

  /** Null: a success does not ask to wait. */
  get retryAfter(): null {
    return null
  }
}

/**
 * The response body is longer than `maxResponseBytes` of `RequestOptions`. The connection is closed without reading the
 * rest. Never retried. The API may have applied a change anyway.
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
  /** The maximum size of the body, in bytes after decompression. */
  limit: Schema.Int
}) {
  /** Null: the body was not read. */
  get code(): null {
    return null
  }

  /** Null: a retry gets the same body. */
  get retryAfter(): null {
    return null
  }
}

/**
 * The parameters or options of a call are invalid. Nothing was sent.
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
    /** The invalid field, such as `"customers[3].email"`. */
    field: Schema.String,
    /** The rule that it breaks. */
    rule: Schema.String,
    message: Schema.String
  }
) {
  /** Null: nothing was sent. */
  get method(): null {
    return null
  }

  /** Null: nothing was sent. */
  get url(): null {
    return null
  }

  /** Zero: nothing was sent. */
  get attempts(): 0 {
    return 0
  }

  /** Null: nothing was sent. */
  get status(): null {
    return null
  }

  /** Null: nothing was sent. */
  get code(): null {
    return null
  }

  /** Null: nothing was sent. */
  get traceId(): null {
    return null
  }

  /** Null: nothing was sent. */
  get retryAfter(): null {
    return null
  }
}

/**
 * The options of a layer or constructor are invalid. Raised when the layer is built, never by a call, so it is not part
 * of {@link StiggError}. Layers that read a `Config` fail with `ConfigError` for the same rules.
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
 * Decodes and encodes every {@link StiggError}, for example to send it to another process or to store it in a workflow.
 *
 * @example
 * import { Schema } from "effect"
 * import { StiggError } from "effect-stigg"
 *
 * const error = new StiggError.InvalidRequestError({
 *   operation: "customers.list",
 *   field: "limit",
 *   rule: "Expected a whole number from 1 to 100, actual 0",
 *   message: "limit: Expected a whole number from 1 to 100, actual 0"
 * })
 * console.log(Schema.encodeSync(StiggError.StiggError)(error)._tag) // StiggInvalidRequestError
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
 * Any error of an operation.
 *
 * @example
 * import { Effect } from "effect"
 * import type { StiggError } from "effect-stigg"
 *
 * const report = ({ attempts, message, operation, status, traceId }: StiggError.StiggError) =>
 *   Effect.logError(message).pipe(Effect.annotateLogs({ operation, status, traceId, attempts }))
 *
 * @category union
 * @since 0.1.0
 */
// Unlike `typeof StiggError.Type`, this union has a name, which editors and the API pages show where they would list the
// classes.
export type StiggError = InstanceType<(typeof StiggError.members)[number]>

/**
 * Whether a retry may succeed. True after a 408, a 429, a 5xx, a 409 whose code is null, a connection failure or a
 * timeout. The `x-should-retry` header of an error response overrides the rule for its status.
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
      const override = error.headers["x-should-retry"]
      if (override === "true" || override === "false") return override === "true"
      const { status } = error
      return status === 408 || status === 429 || status >= 500 || (status === 409 && error.code === null)
    }
  }
}

/**
 * How long the API asks to wait before a retry; null if it does not say.
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
export const retryAfter = (error: StiggError): Duration.Duration | null => error.retryAfter

const isStiggError = Schema.is(StiggError)

/** The maximum number of reasons that {@link fromUnknown} searches, because a chain of causes may have no end. */
const mostReasons = 1000

/**
 * Finds the error of this package in the rejection reason of a Promise. `Effect.runPromise` and `ManagedRuntime` reject
 * with a `FiberFailure`, which is not an instance of {@link NotFoundError} and has none of its fields. Searches a
 * `FiberFailure`, a `Cause`, an `Exit` and the `cause` of an error, and returns the first match.
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
  // Iterating a set also visits values that are added meanwhile, each of them once.
  for (const one of seen) {
    if (isStiggError(one)) return Option.some(one)
    if (seen.size > mostReasons) break
    if (Runtime.isFiberFailure(one)) seen.add(one[Runtime.FiberFailureCauseId])
    else if (Cause.isCause(one)) for (const inner of [...Cause.failures(one), ...Cause.defects(one)]) seen.add(inner)
    else if (Predicate.hasProperty(one, "cause")) seen.add(one.cause)
  }
  return Option.none()
}

const httpStatuses = {
  StiggInvalidRequestError: 400,
  StiggBadRequestError: 400,
  StiggNotFoundError: 404,
  StiggConflictError: 409,
  StiggUnprocessableEntityError: 422,
  StiggAuthenticationError: 500,
  StiggPermissionDeniedError: 500,
  StiggRouteNotFoundError: 500,
  StiggAPIStatusError: 502,
  StiggResponseDecodeError: 502,
  StiggResponseTooLargeError: 502,
  StiggRateLimitError: 503,
  StiggInternalServerError: 503,
  StiggAPIConnectionError: 503,
  StiggAPITimeoutError: 503
} as const satisfies Record<StiggError["_tag"], number>

/**
 * The status with which a backend answers its own client when a call to Stigg fails:
 *
 * - 400, 404, 409 and 422 as they are, and 400 for an invalid argument: the client's input may be the reason.
 * - 500 if the backend is misconfigured: a key that is not accepted (401, 403), or a wrong base URL. A 401 or 403 would
 *   tell the client that its own credentials are wrong.
 * - 502 for a response that is not what the API documents.
 * - 503 if the API is unavailable: no connection, a timeout, 5xx, and 429, which is about the backend's own rate. Send
 *   {@link retryAfter} in the header `Retry-After` if it is not null.
 *
 * A denial is not an error of a call: `StiggEntitlementDeniedError` of `Entitlements` needs a status of its own, such as
 * 402.
 *
 * @example
 * import { HttpServerResponse } from "@effect/platform"
 * import { Duration } from "effect"
 * import { StiggError } from "effect-stigg"
 *
 * const toResponse = (error: StiggError.StiggError) => {
 *   const wait = StiggError.retryAfter(error)
 *   return HttpServerResponse.unsafeJson(
 *     { error: error._tag },
 *     {
 *       status: StiggError.toHttpStatus(error),
 *       headers: wait === null ? {} : { "retry-after": `${Math.ceil(Duration.toSeconds(wait))}` }
 *     }
 *   )
 * }
 *
 * @category getters
 * @since 0.1.0
 */
export const toHttpStatus = (error: StiggError): 400 | 404 | 409 | 422 | 500 | 502 | 503 => httpStatuses[error._tag]

/**
 * Handlers for `Effect.catchTags`, one for each tag of a group of errors.
 *
 * @example
 * import { Effect } from "effect"
 * import { StiggError } from "effect-stigg"
 *
 * const denied: StiggError.Handlers<StiggError.Unauthorized, Effect.Effect<boolean>> = StiggError.unauthorized(() =>
 *   Effect.succeed(false)
 * )
 * console.log(Object.keys(denied)) // [ "StiggAuthenticationError", "StiggPermissionDeniedError" ]
 *
 * @category groups
 * @since 0.1.0
 */
export type Handlers<E extends StiggError, A> = {
  readonly [Tag in E["_tag"]]: (error: Extract<E, { readonly _tag: Tag }>) => A
}

/** Makes handlers for several tags from one function. */
const group =
  <const Tags extends ReadonlyArray<StiggError["_tag"]>>(...tags: Tags) =>
  <A>(
    handler: (error: Extract<StiggError, { readonly _tag: Tags[number] }>) => A
  ): Handlers<Extract<StiggError, { readonly _tag: Tags[number] }>, A> =>
    // `Object.fromEntries` loses the key types.
    Object.fromEntries(tags.map((tag) => [tag, handler])) as never

/**
 * The errors of {@link unavailable}. `status` is null if there was no response, and `retryAfter` if the API did not say
 * how long to wait.
 *
 * @example
 * import type { StiggError } from "effect-stigg"
 *
 * const describe = ({ attempts, operation, status }: StiggError.Unavailable): string =>
 *   `${operation}: ${status ?? "no response"} after ${attempts} attempts`
 *
 * @category groups
 * @since 0.1.0
 */
export type Unavailable = APIConnectionError | APITimeoutError | RateLimitError | InternalServerError

/**
 * Handlers for `Effect.catchTags` when the API is unavailable: connection failures, timeouts, 429 and 5xx.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.checkEntitlement("customer-acme", { featureId: "feature-sso" })),
 *   Effect.map((entitlement) => entitlement.isGranted),
 *   Effect.catchTags(
 *     StiggError.unavailable(({ attempts, message, status }) =>
 *       Effect.as(Effect.logWarning(message, { status, attempts }), true)
 *     )
 *   )
 * )
 *
 * @category groups
 * @since 0.1.0
 */
export const unavailable: <A>(handler: (error: Unavailable) => A) => Handlers<Unavailable, A> = group(
  "StiggAPIConnectionError",
  "StiggAPITimeoutError",
  "StiggRateLimitError",
  "StiggInternalServerError"
)

/**
 * The errors of {@link unauthorized}.
 *
 * @example
 * import type { StiggError } from "effect-stigg"
 *
 * const isScoped = (error: StiggError.Unauthorized): boolean => error.status === 403
 *
 * @category groups
 * @since 0.1.0
 */
export type Unauthorized = AuthenticationError | PermissionDeniedError

/**
 * Handlers for `Effect.catchTags` when the API does not accept the key or token: 401 and 403.
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
export const unauthorized: <A>(handler: (error: Unauthorized) => A) => Handlers<Unauthorized, A> = group(
  "StiggAuthenticationError",
  "StiggPermissionDeniedError"
)

/**
 * The errors of {@link rejected}. `status` is null and `attempts` 0 if the request was invalid and not sent.
 *
 * @example
 * import type { StiggError } from "effect-stigg"
 *
 * const wasSent = (error: StiggError.Rejected): boolean => error.attempts > 0
 *
 * @category groups
 * @since 0.1.0
 */
export type Rejected = InvalidRequestError | BadRequestError | NotFoundError | ConflictError | UnprocessableEntityError

/**
 * Handlers for `Effect.catchTags` when the API, or this SDK, does not accept the call: an invalid request that was not
 * sent, and 400, 404 (`StiggNotFoundError`), 409 and 422.
 *
 * A 409 whose `code` is null is one of them, although it is retried: the API is available, and refused this change
 * because of a concurrent one, in every attempt. {@link isRetryable} is true for it, and for no other error of the group
 * unless the header `x-should-retry` says so.
 *
 * @example
 * import { Effect } from "effect"
 * import { Customers, StiggError } from "effect-stigg"
 *
 * const program = Customers.Customers.pipe(
 *   Effect.flatMap((customers) => customers.provision({ id: "customer-acme" })),
 *   Effect.catchTags(
 *     StiggError.rejected((error) => (StiggError.isRetryable(error) ? Effect.fail(error) : Effect.dieMessage(error.message)))
 *   )
 * )
 *
 * @category groups
 * @since 0.1.0
 */
export const rejected: <A>(handler: (error: Rejected) => A) => Handlers<Rejected, A> = group(
  "StiggInvalidRequestError",
  "StiggBadRequestError",
  "StiggNotFoundError",
  "StiggConflictError",
  "StiggUnprocessableEntityError"
)
