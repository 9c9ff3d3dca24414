import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import type { Entry, OrderedIndex, Page } from "./OrderedIndex.js"
import { defaultLimit } from "../contract/Query.js"
import { World } from "./World.js"

/** Encodes values as response JSON. */
type Write<A> = (value: A) => unknown

/**
 * Encodes with a schema. A value that cannot be encoded is an emulator bug and becomes a 500, where `HttpApi` would
 * respond with a 400.
 *
 * @param absent keys that the API omits where this SDK has null
 */
const writer = <A, I>(schema: Schema.Schema<A, I>, absent: ReadonlyArray<string> = []): Write<A> => {
  const encode = Schema.encodeSync(schema)
  if (absent.length === 0) return encode
  return (value) => {
    const json: unknown = encode(value)
    return Predicate.isRecord(json)
      ? Object.fromEntries(Object.entries(json).filter(([key, field]) => field !== null || !absent.includes(key)))
      : json
  }
}

const withoutNulls = (json: unknown): unknown =>
  Predicate.isReadonlyRecord(json)
    ? Object.fromEntries(
        Object.entries(json).flatMap(([key, value]) => (value === null ? [] : [[key, withoutNulls(value)]]))
      )
    : json

const writeCustomer = writer(Schemas.Customer, ["passthrough"])

export const customer: Write<Schemas.Customer> = (value) => {
  const json = writeCustomer(value)
  // The API documents no null inside it.
  return value.passthrough !== null && Predicate.isRecord(json)
    ? { ...json, passthrough: withoutNulls(json["passthrough"]) }
    : json
}

export const entitlement: Write<Schemas.Entitlement> = writer(Schemas.Entitlement, [
  "feature",
  "currentUsage",
  "hasUnlimitedUsage",
  "usagePeriodAnchor",
  "usagePeriodStart",
  "usagePeriodEnd",
  "entitlementUpdatedAt",
  "validUntil"
])

export const entitlementsState: Write<Schemas.EntitlementsState> = ({ accessDeniedReason, entitlements }) => ({
  accessDeniedReason,
  entitlements: entitlements.map(entitlement)
})

export const contract: Write<Schemas.Contract> = writer(Schemas.Contract)
export const importResult: Write<Schemas.ImportResult> = writer(Schemas.ImportResult)
export const integration: Write<Schemas.Integration> = writer(Schemas.Integration)
export const invoice: Write<Schemas.Invoice> = writer(Schemas.Invoice)
export const promotionalEntitlement: Write<Schemas.PromotionalEntitlement> = writer(Schemas.PromotionalEntitlement)
export const resource: Write<Schemas.CustomerResource> = writer(Schemas.CustomerResource)

/** A response with one value, or with a list without pages. */
export const one = <A>(write: Write<A>, value: A, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson({ data: write(value) }, { status })

export const many = <A>(write: Write<A>, values: ReadonlyArray<A>): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson({ data: values.map(write) })

/**
 * A response with a page of a list.
 *
 * @param scope the list's name, which its cursors are bound to
 */
export const page = <E extends Entry, A>(options: {
  readonly scope: string
  readonly of: OrderedIndex<E>
  readonly query: Schemas.PageParams
  readonly keep: (entry: E) => boolean
  readonly value: (entry: E) => A
  readonly write: Write<A>
}): Effect.Effect<HttpServerResponse.HttpServerResponse, ApiFailure.ApiFailure, World> =>
  Effect.flatMap(World, ({ ids }) => {
    const { keep, of, query, scope } = options
    const limit = query.limit ?? defaultLimit
    const entryAt = (name: "after" | "before"): Either.Either<E | undefined, ApiFailure.ApiFailure> => {
      const cursor = query[name]
      if (cursor === undefined) return Either.right(undefined)
      const serial = ids.serial(scope, cursor)
      const entry = serial === undefined ? undefined : of.get(serial)
      return entry === undefined
        ? Either.left(ApiFailure.badInput(name, "not a cursor of this list"))
        : Either.right(entry)
    }
    // When the Ruby client requests the next page, it sends the current page's `prev` as `before`, together with its
    // `after`.
    const pageAt = (after: E | undefined, before: E | undefined): Either.Either<Page<E>, ApiFailure.ApiFailure> => {
      if (after === undefined || before === undefined) return Either.right(of.page({ after, before, limit, keep }))
      return of.precedes(after, before)
        ? Either.right(of.pageAfter({ first: before, limit, keep }))
        : Either.left(ApiFailure.badInput("before", "after and before are mutually exclusive"))
    }
    const entries = Either.all([entryAt("after"), entryAt("before")])
    const page = Either.flatMap(entries, ([after, before]) => pageAt(after, before))
    return Either.map(page, (found) => {
      const [first, last] = [found.items[0], found.items.at(-1)]
      return HttpServerResponse.unsafeJson({
        data: found.items.map((entry) => options.write(options.value(entry))),
        pagination: {
          next: found.hasNext && last !== undefined ? ids.uuid(scope, last.serial) : null,
          prev: found.hasPrevious && first !== undefined ? ids.uuid(scope, first.serial) : null
        }
      })
    })
  })

/** Whether an entry was created within a range. */
export const isCreatedIn =
  (range: Schemas.TimestampRange = {}) =>
  ({ createdAt }: Entry): boolean =>
    createdAt > (range.gt?.epochMillis ?? -Infinity) &&
    createdAt >= (range.gte?.epochMillis ?? -Infinity) &&
    createdAt < (range.lt?.epochMillis ?? Infinity) &&
    createdAt <= (range.lte?.epochMillis ?? Infinity)
