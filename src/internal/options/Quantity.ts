import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** The rule that an optional count breaks, or null. */
export const countRule = (value: number | undefined): string | null =>
  value === undefined || value === Infinity || (Number.isInteger(value) && value >= 0)
    ? null
    : "a whole number of at least 0, or Infinity"

/** The rule that an optional whole number within bounds breaks, or null. */
export const wholeRule = (value: number | undefined, least: number, most = Infinity): string | null => {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most)) return null
  return most === Infinity ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`
}

/** The rule that an optional finite number breaks, or null. */
export const amountRule = (value: number | undefined): string | null =>
  value === undefined || (Number.isFinite(value) && value >= 0) ? null : "a finite number of at least 0"

/** The rule that an optional fraction breaks, or null. */
export const fractionRule = (value: number | undefined): string | null =>
  value === undefined || (value >= 0 && value <= 1) ? null : "a number from 0 to 1"

/** The rule that a rate breaks, or null. */
export const rateRule = (value: number): string | null =>
  Number.isFinite(value) && value > 0 ? null : "a finite number above 0"

/** The rule that an optional duration breaks, or null. `Duration.decode` turns NaN and negative values into 0. */
export const durationRule = (input: Duration.DurationInput | undefined): string | null => {
  if (input === undefined || Duration.isDuration(input)) return null
  const isReadable = Option.isSome(Duration.decodeUnknown(input))
  return isReadable && !isNegative(input) ? null : "a duration of at least 0"
}

/** Like {@link durationRule}, for a duration that must be finite. */
export const finiteDurationRule = (input: Duration.DurationInput | undefined): string | null =>
  durationRule(input) === null && (input === undefined || Duration.isFinite(Duration.decode(input)))
    ? null
    : "a finite duration of at least 0"

/** Like {@link durationRule}, for a duration that must not be 0. */
export const timeoutRule = (input: Duration.DurationInput | undefined): string | null =>
  durationRule(input) === null && (input === undefined || Duration.greaterThan(input, 0))
    ? null
    : "a duration above 0, or Duration.infinity for none"

const isNegative = (input: Exclude<Duration.DurationInput, Duration.Duration>): boolean => {
  switch (typeof input) {
    case "number":
      return !(input >= 0)
    case "bigint":
      return input < 0n
    case "string":
      return input.startsWith("-")
    default:
      return !input.every((part) => part >= 0)
  }
}
