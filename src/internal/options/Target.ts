import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import type { Credentials } from "../../StiggClient.js"
import * as InvalidOption from "./InvalidOption.js"
import * as Header from "./Header.js"

export const defaultBaseUrl = "https://api.stigg.io"

/** The base URL of a client, its credentials and its custom headers. */
export type Target = Credentials & {
  readonly baseUrl: string
  /** Headers that all others override. */
  readonly customHeaders: Readonly<Record<string, Redacted.Redacted>>
}

/** The first option that cannot be sent and the rule that it breaks, or null. */
export const invalidOption = (target: Target): InvalidOption.InvalidOption | null =>
  InvalidOption.first([
    target.apiKey !== undefined
      ? ["apiKey", Header.secretRule(Redacted.value(target.apiKey))]
      : ["userToken", Header.secretRule(Redacted.value(target.userToken))],
    ["environmentId", target.apiKey === undefined ? Header.secretRule(target.environmentId) : null],
    ["accountId", target.apiKey === undefined ? Header.valueRule(target.accountId ?? "") : null],
    ["baseUrl", baseUrlRule(target.baseUrl)],
    ...Object.entries(target.customHeaders).flatMap(([name, value]) => [
      [`customHeaders.${name}`, Header.nameRule(name) ?? Header.valueRule(Redacted.value(value))] as const
    ])
  ])

/**
 * The rule that a base URL breaks, or null. Credentials in it would appear wherever a URL does. With `/api/v1` twice,
 * every call would fail with 404, as if the customer did not exist.
 */
const baseUrlRule = (baseUrl: string): string | null => {
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
