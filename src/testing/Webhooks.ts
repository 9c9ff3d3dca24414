/**
 * The webhooks that an emulator sends: events that follow from API operations, from acts, and from the passing of time.
 *
 * A message is a POST with the header `Stigg-Webhooks-Secret`. A 2xx answer within 30 seconds is success. Otherwise it is
 * tried again three times at once and three times more, 30 seconds apart. These waits take the program's time, which a
 * `TestClock` drives; what happens, and when, follows the emulator's own clock. Messages are sent in the order of their
 * events; a message that is tried again does not hold up the others.
 *
 * Time tells of the start and end of subscriptions and trials, and of the end of grants and credits. A reset of usage at
 * the end of a period sends nothing: `validUntil` of an entitlement announces it.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Emulator } from "./Emulator.js"
import * as InProcess from "./internal/http/InProcess.js"
import { InvalidWebhook } from "./internal/webhooks/Endpoint.js"
import { RuleSchema } from "./internal/webhooks/Fault.js"
import type { UnknownMessage } from "./internal/webhooks/Outbox.js"
import type { WebhookEvent } from "./WebhookEvent.js"

export { InvalidWebhook } from "./internal/webhooks/Endpoint.js"
export { disorder, drop, duplicate } from "./internal/webhooks/Fault.js"
export { UnknownMessage } from "./internal/webhooks/Outbox.js"

/**
 * Where to send events.
 *
 * @example
 * import { Redacted } from "effect"
 * import type { Webhooks } from "effect-stigg/testing"
 *
 * const endpoint: Webhooks.Endpoint = {
 *   url: "http://127.0.0.1:3000/webhooks/stigg",
 *   secret: Redacted.make("any secret"),
 *   events: ["entitlements.updated"]
 * }
 * console.log(endpoint.url)
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint {
  /** An `http` or `https` URL without a user name or password. */
  readonly url: string
  /** The value of the header `Stigg-Webhooks-Secret` of each request. */
  readonly secret: Redacted.Redacted
  /** The types of the events to send. Defaults to all. */
  readonly events?: ReadonlyArray<WebhookEvent> | undefined
}

/**
 * A message that the emulator has sent, or tried to send, to its endpoints.
 *
 * @example
 * import type { Webhooks } from "effect-stigg/testing"
 *
 * const isOfAcme = ({ customerId }: Webhooks.Message) => customerId === "customer-acme"
 *
 * @category models
 * @since 0.1.0
 */
export interface Message {
  readonly messageId: string
  readonly type: WebhookEvent
  readonly customerId: string
  /** When the event happened: an RFC 3339 string of the emulator's time. */
  readonly timestamp: string
  /** The body of the request, as JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * One try to send a message to one endpoint.
 *
 * @example
 * import type { Webhooks } from "effect-stigg/testing"
 *
 * const isLast = ({ outcome }: Webhooks.Delivery) => outcome === "delivered" || outcome === "failed"
 *
 * @category models
 * @since 0.1.0
 */
export interface Delivery {
  readonly messageId: string
  readonly type: WebhookEvent
  readonly url: string
  /** The number of the try, from 1 to 7. */
  readonly attempt: number
  /** `failed` is the outcome of the last try, and of a message for which the queue of its endpoint has no room. */
  readonly outcome: "delivered" | "retrying" | "failed" | "dropped"
  /** The status of the answer; null if there was none. */
  readonly status: number | null
  /** Why there was no answer; null if there was one. */
  readonly error: string | null
  /** The injected fault of the message. */
  readonly fault: Fault["type"] | null
  /** When the try ended: an RFC 3339 string of the program's time. */
  readonly at: string
}

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
export interface Fault {
  readonly type: "duplicate" | "disorder" | "drop"
}

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
export const Rule = RuleSchema

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
  readonly event?: WebhookEvent | undefined
  /** The id of the customer that the event is about. */
  readonly customer?: string | undefined
  /** The number of messages that the fault applies to. By default it applies until it is cleared. */
  readonly times?: number | undefined
  /** The probability, from 0 to 1, that the fault applies to a matching message. */
  readonly probability?: number | undefined
}

/**
 * Sends the events of an emulator to endpoints until the layer's scope closes. Provide it with an `HttpClient` that
 * reaches them, and not with the emulator's own. Events from before are not sent.
 *
 * Fails with {@link InvalidWebhook} (`StiggInvalidWebhookError`) if an endpoint is invalid.
 *
 * @example
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { StiggTest, Webhooks } from "effect-stigg/testing"
 *
 * const url = "http://127.0.0.1:3000/webhooks/stigg"
 * const WithWebhooks = Webhooks.layer([{ url, secret: Redacted.make("any secret") }]).pipe(
 *   Layer.provide(FetchHttpClient.layer),
 *   Layer.provideMerge(StiggTest.layer())
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  endpoints: ReadonlyArray<Endpoint>
): Layer.Layer<never, InvalidWebhook, Emulator | HttpClient.HttpClient> =>
  Layer.scopedDiscard(
    Effect.forEach(
      endpoints,
      (endpoint, i) =>
        Effect.mapError(
          subscribe(endpoint),
          ({ message }) => new InvalidWebhook({ message: `webhooks.${i}.${message}` })
        ),
      { discard: true }
    )
  )

/**
 * Sends the events of an emulator to an `HttpApp` in process, without a socket, such as the receiver of your webhooks
 * in a test.
 *
 * Fails with {@link InvalidWebhook} (`StiggInvalidWebhookError`) if the secret cannot be sent in a header.
 *
 * @example
 * import { HttpRouter, HttpServerResponse } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { StiggTest, Webhooks } from "effect-stigg/testing"
 *
 * const receiver = HttpRouter.empty.pipe(HttpRouter.post("/webhooks/stigg", HttpServerResponse.empty()))
 * const WithWebhooks = Webhooks.layerApp(receiver, {
 *   path: "/webhooks/stigg",
 *   secret: Redacted.make("any secret")
 * }).pipe(Layer.provideMerge(StiggTest.layer()))
 *
 * @category layers
 * @since 0.1.0
 */
export const layerApp = <E, R>(
  app: HttpApp.Default<E, R>,
  options: {
    /** The path of the requests. Defaults to `/`. */
    readonly path?: string | undefined
    readonly secret: Redacted.Redacted
    readonly events?: ReadonlyArray<WebhookEvent> | undefined
  }
): Layer.Layer<never, InvalidWebhook, Emulator | Exclude<R, HttpServerRequest.HttpServerRequest | Scope.Scope>> =>
  layer([{ url: `http://in-process${options.path ?? "/"}`, secret: options.secret, events: options.events }]).pipe(
    Layer.provide(Layer.effect(HttpClient.HttpClient, InProcess.clientOf(app)))
  )

/**
 * Sends the events of an emulator to an endpoint until the scope closes. Events from before are not sent.
 *
 * Fails with {@link InvalidWebhook} (`StiggInvalidWebhookError`) if the URL is no `http` or `https` URL, or if the secret
 * is empty or cannot be sent in a header.
 *
 * @example
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Redacted } from "effect"
 * import { Act, Emulator, Webhooks } from "effect-stigg/testing"
 *
 * const program = Effect.gen(function* () {
 *   yield* Webhooks.subscribe({ url: "http://127.0.0.1:3000/stigg", secret: Redacted.make("any secret") })
 *   yield* Emulator.act(Act.subscribe({ customerId: "customer-acme", planId: "plan-pro" }))
 *   yield* Webhooks.idle
 * }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
 *
 * @category accessors
 * @since 0.1.0
 */
export const subscribe = (
  endpoint: Endpoint
): Effect.Effect<void, InvalidWebhook, Emulator | HttpClient.HttpClient | Scope.Scope> =>
  Effect.flatMap(Emulator, ({ webhooks }) => webhooks.subscribe(endpoint))

/**
 * The last 1,000 messages, the oldest first. An event that no endpoint takes makes no message.
 *
 * @example
 * import { Effect } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const types = Effect.map(Webhooks.messages, (messages) => messages.map(({ type }) => type))
 * console.log(types)
 *
 * @category accessors
 * @since 0.1.0
 */
export const messages: Effect.Effect<ReadonlyArray<Message>, never, Emulator> = Effect.flatMap(
  Emulator,
  ({ webhooks }) => webhooks.messages
)

/**
 * The last 1,000 tries to send a message, in the order in which they ended.
 *
 * @example
 * import { Effect } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const failed = Effect.map(Webhooks.deliveries, (tries) => tries.filter(({ outcome }) => outcome === "failed"))
 * console.log(failed)
 *
 * @category accessors
 * @since 0.1.0
 */
export const deliveries: Effect.Effect<ReadonlyArray<Delivery>, never, Emulator> = Effect.flatMap(
  Emulator,
  ({ webhooks }) => webhooks.deliveries
)

/**
 * Sends a message again, with the same `messageId`, to every endpoint that takes its type. Fails with
 * {@link UnknownMessage} (`StiggUnknownMessageError`) if it is not one of the last 1,000.
 *
 * @example
 * import { Effect } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const again = Effect.flatMap(Webhooks.messages, ([first]) =>
 *   first === undefined ? Effect.void : Webhooks.resend(first.messageId)
 * )
 * console.log(again)
 *
 * @category accessors
 * @since 0.1.0
 */
export const resend = (messageId: string): Effect.Effect<void, UnknownMessage, Emulator> =>
  Effect.flatMap(Emulator, ({ webhooks }) => webhooks.resend(messageId))

/**
 * Injects a fault into the messages that a rule selects. Fails with {@link InvalidWebhook}
 * (`StiggInvalidWebhookError`) if the rule is invalid.
 *
 * @example
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const lost = Webhooks.inject({ fault: Webhooks.drop, event: "customer.updated", times: 1 })
 * console.log(lost)
 *
 * @category accessors
 * @since 0.1.0
 */
export const inject = (rule: Rule): Effect.Effect<void, InvalidWebhook, Emulator> =>
  Effect.flatMap(Emulator, ({ webhooks }) => webhooks.inject(rule))

/**
 * Removes all faults of webhooks.
 *
 * @example
 * import { Effect } from "effect"
 * import { Webhooks } from "effect-stigg/testing"
 *
 * const lossy = <A, E, R>(during: Effect.Effect<A, E, R>) =>
 *   Effect.zipRight(Webhooks.inject({ fault: Webhooks.drop }), Effect.ensuring(during, Webhooks.clearFaults))
 *
 * @category accessors
 * @since 0.1.0
 */
export const clearFaults: Effect.Effect<void, never, Emulator> = Effect.flatMap(
  Emulator,
  ({ webhooks }) => webhooks.clearFaults
)

/**
 * Waits until every message has been delivered, dropped, or has failed for good. Further tries of a message take up to
 * 90 seconds of the program's time.
 *
 * @example
 * import { Effect } from "effect"
 * import { Act, Emulator, Webhooks } from "effect-stigg/testing"
 *
 * const told = Effect.zipRight(
 *   Emulator.act(Act.subscribe({ customerId: "customer-acme", planId: "plan-pro" })),
 *   Webhooks.idle
 * )
 * console.log(told)
 *
 * @category accessors
 * @since 0.1.0
 */
export const idle: Effect.Effect<void, never, Emulator> = Effect.flatMap(Emulator, ({ webhooks }) => webhooks.idle)

/**
 * The webhooks of an emulator, as its service `Emulator` has them. The functions of this module do the same.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator, type Webhooks } from "effect-stigg/testing"
 *
 * const service: Effect.Effect<Webhooks.Webhooks, never, Emulator.Emulator> = Effect.map(
 *   Emulator.Emulator,
 *   ({ webhooks }) => webhooks
 * )
 * console.log(service)
 *
 * @category models
 * @since 0.1.0
 */
export interface Webhooks {
  readonly subscribe: (endpoint: Endpoint) => Effect.Effect<void, InvalidWebhook, HttpClient.HttpClient | Scope.Scope>
  /** The endpoints, without their secrets. */
  readonly endpoints: Effect.Effect<ReadonlyArray<Omit<Endpoint, "secret">>>
  readonly messages: Effect.Effect<ReadonlyArray<Message>>
  readonly deliveries: Effect.Effect<ReadonlyArray<Delivery>>
  /** Forgets messages and deliveries. */
  readonly clear: Effect.Effect<void>
  readonly resend: (messageId: string) => Effect.Effect<void, UnknownMessage>
  readonly inject: (rule: Rule) => Effect.Effect<void, InvalidWebhook>
  readonly clearFaults: Effect.Effect<void>
  /** The active rules. `times` is the number of messages left. */
  readonly activeFaults: Effect.Effect<ReadonlyArray<Rule>>
  readonly idle: Effect.Effect<void>
}
