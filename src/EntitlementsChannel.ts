/**
 * Tells all processes of a fleet which customers changed, so that none answers a check from before the change.
 *
 * `Entitlements` publishes each invalidation to it, and evicts what other processes publish: after a write through this
 * SDK, a webhook, or a call of `invalidate`. `effect-stigg/EntitlementsRedis` brings its own channel. Provide one of your
 * own, such as NATS or Postgres, as a layer of {@link EntitlementsChannel}.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/**
 * What a listener is told:
 *
 * - `Invalidated`: these customers changed, in another process or in this one.
 * - `Connected`: from now on, each message arrives. Messages before it may be lost.
 * - `Lost`: from now on, messages may be lost, until the next `Connected`.
 *
 * @example
 * import { Effect } from "effect"
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * const describe = EntitlementsChannel.match({
 *   Connected: () => "connected",
 *   Lost: () => "lost",
 *   Invalidated: ({ customerIds }) => customerIds.join()
 * })
 * const log = (message: EntitlementsChannel.Message) => Effect.log(describe(message))
 *
 * @category models
 * @since 0.1.0
 */
export type Message = Data.TaggedEnum<{
  Invalidated: { readonly customerIds: ReadonlyArray<string> }
  Connected: {}
  Lost: {}
}>

const constructors = Data.taggedEnum<Message>()

/**
 * Makes a message that says which customers changed.
 *
 * @example
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * console.log(EntitlementsChannel.Invalidated({ customerIds: ["customer-acme"] })._tag) // Invalidated
 *
 * @category constructors
 * @since 0.1.0
 */
export const Invalidated = constructors.Invalidated

/**
 * The message that says that each message arrives from now on.
 *
 * @example
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * console.log(EntitlementsChannel.Connected._tag) // Connected
 *
 * @category constructors
 * @since 0.1.0
 */
export const Connected: Message = constructors.Connected()

/**
 * The message that says that messages may be lost from now on.
 *
 * @example
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * console.log(EntitlementsChannel.Lost._tag) // Lost
 *
 * @category constructors
 * @since 0.1.0
 */
export const Lost: Message = constructors.Lost()

/**
 * Handles each kind of {@link Message}.
 *
 * @example
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * const isHealthy = EntitlementsChannel.match({ Connected: () => true, Lost: () => false, Invalidated: () => true })
 * console.log(isHealthy(EntitlementsChannel.Lost)) // false
 *
 * @category matching
 * @since 0.1.0
 */
export const match = constructors.$match

/**
 * A channel between the processes of a fleet.
 *
 * @example
 * import { Effect } from "effect"
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * const silent: EntitlementsChannel.Service = { publish: () => Effect.void, listen: () => Effect.void }
 * console.log(silent)
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** Tells all listeners that customers changed. It does not fail: what is not sent now, is sent later or is lost. */
  readonly publish: (customerIds: ReadonlyArray<string>) => Effect.Effect<void>
  /**
   * Calls `listener` for each message, in order, until the scope closes. First with `Connected` once messages arrive,
   * which may be before this returns.
   */
  readonly listen: (listener: (message: Message) => Effect.Effect<void>) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * The service tag of the channel. `Entitlements.layer` uses it if it is provided.
 *
 * @example
 * import { Effect } from "effect"
 * import { EntitlementsChannel } from "effect-stigg"
 *
 * const tellAll = Effect.flatMap(EntitlementsChannel.EntitlementsChannel, ({ publish }) => publish(["customer-acme"]))
 * void Effect.runPromise(Effect.provide(tellAll, EntitlementsChannel.layerMemory))
 *
 * @category tags
 * @since 0.1.0
 */
export class EntitlementsChannel extends Context.Tag("effect-stigg/EntitlementsChannel")<
  EntitlementsChannel,
  Service
>() {}

/**
 * A channel within one process: between several `Entitlements` layers, and for tests. It is always connected.
 *
 * @example
 * import { Layer } from "effect"
 * import { Entitlements, EntitlementsChannel, Stigg } from "effect-stigg"
 *
 * const EntitlementsLive = Entitlements.layer({ fallback: false }).pipe(
 *   Layer.provide(EntitlementsChannel.layerMemory),
 *   Layer.provideMerge(Stigg.layerEnv)
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<EntitlementsChannel> = Layer.sync(EntitlementsChannel, () => {
  const listeners = new Set<(message: Message) => Effect.Effect<void>>()
  return {
    publish: (customerIds) => {
      const message = Invalidated({ customerIds })
      return Effect.forEach(Array.from(listeners), (listener) => listener(message), { discard: true })
    },
    listen: (listener) =>
      Effect.zipRight(
        Effect.acquireRelease(
          Effect.sync(() => listeners.add(listener)),
          () => Effect.sync(() => listeners.delete(listener))
        ),
        listener(Connected)
      )
  }
})
