/**
 * Entitlement checks with a second-tier cache that a fleet shares: a new or restarted process finds the states that
 * others fetched. The cache is a `ResultPersistence` of `@effect/experimental`, for example in files or in Redis.
 *
 * Import it from `effect-stigg/EntitlementsPersisted`, and install `@effect/experimental`.
 *
 * @module
 * @since 0.1.0
 */
import type * as Persistence from "@effect/experimental/Persistence"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Customers } from "./Customers.js"
import * as Entitlements from "./Entitlements.js"
import * as PersistedStore from "./internal/entitlements/store/PersistedStore.js"
import * as Settings from "./internal/entitlements/Settings.js"
import * as StoreSettings from "./internal/entitlements/store/StoreSettings.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError } from "./StiggError.js"

export type { StoreConfigOptions, StoreOptions } from "./Entitlements.js"

/**
 * The options of `Entitlements.layer` and of the store.
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
export interface Options extends Entitlements.Options, Entitlements.StoreOptions {}

/**
 * Like `Entitlements.layer`, and also stores states in a `ResultPersistence`. A state that one process fetched is fresh
 * for all processes until its TTL expires, and may answer for `staleFor` after that while the API is down. A write
 * through the SDK invalidates the stored state before it returns; other processes may answer from memory until the TTL
 * expires. A store that fails or times out three times in a row is not used for five seconds, and one warning is
 * logged.
 *
 * A `ResultPersistence` has no locks, so processes that need the same state at the same moment all load it. On Redis,
 * `effect-stigg/EntitlementsRedis` is the better choice. Fails with `StiggInvalidOptionsError` if an option is out of
 * range.
 *
 * @example
 * import * as Persistence from "@effect/experimental/Persistence"
 * import * as NodeKeyValueStore from "@effect/platform-node/NodeKeyValueStore"
 * import { Layer } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
 *
 * const EntitlementsLive = EntitlementsPersisted.layer({ fallback: false }).pipe(
 *   Layer.provide(Persistence.layerResultKeyValueStore),
 *   Layer.provide(NodeKeyValueStore.layerFileSystem("/var/cache/entitlements")),
 *   Layer.provideMerge(Stigg.layerEnv)
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  Entitlements.Entitlements,
  InvalidOptionsError,
  Customers | StiggClient | Persistence.ResultPersistence
> =>
  Entitlements.layer(options).pipe(
    Layer.provide(
      Layer.unwrapEffect(
        Effect.mapBoth(StoreSettings.make(options), {
          onFailure: Settings.toInvalidOptions,
          onSuccess: PersistedStore.layer
        })
      )
    )
  )

/**
 * The options of {@link layer} as `Config`s. Fallbacks are not `Config`s, because they can be functions.
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
export interface ConfigOptions extends Entitlements.ConfigOptions, Entitlements.StoreConfigOptions {}

/**
 * Like {@link layer}, with options from `Config`s. Fails with `ConfigError` if one is missing or out of range.
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
): Layer.Layer<Entitlements.Entitlements, ConfigError, Customers | StiggClient | Persistence.ResultPersistence> =>
  Entitlements.layerConfig(options).pipe(
    Layer.provide(
      Layer.unwrapEffect(
        StoreSettings.fromConfig(options).pipe(
          Effect.flatMap((options) => Effect.mapError(StoreSettings.make(options), Settings.toConfigError)),
          Effect.map(PersistedStore.layer)
        )
      )
    )
  )
