import * as Duration from "effect/Duration"

/**
 * How long the API asks to wait: `retry-after-ms`, or `Retry-After` as seconds or as an HTTP date. Null when it does not
 * say, and for what makes no sense: no number, a negative one, a date that is past.
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

/** All three forms of RFC 9110 begin with the day's name; `Date.parse` alone takes much else for a date. */
const isHttpDate = (value: string): boolean => /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)
