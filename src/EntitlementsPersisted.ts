/**
 * Entitlement checks with a second tier of states, shared by a fleet: a restart, or a new process, finds there what the
 * others fetched. It stands on the `Persistence` of `@effect/experimental`, which keeps things in memory, in files or in
 * Redis.
 *
 * It is an entry of its own, `effect-stigg/EntitlementsPersisted`, and takes `@effect/experimental` beside the SDK.
 *
 * @since 0.1.0
 */
import type * as Persistence from "@effect/experimental/Persistence"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Customers } from "./Customers.js"
import * as Entitlements from "./Entitlements.js"
import * as PersistedStore from "./entitlements/PersistedStore.js"
import * as Settings from "./entitlements/Settings.js"
import type { StateStore } from "./entitlements/StateStore.js"
import type { StiggClient } from "./StiggClient.js"

/**
 * The options of `Entitlements.layer`, and those of the second tier.
 *
 * @example
 * import type * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const options: EntitlementsPersisted.Options = { storeId: "entitlements-of-production", fallback: false }
 * console.log(options.storeId) // entitlements-of-production
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Entitlements.Options {
  /**
   * What the keys in the store begin with: `effect-stigg/entitlements` by default. Give each environment of Stigg its
   * own, where several share a store.
   */
  readonly storeId?: string | undefined
  /** How long the store may take before a check goes on without it; 50 milliseconds by default. */
  readonly storeTimeout?: Duration.DurationInput | undefined
  /** How long a store that failed is left alone; 5 seconds by default. */
  readonly storeCoolDown?: Duration.DurationInput | undefined
}

const storeLayer = (options: Options): Layer.Layer<StateStore, never, Persistence.ResultPersistence> => {
  const { staleFor, timeToLive } = Settings.make(options)
  return PersistedStore.layer({
    storeId: options.storeId ?? "effect-stigg/entitlements",
    timeout: Duration.decode(options.storeTimeout ?? "50 millis"),
    coolDown: Duration.decode(options.storeCoolDown ?? "5 seconds"),
    timeToLive: Duration.millis(timeToLive + staleFor)
  })
}

/**
 * As `Entitlements.layer`, with states kept in a `ResultPersistence` too. A state that a process fetched is fresh for all
 * of them to the end of its time to live, and answers for `staleFor` while the API is down. What a program changes through
 * the SDK is out of the store before its caller goes on; another process may answer from its memory for as long as the
 * time to live. A store that fails, or takes too long, is left alone for five seconds, with one warning.
 *
 * @example
 * import * as Redis from "@effect/experimental/Persistence/Redis"
 * import { Layer } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const EntitlementsLive = EntitlementsPersisted.layer({ fallback: false }).pipe(
 *   Layer.provide(Redis.layerResult({ host: "redis.internal", maxRetriesPerRequest: 1 })),
 *   Layer.provideMerge(Stigg.layerEnv)
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Entitlements.Entitlements, never, Customers | StiggClient | Persistence.ResultPersistence> =>
  Entitlements.layer(options).pipe(Layer.provide(storeLayer(options)))

/**
 * The options of {@link layer} as `Config`s, but for the fallbacks, which are part of the program.
 *
 * @example
 * import { Config } from "effect"
 * import type * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const options: EntitlementsPersisted.ConfigOptions = { storeId: Config.string("ENTITLEMENTS_STORE") }
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigOptions extends Entitlements.ConfigOptions {
  readonly storeId?: Config.Config<string> | undefined
  readonly storeTimeout?: Config.Config<Duration.DurationInput> | undefined
  readonly storeCoolDown?: Config.Config<Duration.DurationInput> | undefined
}

/**
 * As {@link layer}, from `Config`s. Fails with `ConfigError` when one is missing or out of range.
 *
 * @example
 * import { Config } from "effect"
 * import * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const EntitlementsLive = EntitlementsPersisted.layerConfig({
 *   storeId: Config.string("ENTITLEMENTS_STORE"),
 *   fallback: false
 * })
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: ConfigOptions
): Layer.Layer<Entitlements.Entitlements, ConfigError, Customers | StiggClient | Persistence.ResultPersistence> => {
  const none = Config.succeed(undefined)
  const store = Config.all({
    timeToLive: options.timeToLive ?? none,
    staleFor: options.staleFor ?? none,
    storeId: options.storeId ?? none,
    storeTimeout: options.storeTimeout ?? none,
    storeCoolDown: options.storeCoolDown ?? none
  })
  return Entitlements.layerConfig(options).pipe(Layer.provide(Layer.unwrapEffect(Effect.map(store, storeLayer))))
}
