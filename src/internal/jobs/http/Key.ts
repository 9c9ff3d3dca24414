import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Authorization } from "./JobsApi.js"

/** The format of a key, for error messages: what a header can hold. */
export const rule = "1 to 1,000 visible ASCII characters"

export const isKey = (key: Redacted.Redacted): boolean => /^[\x21-\x7e]{1,1000}$/.test(Redacted.value(key))

/** Requires a key. The time of the comparison depends on neither key. */
export const layer = (key: Redacted.Redacted): Layer.Layer<Authorization> =>
  Layer.effect(
    Authorization,
    Effect.map(digest(key), (expected) => ({
      bearer: (token) =>
        Effect.gen(function* () {
          const { headers } = yield* HttpServerRequest.HttpServerRequest
          const actual = yield* digest(token)
          // The scheme takes seven characters of the header, whatever they are.
          const isBearer = /^bearer /i.test(headers["authorization"] ?? "")
          if (!isBearer || !isEqual(expected, actual)) return yield* new HttpApiError.Unauthorized()
        })
    }))
  )

/** Has the same length for each key. */
const digest = (key: Redacted.Redacted): Effect.Effect<Uint8Array> =>
  Effect.promise(
    async () => new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(Redacted.value(key))))
  )

const isEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.reduce((difference, byte, index) => difference | (byte ^ (b[index] ?? 256)), 0) === 0
