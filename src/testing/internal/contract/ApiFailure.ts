import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"

/** An error response of the API: a status and the body `{ message, code }`. */
export class ApiFailure extends Data.TaggedError("ApiFailure")<{
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}> {}

/** A bad request. `field` names the parameter or the path into the body. */
export const badInput = (field: string, problem: string): ApiFailure =>
  new ApiFailure({ status: 400, code: "BadUserInput", message: `${field}: ${problem}` })

export const unauthenticated = (message: string): ApiFailure =>
  new ApiFailure({ status: 401, code: "Unauthenticated", message })

export const customerNotFound = (id: string): ApiFailure =>
  new ApiFailure({ status: 404, code: "CustomerNotFound", message: `Customer ${id} not found` })

export const integrationNotFound = (id: string): ApiFailure =>
  new ApiFailure({ status: 404, code: "IntegrationNotFound", message: `Integration ${id} not found` })

export const grantNotFound = (featureId: string): ApiFailure =>
  new ApiFailure({
    status: 404,
    code: "PromotionalEntitlementNotFound",
    message: `Promotional entitlement for feature ${featureId} not found`
  })

export const featureNotFound = (featureId: string): ApiFailure =>
  new ApiFailure({ status: 404, code: "FeatureNotFound", message: `Feature ${featureId} not found` })

export const duplicated = (what: string, id: string): ApiFailure =>
  new ApiFailure({ status: 409, code: "DuplicatedEntityNotAllowed", message: `${what} ${id} already exists` })

export const routeNotFound = (method: string, path: string): ApiFailure =>
  new ApiFailure({ status: 404, code: "RouteNotFound", message: `Cannot ${method} ${path}` })

export const rateLimited = (retryAfterSeconds: number): ApiFailure =>
  new ApiFailure({
    status: 429,
    code: "RateLimitExceeded",
    message: "Too many requests",
    headers: { "retry-after": String(retryAfterSeconds) }
  })

export const internal: ApiFailure = new ApiFailure({
  status: 500,
  code: "InternalServerError",
  message: "Internal server error"
})

/** Encodes a failure as a response. */
export const toResponse = (failure: ApiFailure): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson(
    { message: failure.message, code: failure.code },
    { status: failure.status, headers: failure.headers }
  )

/** Turns every failure into a response with the API's error body. */
export const caught = <E, R>(
  handled: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R> =>
  Effect.catchAllCause(handled, (cause) => {
    if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
    const failure = of(Cause.squash(cause))
    const response = Effect.succeed(toResponse(failure))
    return failure === internal ? Effect.zipRight(Effect.logError(cause), response) : response
  })

/** Maps any failure to the API's error. */
export const of = (error: unknown): ApiFailure => {
  if (error instanceof ApiFailure) return error
  if (error instanceof HttpApiError.HttpApiDecodeError) {
    const issue = error.issues[0]
    const field = issue === undefined || issue.path.length === 0 ? "body" : issue.path.map(String).join(".")
    return badInput(field, issue?.message ?? error.message)
  }
  if (error instanceof HttpServerError.RouteNotFound) {
    const path = error.request.url.replace(/\?.*/s, "")
    return isEncoded(path) ? routeNotFound(error.request.method, path) : badInput("path", "not valid percent-encoding")
  }
  if (error instanceof HttpServerError.RequestError) return badInput("body", "not valid JSON")
  if (isStackOverflow(error)) return badInput("body", "nested too deeply")
  return internal
}

/** Only reading a body and describing its errors recurses. V8 reports a stack overflow only by this message. */
const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message === "Maximum call stack size exceeded"

const isEncoded = (path: string): boolean => Either.isRight(Either.try(() => decodeURIComponent(path)))
