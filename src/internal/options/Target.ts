import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { ConnectionOptions, Credentials } from "../../StiggClient.js"
import * as InvalidOption from "./InvalidOption.js"
import * as Header from "./Header.js"

export const defaultBaseUrl = "https://api.stigg.io"

/** The base URL of a client, its credentials and its custom headers. */
export type Target = Credentials & {
  readonly baseUrl: string
  /** Headers that all others override. */
  readonly customHeaders: Readonly<Record<string, Redacted.Redacted>>
}

type Options = Credentials & ConnectionOptions

export const make = (options: Options): Target => ({
  ...options,
  baseUrl: (options.baseUrl ?? defaultBaseUrl).replace(/\/+$/, ""),
  customHeaders: options.customHeaders ?? {}
})

/**
 * The first option that cannot be sent and the rule that it breaks, or null. JavaScript can pass anything, so the rules
 * check types too.
 */
export const invalidOption = (options: Options): InvalidOption.InvalidOption | null =>
  InvalidOption.first([
    ...credentialRules(options),
    ["baseUrl", baseUrlRule(options.baseUrl ?? defaultBaseUrl)],
    ...Object.entries(options.customHeaders ?? {}).flatMap(([name, value]) => [
      [`customHeaders.${name}`, Header.nameRule(name) ?? redactedRule(value, Header.valueRule)] as const
    ])
  ])

const credentialRules = (options: Options): ReadonlyArray<readonly [field: string, rule: string | null]> => {
  if (options.apiKey !== undefined) return [["apiKey", redactedRule(options.apiKey, Header.secretRule)]]
  const { accountId = "", environmentId, userToken } = options
  // Neither is in the options of a JavaScript program that forgot the key.
  if (!Predicate.isNotNullable(userToken)) {
    return [["apiKey", `${redactedString}, or a userToken with an environmentId`]]
  }
  return [
    ["userToken", redactedRule(userToken, Header.secretRule)],
    ["environmentId", Predicate.isString(environmentId) ? Header.secretRule(environmentId) : "a non-empty string"],
    ["accountId", Predicate.isString(accountId) ? Header.valueRule(accountId) : "a string"]
  ]
}

const redactedString = "Redacted.make(...) of a string"

/** The rule that a secret breaks, or null. It never shows the secret. */
const redactedRule = (secret: unknown, rule: (value: string) => string | null): string | null => {
  if (!Redacted.isRedacted(secret))
    return `${redactedString}, actual a plain ${secret === null ? "null" : typeof secret}`
  const value = Redacted.value(secret)
  return Predicate.isString(value) ? rule(value) : `${redactedString}, actual Redacted.make(...) of ${typeof value}`
}

/**
 * The rule that a base URL breaks, or null. Credentials in it would appear wherever a URL does. With `/api/v1` twice,
 * every call would fail with 404, as if the customer did not exist.
 */
const baseUrlRule = (baseUrl: unknown): string | null => {
  if (!Predicate.isString(baseUrl) || !URL.canParse(baseUrl)) return "an absolute URL, as a string"
  const url = new URL(baseUrl)
  if (url.protocol !== "http:" && url.protocol !== "https:") return "an http or https URL"
  if (url.username !== "" || url.password !== "") return "a URL without credentials"
  if (url.search !== "" || url.hash !== "") return "a URL without a query or fragment"
  if (/\/api\/+v1\/*$/i.test(url.pathname)) {
    return "a URL that does not end in /api/v1, which the client adds: https://api.stigg.io, not https://api.stigg.io/api/v1"
  }
  return null
}

/** The authentication headers. Built for each request, so that the secrets stay redacted until then. */
export const headers = (target: Target): Readonly<Record<string, string>> =>
  target.apiKey !== undefined
    ? { "x-api-key": Redacted.value(target.apiKey) }
    : {
        authorization: `Bearer ${Redacted.value(target.userToken)}`,
        "x-environment-id": target.environmentId,
        ...(target.accountId === undefined ? {} : { "x-account-id": target.accountId })
      }

/** A custom header with a shorter value is a secret only if its name suggests one: `X-Region: eu` is not. */
const shortestSecret = 8

/** All values that must not appear in errors, logs and spans. */
export const secrets = (target: Target): ReadonlyArray<Redacted.Redacted> => {
  const headers = Record.map(target.customHeaders, Redacted.value)
  const long = Object.values(headers).filter(({ length }) => length >= shortestSecret)
  return [
    target.apiKey ?? target.userToken,
    ...[...long, ...Header.secrets(headers)].map((value) => Redacted.make(value))
  ]
}
