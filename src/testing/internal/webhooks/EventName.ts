import * as Schema from "effect/Schema"
import * as WebhookEvent from "../../WebhookEvent.js"
import * as Nearest from "../contract/Nearest.js"

/** The type of an event. Another one is refused with the types near it. */
export const EventName: Schema.Schema<WebhookEvent.WebhookEvent> = Schema.Literal(...WebhookEvent.all).annotations({
  message: Nearest.message("event", WebhookEvent.all)
})
