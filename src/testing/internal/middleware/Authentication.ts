import type * as Headers from "@effect/platform/Headers"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ApiFailure from "../contract/ApiFailure.js"

/**
 * Rejects a request without credentials, with an API key other than the configured one, or with a publishable key if it
 * is not a read.
 */
export const check = (
  apiKey: Option.Option<Redacted.Redacted>
): Effect.Effect<void, ApiFailure.ApiFailure, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
    const refusal = refusalOf(apiKey, headers)
    if (refusal !== null) return ApiFailure.unauthenticated(refusal)
    const isWrite = method !== "GET" && method !== "HEAD"
    return isWrite && (headers["x-api-key"] ?? "").startsWith("client-") ? ApiFailure.readOnlyKey : Effect.void
  })

/** Why the credentials of a request are refused with 401; null if they are not. */
export const refusalOf = (apiKey: Option.Option<Redacted.Redacted>, headers: Headers.Headers): string | null => {
  const key = headers["x-api-key"] ?? ""
  if (key !== "") {
    return Option.isSome(apiKey) && Redacted.value(apiKey.value) !== key ? "The API key is not valid" : null
  }
  const token = /^Bearer\s+\S/i.test(headers["authorization"] ?? "")
  if (!token) return "X-API-KEY or a user token is required"
  return (headers["x-environment-id"] ?? "") === "" ? "X-ENVIRONMENT-ID is required with a user token" : null
}
