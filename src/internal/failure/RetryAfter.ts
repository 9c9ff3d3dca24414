import * as Duration from "effect/Duration"

/**
 * How long the API asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date. Null if there is
 * neither, and for a value that is not a number, is negative, or is a date in the past.
 */
export const retryAfter = (headers: Readonly<Record<string, string>>, nowMillis: number): Duration.Duration | null => {
  const millis = headers["retry-after-ms"]
  if (millis !== undefined && isNumber(millis)) return Duration.millis(Number(millis))
  const value = headers["retry-after"]
  if (value === undefined) return null
  if (isNumber(value)) return Duration.seconds(Number(value))
  const date = isHttpDate(value) ? Date.parse(value) : Number.NaN
  return date > nowMillis ? Duration.millis(date - nowMillis) : null
}

const isNumber = (value: string): boolean => /^\s*\d+(\.\d+)?\s*$/.test(value)

/** All three date formats of RFC 9110 start with the name of the day. `Date.parse` alone accepts many other formats. */
const isHttpDate = (value: string): boolean => /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)
