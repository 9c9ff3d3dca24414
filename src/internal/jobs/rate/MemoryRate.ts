import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { InvalidOptionsError } from "../../../StiggError.js"
import type { RateOptions as Options } from "../../../jobs/FleetRate.js"
import { FleetRate } from "../../../jobs/FleetRate.js"
import * as RateOptions from "./RateOptions.js"
import * as SharedRate from "./SharedRate.js"

const pause = Effect.map(Ref.make(0), (resumeAt): SharedRate.SharedPause => ({
  left: Effect.zipWith(Ref.get(resumeAt), Clock.currentTimeMillis, (at, now) => Math.max(0, at - now)),
  extend: (millis) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.update(resumeAt, (at) => Math.max(at, now + millis)))
}))

/**
 * A rate in memory, for tests and for runners in one process. Fails with `StiggInvalidOptionsError` if an option is out
 * of range.
 *
 * @example
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const RateLive = CustomerJobs.rateMemory({ perMinute: 100 })
 *
 * @category layers
 * @since 0.1.0
 */
export const rateMemory = (options: Options = {}): Layer.Layer<FleetRate, InvalidOptionsError> =>
  Layer.effect(
    FleetRate,
    Effect.flatMap(Effect.all([RateOptions.make(options), pause]), ([settings, pause]) =>
      SharedRate.make(settings, pause)
    )
  ).pipe(Layer.provide(RateLimiter.layerStoreMemory))

/**
 * No rate: for a server without a limit, such as the emulator. A 429 still makes the runner that got it wait.
 *
 * @example
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const JobsLive = CustomerJobs.layerMemory({ rate: CustomerJobs.rateNone })
 *
 * @category layers
 * @since 0.1.0
 */
export const rateNone: Layer.Layer<FleetRate> = Layer.succeed(FleetRate, {
  take: Effect.void,
  pause: (duration) => Effect.sleep(duration)
})
