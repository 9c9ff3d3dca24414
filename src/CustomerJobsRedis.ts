/**
 * The rate of `CustomerJobs` in Redis, for a fleet whose database should not hold it.
 *
 * Import it from `effect-stigg/CustomerJobsRedis`, and install `ioredis`.
 *
 * @module
 * @since 0.1.0
 */
export { rateRedis } from "./internal/jobs/rate/RedisRate.js"
export type { RateRedisOptions } from "./internal/jobs/rate/RedisRate.js"
