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
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Customers } from "./Customers.js"
import * as Entitlements from "./Entitlements.js"
import * as PersistedStore from "./internal/entitlements/store/PersistedStore.js"
import * as Settings from "./internal/entitlements/Settings.js"
import type { StoreConfigOptions, StoreOptions } from "./internal/entitlements/store/StoreSettings.js"
import * as StoreSettings from "./internal/entitlements/store/StoreSettings.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError } from "./StiggError.js"

export type { StoreConfigOptions, StoreOptions } from "./internal/entitlements/store/StoreSettings.js"

/**
 * The options of `Entitlements.layer`, and those of the store.
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
export interface Options extends Entitlements.Options, StoreOptions {}

/**
 * As `Entitlements.layer`, with states kept in a `ResultPersistence` too. A state that a process fetched is fresh for all
 * of them to the end of its time to live, and answers for `staleFor` while the API is down. What a program changes through
 * the SDK is out of the store before its caller goes on; another process may answer from its memory for as long as the
 * time to live. A store that fails or takes too long several times in a row is left alone for five seconds, with one
 * warning.
 *
 * A `ResultPersistence` has no locks, so processes that need the same state at the same moment each load it: on Redis,
 * `effect-stigg/EntitlementsRedis` is the better choice. Fails with `InvalidOptionsError` for an option out of range.
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
export interface ConfigOptions extends Entitlements.ConfigOptions, StoreConfigOptions {}

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
