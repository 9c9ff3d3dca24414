/**
 * The rate of `CustomerJobs` in Redis, for a fleet whose database should not hold it.
 *
 * Import it from `effect-stigg/CustomerJobsRedis`, and install `ioredis`.
 *
 * @module
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import type { RedisOptions } from "ioredis"
import type { RateOptions } from "./jobs/FleetRate.js"

export { rateRedis } from "./internal/jobs/rate/RedisRate.js"

/**
 * Options of {@link rateRedis}: the rate, and the Redis client.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as CustomerJobsRedis from "effect-stigg/CustomerJobsRedis"
 *
 * const options: CustomerJobsRedis.RateRedisOptions = {
 *   redis: { host: "redis.internal" },
 *   password: Redacted.make("secret"),
 *   name: "production"
 * }
 * console.log(options.redis.host) // redis.internal
 *
 * @category models
 * @since 0.1.0
 */
export interface RateRedisOptions extends RateOptions {
  /** The options of the `ioredis` client, which the layer creates and closes. */
  readonly redis: RedisOptions
  /** The password; overrides the one in `redis`. */
  readonly password?: Redacted.Redacted | undefined
}
