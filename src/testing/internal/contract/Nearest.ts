import type * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Excerpt from "../../../internal/failure/Excerpt.js"

/** Why a name is refused, with the known names that are nearest to it. */
export const refusal = (what: string, name: string, known: ReadonlyArray<string>): string => {
  const near = nearest(name, known).map((one) => JSON.stringify(one))
  return `Unknown ${what} ${JSON.stringify(Excerpt.line(name, 100))}. Near it: ${near.join(", ")}`
}

/** The message of a schema of names: the nearest names to one that is not known, and not all of them. */
export const message =
  (what: string, known: ReadonlyArray<string>) =>
  ({ actual }: ParseResult.ParseIssue) => ({
    message: Predicate.isString(actual)
      ? refusal(what, actual, known)
      : `Expected the name of ${/^[aeio]/.test(what) ? "an" : "a"} ${what}, such as ${JSON.stringify(known[0])}`,
    override: true
  })

const maxNames = 4

/** The known names in the order of their distance to a name, without those that are much farther than the first. */
const nearest = (name: string, known: ReadonlyArray<string>): ReadonlyArray<string> => {
  const ranked = known
    .map((one) => ({ one, edits: distance(name.slice(0, 100).toLowerCase(), one.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)
  const [first] = ranked
  return ranked
    .filter(({ edits }) => edits <= (first?.edits ?? 0) + 4)
    .slice(0, maxNames)
    .map(({ one }) => one)
}

/** The number of characters to insert, remove or replace, by Levenshtein. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const [i, char] of Array.from(a).entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (char === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
