import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Schemas from "../../../Schemas.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Cursors from "../contract/Cursors.js"
import * as OrderedIndex from "./OrderedIndex.js"
import type { Entry, Page } from "./OrderedIndex.js"
import { defaultLimit } from "../contract/Query.js"
import type { CustomerEntry } from "./CustomerEntry.js"
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

const encodePassthrough = Schema.encodeSync(Schemas.Passthrough)

/**
 * A customer as the API returns it. Without the schema, whose encoder takes most of the time of a page, and each field by
 * its name: to add a field to a spread object takes 2 to 5 µs, and memory that only a full collection frees (Node 20).
 */
export const customer = ({
  customer,
  links
}: Pick<CustomerEntry, "customer" | "links">): Readonly<Record<keyof Schemas.Customer, unknown>> => ({
  id: customer.id,
  name: customer.name,
  email: customer.email,
  billingId: customer.billingId,
  billingCurrency: customer.billingCurrency,
  couponId: customer.couponId,
  language: customer.language,
  metadata: customer.metadata,
  // The API documents no null for it, nor inside it.
  passthrough: customer.passthrough === null ? undefined : withoutNulls(encodePassthrough(customer.passthrough)),
  timezone: customer.timezone,
  defaultPaymentMethod: customer.defaultPaymentMethod,
  integrations: links.map(({ link }) => ({
    id: link.id,
    syncedEntityId: link.syncedEntityId,
    vendorIdentifier: link.vendorIdentifier
  })),
  createdAt: DateTime.formatIso(customer.createdAt),
  updatedAt: DateTime.formatIso(customer.updatedAt),
  archivedAt: customer.archivedAt === null ? null : DateTime.formatIso(customer.archivedAt)
})

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
 * @param of the whole list
 * @param among its entries that can be on a page; all by default
 */
export const page = <E extends Entry, A>(options: {
  readonly scope: string
  readonly of: OrderedIndex.ReadonlyOrderedIndex<E>
  readonly among?: ReadonlyArray<E> | undefined
  readonly createdAt?: Schemas.TimestampRange | undefined
  readonly query: Schemas.PageParams
  readonly keep: (entry: E) => boolean
  readonly value: (entry: E) => A
  readonly write: Write<A>
}): Effect.Effect<HttpServerResponse.HttpServerResponse, ApiFailure.ApiFailure, World> =>
  Effect.flatMap(World, ({ ids }) => {
    const { createdAt, keep, of, query, scope } = options
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
    const selected = selection(options.among ?? of.all, createdAt, keep)
    // When the Ruby client requests the next page, it sends the current page's `prev` as `before`, together with its
    // `after`. The option `strict` refuses that earlier.
    const pageAt = (after: E | undefined, before: E | undefined): Either.Either<Page<E>, ApiFailure.ApiFailure> => {
      if (after === undefined || before === undefined) {
        return Either.right(OrderedIndex.page(selected, { after, before, limit }))
      }
      return OrderedIndex.precedes(after, before)
        ? Either.right(OrderedIndex.pageAfter(selected, before, limit))
        : Either.left(Cursors.exclusive)
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

/** The entries that were created within a range. */
const selection = <E extends Entry>(
  entries: ReadonlyArray<E>,
  { gt, gte, lt, lte }: Schemas.TimestampRange = {},
  keep: (entry: E) => boolean
): OrderedIndex.Selection<E> => {
  const [above, atLeast] = [gt?.epochMillis ?? -Infinity, gte?.epochMillis ?? -Infinity]
  const [below, atMost] = [lt?.epochMillis ?? Infinity, lte?.epochMillis ?? Infinity]
  return {
    entries,
    from: OrderedIndex.firstPosition(entries, ({ createdAt }) => createdAt > above && createdAt >= atLeast),
    to: OrderedIndex.firstPosition(entries, ({ createdAt }) => createdAt >= below || createdAt > atMost),
    keep
  }
}
