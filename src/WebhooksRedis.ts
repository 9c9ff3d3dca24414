/**
 * Remembers handled webhooks in Redis, for a fleet that receives them in several processes.
 *
 * Import it from `effect-stigg/WebhooksRedis`, and install `ioredis`.
 *
 * @module
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import type { RedisOptions } from "ioredis"
import type { StoreOptions } from "./webhooks/WebhookStore.js"

export { layerStore } from "./internal/webhooks/RedisWebhookStore.js"

/**
 * Options of {@link layerStore}: how long messages are remembered, and the Redis client.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as WebhooksRedis from "effect-stigg/WebhooksRedis"
 *
 * const options: WebhooksRedis.RedisStoreOptions = {
 *   redis: { host: "redis.internal" },
 *   password: Redacted.make("secret"),
 *   keepFor: "1 day"
 * }
 * console.log(options.redis.host) // redis.internal
 *
 * @category models
 * @since 0.1.0
 */
export interface RedisStoreOptions extends Pick<StoreOptions, "keepFor"> {
  /** The options of the `ioredis` client, which the layer creates and closes. */
  readonly redis: RedisOptions
  /** The password; overrides the one in `redis`. */
  readonly password?: Redacted.Redacted | undefined
  /** The prefix of the keys; `effect-stigg/webhooks` by default. Give each Stigg environment its own. */
  readonly prefix?: string | undefined
}
