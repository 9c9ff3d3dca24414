import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { queryListItemOf } from "./Identifier.js"
import type { RequestJson, ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import type { PageParams } from "./PageParams.js"
import { oneDirection, pageFields } from "./PageParams.js"
import * as Documented from "./internal/Documented.js"
import { requestStruct } from "./internal/RequestStruct.js"
import { MonthlyReset, ResetPeriodConfiguration, WeeklyReset, YearlyReset } from "./ResetConfiguration.js"
import { ResetPeriod } from "./ResetPeriod.js"
import { nullable, responseStruct } from "./internal/ResponseStruct.js"
import { Timestamp } from "./Timestamp.js"
import { TimestampRange } from "./TimestampRange.js"

/**
 * How long a grant lasts from its start. `"custom"` requires a `customEndDate`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.PromotionalPeriod = "1 month"
 * const unknown: Schemas.PromotionalPeriod = "something new"
 * console.log(known, unknown) // 1 month something new
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export type PromotionalPeriod = Extract<typeof PromotionalPeriod.Type, string>

/**
 * Accepts any string, so a period that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.PromotionalPeriod)
 * console.log(decode("1 month"), decode("2 years")) // 1 month 2 years
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const PromotionalPeriod = openEnum(
  "PromotionalPeriod",
  "1 week",
  "1 month",
  "6 month",
  "1 year",
  "lifetime",
  "custom"
)

/**
 * The status of a grant, such as `"Active"`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.PromotionalStatus = "Active"
 * const unknown: Schemas.PromotionalStatus = "something new"
 * console.log(known, unknown) // Active something new
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export type PromotionalStatus = Extract<typeof PromotionalStatus.Type, string>

/**
 * Accepts any string, so a status that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.PromotionalStatus)
 * console.log(decode("Active"), decode("Scheduled")) // Active Scheduled
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const PromotionalStatus = openEnum("PromotionalStatus", "Active", "Expired", "Paused")

/**
 * An entitlement granted to a customer in addition to its plan.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const isForLife = (grant: Schemas.PromotionalEntitlement): boolean =>
 *   grant.status === "Active" && grant.endDate === null
 *
 * @see https://docs.stigg.io/api-reference
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface PromotionalEntitlement {
  readonly id: string
  readonly createdAt: DateTime.Utc
  readonly description: string | null
  /** The end of the grant; null for a lifetime grant. */
  readonly endDate: DateTime.Utc | null
  readonly enumValues: ReadonlyArray<string> | null
  readonly environmentId: string
  readonly featureGroupIds: ReadonlyArray<string> | null
  /** May differ from the `featureId` of the request that granted it. Pass that one to `revoke`. */
  readonly featureId: string
  readonly hasSoftLimit: boolean | null
  readonly hasUnlimitedUsage: boolean | null
  readonly isVisible: boolean
  readonly period: PromotionalPeriod
  readonly resetPeriod: ResetPeriod | null
  readonly resetPeriodConfiguration: ResetPeriodConfiguration | null
  readonly startDate: DateTime.Utc
  readonly status: PromotionalStatus
  readonly updatedAt: DateTime.Utc
  readonly usageLimit: number | null
}

/**
 * Decodes a grant. `description`, `endDate` and the list, limit and reset fields default to null; all others are
 * required.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const grant = Schema.decodeUnknownSync(Schemas.PromotionalEntitlement)({
 *   id: "018f3c5e-0d2a-7bbf-b4a1-1f6f6d3a2c11",
 *   environmentId: "production",
 *   featureId: "feature-seats",
 *   period: "1 month",
 *   status: "Active",
 *   isVisible: true,
 *   usageLimit: 5,
 *   createdAt: "2026-06-13T10:00:00.000Z",
 *   startDate: "2026-06-13T10:00:00.000Z",
 *   updatedAt: "2026-06-13T10:00:00.000Z"
 * })
 * console.log(grant.usageLimit, grant.endDate) // 5 null
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const PromotionalEntitlement: Schema.Schema<
  PromotionalEntitlement,
  ResponseJson<PromotionalEntitlement>
> = responseStruct<PromotionalEntitlement>("PromotionalEntitlement", {
  id: Documented.uuid,
  createdAt: Timestamp,
  description: nullable(Schema.String),
  endDate: nullable(Timestamp),
  enumValues: nullable(Schema.Array(Schema.String)),
  environmentId: Schema.String,
  featureGroupIds: nullable(Schema.Array(Schema.String)),
  featureId: Schema.String,
  hasSoftLimit: nullable(Schema.Boolean),
  hasUnlimitedUsage: nullable(Schema.Boolean),
  isVisible: Schema.Boolean,
  period: PromotionalPeriod,
  resetPeriod: nullable(ResetPeriod),
  resetPeriodConfiguration: nullable(ResetPeriodConfiguration),
  startDate: Timestamp,
  status: PromotionalStatus,
  updatedAt: Timestamp,
  usageLimit: nullable(Schema.Finite)
})

/**
 * A promotional entitlement to grant. Missing fields are sent as null.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const grant: Schemas.GrantPromotionalEntitlement = { featureId: "feature-seats", period: "1 month", usageLimit: 5 }
 * console.log(grant.period) // 1 month
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface GrantPromotionalEntitlement {
  /** The id of the feature to grant. */
  readonly featureId: string
  readonly period: PromotionalPeriod
  /** The end of a grant with the period `"custom"`, which requires it. */
  readonly customEndDate?: DateTime.Utc | null | undefined
  /** For an enum feature: the values to allow. */
  readonly enumValues?: ReadonlyArray<string> | null | undefined
  readonly hasSoftLimit?: boolean | null | undefined
  readonly hasUnlimitedUsage?: boolean | null | undefined
  readonly isVisible?: boolean | null | undefined
  readonly monthlyResetPeriodConfiguration?: MonthlyReset | null | undefined
  readonly weeklyResetPeriodConfiguration?: WeeklyReset | null | undefined
  readonly yearlyResetPeriodConfiguration?: YearlyReset | null | undefined
  readonly resetPeriod?: ResetPeriod | null | undefined
  /** For a numeric feature: a whole number. */
  readonly usageLimit?: number | null | undefined
}

/** Optional in a program, always present on the wire: a missing value is encoded as null. */
const nullWhenAbsent = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalToOptional(Schema.NullishOr(schema), Schema.NullishOr(Schema.typeSchema(schema)), {
    decode: (value) => value,
    encode: (value) => Option.some(Option.getOrNull(Option.flatMapNullable(value, (present) => present)))
  })

/**
 * Encodes a grant, with null for missing fields. Rejects an empty `featureId`, a fractional `usageLimit`, and the
 * period `"custom"` without a `customEndDate`.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeSync(Schemas.GrantPromotionalEntitlement)
 * const sent = encode({ featureId: "feature-seats", period: "lifetime" })
 * console.log(sent.usageLimit, sent.customEndDate) // null null
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const GrantPromotionalEntitlement: Schema.Schema<
  GrantPromotionalEntitlement,
  RequestJson<GrantPromotionalEntitlement>
> = requestStruct(
  "GrantPromotionalEntitlement",
  {
    featureId: Schema.String.pipe(Schema.minLength(1, { description: "a non-empty string" })),
    period: PromotionalPeriod,
    customEndDate: nullWhenAbsent(Timestamp),
    enumValues: nullWhenAbsent(Schema.Array(Schema.String)),
    hasSoftLimit: nullWhenAbsent(Schema.Boolean),
    hasUnlimitedUsage: nullWhenAbsent(Schema.Boolean),
    isVisible: nullWhenAbsent(Schema.Boolean),
    monthlyResetPeriodConfiguration: nullWhenAbsent(MonthlyReset),
    weeklyResetPeriodConfiguration: nullWhenAbsent(WeeklyReset),
    yearlyResetPeriodConfiguration: nullWhenAbsent(YearlyReset),
    resetPeriod: nullWhenAbsent(ResetPeriod),
    usageLimit: nullWhenAbsent(Schema.Int)
  },
  Predicate.isNullable
).pipe(
  Schema.filter(
    (grant) =>
      grant.period === "custom" && (grant.customEndDate === undefined || grant.customEndDate === null)
        ? { path: ["customEndDate"], message: "customEndDate is required for the period custom" }
        : undefined,
    { identifier: "GrantPromotionalEntitlement" }
  )
)

/**
 * The body of `promotionalEntitlements.create`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const body: Schemas.GrantPromotionalEntitlements = {
 *   promotionalEntitlements: [{ featureId: "feature-seats", period: "1 month", usageLimit: 5 }]
 * }
 * console.log(body.promotionalEntitlements.length) // 1
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface GrantPromotionalEntitlements {
  /** At least one. */
  readonly promotionalEntitlements: ReadonlyArray<GrantPromotionalEntitlement>
}

/**
 * Encodes the body of `promotionalEntitlements.create`. Rejects an empty list, and a grant that
 * {@link GrantPromotionalEntitlement} rejects.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const encode = Schema.encodeEither(Schemas.GrantPromotionalEntitlements)
 * console.log(encode({ promotionalEntitlements: [] })._tag) // Left
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const GrantPromotionalEntitlements: Schema.Schema<
  GrantPromotionalEntitlements,
  RequestJson<GrantPromotionalEntitlements>
> = requestStruct("GrantPromotionalEntitlements", {
  promotionalEntitlements: Schema.Array(GrantPromotionalEntitlement).pipe(
    Schema.minItems(1, { description: "at least 1 grant" })
  )
})

/**
 * The parameters of `promotionalEntitlements.list`.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const params: Schemas.ListPromotionalEntitlements = { status: ["Active", "Paused"] }
 * console.log(params.status) // [ "Active", "Paused" ]
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface ListPromotionalEntitlements extends PageParams {
  /** Only grants created within this range. */
  readonly createdAt?: TimestampRange | undefined
  /** Only grants with these statuses. */
  readonly status?: ReadonlyArray<PromotionalStatus> | undefined
}

/**
 * Encodes the parameters of `promotionalEntitlements.list`. Rejects a status that is empty or contains a comma, and
 * invalid page parameters, as {@link PageParams} does.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.encodeSync(Schemas.ListPromotionalEntitlements)({ status: ["Active"], limit: 10 }))
 * // { limit: 10, status: [ "Active" ] }
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const ListPromotionalEntitlements: Schema.Schema<
  ListPromotionalEntitlements,
  RequestJson<ListPromotionalEntitlements>
> = requestStruct("ListPromotionalEntitlements", {
  ...pageFields,
  createdAt: Schema.optional(TimestampRange),
  status: Schema.optional(Schema.Array(queryListItemOf(PromotionalStatus)))
}).pipe(oneDirection)
