import * as Schema from "effect/Schema"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { nullable, responseStruct } from "./internal/ResponseStruct.js"

/**
 * The body of an error response. Which codes are known depends on the status.
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
  /** What went wrong, for a person to read. */
  readonly message: string
  /** What went wrong, for a program to read; null where the API names no code. */
  readonly code: string | null
}

type ErrorBodySchema = Schema.Schema<ErrorBody, ResponseJson<ErrorBody>>

const errorBody = (identifier: string, code: Schema.Schema<string, string>): ErrorBodySchema =>
  responseStruct<ErrorBody>(identifier, { message: Schema.String, code: nullable(code) })

/**
 * The schema of the body of a 400. Its code is free text.
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
export const BadInputError: ErrorBodySchema = errorBody("BadInputError", Schema.String)

/**
 * The schema of the body of a 401.
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
export const UnauthenticatedError: ErrorBodySchema = errorBody(
  "UnauthenticatedError",
  openEnum("UnauthenticatedErrorCode", "Unauthenticated")
)

/**
 * The schema of the body of a 403.
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
export const ForbiddenError: ErrorBodySchema = errorBody(
  "ForbiddenError",
  openEnum("ForbiddenErrorCode", "IdentityForbidden", "AccessDeniedError", "NoFeatureEntitlementError")
)

/**
 * The schema of the body of a 404. Its code is free text.
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
export const NotFoundError: ErrorBodySchema = errorBody("NotFoundError", Schema.String)

/**
 * The schema of the body of a 409.
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
export const ConflictError: ErrorBodySchema = errorBody(
  "ConflictError",
  openEnum("ConflictErrorCode", "DuplicatedEntityNotAllowed", "EntitlementBelongsToFeatureGroupError")
)

/**
 * The schema of the body of a 429.
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
export const TooManyRequestsError: ErrorBodySchema = errorBody(
  "TooManyRequestsError",
  openEnum("TooManyRequestsErrorCode", "RateLimitExceeded")
)
