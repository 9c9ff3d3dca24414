/**
 * Entitlement checks with a cache in Redis that a fleet shares. When several processes need the same state at once, one
 * loads it under a short lock (`SET NX PX`), and the others wait for the result. A write through the SDK replaces the
 * customer's version in Redis, which invalidates all states of older versions, regardless of clock skew between the
 * processes.
 *
 * Import it from `effect-stigg/EntitlementsRedis`, and install `ioredis`.
 *
 * @module
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { RedisOptions } from "ioredis"
import type { Customers } from "./Customers.js"
import * as Entitlements from "./Entitlements.js"
import * as RedisTier from "./internal/entitlements/store/RedisTier.js"
import * as Settings from "./internal/entitlements/Settings.js"
import * as StoreSettings from "./internal/entitlements/store/StoreSettings.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError } from "./StiggError.js"

export type { StoreConfigOptions, StoreOptions } from "./Entitlements.js"

/**
 * The options of `Entitlements.layer`, of the store, and of the Redis client.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
 *
 * const options: EntitlementsRedis.Options = {
 *   redis: { host: "redis.internal" },
 *   password: Redacted.make("secret"),
 *   fallback: false
 * }
 * console.log(options.redis.host) // redis.internal
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Entitlements.Options, Entitlements.StoreOptions {
  /**
   * The options of the `ioredis` client, which the layer creates and closes. Supports one Redis or sentinels, no
   * cluster.
   */
  readonly redis: RedisOptions
  /** The password; overrides the one in `redis`. */
  readonly password?: Redacted.Redacted | undefined
}

/**
 * Like `Entitlements.layer`, and also shares states in Redis. A state that one process fetched is fresh for all
 * processes until its TTL expires, and may answer for `staleFor` after that while the API is down.
 *
 * A write through the SDK, and `invalidate`, replace the customer's version in Redis and tell all processes, which evict
 * the customer from memory: by publish and subscribe on the same Redis, with a second connection. A process that lost
 * that connection uses `timeToLive` at most, and when it is back, it trusts nothing in memory from before.
 *
 * While Redis is down, checks continue without it: after three failures in a row, it is not used for five seconds, and
 * one warning is logged. `ioredis` prints nothing to the console. Fails with `StiggInvalidOptionsError` if an option is
 * out of range.
 *
 * @example
 * import { Layer } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
 *
 * const EntitlementsLive = EntitlementsRedis.layer({ redis: { host: "redis.internal" }, fallback: false }).pipe(
 *   Layer.provideMerge(Stigg.layerEnv)
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<Entitlements.Entitlements, InvalidOptionsError, Customers | StiggClient> =>
  Entitlements.layer(options).pipe(
    Layer.provide(
      Layer.unwrapEffect(
        Effect.mapBoth(StoreSettings.make(options), {
          onFailure: Settings.toInvalidOptions,
          onSuccess: (settings) => RedisTier.layer({ ...settings, redis: options.redis, password: options.password })
        })
      )
    )
  )

/**
 * The options of {@link layer} as `Config`s. Fallbacks are not `Config`s, because they can be functions.
 *
 * @example
 * import { Config } from "effect"
 * import type * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
 *
 * const options: EntitlementsRedis.ConfigOptions = {
 *   redis: Config.all({ host: Config.string("REDIS_HOST"), port: Config.port("REDIS_PORT") }),
 *   password: Config.redacted("REDIS_PASSWORD")
 * }
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfigOptions extends Entitlements.ConfigOptions, Entitlements.StoreConfigOptions {
  readonly redis: Config.Config<RedisOptions>
  readonly password?: Config.Config<Redacted.Redacted> | undefined
}

/**
 * Like {@link layer}, with options from `Config`s. Fails with `ConfigError` if one is missing or out of range.
 *
 * @example
 * import { Config } from "effect"
 * import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
 *
 * const EntitlementsLive = EntitlementsRedis.layerConfig({
 *   redis: Config.all({ host: Config.string("REDIS_HOST") }),
 *   storeId: Config.string("ENTITLEMENTS_STORE"),
 *   fallback: false
 * })
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: ConfigOptions
): Layer.Layer<Entitlements.Entitlements, ConfigError, Customers | StiggClient> =>
  Entitlements.layerConfig(options).pipe(
    Layer.provide(
      Layer.unwrapEffect(
        Effect.gen(function* () {
          const store = yield* StoreSettings.fromConfig(options)
          const settings = yield* Effect.mapError(StoreSettings.make(store), Settings.toConfigError)
          const password = yield* options.password ?? Config.succeed(undefined)
          return RedisTier.layer({ ...settings, redis: yield* options.redis, password })
        })
      )
    )
  )
