import { describe, expect, it } from "@effect/vitest"
import * as UsagePeriod from "../../src/testing/internal/world/UsagePeriod.js"

const at = (text: string) => Date.parse(`${text}Z`)
const said = (millis: number | undefined) =>
  millis === undefined ? undefined : new Date(millis).toISOString().slice(0, 16)

describe("a usage period", () => {
  it.each([
    ["HOUR", null, "2026-01-01T10:30", "2026-01-01T12:45", "2026-01-01T12:30", "2026-01-01T13:30"],
    ["DAY", null, "2026-01-01T10:30", "2026-01-03T10:29", "2026-01-02T10:30", "2026-01-03T10:30"],
    ["WEEK", null, "2026-01-01T10:30", "2026-01-08T10:30", "2026-01-08T10:30", "2026-01-15T10:30"],
    // 1 January 2026 is a Thursday.
    ["WEEK", "EveryMonday", "2026-01-01T10:30", "2026-01-06T00:00", "2026-01-05T00:00", "2026-01-12T00:00"],
    ["WEEK", "EveryThursday", "2026-01-01T10:30", "2026-01-01T11:00", "2026-01-01T00:00", "2026-01-08T00:00"],
    ["MONTH", null, "2026-01-31T00:00", "2026-02-28T00:00", "2026-02-28T00:00", "2026-03-31T00:00"],
    ["MONTH", null, "2026-01-31T00:00", "2026-02-27T23:59", "2026-01-31T00:00", "2026-02-28T00:00"],
    ["MONTH", null, "2026-01-31T00:00", "2026-04-15T00:00", "2026-03-31T00:00", "2026-04-30T00:00"],
    ["MONTH", "StartOfTheMonth", "2026-01-15T09:00", "2026-02-10T00:00", "2026-02-01T00:00", "2026-03-01T00:00"],
    ["YEAR", "SubscriptionStart", "2024-02-29T00:00", "2025-03-01T00:00", "2025-02-28T00:00", "2026-02-28T00:00"],
    ["YEAR", null, "2024-06-01T00:00", "2026-05-31T23:59", "2025-06-01T00:00", "2026-06-01T00:00"]
  ])("of a %s according to %s, since %s, is at %s from %s to %s", (period, accordingTo, since, now, start, end) => {
    const current = UsagePeriod.current(period, accordingTo, at(since), at(now))
    expect([said(current?.start), said(current?.end)]).toEqual([start, end])
  })

  it("is absent for an unknown kind", () => {
    expect(UsagePeriod.current("FORTNIGHT", null, 0, 0)).toBe(undefined)
  })
})
