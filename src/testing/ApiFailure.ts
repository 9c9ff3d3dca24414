import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"

/** What the API answers when it does not do what it was asked: a status and the body `{ message, code }`. */
export class ApiFailure extends Data.TaggedError("ApiFailure")<{
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}> {}

/** A bad request; `field` names the parameter or the path into the body. */
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

/** The response of a failure. */
export const toResponse = (failure: ApiFailure): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson(
    { message: failure.message, code: failure.code },
    { status: failure.status, headers: failure.headers }
  )
