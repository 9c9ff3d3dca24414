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

/**
 * The rule that a base URL breaks, or null. Credentials in it would appear wherever a URL does. With `/api/v1` twice,
 * every call would fail with 404, as if the customer did not exist.
 */
export const baseUrlRule = (baseUrl: string): string | null => {
  if (!URL.canParse(baseUrl)) return "an absolute URL"
  const url = new URL(baseUrl)
  if (url.protocol !== "http:" && url.protocol !== "https:") return "an http or https URL"
  if (url.username !== "" || url.password !== "") return "a URL without credentials"
  if (url.search !== "" || url.hash !== "") return "a URL without a query or fragment"
  if (/\/api\/+v1\/*$/i.test(url.pathname)) {
    return "a URL that does not end in /api/v1, which the client adds: https://api.stigg.io, not https://api.stigg.io/api/v1"
  }
  return null
}
