import type * as DateTime from "effect/DateTime"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type { Dictionary } from "./Dictionary.js"
import { Dictionary as DictionarySchema, JsonRecord } from "./Dictionary.js"
import { QueryId } from "./Identifier.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { QueryListItem } from "./Pagination.js"
import { requestStruct } from "./RequestStruct.js"
import { list, nullable, responseStruct } from "./ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"

/**
 * Why access is denied.
 *
 * @category entitlements
 * @since 0.1.0
 */
export type EntitlementDeniedReason = typeof EntitlementDeniedReason.Type

/**
 * The schema of {@link EntitlementDeniedReason}: open, for the API adds reasons.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const EntitlementDeniedReason = openEnum(
  "EntitlementDeniedReason",
  "FeatureNotFound",
  "CustomerNotFound",
  "CustomerIsArchived",
  "CustomerResourceNotFound",
  "NoActiveSubscription",
  "NoFeatureEntitlementInSubscription",
  "RequestedUsageExceedingLimit",
  "RequestedValuesMismatch",
  "BudgetExceeded",
  "Unknown",
  "FeatureTypeMismatch",
  "Revoked",
  "InsufficientCredits",
  "EntitlementNotFound"
)

/**
 * How often usage starts again from zero.
 *
 * @category entitlements
 * @since 0.1.0
 */
export type ResetPeriod = typeof ResetPeriod.Type

/**
 * The schema of {@link ResetPeriod}.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const ResetPeriod = openEnum("ResetPeriod", "YEAR", "MONTH", "WEEK", "DAY", "HOUR")

/**
 * The feature that an entitlement is to.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface FeatureReference {
  readonly id: string
  readonly displayName: string
  readonly featureType: typeof FeatureType.Type
  readonly featureStatus: typeof FeatureStatus.Type
}

const FeatureType = openEnum("FeatureType", "BOOLEAN", "NUMBER", "ENUM")
const FeatureStatus = openEnum("FeatureStatus", "NEW", "SUSPENDED", "ACTIVE")

/**
 * The schema of {@link FeatureReference}.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const FeatureReference: Schema.Schema<
  FeatureReference,
  ResponseJson<FeatureReference>
> = responseStruct<FeatureReference>("FeatureReference", {
  id: Schema.String,
  displayName: Schema.String,
  featureType: FeatureType,
  featureStatus: FeatureStatus
})

/**
 * Whether a customer may use a feature, and how much of it.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface FeatureEntitlement {
  readonly type: "FEATURE"
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  readonly feature: FeatureReference | null
  readonly currentUsage: number | null
  /** Null where there is none: look at `hasUnlimitedUsage`. */
  readonly usageLimit: number | null
  readonly hasUnlimitedUsage: boolean | null
  readonly resetPeriod: ResetPeriod | null
  readonly usagePeriodAnchor: DateTime.Utc | null
  readonly usagePeriodStart: DateTime.Utc | null
  readonly usagePeriodEnd: DateTime.Utc | null
  readonly entitlementUpdatedAt: DateTime.Utc | null
  /** The moment from which the answer must be computed again. */
  readonly validUntil: DateTime.Utc | null
}

/**
 * The schema of {@link FeatureEntitlement}.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const FeatureEntitlement: Schema.Schema<
  FeatureEntitlement,
  ResponseJson<FeatureEntitlement>
> = responseStruct<FeatureEntitlement>("FeatureEntitlement", {
  type: Schema.Literal("FEATURE"),
  isGranted: Schema.Boolean,
  accessDeniedReason: nullable(EntitlementDeniedReason),
  feature: nullable(FeatureReference),
  currentUsage: nullable(Schema.Finite),
  usageLimit: nullable(Schema.Finite),
  hasUnlimitedUsage: nullable(Schema.Boolean),
  resetPeriod: nullable(ResetPeriod),
  usagePeriodAnchor: nullable(Timestamp),
  usagePeriodStart: nullable(Timestamp),
  usagePeriodEnd: nullable(Timestamp),
  entitlementUpdatedAt: nullable(Timestamp),
  validUntil: nullable(Timestamp)
})

/**
 * A currency of your own, such as credits.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CustomCurrency {
  readonly currencyId: string
  readonly displayName: string
  readonly description: string | null
  readonly metadata: Dictionary | null
  readonly unitSingular: string | null
  readonly unitPlural: string | null
}

/**
 * The schema of {@link CustomCurrency}.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const CustomCurrency: Schema.Schema<
  CustomCurrency,
  ResponseJson<CustomCurrency>
> = responseStruct<CustomCurrency>("CustomCurrency", {
  currencyId: Schema.String,
  displayName: Schema.String,
  description: nullable(Schema.String),
  metadata: nullable(DictionarySchema),
  unitSingular: nullable(Schema.String),
  unitPlural: nullable(Schema.String)
})

/**
 * Whether a customer may spend credits, and how many. Credits may be overdrawn: usage above the limit.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CreditEntitlement {
  readonly type: "CREDIT"
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  readonly currency: CustomCurrency
  readonly currentUsage: number
  readonly usageLimit: number
  readonly usageUpdatedAt: DateTime.Utc
  readonly usagePeriodEnd: DateTime.Utc | null
  readonly entitlementUpdatedAt: DateTime.Utc | null
  /** The moment from which the answer must be computed again. */
  readonly validUntil: DateTime.Utc | null
}

/**
 * The schema of {@link CreditEntitlement}.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const CreditEntitlement: Schema.Schema<
  CreditEntitlement,
  ResponseJson<CreditEntitlement>
> = responseStruct<CreditEntitlement>("CreditEntitlement", {
  type: Schema.Literal("CREDIT"),
  isGranted: Schema.Boolean,
  accessDeniedReason: nullable(EntitlementDeniedReason),
  currency: CustomCurrency,
  currentUsage: Schema.Finite,
  usageLimit: Schema.Finite,
  usageUpdatedAt: Timestamp,
  usagePeriodEnd: nullable(Timestamp),
  entitlementUpdatedAt: nullable(Timestamp),
  validUntil: nullable(Timestamp)
})

declare enum AnyOtherType {
  Type = "any string but FEATURE and CREDIT"
}

/**
 * The `type` of an entitlement that this SDK does not know: any string but `"FEATURE"` and `"CREDIT"`. TypeScript has no
 * such type; an enum that exists nowhere stands for it, so that comparing `type` with `"FEATURE"` narrows. To compare
 * it with a name that you know, read `raw["type"]`.
 *
 * @category entitlements
 * @since 0.1.0
 */
export type UnknownEntitlementType = AnyOtherType

const isUnknownType = (type: string): type is UnknownEntitlementType => type !== "FEATURE" && type !== "CREDIT"

/**
 * An entitlement of a type that this SDK does not know: what every entitlement has, and the rest as it came.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface UnknownEntitlement {
  readonly type: UnknownEntitlementType
  readonly isGranted: boolean
  /** Null when access is granted. */
  readonly accessDeniedReason: EntitlementDeniedReason | null
  /** The whole entitlement, as it came. */
  readonly raw: JsonRecord
}

/**
 * The schema of {@link UnknownEntitlement}. It is written as it came: `raw`.
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
 * An entitlement: to a feature, to credits, or of a type that this SDK does not know. Narrow it by its `type`.
 *
 * @category entitlements
 * @since 0.1.0
 */
export type Entitlement = FeatureEntitlement | CreditEntitlement | UnknownEntitlement

/**
 * The schema of {@link Entitlement}. The type chooses the shape, so that a wrong field is reported for that shape alone.
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

/**
 * All the entitlements of a customer.
 *
 * @see https://docs.stigg.io/api-reference
 * @category entitlements
 * @since 0.1.0
 */
export interface EntitlementsState {
  /** Why there are none; null when access is not denied as a whole. */
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
 * The schema of {@link EntitlementsState}.
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
 * A check of a feature.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CheckFeatureEntitlement {
  /** The feature, 1 to 255 characters. */
  readonly featureId: string
  readonly currencyId?: never
  /** For a numeric feature: how much more is wanted, a whole number from 0. */
  readonly requestedUsage?: number | undefined
  /** For an enum feature: the values that are wanted. None may hold a comma. */
  readonly requestedValues?: ReadonlyArray<string> | undefined
  /** The resource, where a customer has several subscriptions: forgetting it is a common mistake. */
  readonly resourceId?: string | undefined
}

/**
 * A check of credits.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface CheckCreditEntitlement {
  /** The custom currency, 1 to 255 characters. */
  readonly currencyId: string
  readonly featureId?: never
  readonly requestedValues?: never
  /** How many more credits are wanted, a whole number from 0. */
  readonly requestedUsage?: number | undefined
  /** The resource, where a customer has several subscriptions: forgetting it is a common mistake. */
  readonly resourceId?: string | undefined
}

/**
 * What `customers.checkEntitlement` takes: a feature or a currency, never both.
 *
 * @category entitlements
 * @since 0.1.0
 */
export type CheckEntitlement = CheckFeatureEntitlement | CheckCreditEntitlement

/**
 * The schema of {@link CheckEntitlement}.
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
      return { path: ["currencyId"], message: "featureId and currencyId exclude each other" }
    }
    return params.requestedValues === undefined
      ? undefined
      : { path: ["requestedValues"], message: "requestedValues is for enum features, not for a currency" }
  })
  // The filter above is what makes the one struct, which names the field at fault, the two of the type.
) as unknown as Schema.Schema<CheckEntitlement, RequestJson<CheckEntitlement>>

/**
 * What `customers.retrieveEntitlements` takes.
 *
 * @category entitlements
 * @since 0.1.0
 */
export interface RetrieveEntitlements {
  /** The resource, where a customer has several subscriptions: forgetting it is a common mistake. */
  readonly resourceId?: string | undefined
}

/**
 * The schema of {@link RetrieveEntitlements}.
 *
 * @category entitlements
 * @since 0.1.0
 */
export const RetrieveEntitlements: Schema.Schema<
  RetrieveEntitlements,
  RequestJson<RetrieveEntitlements>
> = requestStruct("RetrieveEntitlements", { resourceId: Schema.optional(QueryId) })
