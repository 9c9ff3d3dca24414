import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Faults from "../../Faults.js"
import type { Limits } from "../../Limits.js"
import type { InvalidSeed, Seed } from "../../Seed.js"
import * as FaultInjector from "../middleware/FaultInjector.js"
import * as Limiter from "../middleware/Limiter.js"
import * as Outbox from "../webhooks/Outbox.js"
import * as SeedLoader from "../seed/SeedLoader.js"
import * as IdempotencyStore from "./IdempotencyStore.js"
import * as Ids from "./Ids.js"
import * as InstanceClock from "./InstanceClock.js"
import type { WorldState } from "./World.js"

/** What every instance of an emulator starts with, and returns to by a reset. */
export interface Start {
  readonly seed: Seed
  readonly idSeed: number
  readonly faults: ReadonlyArray<Faults.Rule>
  readonly limits: Option.Option<Limits>
}

/** One emulated environment: its state, its time, and what is done to its requests. Instances share nothing. */
export interface Instance {
  readonly clock: InstanceClock.InstanceClock
  readonly faults: FaultInjector.FaultInjector
  readonly limiter: Option.Option<Limiter.Limiter>
  readonly idempotency: IdempotencyStore.IdempotencyStore
  readonly outbox: Outbox.Outbox
  /**
   * Mutable: a reset, a seed, or a load replaces it as a whole. A request that has started keeps the world that it
   * started with.
   */
  world: WorldState
}

/** The instance that handles the current request. */
export class Current extends Context.Tag("effect-stigg/testing/CurrentInstance")<Current, Instance>() {}

/** Creates an instance. */
export const make = (start: Start): Effect.Effect<Instance, InvalidSeed | Faults.InvalidFault> =>
  Effect.gen(function* () {
    const world = yield* SeedLoader.load(start.seed, Ids.make(start.idSeed), yield* DateTime.now)
    const faults = FaultInjector.make(start.idSeed)
    yield* Effect.forEach(start.faults, faults.inject, { discard: true })
    const clock = InstanceClock.make(Effect.suspend(() => outbox.moved))
    const instance = {
      clock,
      faults,
      limiter: Option.map(start.limits, Limiter.make),
      idempotency: yield* IdempotencyStore.make,
      world
    }
    const outbox = Outbox.make({
      clock,
      seed: start.idSeed,
      world: () => instance.world,
      family: Outbox.family(),
      isMain: true
    })
    return Object.assign(instance, { outbox })
  })
