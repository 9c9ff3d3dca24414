import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { describe, expect, it } from "@effect/vitest"
import { Customers, Entitlements, Stigg } from "effect-stigg"
import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import { Redis } from "ioredis"
import { randomUUID } from "node:crypto"
import * as Door from "./Door.js"
import { seed } from "./entitlements/world.js"

const redisUrl = process.env["STIGG_TEST_REDIS_URL"]
const isMissing = redisUrl === undefined || redisUrl === ""
const redis = new URL(isMissing ? "redis://127.0.0.1" : redisUrl)

const sso = { featureId: "sso" } as const

/** A process with its own memory and connections to one Redis. */
const process_ = (options: Omit<EntitlementsRedis.Options, "redis"> & { readonly port?: number }) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ url }) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const { port = Number(redis.port), ...rest } = options
        return ManagedRuntime.make(
          EntitlementsRedis.layer({ ...rest, redis: { host: redis.hostname, port, retryStrategy: () => 20 } }).pipe(
            Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("server-key"), baseUrl: url })),
            Layer.provide(NodeHttpClient.layerUndici)
          )
        )
      }),
      (runtime) => runtime.disposeEffect
    )
  )

type Member = ManagedRuntime.ManagedRuntime<Entitlements.Entitlements | Customers.Customers, unknown>

const check = (member: Member) => Effect.provide(Entitlements.check("acme", sso), member)

const isDenied = (member: Member) => Effect.map(check(member), ({ isGranted }) => !isGranted)

/** Waits until something holds, and returns how many milliseconds that took. */
const until = <E, R>(holds: Effect.Effect<boolean, E, R>) =>
  Effect.gen(function* () {
    const before = performance.now()
    yield* Effect.repeat(Effect.zipLeft(holds, Effect.sleep("2 millis")), { until: (isTrue) => isTrue })
    return performance.now() - before
  })

/** Waits until a process is connected to the channel: it trusts nothing from before, so it loads once more. */
const warm = (member: Member) =>
  Effect.zipRight(Effect.sleep("150 millis"), until(Effect.map(check(member), ({ source }) => source === "cache")))

/** Whether a process has subscribed to the channel of a store. */
const isSubscribed = (storeId: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Redis({ host: redis.hostname, port: Number(redis.port) })),
    (client) => Effect.promise(async () => (await client.pubsub("CHANNELS", `${storeId}*`)).length > 0),
    (client) => Effect.sync(() => client.disconnect())
  )

const archive = (member: Member) =>
  Effect.provide(
    Effect.flatMap(Customers.Customers, ({ archive }) => archive("acme")),
    member
  )

const unarchive = (member: Member) =>
  Effect.provide(
    Effect.flatMap(Customers.Customers, ({ unarchive }) => unarchive("acme")),
    member
  )

const long = { timeToLive: "1 hour", refreshAhead: 1 } as const

describe.skipIf(isMissing)("the channel on a real Redis (skipped without STIGG_TEST_REDIS_URL)", () => {
  it.scopedLive("brings a write of one process to the memory of all others", () =>
    Effect.gen(function* () {
      const options = { storeId: `test-${randomUUID()}`, ...long }
      const members = yield* Effect.replicateEffect(process_(options), 4)
      const [first] = members
      if (first === undefined) return
      yield* Effect.forEach(members, warm, { concurrency: "unbounded" })
      for (let i = 0; i < 10; i++) {
        const isArchived = i % 2 === 0
        yield* isArchived ? archive(first) : unarchive(first)
        // The time to live is an hour. How fast a change arrives is measured by `npm run scenarios`.
        yield* Effect.forEach(members, (member) => until(Effect.map(isDenied(member), (is) => is === isArchived)), {
          concurrency: "unbounded"
        })
      }
    }).pipe(Effect.provide(EmulatorServer.layer({ seed })))
  )

  it.scopedLive("that was cut off uses the time to live, and trusts nothing from before when it is back", () =>
    Effect.gen(function* () {
      const door = yield* Door.make({ host: redis.hostname, port: Number(redis.port) })
      const options = { storeId: `test-${randomUUID()}`, storeCoolDown: "20 millis" } as const
      const cutOff = yield* process_({
        ...{ ...options, port: door.port, timeToLive: "500 millis", connectedTimeToLive: "1 hour" },
        ...{ refreshAhead: 1, staleWhileRevalidate: 0 }
      })
      const other = yield* process_({ ...options, ...long })
      yield* Effect.all([warm(cutOff), warm(other)], { concurrency: 2 })
      // Longer than `timeToLive`: the channel is connected.
      yield* Effect.sleep("600 millis")
      expect((yield* check(cutOff)).source).toBe("cache")
      yield* door.shut
      yield* archive(other)
      expect(yield* until(isDenied(cutOff))).toBeLessThan(2500)
      yield* unarchive(other)
      yield* until(Effect.map(isDenied(cutOff), (is) => !is))
      yield* door.open
      yield* archive(other)
      expect(yield* until(isDenied(cutOff))).toBeLessThan(2500)
    }).pipe(Effect.provide(EmulatorServer.layer({ seed })))
  )

  it.scopedLive("that is back costs no request for what has not changed: the states in Redis still count", () => {
    let requests = 0
    const Counted = EmulatorServer.layer({
      seed: { ...seed, customers: Array.from({ length: 200 }, (_, i) => ({ id: `customer-${i}`, plan: "pro" })) },
      onExchange: () =>
        Effect.sync(() => {
          requests++
        })
    })
    return Effect.gen(function* () {
      const door = yield* Door.make({ host: redis.hostname, port: Number(redis.port) })
      const storeId = `test-${randomUUID()}`
      // With the default of the timeout, a late event loop would ask the API for what Redis holds.
      const member = yield* process_({ storeId, port: door.port, storeTimeout: "5 seconds", ...long })
      const checkAll = Effect.forEach(
        Array.from({ length: 200 }, (_, i) => `customer-${i}`),
        (id) => Effect.provide(Entitlements.check(id, sso), member),
        { concurrency: "unbounded" }
      )
      yield* checkAll
      expect(requests).toBe(200)
      // It may have connected after that, and then trusts nothing from before: it reads the states in Redis once more.
      yield* until(isSubscribed(storeId))
      yield* Effect.sleep("150 millis")
      yield* until(Effect.map(checkAll, (all) => all.every(({ source }) => source === "cache")))
      expect(requests).toBe(200)
      yield* door.shut
      yield* Effect.sleep("100 millis")
      expect((yield* checkAll).every(({ isGranted, source }) => isGranted && source === "cache")).toBe(true)
      yield* door.open
      yield* Effect.sleep("1500 millis")
      expect((yield* checkAll).every(({ isGranted }) => isGranted)).toBe(true)
      expect(requests).toBe(200)
    }).pipe(Effect.provide(Counted))
  })

  it.scopedLive("finds a connection that is silent", () =>
    Effect.gen(function* () {
      const door = yield* Door.make({ host: redis.hostname, port: Number(redis.port) })
      const options = { storeId: `test-${randomUUID()}`, storeCoolDown: "20 millis" } as const
      const silent = yield* process_({
        ...{ ...options, port: door.port, timeToLive: "100 millis", connectedTimeToLive: "1 hour" },
        ...{ refreshAhead: 1, staleWhileRevalidate: 0 }
      })
      const other = yield* process_({ ...options, ...long })
      yield* Effect.all([warm(silent), warm(other)], { concurrency: 2 })
      yield* door.silence
      yield* archive(other)
      expect(yield* until(isDenied(silent))).toBeLessThan(5000)
    }).pipe(Effect.provide(EmulatorServer.layer({ seed })))
  )
})
