import * as Persistence from "@effect/experimental/Persistence"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PrimaryKey from "effect/PrimaryKey"
import * as Schema from "effect/Schema"
import { EntitlementsState } from "../schemas/Entitlement.js"
import * as Metrics from "./Metrics.js"
import { StateStore } from "./StateStore.js"

/** JSON, so that no two ids make one key, and any key can be a file's name. */
class StateKey extends Schema.TaggedRequest<StateKey>()("State", {
  failure: Schema.Never,
  success: Schema.Struct({ fetchedAt: Schema.Finite, state: EntitlementsState }),
  payload: { ids: Schema.Array(Schema.String) }
}) {
  [PrimaryKey.symbol](): string {
    return `state:${JSON.stringify(this.ids)}`
  }
}

/**
 * When a customer was last changed. States that were fetched before it do not count: those of resources that this
 * process never saw, and those that another process fetched before the change and writes after it.
 */
class ChangeKey extends Schema.TaggedRequest<ChangeKey>()("Change", {
  failure: Schema.Never,
  success: Schema.Finite,
  payload: { customerId: Schema.String }
}) {
  [PrimaryKey.symbol](): string {
    return `changed:${JSON.stringify(this.customerId)}`
  }
}

export interface Options {
  readonly storeId: string
  /** How long a read or a write may take. */
  readonly timeout: Duration.Duration
  /** How long a store that failed is left alone. */
  readonly coolDown: Duration.Duration
  /** How long the store keeps what it is given. */
  readonly timeToLive: Duration.Duration
}

const make = ({ coolDown, storeId, timeToLive, timeout }: Options) =>
  Effect.gen(function* () {
    const persistence = yield* Persistence.ResultPersistence
    const store = yield* persistence.make({ storeId, timeToLive: () => timeToLive })
    const scope = yield* Effect.scope

    // Reads and writes fail each for themselves: a replica answers reads alone.
    const { reads, writes } = makeHealth(Duration.toMillis(coolDown))
    // Mutable, for one fact: whether a corrupt entry was spoken of.
    let hasSaidCorrupt = false

    const corrupt = (cause: Cause.Cause<unknown>) =>
      Effect.suspend(() => {
        Metrics.storeWasCorrupt()
        if (hasSaidCorrupt) return Effect.void
        hasSaidCorrupt = true
        return Effect.logWarning(
          "An entry in the store of entitlements is corrupt: it is treated as absent. Others will be only counted",
          cause
        )
      })

    /** What a program does with a store that may fail: it goes on. */
    const tolerate =
      (health: Health) =>
      <A, E>(self: Effect.Effect<A, E>): Effect.Effect<Option.Option<A>> =>
        self.pipe(
          Effect.tap(health.succeeded),
          Effect.asSome,
          Effect.catchAllCause((cause) =>
            Effect.as(isCorrupt(cause) ? corrupt(cause) : health.failed(cause), Option.none())
          )
        )

    /** In the time that there is; an operation that cannot be interrupted goes on by itself. */
    const inTime =
      (health: Health) =>
      <A, E>(self: Effect.Effect<A, E>): Effect.Effect<Option.Option<A>> =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          health.isDown(now)
            ? Effect.succeedNone
            : tolerate(health)(Effect.timeout(Effect.disconnect(Effect.interruptible(self)), timeout))
        )

    return StateStore.of({
      get: (customerId, resourceId) =>
        Effect.map(
          inTime(reads)(
            Effect.all([store.get(stateKey(customerId, resourceId)), store.get(new ChangeKey({ customerId }))], {
              concurrency: 2
            })
          ),
          (found) => {
            const [state, changed] = Option.getOrElse(found, () => [Option.none(), Option.none()] as const)
            const stored = succeededWith(state)
            const changedAt = succeededWith(changed) ?? -Infinity
            return stored !== undefined && stored.fetchedAt > changedAt ? stored : undefined
          }
        ),

      set: (customerId, resourceId, stored) =>
        inTime(writes)(store.set(stateKey(customerId, resourceId), Exit.succeed(stored))),

      invalidate: (customerIds) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const changes = customerIds.map((customerId) => [new ChangeKey({ customerId }), Exit.succeed(now)] as const)
          // Also while the store is left alone: a client that queues what it is given has it when the store is back.
          // Those who hear of a change cannot be interrupted; what may take for ever has to be.
          const written = yield* store
            .setMany(changes)
            .pipe(tolerate(writes), Effect.interruptible, Effect.forkIn(scope))
          if (!writes.isDown(now)) yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(written)), timeout)
        })
    })
  })

/** Whether a kind of operation works. */
interface Health {
  readonly isDown: (now: number) => boolean
  readonly succeeded: Effect.Effect<void>
  readonly failed: (cause: Cause.Cause<unknown>) => Effect.Effect<void>
}

/** Both kinds, with one line in the log when the first of them fails, and one when both work again. */
const makeHealth = (coolDown: number): { readonly reads: Health; readonly writes: Health } => {
  // Mutable: how many kinds do not work, and for each until when it is left alone.
  let down = 0
  const kind = (): Health => {
    let until: number | undefined
    return {
      isDown: (now) => until !== undefined && now < until,
      succeeded: Effect.suspend(() => {
        if (until === undefined) return Effect.void
        until = undefined
        down--
        return down > 0 ? Effect.void : Effect.logInfo("The store of entitlements works again")
      }),
      failed: (cause) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          Metrics.storeFailed()
          if (until === undefined) down++
          const isFirst = until === undefined && down === 1
          until = now + coolDown
          return isFirst
            ? Effect.logWarning("The store of entitlements does not work: only states in memory are used", cause)
            : Effect.void
        })
    }
  }
  return { reads: kind(), writes: kind() }
}

const stateKey = (customerId: string, resourceId: string | undefined) =>
  new StateKey({ ids: resourceId === undefined ? [customerId] : [customerId, resourceId] })

const succeededWith = <A>(exit: Option.Option<Exit.Exit<A>>): A | undefined =>
  Option.isSome(exit) && Exit.isSuccess(exit.value) ? exit.value.value : undefined

/** It is there, but it is nothing that was put there: of another shape, or no JSON. */
const isCorrupt = (cause: Cause.Cause<unknown>): boolean => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  return (
    error instanceof Persistence.PersistenceParseError ||
    (error instanceof Persistence.PersistenceBackingError && error.cause instanceof SyntaxError)
  )
}

/** A second tier on a `ResultPersistence`. */
export const layer = (options: Options): Layer.Layer<StateStore, never, Persistence.ResultPersistence> =>
  Layer.scoped(StateStore, make(options))
