import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { CreditEntitlement } from "./CreditEntitlement.js"
import { JsonRecord } from "./Dictionary.js"
import { EntitlementDeniedReason } from "./EntitlementDeniedReason.js"
import { FeatureEntitlement } from "./FeatureEntitlement.js"
import { QueryId, QueryListItem } from "./Identifier.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { requestStruct } from "./internal/RequestStruct.js"
import * as Decoder from "./internal/Decoder.js"
import { list, nullable, responseStruct } from "./internal/ResponseStruct.js"

declare enum AnyOtherType {
  Type = "any string but FEATURE and CREDIT"
}

/**
 * The `type` of an entitlement that this SDK does not know: any string but `"FEATURE"` and `"CREDIT"`. TypeScript
 * cannot express that type, so an enum that does not exist at runtime stands for it, and comparing `type` with
 * `"FEATURE"` narrows. To compare it with a name that you know, read `raw["type"]`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const text = (type: Schemas.UnknownEntitlementType): string => `no rule for ${type}`
 *
 * @category entitlements
 * @since 0.1.0
 */
export type UnknownEntitlementType = AnyOtherType

const isUnknownType = (type: string): type is UnknownEntitlementType => type !== "FEATURE" && type !== "CREDIT"

/**
 * An entitlement of a type that this SDK does not know: the fields that every entitlement has, and the whole JSON as
 * `raw`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const allow = (entitlement: Schemas.UnknownEntitlement): boolean =>
 *   entitlement.isGranted && entitlement.raw["type"] === "SEAT"
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface UnknownEntitlement {
  readonly type: UnknownEntitlementType
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  /** The whole entitlement, unchanged. */
  readonly raw: JsonRecord
}

/**
 * Decodes an entitlement of an unknown type. `type` and `isGranted` are required; `accessDeniedReason` defaults to
 * null. Encoding writes `raw` and ignores the other fields.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.UnknownEntitlement)
 * console.log(decode({ type: "SEAT", isGranted: true, seats: 5 }).raw["seats"]) // 5
 *
 * @category entitlements
 * @since 0.1.0
 */
export const UnknownEntitlement: Schema.Schema<UnknownEntitlement, JsonRecord> = Schema.transform(
  JsonRecord,
  Schema.Struct({
    type: Schema.String.pipe(Schema.filter(isUnknownType)),
    isGranted: Schema.Boolean,
    accessDeniedReason: Schema.NullOr(EntitlementDeniedReason),
    raw: JsonRecord
  }).annotations({
    arbitrary: () => (fc) =>
      fc
        .record({
          type: fc.constantFrom("SEAT", "BUNDLE").filter(isUnknownType),
          isGranted: fc.boolean(),
          accessDeniedReason: fc.option(fc.string())
        })
        .chain((known) => fc.jsonValue().map((more) => ({ ...known, raw: { ...known, more } })))
  }),
  {
    strict: false,
    decode: (raw) => ({
      type: raw["type"],
      isGranted: raw["isGranted"],
      accessDeniedReason: raw["accessDeniedReason"] ?? null,
      raw
    }),
    encode: ({ raw }) => raw
  }
).annotations({ identifier: "UnknownEntitlement" })

/**
 * An entitlement to a feature, to credits, or of a type that this SDK does not know. Narrow it by its `type`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const limit = (entitlement: Schemas.Entitlement): number | null =>
 *   entitlement.type === "FEATURE" || entitlement.type === "CREDIT" ? entitlement.usageLimit : null
 *
 * @category entitlements
 * @since 0.1.0
 */
export type Entitlement = FeatureEntitlement | CreditEntitlement | UnknownEntitlement

/**
 * Decodes and encodes any entitlement. Its `type` selects the shape, so issues are reported for that shape only.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.Entitlement)
 * console.log(decode({ type: "FEATURE", isGranted: true, accessDeniedReason: null, usageLimit: 10 }).isGranted) // true
 * console.log(decode({ type: "SEAT", isGranted: false }).accessDeniedReason) // null
 *
 * @category entitlements
 * @since 0.1.0
 */
export const Entitlement: Schema.Schema<Entitlement, ResponseJson<Entitlement>> = Schema.declare(
  [FeatureEntitlement, CreditEntitlement, UnknownEntitlement],
  {
    decode: (feature, credit, unknown) =>
      byType(
        ParseResult.decodeUnknownEither(feature),
        ParseResult.decodeUnknownEither(credit),
        ParseResult.decodeUnknownEither(unknown)
      ),
    encode: (feature, credit, unknown) =>
      byType(
        ParseResult.encodeUnknownEither(feature),
        ParseResult.encodeUnknownEither(credit),
        ParseResult.encodeUnknownEither(unknown)
      )
  },
  {
    identifier: "Entitlement",
    [AST.SurrogateAnnotationId]: Schema.Union(FeatureEntitlement, CreditEntitlement, UnknownEntitlement).ast,
    // On another side of the schema, each parameter is the schema of that side.
    ...Decoder.annotation((feature, credit, unknown) =>
      readByType(Decoder.compile(feature), Decoder.compile(credit), Decoder.compile(unknown))
    ),
    arbitrary: (feature, credit, unknown) => (fc) => fc.oneof(feature(fc), credit(fc), unknown(fc)),
    equivalence: (feature, credit, unknown) => (self, that) =>
      self.type === "FEATURE" && that.type === "FEATURE"
        ? feature(self, that)
        : self.type === "CREDIT" && that.type === "CREDIT"
          ? credit(self, that)
          : isUnknownType(self.type) &&
            isUnknownType(that.type) &&
            unknown(self as UnknownEntitlement, that as UnknownEntitlement)
  }
)

const byType =
  <F, C, U>(
    feature: (input: unknown, options: AST.ParseOptions) => Either.Either<F, ParseResult.ParseIssue>,
    credit: (input: unknown, options: AST.ParseOptions) => Either.Either<C, ParseResult.ParseIssue>,
    unknown: (input: unknown, options: AST.ParseOptions) => Either.Either<U, ParseResult.ParseIssue>
  ) =>
  (
    input: unknown,
    options: AST.ParseOptions,
    ast: AST.Declaration
  ): Either.Either<F | C | U, ParseResult.ParseIssue> => {
    if (!Predicate.isRecord(input)) return Either.left(new ParseResult.Type(ast, input))
    switch (input["type"]) {
      case "FEATURE":
        return feature(input, options)
      case "CREDIT":
        return credit(input, options)
      default:
        return unknown(input, options)
    }
  }

/** Decodes as {@link byType} does. */
const readByType =
  (feature: Decoder.Decoder, credit: Decoder.Decoder, unknown: Decoder.Decoder): Decoder.Decoder =>
  (input) => {
    if (!Predicate.isRecord(input)) return Decoder.invalid
    switch (input["type"]) {
      case "FEATURE":
        return feature(input)
      case "CREDIT":
        return credit(input)
      default:
        return unknown(input)
    }
  }

/**
 * All entitlements of a customer.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const granted = (state: Schemas.EntitlementsState) => state.entitlements.filter(({ isGranted }) => isGranted)
 *
 * @see https://docs.stigg.io/api-reference
 * @category entitlements
 * @since 0.1.0
 */
export interface EntitlementsState {
  /** Why the customer has no entitlements; null unless access is denied as a whole. */
  readonly accessDeniedReason: typeof StateDeniedReason.Type | null
  readonly entitlements: ReadonlyArray<Entitlement>
}

const StateDeniedReason = openEnum(
  "EntitlementsStateDeniedReason",
  "CustomerNotFound",
  "NoActiveSubscription",
  "CustomerIsArchived"
)

/**
 * Decodes all entitlements of a customer. `entitlements` defaults to an empty list, `accessDeniedReason` to null.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.EntitlementsState)
 * console.log(decode({ accessDeniedReason: "NoActiveSubscription", entitlements: [] }))
 * // { accessDeniedReason: "NoActiveSubscription", entitlements: [] }
 *
 * @category entitlements
 * @since 0.1.0
 */
export const EntitlementsState: Schema.Schema<
  EntitlementsState,
  ResponseJson<EntitlementsState>
> = responseStruct<EntitlementsState>("EntitlementsState", {
  accessDeniedReason: nullable(StateDeniedReason),
  entitlements: list(Entitlement)
})

/**
 * The parameters of a feature check.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const seats: Schemas.CheckFeatureEntitlement = { featureId: "seats", requestedUsage: 1 }
 * console.log(seats.featureId) // seats
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CheckFeatureEntitlement {
  /** The id of the feature, 1 to 255 characters. */
  readonly featureId: string
  readonly currencyId?: never
  /** For a numeric feature: the additional usage to check for, a whole number from 0. */
  readonly requestedUsage?: number | undefined
  /** For an enum feature: the values to check for. A value must not contain a comma. */
  readonly requestedValues?: ReadonlyArray<string> | undefined
  /** The resource, for a customer with several subscriptions. Forgetting it is a common mistake. */
  readonly resourceId?: string | undefined
}

/**
 * The parameters of a credit check.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const tokens: Schemas.CheckCreditEntitlement = { currencyId: "tokens", requestedUsage: 50 }
 * console.log(tokens.currencyId) // tokens
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CheckCreditEntitlement {
  /** The id of the custom currency, 1 to 255 characters. */
  readonly currencyId: string
  readonly featureId?: never
  readonly requestedValues?: never
  /** The additional credits to check for, a whole number from 0. */
  readonly requestedUsage?: number | undefined
  /** The resource, for a customer with several subscriptions. Forgetting it is a common mistake. */
  readonly resourceId?: string | undefined
}

/**
 * The parameters of `customers.checkEntitlement`: a feature or a currency, never both.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const checks: ReadonlyArray<Schemas.CheckEntitlement> = [{ featureId: "seats" }, { currencyId: "tokens" }]
 * console.log(checks.length) // 2
 *
 * @category entitlements
 * @since 0.1.0
 */
export type CheckEntitlement = CheckFeatureEntitlement | CheckCreditEntitlement

/**
 * Encodes the parameters of a check. Rejects `featureId` together with `currencyId`, neither of them, `requestedValues`
 * with a currency, and a `requestedUsage` that is negative or fractional.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeUnknownEither(Schemas.CheckEntitlement)
 * console.log(encode({ featureId: "seats" })._tag, encode({ featureId: "seats", currencyId: "tokens" })._tag)
 * // Right Left
 *
 * @category entitlements
 * @since 0.1.0
 */
export const CheckEntitlement = requestStruct("CheckEntitlement", {
  featureId: Schema.optional(QueryId),
  currencyId: Schema.optional(QueryId),
  requestedUsage: Schema.optional(Schema.Int.pipe(Schema.nonNegative({ description: "a whole number from 0" }))),
  requestedValues: Schema.optional(Schema.Array(QueryListItem)),
  resourceId: Schema.optional(QueryId)
}).pipe(
  Schema.filter((params) => {
    if (params.featureId === undefined && params.currencyId === undefined) {
      return { path: ["featureId"], message: "either featureId or currencyId is required" }
    }
    if (params.currencyId === undefined) return undefined
    if (params.featureId !== undefined) {
      return { path: ["currencyId"], message: "featureId and currencyId are mutually exclusive" }
    }
    return params.requestedValues === undefined
      ? undefined
      : { path: ["requestedValues"], message: "requestedValues is for enum features, not for a currency" }
  })
  // The filter makes this struct equivalent to the union type. A union of structs could not name the invalid field.
) as unknown as Schema.Schema<CheckEntitlement, RequestJson<CheckEntitlement>>

/**
 * The parameters of `customers.retrieveEntitlements`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const params: Schemas.RetrieveEntitlements = { resourceId: "site-1" }
 * console.log(params.resourceId) // site-1
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface RetrieveEntitlements {
  /** The resource, for a customer with several subscriptions. Forgetting it is a common mistake. */
  readonly resourceId?: string | undefined
}

/**
 * Encodes the parameters of `customers.retrieveEntitlements`. Rejects a `resourceId` that is empty or longer than 255
 * characters.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.RetrieveEntitlements)({ resourceId: "site-1" })) // { resourceId: "site-1" }
 *
 * @category entitlements
 * @since 0.1.0
 */
export const RetrieveEntitlements: Schema.Schema<
  RetrieveEntitlements,
  RequestJson<RetrieveEntitlements>
> = requestStruct("RetrieveEntitlements", { resourceId: Schema.optional(QueryId) })
