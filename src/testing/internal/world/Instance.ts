import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Faults from "../../Faults.js"
import type { Limits } from "../../Limits.js"
import type { InvalidSeed, Seed } from "../../Seed.js"
import * as RequestLog from "../journal/RequestLog.js"
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
  /** Decoded rules. */
  readonly faults: ReadonlyArray<Faults.Rule>
  readonly limits: Option.Option<Limits>
  /** The number of requests that the journal keeps. */
  readonly journal: number
  /** What the outboxes of all instances share. */
  readonly webhooks: Outbox.Family
}

/** One emulated environment: its state, its time, and what is done to its requests. Instances share nothing. */
export interface Instance {
  readonly name: string
  readonly clock: InstanceClock.InstanceClock
  readonly faults: FaultInjector.FaultInjector
  readonly limiter: Option.Option<Limiter.Limiter>
  readonly idempotency: IdempotencyStore.IdempotencyStore
  readonly journal: RequestLog.RequestLog
  readonly outbox: Outbox.Outbox
  /**
   * Mutable: a reset, a seed, or a load replaces it as a whole. A request that has started keeps the world that it
   * started with.
   */
  world: WorldState
  /** Mutable: who keeps the state in a file. */
  keeper: Keeper
}

export interface Keeper {
  readonly worldReplaced: () => void
  /** Waits until there is little left to write. */
  readonly settled: Effect.Effect<void>
}

export const noKeeper: Keeper = { worldReplaced: () => {}, settled: Effect.void }

/** The instance that handles the current request. */
export class Current extends Context.Tag("effect-stigg/testing/CurrentInstance")<Current, Instance>() {}

/** Creates an instance. */
export const make = (name: string, start: Start): Effect.Effect<Instance, InvalidSeed> =>
  Effect.gen(function* () {
    const world = yield* SeedLoader.load(start.seed, Ids.make(start.idSeed), yield* DateTime.now)
    const faults = FaultInjector.make(start.idSeed)
    faults.restore({ rules: start.faults })
    const clock = InstanceClock.make(Effect.suspend(() => outbox.moved))
    const instance = {
      name,
      clock,
      faults,
      limiter: Option.map(start.limits, Limiter.make),
      idempotency: yield* IdempotencyStore.make,
      journal: RequestLog.make(start.journal),
      world,
      keeper: noKeeper
    }
    const outbox = Outbox.make({
      clock,
      seed: start.idSeed,
      world: () => instance.world,
      family: start.webhooks
    })
    const made = Object.assign(instance, { outbox })
    // What time does to the customers must be known before the time is moved.
    yield* outbox.moved
    return made
  })

/** Replaces the world, and with it the answers to the requests that made it. */
export const replaceWorld = (
  instance: Instance,
  world: WorldState,
  answers: Iterable<IdempotencyStore.StoredAnswer>
): void => {
  instance.world = world
  instance.idempotency.restore(answers)
  instance.keeper.worldReplaced()
}

/** Replaces the customers and the catalogue, and forgets what is kept about the former ones. */
export const seed = (instance: Instance, seed: Seed, idSeed: number): Effect.Effect<void, InvalidSeed> =>
  Effect.gen(function* () {
    const now = yield* instance.clock.within(DateTime.now)
    replaceWorld(instance, yield* SeedLoader.load(seed, Ids.make(idSeed), now), [])
    if (Option.isSome(instance.limiter)) yield* instance.limiter.value.restore([])
    // As in `make`.
    yield* instance.outbox.moved
  })

/** Makes an instance as a new one. Moments of the seed that are relative are so to the time of the reset. */
export const reset = (instance: Instance, start: Start): Effect.Effect<void, InvalidSeed> =>
  // All of it, also for a client that is gone.
  Effect.uninterruptible(
    Effect.gen(function* () {
      yield* instance.outbox.reset
      yield* instance.clock.restore(InstanceClock.unshifted)
      yield* seed(instance, start.seed, start.idSeed)
      instance.faults.restore({ rules: start.faults })
      instance.journal.clear()
    })
  )
