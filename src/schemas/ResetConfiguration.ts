import type * as Schema from "effect/Schema"
import type { ResponseJson } from "./Json.js"
import { openEnum } from "./OpenEnum.js"
import { responseStruct } from "./internal/ResponseStruct.js"

const yearly = ["SubscriptionStart"] as const
const monthly = ["SubscriptionStart", "StartOfTheMonth"] as const
const weekly = [
  "SubscriptionStart",
  "EverySunday",
  "EveryMonday",
  "EveryTuesday",
  "EveryWednesday",
  "EveryThursday",
  "EveryFriday",
  "EverySaturday"
] as const

/**
 * When a usage limit with a yearly reset period resets.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const reset: Schemas.YearlyReset = { accordingTo: "SubscriptionStart" }
 * console.log(reset.accordingTo) // SubscriptionStart
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface YearlyReset {
  readonly accordingTo: (typeof yearly)[number] | (string & {})
}

/**
 * Decodes and encodes the configuration of a yearly reset. `accordingTo` is required; unknown values pass.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.YearlyReset)({ accordingTo: "SubscriptionStart" }))
 * // { accordingTo: "SubscriptionStart" }
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const YearlyReset: Schema.Schema<YearlyReset, ResponseJson<YearlyReset>> = responseStruct<YearlyReset>(
  "YearlyReset",
  { accordingTo: openEnum("YearlyResetAccordingTo", ...yearly) }
)

/**
 * When a usage limit with a monthly reset period resets.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const reset: Schemas.MonthlyReset = { accordingTo: "StartOfTheMonth" }
 * console.log(reset.accordingTo) // StartOfTheMonth
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface MonthlyReset {
  readonly accordingTo: (typeof monthly)[number] | (string & {})
}

/**
 * Decodes and encodes the configuration of a monthly reset. `accordingTo` is required; unknown values pass.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.MonthlyReset)({ accordingTo: "StartOfTheMonth" }))
 * // { accordingTo: "StartOfTheMonth" }
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const MonthlyReset: Schema.Schema<MonthlyReset, ResponseJson<MonthlyReset>> = responseStruct<MonthlyReset>(
  "MonthlyReset",
  { accordingTo: openEnum("MonthlyResetAccordingTo", ...monthly) }
)

/**
 * When a usage limit with a weekly reset period resets.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const reset: Schemas.WeeklyReset = { accordingTo: "EveryMonday" }
 * console.log(reset.accordingTo) // EveryMonday
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface WeeklyReset {
  readonly accordingTo: (typeof weekly)[number] | (string & {})
}

/**
 * Decodes and encodes the configuration of a weekly reset. `accordingTo` is required; unknown values pass.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.WeeklyReset)({ accordingTo: "EveryMonday" }))
 * // { accordingTo: "EveryMonday" }
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const WeeklyReset: Schema.Schema<WeeklyReset, ResponseJson<WeeklyReset>> = responseStruct<WeeklyReset>(
  "WeeklyReset",
  { accordingTo: openEnum("WeeklyResetAccordingTo", ...weekly) }
)

/**
 * When a usage limit resets, for any reset period. It does not say which period it belongs to; the grant's
 * `resetPeriod` does.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const reset: Schemas.ResetPeriodConfiguration = { accordingTo: "EveryMonday" }
 * console.log(reset.accordingTo) // EveryMonday
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export interface ResetPeriodConfiguration {
  readonly accordingTo: (typeof monthly)[number] | (typeof weekly)[number] | (string & {})
}

/**
 * Decodes the reset configuration of a grant. `accordingTo` is required; unknown values pass.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * console.log(Schema.decodeUnknownSync(Schemas.ResetPeriodConfiguration)({ accordingTo: "EveryMonday" }))
 * // { accordingTo: "EveryMonday" }
 *
 * @category promotional entitlements
 * @since 0.1.0
 */
export const ResetPeriodConfiguration: Schema.Schema<
  ResetPeriodConfiguration,
  ResponseJson<ResetPeriodConfiguration>
> = responseStruct<ResetPeriodConfiguration>("ResetPeriodConfiguration", {
  accordingTo: openEnum("ResetAccordingTo", ...weekly, "StartOfTheMonth")
})
