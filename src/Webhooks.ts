/**
 * Receives Stigg's webhooks: typed events, each handled once, with a secret.
 *
 * Import it from `effect-stigg/Webhooks`. It runs wherever Effect does: on Node, in Workers, and behind any framework with
 * web-standard requests.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpApp from "@effect/platform/HttpApp"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Entitlements } from "./Entitlements.js"
import * as Header from "./internal/options/Header.js"
import * as InvalidOption from "./internal/options/InvalidOption.js"
import * as Quantity from "./internal/options/Quantity.js"
import * as Body from "./internal/webhooks/Body.js"
import * as Burst from "./internal/webhooks/Burst.js"
import * as Receiver from "./internal/webhooks/Receiver.js"
import * as SecretHeader from "./internal/webhooks/SecretHeader.js"
import { InvalidOptionsError } from "./StiggError.js"
import type { Verifier } from "./webhooks/Verifier.js"
import type { Event, EventTag } from "./webhooks/WebhookEvent.js"
import { customerIdOf } from "./webhooks/WebhookEvent.js"
import type { WebhookRefusedError } from "./webhooks/WebhookRefusedError.js"
import { layerStoreMemory, WebhookStore } from "./webhooks/WebhookStore.js"

export { metricNames, spanNames } from "./internal/webhooks/Telemetry.js"
export * from "./webhooks/Verifier.js"
export * from "./webhooks/WebhookEvent.js"
export * from "./webhooks/WebhookRefusedError.js"
export { layerStoreKeyValue, layerStoreMemory, WebhookStore, WebhookStoreError } from "./webhooks/WebhookStore.js"
export type { Claim, StoreOptions, WebhookStoreService } from "./webhooks/WebhookStore.js"

/**
 * The receiver of webhooks.
 *
 * @example
 * import { Effect } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const subscribe = Effect.flatMap(Webhooks.Webhooks, ({ register }) =>
 *   register(["CustomerDeleted"], (event) => Effect.log(event.type))
 * )
 * console.log(subscribe)
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /**
   * Answers a request: 200 once all handlers are done, or if the message was handled before; 401 without one of the
   * secrets; 400, 405, 408, 413 or 415 if it is no webhook; 500 if a handler failed or took too long, and 503 if another
   * request has the same message in hand: then the message comes again.
   */
  readonly respond: Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest>
  /** Runs a handler for each event with one of the tags, until the scope closes. Without tags, for all. */
  readonly register: <E>(
    tags: ReadonlyArray<EventTag> | null,
    handler: (event: Event) => Effect.Effect<void, E>
  ) => Effect.Effect<void, never, Scope.Scope>
  /** All events from now on. A slow reader holds up the answers: an event is answered once it has room. */
  readonly stream: Stream.Stream<Event>
}

/**
 * The service tag of the receiver.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const log = Effect.flatMap(Webhooks.Webhooks, ({ stream }) =>
 *   Stream.runForEach(stream, (event) => Effect.log(event._tag))
 * )
 * console.log(log)
 *
 * @category tags
 * @since 0.1.0
 */
export class Webhooks extends Context.Tag("effect-stigg/Webhooks")<Webhooks, Service>() {}

/**
 * Options of {@link layer}: either `secrets` or `verifier`.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as Webhooks from "effect-stigg/Webhooks"
 *
 * // Two while one is replaced.
 * const options: Webhooks.Options = { secrets: [Redacted.make("new"), Redacted.make("old")] }
 * console.log(options.secrets?.length) // 2
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The secrets of the webhook, one of which a request must have. Several while one is replaced. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** Another way to tell who sent a request, instead of `secrets`. */
  readonly verifier?: Verifier | undefined
  /** The largest body in bytes: 1 MiB by default. */
  readonly maxBodySize?: number | undefined
  /**
   * How long the handlers of an event may take: 15 seconds by default, and 18 at most, because Stigg waits for 30, a
   * body may take 8 to arrive, and the store 4 in all. Then they are interrupted, and the message comes again.
   */
  readonly handlerTimeout?: Duration.DurationInput | undefined
  /** Events that a reader of the stream may be behind: 1,024 by default. */
  readonly streamCapacity?: number | undefined
}

const invalidOption = ({ handlerTimeout, maxBodySize, secrets, streamCapacity, verifier }: Options) =>
  InvalidOption.first([
    [
      "secrets",
      verifier !== undefined
        ? secrets === undefined
          ? null
          : "not together with verifier"
        : secrets === undefined || secrets.length === 0
          ? "at least one, or a verifier"
          : null
    ],
    ...(secrets ?? []).map((secret, index) => {
      const value = Redacted.value(secret)
      return [`secrets.${index}`, value === "" ? "a text that is not empty" : Header.valueRule(value)] as const
    }),
    ["maxBodySize", Quantity.wholeRule(maxBodySize, 1)],
    ["handlerTimeout", handlerTimeoutRule(handlerTimeout)],
    ["streamCapacity", Quantity.wholeRule(streamCapacity, 1)]
  ])

const longestHandling = Duration.seconds(18)

const handlerTimeoutRule = (input: Duration.DurationInput | undefined): string | null =>
  Quantity.finiteDurationRule(input) ??
  (input !== undefined && Duration.greaterThan(input, longestHandling)
    ? `at most ${Duration.format(longestHandling)}`
    : null)

const make = (options: Options) =>
  Effect.gen(function* () {
    const invalid = invalidOption(options)
    if (invalid !== null) return yield* new InvalidOptionsError(invalid)
    const { handlerTimeout = "15 seconds", maxBodySize = 1024 * 1024, secrets = [], streamCapacity = 1024 } = options
    const hasSecret = yield* SecretHeader.check(secrets)
    const store = yield* Effect.serviceOption(WebhookStore)
    const memory = yield* Layer.build(layerStoreMemory())
    const events = yield* Effect.acquireRelease(PubSub.bounded<Event>(streamCapacity), PubSub.shutdown)
    const handlers = new Set<{
      readonly tags: ReadonlyArray<EventTag> | null
      readonly run: (event: Event) => Effect.Effect<void, unknown>
    }>()
    return Webhooks.of({
      respond: Receiver.make({
        verifier: options.verifier ?? (({ headers }) => hasSecret(headers[SecretHeader.name])),
        store: Option.getOrElse(store, () => Context.get(memory, WebhookStore)),
        maxBodySize,
        handlerTimeout: Duration.decode(handlerTimeout),
        handle: (event) =>
          Effect.zipRight(
            Effect.forEach(
              Array.from(handlers).filter(({ tags }) => tags === null || tags.includes(event._tag)),
              ({ run }) => run(event),
              { concurrency: "unbounded", discard: true }
            ),
            PubSub.publish(events, event)
          )
      }),
      register: (tags, run) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            const handler = { tags, run }
            handlers.add(handler)
            return handler
          }),
          (handler) => Effect.sync(() => handlers.delete(handler))
        ),
      stream: Stream.fromPubSub(events)
    })
  })

/**
 * Provides the receiver. Messages that were handled are remembered in memory, or in a {@link WebhookStore}. Fails with
 * `StiggInvalidOptionsError` if an option is invalid.
 *
 * @example
 * import { Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const WebhooksLive = Webhooks.layer({ secrets: [Redacted.make("the secret of the webhook")] })
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Webhooks, InvalidOptionsError> =>
  Layer.scoped(Webhooks, make(options))

/**
 * Handles the events with a tag, while the layer lives. Several handlers of an event run at once. If one fails, the failure
 * is logged, the request is answered with 500, and the message comes again, for all of its handlers.
 *
 * @example
 * import { Effect, Layer, Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const WebhooksLive = Webhooks.on("EntitlementsUpdated", ({ customer }) => Effect.log(customer.id)).pipe(
 *   Layer.provideMerge(Webhooks.layer({ secrets: [Redacted.make("secret")] }))
 * )
 *
 * @category handlers
 * @since 0.1.0
 */
export const on = <const Tag extends EventTag, E, R>(
  tag: Tag | ReadonlyArray<Tag>,
  handler: (event: Extract<Event, { readonly _tag: Tag }>) => Effect.Effect<void, E, R>
): Layer.Layer<never, never, Webhooks | R> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { register } = yield* Webhooks
      const context = yield* Effect.context<R>()
      const tags: ReadonlyArray<EventTag> = typeof tag === "string" ? [tag] : tag
      const isWanted = (event: Event): event is Extract<Event, { readonly _tag: Tag }> => tags.includes(event._tag)
      yield* register(tags, (event) => (isWanted(event) ? Effect.provide(handler(event), context) : Effect.void))
    })
  )

/**
 * All events from now on, each once. An event is answered once the reader has room for it, and is lost if the process dies
 * before it is read: use {@link on} for what must be done.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const log = Stream.runForEach(Webhooks.stream, (event) => Effect.log(event._tag))
 *
 * @category handlers
 * @since 0.1.0
 */
export const stream: Stream.Stream<Event, never, Webhooks> = Stream.unwrap(Effect.map(Webhooks, ({ stream }) => stream))

/**
 * Answers the requests of webhooks, for any Effect server: on a route of `HttpRouter` or `HttpLayerRouter`, or in a handler
 * of `HttpApiBuilder` with `handleRaw`. {@link Service} has the statuses.
 *
 * @example
 * import { HttpRouter } from "@effect/platform"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const router = HttpRouter.empty.pipe(HttpRouter.post("/webhooks/stigg", Webhooks.httpApp))
 *
 * @category serving
 * @since 0.1.0
 */
export const httpApp: HttpApp.Default<never, Webhooks> = Effect.flatMap(Webhooks, ({ respond }) => respond)

/**
 * A handler of web-standard requests, for Next.js, Hono, Workers and others. Build it once: it builds the layer with the
 * first request. `dispose` ends it.
 *
 * @example
 * import { Effect, Layer, Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const { handler } = Webhooks.toWebHandler(
 *   Webhooks.on("CustomerDeleted", ({ customer }) => Effect.log(customer.id)).pipe(
 *     Layer.provideMerge(Webhooks.layer({ secrets: [Redacted.make("secret")] }))
 *   )
 * )
 * const POST = (request: Request): Promise<Response> => handler(request)
 *
 * @category serving
 * @since 0.1.0
 */
export const toWebHandler = <E>(
  layer: Layer.Layer<Webhooks, E>
): { readonly handler: (request: Request) => Promise<Response>; readonly dispose: () => Promise<void> } => {
  const runtime = ManagedRuntime.make(layer)
  const handler = Effect.runSync(
    Effect.cached(Effect.map(runtime.runtimeEffect, (runtime) => HttpApp.toWebHandlerRuntime(runtime)(httpApp)))
  )
  return {
    handler: async (request) => (await Effect.runPromise(handler))(request),
    dispose: () => runtime.dispose()
  }
}

/**
 * Fails unless the headers have one of the secrets, by names in lower case. For a handler of your own: parse nothing
 * before it holds. How long it takes tells nothing about the secrets.
 *
 * @example
 * import { Effect, Redacted } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const receive = (request: Request, body: Uint8Array) =>
 *   Webhooks.verify(Object.fromEntries(request.headers), [Redacted.make("secret")]).pipe(
 *     Effect.zipRight(Webhooks.parse(body))
 *   )
 *
 * @category verifying
 * @since 0.1.0
 */
export const verify = (
  headers: { readonly [name: string]: string | undefined },
  secrets: ReadonlyArray<Redacted.Redacted>
): Effect.Effect<void, WebhookRefusedError> =>
  Effect.flatMap(SecretHeader.check(secrets), (check) => check(headers[SecretHeader.name]))

/**
 * Parses a body of at most 64 levels. Fails with {@link WebhookRefusedError} if it is no event, and never throws.
 *
 * @example
 * import { Effect } from "effect"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const body = new TextEncoder().encode('{"type":"measurement.reported"}')
 * const tag = Effect.map(Webhooks.parse(body), (event) => event._tag) // MeasurementReported
 *
 * @category verifying
 * @since 0.1.0
 */
export const parse = (body: Uint8Array): Effect.Effect<Event, WebhookRefusedError> =>
  Effect.suspend(() => Body.parse(body))

/**
 * Evicts from `Entitlements` what an event says has changed: its customer with all resources. Events of 25 milliseconds are
 * taken together, so that a burst for one customer costs one load. An event is answered once the customer is evicted.
 *
 * With `EntitlementsRedis`, one process that receives webhooks is enough: all others evict too.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { Entitlements, Stigg } from "effect-stigg"
 * import * as Webhooks from "effect-stigg/Webhooks"
 *
 * const Live = Webhooks.layerEntitlements.pipe(
 *   Layer.provideMerge(Webhooks.layer({ secrets: [Redacted.make("secret")] })),
 *   Layer.provideMerge(Entitlements.layer({ fallback: false })),
 *   Layer.provideMerge(Stigg.layerEnv)
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerEntitlements: Layer.Layer<never, never, Webhooks | Entitlements> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { register } = yield* Webhooks
    const { invalidate } = yield* Entitlements
    const evict = yield* Burst.make(invalidate)
    yield* register(null, (event) => {
      const customerId = customerIdOf(event)
      return customerId === null ? Effect.void : evict(customerId)
    })
  })
)
