import * as Schema from "effect/Schema"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { nullable, responseStruct } from "./ResponseStruct.js"

/**
 * The body of an error response. Which codes are known depends on the status.
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
 * @category error bodies
 * @since 0.1.0
 */
export const BadInputError: ErrorBodySchema = errorBody("BadInputError", Schema.String)

/**
 * The schema of the body of a 401.
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
 * @category error bodies
 * @since 0.1.0
 */
export const NotFoundError: ErrorBodySchema = errorBody("NotFoundError", Schema.String)

/**
 * The schema of the body of a 409.
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
 * @category error bodies
 * @since 0.1.0
 */
export const TooManyRequestsError: ErrorBodySchema = errorBody(
  "TooManyRequestsError",
  openEnum("TooManyRequestsErrorCode", "RateLimitExceeded")
)
