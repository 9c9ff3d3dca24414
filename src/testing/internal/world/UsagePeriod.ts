import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Schemas from "../../../Schemas.js"

/** A period at the end of which usage resets to zero. Times are milliseconds since the epoch. */
export interface UsagePeriod {
  /** The start of the first period. */
  readonly anchor: number
  readonly start: number
  readonly end: number
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

/**
 * The period that contains `now`; undefined for an unknown reset period.
 *
 * @param accordingTo aligns the first period: `EverySunday` and so on to the weekday, `StartOfTheMonth` to the month;
 *   otherwise it starts at `since`
 * @param since the start of the subscription or grant
 */
export const current = (
  resetPeriod: Schemas.ResetPeriod,
  accordingTo: string | null,
  since: number,
  now: number
): UsagePeriod | undefined => {
  switch (resetPeriod) {
    case "HOUR":
      return fixed(since, Duration.toMillis("1 hour"), now)
    case "DAY":
      return fixed(since, Duration.toMillis("1 day"), now)
    case "WEEK":
      return fixed(weekStart(since, accordingTo), Duration.toMillis("7 days"), now)
    case "MONTH":
      return calendar(accordingTo === "StartOfTheMonth" ? monthStart(since) : since, 1, now)
    case "YEAR":
      return calendar(since, 12, now)
    default:
      return undefined
  }
}

const fixed = (anchor: number, length: number, now: number): UsagePeriod => {
  const start = anchor + Math.floor((now - anchor) / length) * length
  return { anchor, start, end: start + length }
}

/** Months are counted from the anchor, not from the previous period, so a short month shifts only its own start. */
const calendar = (anchor: number, months: number, now: number): UsagePeriod => {
  const nth = (n: number) => DateTime.toEpochMillis(DateTime.add(DateTime.unsafeMake(anchor), { months: n * months }))
  const [from, to] = [new Date(anchor), new Date(now)]
  const passed = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
  const guess = Math.floor(passed / months)
  const n = nth(guess) > now ? guess - 1 : guess
  return { anchor, start: nth(n), end: nth(n + 1) }
}

const weekStart = (since: number, accordingTo: string | null): number => {
  const weekday = weekdays.findIndex((name) => accordingTo === `Every${name}`)
  if (weekday === -1) return since
  const day = DateTime.startOf(DateTime.unsafeMake(since), "day")
  return DateTime.toEpochMillis(
    DateTime.subtract(day, { days: (DateTime.getPartUtc(day, "weekDay") - weekday + 7) % 7 })
  )
}

const monthStart = (since: number): number =>
  DateTime.toEpochMillis(DateTime.startOf(DateTime.unsafeMake(since), "month"))
