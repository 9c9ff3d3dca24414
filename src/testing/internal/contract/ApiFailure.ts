import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Excerpt from "../../../internal/failure/Excerpt.js"
import * as Issue from "../../../internal/failure/Issue.js"
import { InvalidUtf8 } from "../http/InvalidUtf8.js"
import * as Trace from "./Trace.js"

/** An error response of the API: a status and the body `{ message, code, traceId }`. */
export class ApiFailure extends Data.TaggedError("ApiFailure")<{
  readonly status: number
  readonly code: string | null
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}> {}

const maxMessage = 400
const maxValue = 60

/** A failure with a message that quotes the request. */
const quoting = (status: number, code: string, message: string): ApiFailure =>
  new ApiFailure({ status, code, message: Excerpt.line(message, maxMessage) })

/** A bad request. `field` names the parameter or the path into the body. */
export const badInput = (field: string, problem: string): ApiFailure =>
  quoting(400, "BadUserInput", `${field}: ${problem}`)

export const unauthenticated = (message: string): ApiFailure =>
  new ApiFailure({ status: 401, code: "Unauthenticated", message })

/** A write with a publishable key. */
export const readOnlyKey: ApiFailure = new ApiFailure({
  status: 403,
  code: "IdentityForbidden",
  message: "The API key is publishable (client-…) and may only read"
})

const notFound = (what: string, id: string, code = `${what}NotFound`): ApiFailure =>
  quoting(404, code, `${what} ${id} not found`)

export const customerNotFound = (id: string): ApiFailure => notFound("Customer", id)

export const integrationNotFound = (id: string): ApiFailure => notFound("Integration", id)

export const grantNotFound = (featureId: string): ApiFailure =>
  notFound("Promotional entitlement for feature", featureId, "PromotionalEntitlementNotFound")

export const featureNotFound = (featureId: string): ApiFailure => notFound("Feature", featureId)

export const duplicated = (what: string, id: string): ApiFailure =>
  quoting(409, "DuplicatedEntityNotAllowed", `${what} ${id} already exists`)

export const routeNotFound = (method: string, path: string): ApiFailure =>
  quoting(404, "RouteNotFound", `Cannot ${method} ${path}`)

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

/** The response to a failure, with a trace id of its own in the body and the headers. */
export const respond = (failure: ApiFailure): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.map(Trace.Current, (traces) => {
    const { code, message, status } = failure
    // A fault can have a trace id of its own.
    const own = Object.entries(failure.headers ?? {}).find(([name]) => name.toLowerCase() === "x-trace-id")
    const traceId = own?.[1] ?? traces.next()
    return HttpServerResponse.unsafeJson(
      { message, code, traceId },
      { status, headers: { "x-trace-id": traceId, ...failure.headers } }
    )
  })

/** Turns every failure into a response with the API's error body. */
export const caught = <E, R>(
  handled: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R> =>
  Effect.catchAllCause(handled, (cause) => {
    if (Cause.isInterruptedOnly(cause)) return Effect.interrupt
    const failure = of(Cause.squash(cause))
    return failure === internal ? Effect.zipRight(Effect.logError(cause), respond(failure)) : respond(failure)
  })

/** Maps any failure to the API's error. */
export const of = (error: unknown): ApiFailure => {
  if (error instanceof ApiFailure) return error
  if (error instanceof HttpApiError.HttpApiDecodeError) {
    const issue = error.issues[0]
    const field = issue === undefined || issue.path.length === 0 ? "body" : Issue.dotted(issue.path)
    return badInput(field, shortened(issue?.message ?? error.message))
  }
  if (error instanceof HttpServerError.RouteNotFound) {
    const path = error.request.url.replace(/\?.*/s, "")
    return isEncoded(path) ? routeNotFound(error.request.method, path) : badInput("path", "not valid percent-encoding")
  }
  if (error instanceof HttpServerError.RequestError) {
    return badInput("body", error.cause instanceof InvalidUtf8 ? error.cause.message : "not valid JSON")
  }
  if (isStackOverflow(error)) return badInput("body", "nested too deeply")
  return internal
}

/** A schema's message without most of the value that it quotes: the value can be as long as the request. */
const shortened = (message: string): string => {
  const [rule = "", ...quoted] = message.split(/(?=, actual )/)
  return `${rule}${Excerpt.line(quoted.join(""), maxValue)}`
}

/** Only reading a body and describing its errors recurses. V8 reports a stack overflow only by this message. */
const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message === "Maximum call stack size exceeded"

const isEncoded = (path: string): boolean => Either.isRight(Either.try(() => decodeURIComponent(path)))
