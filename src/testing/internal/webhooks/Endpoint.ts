import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Issue from "../../../internal/failure/Issue.js"
import * as Header from "../../../internal/options/Header.js"
import type { Endpoint } from "../../Webhooks.js"
import { EventName } from "./EventName.js"

const isUrl = (text: string): boolean => {
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === ""
}

const EndpointSchema = Schema.Struct({
  url: Schema.String.pipe(
    Schema.filter(isUrl, { message: () => "Expected an http or https URL without a user name or password" })
  ),
  secret: Schema.RedactedFromSelf(Schema.String).pipe(
    Schema.filter((secret) => {
      const expected = Header.secretRule(Redacted.value(secret))
      return expected === null ? true : `Expected ${expected}`
    })
  ),
  events: Schema.optional(Schema.Array(EventName))
}).annotations({ parseOptions: { onExcessProperty: "error" } })

/**
 * A webhook option is invalid: the URL or the secret of an endpoint, or a fault. The message names it.
 *
 * @example
 * import { Effect, Redacted } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const broken = Webhooks.subscribe({ url: "ftp://127.0.0.1", secret: Redacted.make("any") }).pipe(
 *   Effect.catchTag("StiggInvalidWebhookError", ({ message }) => Effect.log(message)) // url: Expected an http or …
 * )
 * console.log(broken)
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidWebhook extends Schema.TaggedError<InvalidWebhook>("effect-stigg/InvalidWebhook")(
  "StiggInvalidWebhookError",
  { message: Schema.String }
) {}

const decodeEndpoint = Schema.decodeUnknown(EndpointSchema)

/** Checks an endpoint. */
export const decode = (endpoint: Endpoint): Effect.Effect<Endpoint, InvalidWebhook> =>
  Effect.mapError(
    decodeEndpoint(endpoint),
    ({ issue }) => new InvalidWebhook({ message: Issue.text(issue, "webhook") })
  )
