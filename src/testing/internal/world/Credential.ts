import type * as Headers from "@effect/platform/Headers"
import * as Effect from "effect/Effect"

/** The secret that a request authenticates with: its API key, or its user token and environment. Undefined without. */
export const of = (headers: Headers.Headers): string | undefined => {
  const key = headers["x-api-key"] ?? ""
  if (key !== "") return ofKey(key)
  const token = headers["authorization"] ?? ""
  return token === "" ? undefined : `token ${token} ${headers["x-environment-id"] ?? ""}`
}

/** The credential of an API key. */
export const ofKey = (apiKey: string): string => `key ${apiKey}`

// Mutable: hashing is asynchronous, so a hash is kept for the requests that follow.
const known = new Map<string, string>()
const maxKnown = 10_000

/** Stands for a credential in lists and saves, which must not contain it: the start of its SHA-256 hash. */
export const fingerprint = (credential: string): Effect.Effect<string> =>
  Effect.suspend(() => {
    const hash = known.get(credential)
    return hash === undefined ? Effect.tap(hashed(credential), remember(credential)) : Effect.succeed(hash)
  })

const hashed = (credential: string): Effect.Effect<string> =>
  Effect.promise(async () =>
    Array.from(
      new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(credential))).subarray(0, 8),
      (byte) => byte.toString(16).padStart(2, "0")
    ).join("")
  )

const remember = (credential: string) => (hash: string) =>
  Effect.sync(() => {
    if (known.size >= maxKnown) known.clear()
    known.set(credential, hash)
  })
