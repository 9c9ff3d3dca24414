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
import { EntitlementsState } from "../../../schemas/Entitlement.js"
import type { Key } from "./StateStore.js"
import { StateStore } from "./StateStore.js"
import * as StoredState from "./StoredState.js"
import * as StoreGuard from "./StoreGuard.js"
import * as StoreKey from "./StoreKey.js"
import type { StoreSettings } from "./StoreSettings.js"

class StateRequest extends Schema.TaggedRequest<StateRequest>()("State", {
  failure: Schema.Never,
  success: Schema.Struct({
    fetchedAt: Schema.Finite,
    version: Schema.NullOr(Schema.String),
    state: EntitlementsState
  }),
  payload: { key: Schema.String }
}) {
  [PrimaryKey.symbol](): string {
    return this.key
  }
}

class VersionRequest extends Schema.TaggedRequest<VersionRequest>()("Version", {
  failure: Schema.Never,
  success: Schema.String,
  payload: { key: Schema.String }
}) {
  [PrimaryKey.symbol](): string {
    return this.key
  }
}

const make = (options: StoreSettings) =>
  Effect.gen(function* () {
    const { storeId, timeToLive, timeout } = options
    const persistence = yield* Persistence.ResultPersistence
    const store = yield* persistence.make({ storeId, timeToLive: () => Duration.millis(timeToLive) })
    const scope = yield* Effect.scope
    const guard = StoreGuard.make(options)

    /** The value of a key, undefined if there is none; the cause if the entry cannot be decoded. */
    const read = <A, I>(request: Persistence.ResultPersistence.Key<never, never, never, I, A>) =>
      Effect.matchCauseEffect(store.get(request), {
        onFailure: (cause) => (isCorrupt(cause) ? Effect.succeed({ corrupt: cause }) : Effect.failCause(cause)),
        onSuccess: (found) => Effect.succeed({ value: succeededWith(found) })
      })

    return StateStore.of({
      get: (key) =>
        // Some stores cannot be interrupted: a read that times out continues in the background.
        Effect.all([read(stateOf(key)), read(versionOf(key.customerId))], { concurrency: 2 }).pipe(
          Effect.disconnect,
          guard.read.attempt,
          Effect.flatMap(
            Option.match({
              onNone: () => Effect.succeed({ stored: undefined, version: undefined }),
              onSome: ([state, version]) => {
                const known = "value" in version ? (version.value ?? null) : undefined
                const stored = "value" in state && state.value?.version === known ? state.value : undefined
                const corrupt = "corrupt" in state ? state : "corrupt" in version ? version : undefined
                return Effect.as(corrupt === undefined ? Effect.void : guard.corrupt(corrupt.corrupt), {
                  stored,
                  version: known
                })
              }
            })
          )
        ),

      claim: (_key, _maxAge, { version }) => Effect.succeed({ _tag: "Load", version, lock: null }),

      set: (key, { version }, { fetchedAt, state }) =>
        version === undefined
          ? Effect.void
          : store
              .set(stateOf(key), Exit.succeed({ fetchedAt, version, state: StoredState.minimal(state) }))
              .pipe(Effect.disconnect, guard.write.attempt),

      release: () => Effect.void,

      invalidate: (customerIds) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const version = yield* newVersion
          const changes = customerIds.map((customerId) => [versionOf(customerId), Exit.succeed(version)] as const)
          // Sent even while the store is considered down: a client with an offline queue sends it after reconnecting.
          // Write listeners run uninterruptibly, and this write may hang, so it runs on a fiber that can be
          // interrupted.
          const written = yield* store.setMany(changes).pipe(
            Effect.zipRight(
              Effect.forEach(
                customerIds,
                (customerId) => store.remove(stateOf({ customerId, resourceId: undefined })),
                {
                  discard: true
                }
              )
            ),
            guard.write.insist,
            Effect.interruptible,
            Effect.forkIn(scope)
          )
          if (!guard.write.isDown(now)) {
            yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(written)), timeout)
          }
        })
    })
  })

/** A unique version. */
const newVersion = Effect.sync(() => crypto.randomUUID())

const stateOf = (key: Key) => new StateRequest({ key: StoreKey.state(key) })

const versionOf = (customerId: string) => new VersionRequest({ key: StoreKey.version(customerId) })

const succeededWith = <A>(exit: Option.Option<Exit.Exit<A>>): A | undefined =>
  Option.isSome(exit) && Exit.isSuccess(exit.value) ? exit.value.value : undefined

/** Whether there is an entry that this store did not write: it is not JSON, or does not match the schema. */
const isCorrupt = (cause: Cause.Cause<unknown>): boolean => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  return (
    error instanceof Persistence.PersistenceParseError ||
    (error instanceof Persistence.PersistenceBackingError && error.cause instanceof SyntaxError)
  )
}

/** A store of states on a `ResultPersistence`. */
export const layer = (options: StoreSettings): Layer.Layer<StateStore, never, Persistence.ResultPersistence> =>
  Layer.scoped(StateStore, make(options))
