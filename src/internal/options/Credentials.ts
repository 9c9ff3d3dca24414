import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Fault from "./Fault.js"
import * as Header from "./Header.js"
import * as Url from "../transport/Url.js"

/** Where the API is. */
export const defaultBaseUrl = "https://api.stigg.io"

/** How a client shows who it is. */
export type Credentials = ApiKey | UserToken

interface ApiKey {
  /** A server API key: it belongs to one environment. */
  readonly apiKey: Redacted.Redacted
  readonly userToken?: undefined
}

interface UserToken {
  /** A user's token. */
  readonly userToken: Redacted.Redacted
  /** The environment to work in. */
  readonly environmentId: string
  /** The account to work in: the user's first one unless told otherwise. */
  readonly accountId?: string | undefined
  readonly apiKey?: undefined
}

/** Where a client goes, and as whom. */
export type Target = Credentials & {
  readonly baseUrl: string
  /** Headers of the surroundings, weaker than any set in code. */
  readonly customHeaders: Readonly<Record<string, Redacted.Redacted>>
}

/** What a client cannot send, by the name of the option; null when it can send all. */
export const fault = (target: Target): Fault.Fault | null =>
  Fault.first([
    target.apiKey !== undefined
      ? ["apiKey", Header.secretFault(Redacted.value(target.apiKey))]
      : ["userToken", Header.secretFault(Redacted.value(target.userToken))],
    ["environmentId", target.apiKey === undefined ? Header.secretFault(target.environmentId) : null],
    ["accountId", target.apiKey === undefined ? Header.valueFault(target.accountId ?? "") : null],
    ["baseUrl", Url.baseUrlFault(target.baseUrl)],
    ...Object.entries(target.customHeaders).flatMap(([name, value]) => [
      [`customHeaders.${name}`, Header.nameFault(name) ?? Header.valueFault(Redacted.value(value))] as const
    ])
  ])

/** The headers that say who the client is. Made for each request, so that the secrets stay redacted until then. */
export const headers = (target: Target): Readonly<Record<string, string>> =>
  target.apiKey !== undefined
    ? { "x-api-key": Redacted.value(target.apiKey) }
    : {
        authorization: `Bearer ${Redacted.value(target.userToken)}`,
        "x-environment-id": target.environmentId,
        ...(target.accountId === undefined ? {} : { "x-account-id": target.accountId })
      }

/** A custom header with a shorter value holds a secret only if its name says so: `X-Region: eu` holds none. */
const shortestSecret = 8

/** All that must not appear in errors, logs and spans. */
export const secrets = (target: Target): ReadonlyArray<Redacted.Redacted> => {
  const headers = Record.map(target.customHeaders, Redacted.value)
  const long = Object.values(headers).filter(({ length }) => length >= shortestSecret)
  return [
    target.apiKey ?? target.userToken,
    ...[...long, ...Header.secrets(headers)].map((value) => Redacted.make(value))
  ]
}
