import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Excerpt from "../../../internal/failure/Excerpt.js"
import type { Expectation, Filter, Received } from "../../Journal.js"
import { VerificationError } from "../../Journal.js"

/** A value that differs from the filter's. */
interface Difference {
  /** Such as `status` or `body.name`. */
  readonly field: string
  readonly expected: unknown
  readonly actual: unknown
}

/** Whether a request has all values of a filter. */
export const matches =
  (filter: Filter) =>
  (received: Received): boolean =>
    differences(filter, received).length === 0

const differences = (filter: Filter, received: Received): ReadonlyArray<Difference> => [
  ...different("operation", filter.operation, received.operation),
  ...different("customerId", filter.customerId, received.customerId),
  ...different("method", filter.method?.toUpperCase(), received.method),
  ...different("path", filter.path, received.path),
  ...different("status", filter.status, received.status),
  ...different("query", filter.query, received.query),
  ...different("headers", lowerCase(filter.headers), received.headers),
  ...different("body", filter.body, received.body)
]

/** In a record, only the keys that are expected are compared. */
const different = (field: string, expected: unknown, actual: unknown): ReadonlyArray<Difference> => {
  if (expected === undefined || Object.is(expected, actual)) return []
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item: unknown, i) => different(`${field}.${i}`, item, actual[i]))
  }
  if (Predicate.isRecord(expected) && Predicate.isRecord(actual)) {
    return Object.entries(expected).flatMap(([key, value]) => different(`${field}.${key}`, value, actual[key]))
  }
  return [{ field, expected, actual }]
}

const lowerCase = (headers: Filter["headers"]): Filter["headers"] =>
  headers === undefined
    ? undefined
    : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Checks that as many requests match as expected, and returns their number. */
export const verify = (
  { times, ...filter }: Expectation,
  all: ReadonlyArray<Received>
): Effect.Effect<number, VerificationError> => {
  const count = all.filter(matches(filter)).length
  if (times === undefined ? count > 0 : count === times) return Effect.succeed(count)
  const expected = `Expected ${times === undefined ? "at least one request" : requests(times)} with ${show(filter)}`
  return new VerificationError({
    count,
    message: [
      `${expected}, but ${count === 0 ? "none" : count} of ${requests(all.length)} matched.`,
      ...nearest(filter, all, count)
    ].join("\n")
  })
}

const requests = (count: number): string => (count === 1 ? "1 request" : `${count} requests`)

const maxNearest = 3
const maxDifferences = 4
const maxValue = 80

/** The requests that match, if there are any, or those that differ in the fewest values. */
const nearest = (filter: Filter, all: ReadonlyArray<Received>, count: number): ReadonlyArray<string> => {
  const ranked = all
    .map((received) => ({ received, found: differences(filter, received) }))
    .toSorted((a, b) => a.found.length - b.found.length)
    .slice(0, maxNearest)
  if (ranked.length === 0) return []
  const lines = ranked.map(
    ({ found, received }) => `  ${line(received)}${found.length === 0 ? "" : `: ${text(found)}`}`
  )
  return [count === 0 ? "Nearest:" : "Received:", ...lines]
}

const line = ({ method, operation, path, status }: Received): string =>
  `${method} ${Excerpt.line(path, maxValue)} (${operation ?? "no operation"}, ${status ?? "no"} status)`

const text = (found: ReadonlyArray<Difference>): string => {
  const shown = found
    .slice(0, maxDifferences)
    .map(({ actual, expected, field }) => `${field} is ${show(actual)}, not ${show(expected)}`)
  const rest = found.length - shown.length
  return `${shown.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`
}

const show = (value: unknown): string => Excerpt.line(JSON.stringify(value) ?? "absent", maxValue)
