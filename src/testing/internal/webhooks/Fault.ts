import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { PCGRandom } from "effect/Utils"
import * as Issue from "../../../internal/failure/Issue.js"
import type { Fault, Rule } from "../../Webhooks.js"
import * as Nearest from "../contract/Nearest.js"
import { InvalidWebhook } from "./Endpoint.js"
import type { Event } from "./Event.js"
import { EventName } from "./EventName.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const types = ["duplicate", "disorder", "drop"] as const

const FaultSchema = Schema.Struct({
  type: Schema.Literal(...types).annotations({ message: Nearest.message("fault", types) })
}).annotations(strict)

/**
 * Sends a message twice, with the same `messageId`.
 *
 * @example
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const twice = Webhooks.inject({ fault: Webhooks.duplicate, times: 1 })
 * console.log(twice)
 *
 * @category faults
 * @since 0.1.0
 */
export const duplicate: Fault = { type: "duplicate" }

/**
 * Sends a message after the next one, or after 10 seconds of the program's time if none follows.
 *
 * @example
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const late = Webhooks.inject({ fault: Webhooks.disorder, event: "entitlements.updated", times: 1 })
 * console.log(late)
 *
 * @category faults
 * @since 0.1.0
 */
export const disorder: Fault = { type: "disorder" }

/**
 * Does not send a message. It can be sent with `resend`.
 *
 * @example
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const lost = Webhooks.inject({ fault: Webhooks.drop, probability: 0.1 })
 * console.log(lost)
 *
 * @category faults
 * @since 0.1.0
 */
export const drop: Fault = { type: "drop" }

/** The schema of a rule. */
export const RuleSchema = Schema.Struct({
  fault: FaultSchema,
  event: Schema.optional(EventName),
  customer: Schema.optional(Schema.String),
  times: Schema.optional(Schema.Int.pipe(Schema.positive())),
  probability: Schema.optional(Schema.Number.pipe(Schema.between(0, 1)))
}).annotations({ identifier: "WebhookRule", ...strict })

const decodeRule = Schema.decodeUnknown(RuleSchema)

/** The fault rules of an outbox. */
export interface Faults {
  readonly inject: (rule: Rule) => Effect.Effect<void, InvalidWebhook>
  readonly clear: Effect.Effect<void>
  /** The active rules. `times` is the number of messages left. */
  readonly active: Effect.Effect<ReadonlyArray<Rule>>
  /** The fault of an event, which uses up its rule. */
  readonly take: (event: Event) => Fault["type"] | null
}

/** Creates rules. `seed` makes the sampling by `probability` deterministic. */
export const make = (seed: number): Faults => {
  const random = new PCGRandom(seed)
  // Mutable: each message that a rule applies to decrements `left`.
  let rules: ReadonlyArray<{ readonly rule: Rule; left: number }> = []
  return {
    inject: (rule) =>
      Effect.mapBoth(decodeRule(rule), {
        onFailure: ({ issue }) => new InvalidWebhook({ message: Issue.text(issue, "rule") }),
        onSuccess: (rule) => {
          rules = [...rules, { rule, left: rule.times ?? Infinity }]
        }
      }),
    clear: Effect.sync(() => {
      rules = []
    }),
    active: Effect.sync(() =>
      rules.map(({ left, rule }) => (rule.times === undefined ? rule : { ...rule, times: left }))
    ),
    take: ({ customer, type }) => {
      const used = rules.find(
        ({ rule }) =>
          (rule.event === undefined || rule.event === type) &&
          (rule.customer === undefined || rule.customer === customer.id) &&
          (rule.probability === undefined || random.number() < rule.probability)
      )
      if (used === undefined) return null
      used.left -= 1
      rules = rules.filter(({ left }) => left > 0)
      return used.rule.fault.type
    }
  }
}
