import { openEnum } from "./OpenEnum.js"

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
