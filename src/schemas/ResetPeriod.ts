import { openEnum } from "./OpenEnum.js"

/**
 * How often usage resets to zero.
 *
 * @example
 * import type { Schemas } from "effect-stigg"
 *
 * const known: Schemas.ResetPeriod = "MONTH"
 * const unknown: Schemas.ResetPeriod = "something new"
 * console.log(known, unknown) // MONTH something new
 *
 * @category entitlements
 * @since 0.1.0
 */
export type ResetPeriod = Extract<typeof ResetPeriod.Type, string>

/**
 * Accepts any string, so a period that the API adds later still decodes.
 *
 * @example
 * import { Schema } from "effect"
 * import { Schemas } from "effect-stigg"
 *
 * const decode = Schema.decodeUnknownSync(Schemas.ResetPeriod)
 * console.log(decode("MONTH"), decode("MINUTE")) // MONTH MINUTE
 *
 * @category entitlements
 * @since 0.1.0
 */
export const ResetPeriod = openEnum("ResetPeriod", "YEAR", "MONTH", "WEEK", "DAY", "HOUR")
