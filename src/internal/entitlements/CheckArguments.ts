import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import { CheckEntitlement, RetrieveEntitlements } from "../../schemas/Entitlement.js"
import { CustomerPath } from "../../schemas/Identifier.js"
import type { InvalidRequestError } from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"

const operation = "entitlements.check"

const encodePath = ParseResult.encodeUnknownEither(CustomerPath)
const encodeCheck = ParseResult.encodeUnknownEither(CheckEntitlement, { onExcessProperty: "error" })
const encodeRetrieve = ParseResult.encodeUnknownEither(RetrieveEntitlements, { onExcessProperty: "error" })

const isId = (id: unknown): boolean => typeof id === "string" && id.length > 0 && id.length <= 255

/** Accepts nearly every valid customer id without the schema, which decides the rest. */
const isPlainCustomerId = (id: unknown): boolean => typeof id === "string" && /^[\w|@-][\w|.@-]{0,254}$/.test(id)

/**
 * Whether the schema accepts the params of a check. Written by hand, because the schema takes ten times as long as the
 * rest of a cache hit; a test compares the two.
 */
export const isValid = (params: CheckEntitlement): boolean => {
  if (typeof params !== "object" || params === null) return false
  const { currencyId, featureId, requestedUsage, requestedValues, resourceId } = params
  if (!isId(featureId ?? currencyId) || (featureId !== undefined && currencyId !== undefined)) return false
  if (requestedUsage !== undefined && !(Number.isSafeInteger(requestedUsage) && requestedUsage >= 0)) return false
  if (resourceId !== undefined && !isId(resourceId)) return false
  if (requestedValues !== undefined) {
    if (!Array.isArray(requestedValues) || currencyId !== undefined) return false
    for (const value of requestedValues as ReadonlyArray<unknown>) {
      if (typeof value !== "string" || value === "" || value.includes(",")) return false
    }
  }
  for (const name in params) if (!fields.has(name)) return false
  return true
}

const fields = new Set(["featureId", "currencyId", "requestedUsage", "requestedValues", "resourceId"])

/** The error for params that {@link isValid} rejects. */
export const paramsError = (params: unknown): InvalidRequestError =>
  Either.match(encodeCheck(params), {
    onLeft: (issue) => Failure.invalidInput(operation, "params", issue),
    onRight: () => Failure.invalid(operation, "params", "Expected the params of a check")
  })

/** The error for an invalid customer or resource id; undefined if both are valid. */
export const idError = (customerId: string, resourceId: string | undefined): InvalidRequestError | undefined => {
  if (isPlainCustomerId(customerId) && (resourceId === undefined || isId(resourceId))) return undefined
  const path = Either.flip(encodePath({ id: customerId }))
  if (Either.isRight(path)) return Failure.invalidInput(operation, "customerId", path.right)
  const query = Either.flip(encodeRetrieve(resourceId === undefined ? {} : { resourceId }))
  return Either.isRight(query) ? Failure.invalidInput(operation, "params", query.right) : undefined
}

/** The cache key of a check: checks with the same arguments have the same answer. */
export const cacheKey = ({ currencyId, featureId, requestedUsage, requestedValues }: CheckEntitlement): string =>
  requestedUsage === undefined && requestedValues === undefined
    ? `${featureId === undefined ? "c" : "f"}:${featureId ?? currencyId}`
    : JSON.stringify([featureId, currencyId, requestedUsage, requestedValues])
