import * as Schema from "effect/Schema"

const Reason = Schema.Literal(
  "Secret",
  "Method",
  "ContentType",
  "TooLarge",
  "TooDeep",
  "TooSlow",
  "NotJson",
  "NotAnEvent"
)

/**
 * Why a request is refused:
 *
 * - `Secret`: it has none of the secrets. Nothing of its body was read.
 * - `Method`: it is no POST.
 * - `ContentType`: its body is not `application/json`.
 * - `TooLarge`: its body is larger than the limit. The rest was not read.
 * - `TooDeep`: its JSON is nested too deep. It was not parsed.
 * - `TooSlow`: its body did not arrive in time.
 * - `NotJson`: its body is no JSON in UTF-8.
 * - `NotAnEvent`: its JSON is no object with a `type`.
 *
 * @example
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * const isForged = (reason: Webhooks.RefusedReason): boolean => reason === "Secret"
 *
 * @category errors
 * @since 0.1.0
 */
export type RefusedReason = typeof Reason.Type

const statuses: Readonly<Record<RefusedReason, number>> = {
  Secret: 401,
  Method: 405,
  ContentType: 415,
  TooLarge: 413,
  TooDeep: 400,
  TooSlow: 408,
  NotJson: 400,
  NotAnEvent: 400
}

/**
 * A request is no webhook of Stigg's. `status` is what it is answered with.
 *
 * @example
 * import { Effect, Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const verified = Webhooks.verify({ "stigg-webhooks-secret": "wrong" }, [Redacted.make("right")]).pipe(
 *   Effect.catchTag("StiggWebhookRefusedError", ({ reason }) => Effect.log(reason)) // Secret
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class WebhookRefusedError extends Schema.TaggedError<WebhookRefusedError>("effect-stigg/WebhookRefusedError")(
  "StiggWebhookRefusedError",
  { reason: Reason, message: Schema.String }
) {
  /** The status of the answer. */
  get status(): number {
    return statuses[this.reason]
  }
}
