import type { RateLimitStoreError } from "@effect/experimental/RateLimiter"
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { defaultRetry } from "../../import/Delivery.js"
import type { FleetRate } from "../../../jobs/FleetRate.js"
import { maxLateness, type RateSettings } from "./RateOptions.js"
import * as StoreOutage from "./StoreOutage.js"

/** The pause that all runners see. */
export interface SharedPause {
  /** How much of it is left, in milliseconds; 0 if there is none. */
  readonly left: Effect.Effect<number, RateLimitStoreError>
  /** Pauses for this many milliseconds from now. Never shortens a pause. */
  readonly extend: (millis: number) => Effect.Effect<void, RateLimitStoreError>
}

/** The rate that runners share through a store of tokens and of a pause. */
export const make = (
  { limit, name, window }: RateSettings,
  pause: SharedPause
): Effect.Effect<FleetRate, never, RateLimiter.RateLimiterStore> =>
  Effect.gen(function* () {
    const limiter = yield* RateLimiter.make
    const reach = yield* StoreOutage.make(maxLateness)

    const awaitPause = Effect.repeat(
      Effect.tap(reach(pause.left), (left) => Effect.sleep(Math.ceil(left))),
      { until: (left) => left === 0 }
    )

    const token = reach(
      Effect.all([
        Clock.currentTimeMillis,
        limiter.consume({ algorithm: "token-bucket", onExceeded: "delay", key: name, limit, window })
      ])
    )

    /** Waits for a turn. False if it is lost: because of a pause that began meanwhile, or because it is over. */
    const turn = Effect.gen(function* () {
      yield* awaitPause
      const [askedAt, { delay }] = yield* token
      yield* Effect.sleep(delay)
      if ((yield* reach(pause.left)) > 0) return false
      const late = (yield* Clock.currentTimeMillis) - askedAt - Duration.toMillis(delay)
      return late <= Duration.toMillis(maxLateness)
    })

    return {
      take: Effect.asVoid(Effect.repeat(turn, { until: (isHeld) => isHeld })),
      pause: (duration) =>
        Effect.gen(function* () {
          const capped = Duration.min(duration, defaultRetry.retryAfterCap)
          if (Duration.isZero(capped)) return
          const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(capped)
          yield* Effect.flatMap(Clock.currentTimeMillis, (now) => pause.extend(Math.max(0, until - now))).pipe(
            reach,
            // When the store comes back later, the pause is over.
            Effect.timeoutOption(capped)
          )
        })
    }
  })
