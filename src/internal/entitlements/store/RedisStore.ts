import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Redis } from "ioredis"
import { EntitlementsState } from "../../../schemas/Entitlement.js"
import * as RedisConnection from "../../redis/RedisConnection.js"
import * as RedisChannel from "./RedisChannel.js"
import * as LockWatch from "./LockWatch.js"
import * as Batch from "./Batch.js"
import type { Claim, Key, Load, Reading, Stored } from "./StateStore.js"
import { StateStore } from "./StateStore.js"
import * as StoredState from "./StoredState.js"
import * as StoreGuard from "./StoreGuard.js"
import * as StoreKey from "./StoreKey.js"
import type { StoreSettings } from "./StoreSettings.js"

export interface Options extends StoreSettings, RedisConnection.Options {
  /** What the messages of this process say that they are from. */
  readonly sender: string
}

/** The TTL of a lock, in milliseconds: after that, another process loads the state too. */
const lockFor = 400

/** How much longer a version lives than the states it invalidates, in milliseconds: a late write must still meet it. */
const versionOutlives = 60_000

/** Stands for the version of a customer without known changes. */
const unchanged = "-"

// A state is stored as one string: its version, the time it was fetched at by Redis's clock, and its JSON. The scripts
// compare versions and times inside Redis, so the clocks of the processes do not matter.

const now = `local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** Returns the JSON, age and version. The age is -1 if there is no state of the current version, and -2 if it is corrupt. */
const read = `
local function read(stateKey, versionKey)
  local version = redis.call('GET', versionKey) or '${unchanged}'
  local value = redis.call('GET', stateKey)
  if not value then return '', -1, version end
  local of, at, from = string.match(value, '^(%S+) (%d+) ()')
  if not of then return '', -2, version end
  if of ~= version then return '', -1, version end
  return string.sub(value, from), math.max(0, now - tonumber(at)), version
end`

const scripts = {
  readStates: `
${now}
${read}
local found = {}
for i = 1, #KEYS, 2 do
  local json, age, version = read(KEYS[i], KEYS[i + 1])
  found[#found + 1] = { json, age, version }
end
return found`,

  claimState: `
${now}
${read}
local json, age, version = read(KEYS[1], KEYS[2])
local turn = 0
if age < 0 or age >= tonumber(ARGV[1]) then
  turn = redis.call('SET', KEYS[3], ARGV[2], 'NX', 'PX', ${lockFor}) and 1 or 0
end
return { json, age, version, turn }`,

  writeState: `
${now}
if (redis.call('GET', KEYS[2]) or '${unchanged}') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. string.format('%.0f', now - ARGV[2]) .. ' ' .. ARGV[3], 'PX', ARGV[4])
end
if redis.call('GET', KEYS[3]) == ARGV[5] then redis.call('DEL', KEYS[3]) end`,

  releaseState: `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`
}

/** `ioredis` adds a method for each script. */
interface Scripted extends Redis {
  readStates(numberOfKeys: number, ...statesAndVersions: ReadonlyArray<string>): Promise<unknown>
  claimState(state: string, version: string, lock: string, maxAge: number, token: string): Promise<unknown>
  writeState(
    ...args: [
      ...[state: string, version: string, lock: string],
      ...[expected: string, age: number, json: string, timeToLive: number, token: string]
    ]
  ): Promise<unknown>
  releaseState(lock: string, token: string): Promise<unknown>
}

const noVersion = Effect.fail(new Error("The entry does not start with a version and a timestamp"))

const connect = ({ password, redis }: RedisConnection.Options) =>
  Effect.map(RedisConnection.make({ password, redis: { enableAutoPipelining: true, ...redis } }), (client) => {
    client.defineCommand("readStates", { lua: scripts.readStates, readOnly: true })
    client.defineCommand("claimState", { numberOfKeys: 3, lua: scripts.claimState })
    client.defineCommand("writeState", { numberOfKeys: 3, lua: scripts.writeState })
    client.defineCommand("releaseState", { numberOfKeys: 1, lua: scripts.releaseState })
    return client as Scripted
  })

const Found = [Schema.String, Schema.Number, Schema.String] as const

const decodeFound = Schema.decodeUnknownSync(Schema.Array(Schema.Tuple(...Found)))
const decodeClaim = Schema.decodeUnknownSync(Schema.Tuple(...Found, Schema.Number))
const decodeState = Schema.decode(Schema.parseJson(EntitlementsState))
const encodeState = Schema.encodeSync(Schema.parseJson(EntitlementsState))

const make = (options: Options) =>
  Effect.gen(function* () {
    const redis = yield* connect(options)
    const scope = yield* Effect.scope
    const guard = StoreGuard.make(options)
    const prefixed = (key: string) => `${options.storeId}:${key}`
    const keysOf = (key: Key) =>
      [prefixed(StoreKey.state(key)), prefixed(StoreKey.version(key.customerId)), prefixed(StoreKey.lock(key))] as const

    const unlocked = LockWatch.make(
      (locks) =>
        guard.read
          .attemptPromise(() => redis.mget(...locks))
          .pipe(
            Effect.map(
              (values) => new Set(locks.filter((_, index) => Option.isSome(values) && values.value[index] !== null))
            )
          ),
      scope
    )

    const readAll = yield* Batch.make((keys: ReadonlyArray<Key>) =>
      Effect.map(
        guard.read.attemptPromise(() =>
          redis.readStates(2 * keys.length, ...keys.flatMap((key) => keysOf(key).slice(0, 2))).then(decodeFound)
        ),
        (found) => keys.map((_, index) => Option.flatMapNullable(found, (all) => all[index]))
      )
    )

    const parse = (json: string, age: number): Effect.Effect<Stored | undefined, unknown> => {
      if (age === -1) return Effect.succeed(undefined)
      return Effect.zipWith(age < 0 ? noVersion : decodeState(json), Clock.currentTimeMillis, (state, now) => ({
        state,
        fetchedAt: now - age
      }))
    }

    const versionOf = (version: string) => (version === unchanged ? null : version)

    const release = (key: Key, { lock }: Load) =>
      lock === null
        ? Effect.void
        : Effect.asVoid(guard.write.attemptPromise(() => redis.releaseState(keysOf(key)[2], lock)))

    return StateStore.of({
      get: (key) =>
        Effect.flatMap(
          readAll(key),
          Option.match({
            onNone: () => Effect.succeed<Reading>({ stored: undefined, version: undefined }),
            onSome: ([json, age, version]) =>
              parse(json, age).pipe(
                Effect.catchAllCause((cause) => Effect.as(guard.corrupt(cause), undefined)),
                Effect.map((stored): Reading => ({ stored, version: versionOf(version) }))
              )
          })
        ),

      claim: (key, maxAge) =>
        Effect.flatMap(newToken, (lock) =>
          Effect.flatMap(
            guard.read.attemptPromise(() => redis.claimState(...keysOf(key), maxAge, lock).then(decodeClaim)),
            Option.match({
              onNone: () => Effect.succeed<Claim>({ _tag: "Load", version: undefined, lock: null }),
              onSome: ([json, age, found, turn]) => {
                const version = versionOf(found)
                if (turn === 1) return Effect.succeed<Claim>({ _tag: "Load", version, lock })
                if (age < 0 || age >= maxAge) {
                  return Effect.succeed<Claim>({
                    ...{ _tag: "Wait", version },
                    awaitRelease: (until) => unlocked(keysOf(key)[2], until)
                  })
                }
                return Effect.match(parse(json, age), {
                  // The script only looks at the age. A state that cannot be parsed is loaded again.
                  onFailure: (): Claim => ({ _tag: "Load", version, lock: null }),
                  onSuccess: (stored): Claim =>
                    stored === undefined ? { _tag: "Load", version, lock: null } : { _tag: "Stored", stored }
                })
              }
            })
          )
        ),

      set: (key, load, { fetchedAt, state }) => {
        const { lock, version } = load
        return version === undefined
          ? release(key, load)
          : Effect.flatMap(Clock.currentTimeMillis, (now) =>
              guard.write.attemptPromise(() =>
                redis.writeState(
                  ...keysOf(key),
                  ...[version ?? unchanged, Math.max(0, now - fetchedAt), encodeState(StoredState.minimal(state))],
                  ...[options.timeToLive, lock ?? ""]
                )
              )
            )
      },

      release,

      invalidate: (customerIds) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const version = yield* newToken
          const changes = redis.multi()
          for (const customerId of customerIds) {
            const [state, key, lock] = keysOf({ customerId, resourceId: undefined })
            changes.set(key, version, "PX", options.timeToLive + versionOutlives).del(state, lock)
          }
          // In the same transaction, so that a process that is told finds the new version.
          changes.publish(
            RedisChannel.nameOf(options.storeId),
            RedisChannel.encode({ from: options.sender, customerIds })
          )
          // Sent even while the store is considered down: the client queues it, and sends it after reconnecting. Write
          // listeners run uninterruptibly, and this write may hang, so it runs on a fiber that can be interrupted.
          const written = yield* guard.write
            .insist(Effect.tryPromise(() => changes.exec().then(throwFirst)))
            .pipe(Effect.interruptible, Effect.forkIn(scope))
          if (!guard.write.isDown(now)) {
            yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(written)), options.timeout)
          }
        })
    })
  })

/** Throws the first error of a transaction, because `exec` resolves even if a command fails. */
const throwFirst = (results: ReadonlyArray<readonly [error: Error | null, result: unknown]> | null): void => {
  const error = results?.find(([error]) => error !== null)?.[0]
  if (error !== undefined && error !== null) throw error
}

/** A unique token for a lock or a version. */
const newToken = Effect.sync(() => crypto.randomUUID())

/** A store of states in Redis. */
export const layer = (options: Options): Layer.Layer<StateStore> => Layer.scoped(StateStore, make(options))
