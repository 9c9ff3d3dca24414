import * as Schema from "effect/Schema"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { nullable, responseStruct } from "./internal/ResponseStruct.js"

/**
 * The body of an error response. The known codes depend on the status.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const describe = (body: Schemas.ErrorBody): string => `${body.code ?? "no code"}: ${body.message}`
 * console.log(describe({ message: "Customer not found", code: "CustomerNotFound" }))
 * // CustomerNotFound: Customer not found
 *
 * @category error bodies
 * @since 0.1.0
 */
export interface ErrorBody {
  /** A description of the error for humans. */
  readonly message: string
  /** The error code for programs; null if the API sends none. */
  readonly code: string | null
}

const errorBody = (
  identifier: string,
  code: Schema.Schema<string, string>
): Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> =>
  responseStruct<ErrorBody>(identifier, { message: Schema.String, code: nullable(code) })

/**
 * Decodes the body of a 400. The code is free text, and null when missing.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.BadInputError)
 * const body = decode({ message: "limit must not be greater than 100", code: "BadUserInput" })
 * console.log(body.code) // BadUserInput
 *
 * @category error bodies
 * @since 0.1.0
 */
export const BadInputError: Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> = errorBody(
  "BadInputError",
  Schema.String
)

/**
 * Decodes the body of a 401. The known code is `Unauthenticated`; any other string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.UnauthenticatedError)
 * const body = decode({ message: "Unauthenticated", code: "Unauthenticated" })
 * console.log(body.code) // Unauthenticated
 *
 * @category error bodies
 * @since 0.1.0
 */
export const UnauthenticatedError: Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> = errorBody(
  "UnauthenticatedError",
  openEnum("UnauthenticatedErrorCode", "Unauthenticated")
)

/**
 * Decodes the body of a 403. The known codes are `IdentityForbidden`, `AccessDeniedError` and
 * `NoFeatureEntitlementError`; any other string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.ForbiddenError)
 * const body = decode({ message: "Access denied", code: "AccessDeniedError" })
 * console.log(body.code) // AccessDeniedError
 *
 * @category error bodies
 * @since 0.1.0
 */
export const ForbiddenError: Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> = errorBody(
  "ForbiddenError",
  openEnum("ForbiddenErrorCode", "IdentityForbidden", "AccessDeniedError", "NoFeatureEntitlementError")
)

/**
 * Decodes the body of a 404. The code is free text, and null when missing.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.NotFoundError)
 * const body = decode({ message: "Customer not found", code: "CustomerNotFound" })
 * console.log(body.code) // CustomerNotFound
 *
 * @category error bodies
 * @since 0.1.0
 */
export const NotFoundError: Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> = errorBody(
  "NotFoundError",
  Schema.String
)

/**
 * Decodes the body of a 409. The known codes are `DuplicatedEntityNotAllowed` and
 * `EntitlementBelongsToFeatureGroupError`; any other string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.ConflictError)
 * const body = decode({ message: "Customer already exists", code: "DuplicatedEntityNotAllowed" })
 * console.log(body.code) // DuplicatedEntityNotAllowed
 *
 * @category error bodies
 * @since 0.1.0
 */
export const ConflictError: Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> = errorBody(
  "ConflictError",
  openEnum("ConflictErrorCode", "DuplicatedEntityNotAllowed", "EntitlementBelongsToFeatureGroupError")
)

/**
 * Decodes the body of a 429. The known code is `RateLimitExceeded`; any other string passes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.TooManyRequestsError)
 * const body = decode({ message: "Too many requests", code: "RateLimitExceeded" })
 * console.log(body.code) // RateLimitExceeded
 *
 * @category error bodies
 * @since 0.1.0
 */
export const TooManyRequestsError: Schema.Schema<ErrorBody, ResponseJson<ErrorBody>> = errorBody(
  "TooManyRequestsError",
  openEnum("TooManyRequestsErrorCode", "RateLimitExceeded")
)
