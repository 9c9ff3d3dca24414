import * as Predicate from "effect/Predicate"

/** Replaces each `{name}` in a path by its parameter, percent-encoded as one segment. */
export const path = (template: string, params: Readonly<Record<string, unknown>>): string =>
  template.replace(/\{([^{}]+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])))

/**
 * Query parameters in the API's format: a nested record in brackets (`createdAt[gte]=…`), a list as one parameter
 * joined by commas. Omits null, undefined and empty lists.
 */
export const query = (params: Readonly<Record<string, unknown>>): ReadonlyArray<readonly [string, string]> =>
  Object.entries(params).flatMap(([name, value]) => entries(name, value))

const entries = (name: string, value: unknown): ReadonlyArray<readonly [string, string]> => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value.map(String).join(",")]]
  if (Predicate.isReadonlyRecord(value)) {
    return Object.entries(value).flatMap(([key, inner]) => entries(`${name}[${key}]`, inner))
  }
  return [[name, String(value)]]
}
