import type { RateLimitStoreError } from "@effect/experimental/RateLimiter"
import { RateLimiterStore } from "@effect/experimental/RateLimiter"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

// A bucket is stored as the time when it will be full. Taking tokens adds the time in which they are refilled: one
// number, changed in one step, by the clock of the store. A bucket that the store does not know may have been lost with
// the store's data, so it starts empty.

export interface Take {
  readonly key: string
  readonly tokens: number
  readonly limit: number
  /** The time in which a token is refilled, in milliseconds. */
  readonly refillMillis: number
}

/** The times are large numbers with fractions, which come back slightly rounded. */
const rounding = 0.01

const unsupported = Effect.dieMessage("This store has token buckets that may be overdrawn, and nothing else")

/**
 * The store of a `RateLimiter` that delays by a token bucket. `take` returns what is left, in fractions of tokens, and
 * less than 0 if the bucket is overdrawn.
 */
export const make = (
  take: (options: Take) => Effect.Effect<number, RateLimitStoreError>
): Context.Tag.Service<typeof RateLimiterStore> =>
  RateLimiterStore.of({
    tokenBucket: ({ allowOverflow, key, limit, refillRate, tokens }) =>
      allowOverflow
        ? Effect.map(take({ key, limit, tokens, refillMillis: Duration.toMillis(refillRate) }), (left) =>
            Math.floor(left + rounding)
          )
        : unsupported,
    fixedWindow: () => unsupported
  })
