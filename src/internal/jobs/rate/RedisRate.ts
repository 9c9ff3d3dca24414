import { RateLimiterStore, RateLimitStoreError } from "@effect/experimental/RateLimiter"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Redis } from "ioredis"
import type { RateRedisOptions } from "../../../CustomerJobsRedis.js"
import type { InvalidOptionsError } from "../../../StiggError.js"
import * as RedisConnection from "../../redis/RedisConnection.js"
import { FleetRate } from "../../../jobs/FleetRate.js"
import * as RateOptions from "./RateOptions.js"
import * as SharedRate from "./SharedRate.js"
import * as TokenBucket from "./TokenBucket.js"

// The store of `@effect/experimental` takes the time of the runner: after one whose clock is ahead by an hour, nothing
// is refilled for an hour. It also prints connection errors to the console, and cannot be closed while Redis is down.
const scripts = {
  takeTokens: `
local key, tokens, limit, refill = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local fullAt = tonumber(redis.call('GET', key) or now + limit * refill)
fullAt = math.max(fullAt, now) + tokens * refill
redis.call('SET', key, string.format('%.3f', fullAt))
return string.format('%.6f', limit - (fullAt - now) / refill)`,

  extendPause: `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end`
}

/** `ioredis` adds a method for each script. */
interface Scripted extends Redis {
  takeTokens(key: string, tokens: number, limit: number, refillMillis: number): Promise<unknown>
  extendPause(key: string, millis: number): Promise<unknown>
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const decodeLeft = Schema.decodeUnknownSync(Schema.NumberFromString)

/**
 * A dead connection is given up, and a new one is tried for often enough to continue within a second. The first versions
 * of ioredis 5 do not know `socketTimeout`, and ignore it.
 */
const reconnecting = { socketTimeout: 5000, retryStrategy: (attempt: number) => Math.min(50 * attempt, 500) }

const unconnected = "Not connected yet"
const closed = "The connection was closed"

const connect = ({ password, redis }: RateRedisOptions) =>
  Effect.gen(function* () {
    // Mutable: why there is no connection is told to a listener, and not by the command that fails.
    let problem: string | null = unconnected
    const client = yield* RedisConnection.make({
      password,
      redis: {
        ...reconnecting,
        ...redis,
        // A command fails at once without a connection, and is not sent again: it would take a token for nobody.
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0
      },
      onError: ({ message }) => {
        problem = message
      }
    })
    // The first versions of ioredis 5 are ready before they tell of a wrong password, and then close: the error stays until
    // a command succeeds.
    client.on("ready", () => {
      if (problem === unconnected || problem === closed) problem = null
    })
    client.on("close", () => {
      problem ??= closed
    })
    client.defineCommand("takeTokens", { numberOfKeys: 1, lua: scripts.takeTokens })
    client.defineCommand("extendPause", { numberOfKeys: 1, lua: scripts.extendPause })
    const attempt = <A>(run: (client: Scripted) => Promise<A>) =>
      Effect.tryPromise({
        try: async () => {
          const answer = await run(client as Scripted)
          problem = null
          return answer
        },
        // Only the message: the errors of `ioredis` hold the command and its arguments, such as a password.
        catch: (error) => new RateLimitStoreError({ message: `Redis failed: ${problem ?? messageOf(error)}` })
      })
    return attempt
  })

const make = (options: RateRedisOptions) =>
  Effect.gen(function* () {
    const settings = yield* RateOptions.make(options)
    const attempt = yield* connect(options)
    const prefixed = (key: string) => `effect-stigg/rate:${key}`
    const pauseKey = prefixed(`pause:${settings.name}`)

    const store = TokenBucket.make(({ key, limit, refillMillis, tokens }) =>
      attempt((redis) => redis.takeTokens(prefixed(`tokens:${key}`), tokens, limit, refillMillis).then(decodeLeft))
    )
    const pause: SharedRate.SharedPause = {
      // Redis answers with a negative number if there is no such key.
      left: Effect.map(
        attempt((redis) => redis.pttl(pauseKey)),
        (left) => Math.max(0, left)
      ),
      extend: (millis) => Effect.asVoid(attempt((redis) => redis.extendPause(pauseKey, Math.max(1, Math.ceil(millis)))))
    }
    return yield* Effect.provideService(SharedRate.make(settings, pause), RateLimiterStore, store)
  })

/**
 * A rate that runners share through Redis. Time is that of Redis, so the clocks of the runners may differ.
 *
 * While Redis cannot be reached, no request is sent, and one warning is logged. `ioredis` prints nothing to the console.
 * Fails with `StiggInvalidOptionsError` if an option is out of range.
 *
 * @example
 * import * as CustomerJobsRedis from "effect-stigg/CustomerJobsRedis"
 *
 * const RateLive = CustomerJobsRedis.rateRedis({ redis: { host: "redis.internal" }, name: "production" })
 *
 * @category layers
 * @since 0.1.0
 */
export const rateRedis = (options: RateRedisOptions): Layer.Layer<FleetRate, InvalidOptionsError> =>
  Layer.scoped(FleetRate, make(options))
