import type * as Effect from "effect/Effect"
import type { WebhookRefusedError } from "./WebhookRefusedError.js"

/**
 * What a {@link Verifier} looks at.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const agent = ({ headers }: Webhooks.Unverified): string | undefined => headers["user-agent"]
 *
 * @category models
 * @since 0.1.0
 */
export interface Unverified {
  /** By names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** Reads the body, once and up to the limit: for a signature of the body. */
  readonly body: Effect.Effect<Uint8Array, WebhookRefusedError>
}

/**
 * Decides whether a request is from Stigg, before anything of it is parsed. `Webhooks.layer` makes one of its `secrets`.
 * Give it another one for a proxy with its own signature.
 *
 * @example
 * import { Effect } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const fromProxy: Webhooks.Verifier = ({ headers }) =>
 *   headers["x-verified-by"] === "proxy"
 *     ? Effect.void
 *     : Effect.fail(new Webhooks.WebhookRefusedError({ reason: "Secret", message: "Not from the proxy" }))
 * console.log(fromProxy)
 *
 * @category models
 * @since 0.1.0
 */
export type Verifier = (request: Unverified) => Effect.Effect<void, WebhookRefusedError>
