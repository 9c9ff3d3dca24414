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
    const key = headers["x-api-key"] ?? ""
    if (key !== "") {
      if (Option.isSome(apiKey) && Redacted.value(apiKey.value) !== key) {
        return ApiFailure.unauthenticated("The API key is not valid")
      }
      return key.startsWith("client-") && method !== "GET" && method !== "HEAD" ? ApiFailure.readOnlyKey : Effect.void
    }
    const token = /^Bearer\s+\S/i.test(headers["authorization"] ?? "")
    if (!token) return ApiFailure.unauthenticated("X-API-KEY or a user token is required")
    return (headers["x-environment-id"] ?? "") === ""
      ? ApiFailure.unauthenticated("X-ENVIRONMENT-ID is required with a user token")
      : Effect.void
  })
