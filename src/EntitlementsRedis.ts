/**
 * Entitlement checks with states that a fleet shares in Redis. Of all processes that need a state at the same moment one
 * loads it: it holds a short lock (`SET NX PX`) meanwhile, and the others wait for what it brings. A change through the
 * SDK replaces the customer's version in Redis, and states of an older version do not count, whatever the clocks of the
 * processes say.
 *
 * It is an entry of its own, `effect-stigg/EntitlementsRedis`, and needs `ioredis` beside the SDK.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { RedisOptions } from "ioredis"
import type { Customers } from "./Customers.js"
import * as Entitlements from "./Entitlements.js"
import * as RedisStore from "./internal/entitlements/store/RedisStore.js"
import * as Settings from "./internal/entitlements/Settings.js"
import type { StoreConfigOptions, StoreOptions } from "./internal/entitlements/store/StoreSettings.js"
import * as StoreSettings from "./internal/entitlements/store/StoreSettings.js"
import type { StiggClient } from "./StiggClient.js"
import type { InvalidOptionsError } from "./StiggError.js"

/**
 * The options of `Entitlements.layer`, those of the store, and where Redis is.
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
export interface Options extends Entitlements.Options, StoreOptions {
  /** The options of the `ioredis` client, which the layer makes and closes: one Redis or its sentinels, no cluster. */
  readonly redis: RedisOptions
  /** The password, in place of one in `redis`. */
  readonly password?: Redacted.Redacted | undefined
}

/**
 * As `Entitlements.layer`, with states shared by a fleet in Redis. A state that a process fetched is fresh for all of
 * them to the end of its time to live, and answers for `staleFor` while the API is down. What a program changes through
 * the SDK is out of Redis before its caller goes on; another process may answer from its memory for as long as the time
 * to live.
 *
 * While Redis is down the checks go on without it: after three failures in a row it is left alone for five seconds, with
 * one warning, and nothing is written to the console. Fails with `InvalidOptionsError` for an option out of range.
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
          onSuccess: (settings) =>
            RedisStore.layer({ ...settings, redis: withPassword(options.redis, options.password) })
        })
      )
    )
  )

const withPassword = (redis: RedisOptions, password: Redacted.Redacted | undefined): RedisOptions =>
  password === undefined ? redis : { ...redis, password: Redacted.value(password) }

/**
 * The options of {@link layer} as `Config`s, but for the fallbacks, which are part of the program.
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
export interface ConfigOptions extends Entitlements.ConfigOptions, StoreConfigOptions {
  readonly redis: Config.Config<RedisOptions>
  readonly password?: Config.Config<Redacted.Redacted> | undefined
}

/**
 * As {@link layer}, from `Config`s. Fails with `ConfigError` when one is missing or out of range.
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
          return RedisStore.layer({ ...settings, redis: withPassword(yield* options.redis, password) })
        })
      )
    )
  )
