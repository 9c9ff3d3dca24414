import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { WebhookRefusedError } from "../../webhooks/WebhookRefusedError.js"

/** The header in which Stigg sends the secret, in lower case. */
export const name = "stigg-webhooks-secret"

const refused = new WebhookRefusedError({ reason: "Secret", message: `${name}: none of the secrets` })

const digest = (text: string): Effect.Effect<Uint8Array> =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (bytes) => new Uint8Array(bytes)
  )

/** Compares all bytes, whatever the first ones are. Digests have one length. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.reduce((difference, byte, index) => difference | (byte ^ (b[index] ?? 0)), a.length ^ b.length) === 0

/** Fails unless the header has one of the secrets. How long that takes tells nothing about them. */
export const check = (
  secrets: ReadonlyArray<Redacted.Redacted>
): Effect.Effect<(sent: string | undefined) => Effect.Effect<void, WebhookRefusedError>> =>
  Effect.map(
    Effect.forEach(secrets, (secret) => digest(Redacted.value(secret))),
    (expected) => (sent) =>
      Effect.flatMap(digest(sent ?? ""), (found) => {
        // All of them, so that the time does not tell which one was right.
        const matches = expected.map((one) => isSame(one, found))
        return sent !== undefined && matches.includes(true) ? Effect.void : Effect.fail(refused)
      })
  )
