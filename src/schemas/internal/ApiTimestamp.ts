/**
 * Parses the format in which the API sends timestamps, `2026-06-13T10:00:00.000Z`, to milliseconds since 1970. Returns
 * NaN for any other format, and for February 29: the caller then uses a regular expression and `Date.parse`, which take
 * four times as long (200 instead of 47 ns, Node 20).
 */
export const parseApiTimestamp = (text: string): number => {
  if (
    text.length !== 24 ||
    text.charCodeAt(4) !== dash ||
    text.charCodeAt(7) !== dash ||
    text.charCodeAt(10) !== letterT ||
    text.charCodeAt(13) !== colon ||
    text.charCodeAt(16) !== colon ||
    text.charCodeAt(19) !== dot ||
    text.charCodeAt(23) !== letterZ
  ) {
    return Number.NaN
  }
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hour = twoDigits(text, 11)
  const minute = twoDigits(text, 14)
  const second = twoDigits(text, 17)
  // NaN is not in any range, nor is a month that does not exist.
  const isInRange = day >= 1 && day <= (daysOfMonth[month] ?? 0) && hour <= 23 && minute <= 59 && second <= 59
  if (!isInRange) return Number.NaN
  const leapYears = month > 2 ? year : year - 1
  const days =
    365 * year +
    Math.floor(leapYears / 4) -
    Math.floor(leapYears / 100) +
    Math.floor(leapYears / 400) +
    (daysBefore[month] ?? Number.NaN) +
    day -
    epoch
  return days * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + digit(text, 20) * 100 + twoDigits(text, 21)
}

const [dash, letterT, colon, dot, letterZ] = [0x2d, 0x54, 0x3a, 0x2e, 0x5a]

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 0x30
  return value >= 0 && value <= 9 ? value : Number.NaN
}

const twoDigits = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1)

/** The days of each month in a year that is not a leap year. */
const daysOfMonth = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const daysBefore = daysOfMonth.map((_, month) => daysOfMonth.slice(0, month).reduce((sum, days) => sum + days, 0))

/** The day number of January 1, 1970, in the formula above. */
const epoch = 719_528
