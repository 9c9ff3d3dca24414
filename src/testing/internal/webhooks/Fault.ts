import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { PCGRandom } from "effect/Utils"
import * as Issue from "../../../internal/failure/Issue.js"
import { InvalidWebhook } from "./Endpoint.js"
import type { Event, EventType } from "./Event.js"
import { types } from "./Event.js"

const strict = { parseOptions: { onExcessProperty: "error" } } as const

const Fault = Schema.Struct({ type: Schema.Literal("duplicate", "disorder", "drop") }).annotations(strict)

/**
 * What goes wrong with a message: {@link duplicate}, {@link disorder} or {@link drop}.
 *
 * @example
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const faults: ReadonlyArray<Webhooks.Fault> = [Webhooks.duplicate, Webhooks.disorder, Webhooks.drop]
 * console.log(faults.length)
 *
 * @category faults
 * @since 0.1.0
 */
export type Fault = typeof Fault.Type

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

/**
 * Decodes a {@link Rule}. It rejects unknown keys and events, a `times` that is not a positive integer, and a
 * `probability` outside 0 to 1.
 *
 * @example
 * import { Schema } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * console.log(Schema.decodeUnknownSync(Webhooks.Rule)({ fault: { type: "drop" }, times: 1 }))
 *
 * @category models
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  fault: Fault,
  event: Schema.optional(Schema.Literal(...types)),
  customer: Schema.optional(Schema.String),
  times: Schema.optional(Schema.Int.pipe(Schema.positive())),
  probability: Schema.optional(Schema.Number.pipe(Schema.between(0, 1)))
}).annotations({ identifier: "WebhookRule", ...strict })

/**
 * A fault and the messages that it applies to. By default it applies to all messages. If several rules match a message,
 * the first one applies.
 *
 * @example
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const lossy: Webhooks.Rule = { fault: Webhooks.drop, customer: "customer-acme", probability: 0.2 }
 * console.log(lossy.probability)
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule {
  readonly fault: Fault
  readonly event?: EventType | undefined
  /** The id of the customer that the event is about. */
  readonly customer?: string | undefined
  /** The number of messages that the fault applies to. By default it applies until it is cleared. */
  readonly times?: number | undefined
  /** The probability, from 0 to 1, that the fault applies to a matching message. */
  readonly probability?: number | undefined
}

const decodeRule = Schema.decodeUnknown(Rule)

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
