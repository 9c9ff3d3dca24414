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

/** Whether a customer's id is one that the schema accepts, as nearly every one is; of the others it decides. */
const isPlain = (id: unknown): boolean => typeof id === "string" && /^[\w|@-][\w|.@-]{0,254}$/.test(id)

/**
 * Whether the schema accepts a check. Written by hand, for the schema takes ten times as long as the rest of a check
 * that is answered from memory; a test holds the two against each other.
 */
export const isAcceptable = (params: CheckEntitlement): boolean => {
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
  for (const name in params) if (!names.has(name)) return false
  return true
}

const names = new Set(["featureId", "currencyId", "requestedUsage", "requestedValues", "resourceId"])

/** What is wrong with a check that is not acceptable. */
export const fault = (params: unknown): InvalidRequestError =>
  Either.match(encodeCheck(params), {
    onLeft: (issue) => Failure.invalidInput(operation, "params", issue),
    onRight: () => Failure.invalid(operation, "params", "is nothing that the API accepts")
  })

/** What is wrong with a customer's id or with the id of its resource; undefined when they can be sent. */
export const idFault = (customerId: string, resourceId: string | undefined): InvalidRequestError | undefined => {
  if (isPlain(customerId) && (resourceId === undefined || isId(resourceId))) return undefined
  const path = Either.flip(encodePath({ id: customerId }))
  if (Either.isRight(path)) return Failure.invalidInput(operation, "customerId", path.right)
  const query = Either.flip(encodeRetrieve(resourceId === undefined ? {} : { resourceId }))
  return Either.isRight(query) ? Failure.invalidInput(operation, "params", query.right) : undefined
}

/** The arguments of a check as one string: those that are alike have the same answer. */
export const key = ({ currencyId, featureId, requestedUsage, requestedValues }: CheckEntitlement): string =>
  requestedUsage === undefined && requestedValues === undefined
    ? `${featureId === undefined ? "c" : "f"}:${featureId ?? currencyId}`
    : JSON.stringify([featureId, currencyId, requestedUsage, requestedValues])
