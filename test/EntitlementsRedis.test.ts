import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { describe, expect, it, vi } from "@effect/vitest"
import { Customers, Entitlements, Stigg } from "effect-stigg"
import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as IORedis from "ioredis"
import { fork } from "node:child_process"
import { randomUUID } from "node:crypto"
import * as Door from "./Door.js"
import { metric, seed, skewed } from "./entitlements/world.js"
import * as Program from "./Program.js"

/**
 * A real Redis, such as `redis-server --port 6399 --save ""`. CI starts one and fails without it. Elsewhere this file
 * is skipped with a message.
 */
const redisUrl = process.env["STIGG_TEST_REDIS_URL"]
const isMissing = redisUrl === undefined || redisUrl === ""
if (isMissing && process.env["CI"] === "true") throw new Error("CI needs a Redis: set STIGG_TEST_REDIS_URL")
if (isMissing)
  console.warn("Skipped: the tests on a real Redis. Set STIGG_TEST_REDIS_URL, such as redis://127.0.0.1:6399")
const redis = new URL(isMissing ? "redis://127.0.0.1" : redisUrl)

const sso = { featureId: "sso" } as const
const sourceOf = (customerId: string) => Effect.map(Entitlements.check(customerId, sso), ({ source }) => source)

const door = Door.make({ host: redis.hostname, port: Number(redis.port) })

/** What is written to the console, which the library must not use. */
const writtenToConsole = Effect.acquireRelease(
  Effect.sync(() => [vi.spyOn(globalThis.console, "error"), vi.spyOn(globalThis.console, "warn")]),
  (spies) => Effect.sync(() => spies.forEach((spy) => spy.mockRestore()))
).pipe(Effect.map((spies) => Effect.sync(() => spies.flatMap((spy) => spy.mock.calls))))

/** A separate client to inspect and corrupt the stored data. */
const direct = Effect.acquireRelease(
  Effect.sync(() => new IORedis.Redis(redisUrl ?? "")),
  (client) => Effect.sync(() => client.disconnect())
)

/** The emulator over HTTP. */
const Api = EmulatorServer.layer({ seed })

/** One process with its own memory. */
const inProcess = <A, E, R>(
  self: Effect.Effect<A, E, R | Entitlements.Entitlements | Customers.Customers>,
  { port = Number(redis.port), ...options }: Omit<EntitlementsRedis.Options, "redis"> & { readonly port?: number }
) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ url }) =>
    self.pipe(
      Effect.provide(
        EntitlementsRedis.layer({
          ...{ storeTimeout: "5 seconds", ...options },
          redis: { host: redis.hostname, port, retryStrategy: () => 20 }
        }).pipe(
          Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("server-key"), baseUrl: url })),
          Layer.provide(NodeHttpClient.layerUndici)
        )
      )
    )
  )

/** Ignores keys of other runs. */
const storeId = () => `test-${randomUUID()}`

const isDown = "The entitlement store is failing: only states in memory are used"

describe.runIf(!isMissing)("on a real Redis", () => {
  it.live("a new process reads the states of a process that has ended", () =>
    Effect.gen(function* () {
      const options = { storeId: storeId() }
      expect(yield* inProcess(sourceOf("acme"), options)).toBe("api")
      expect(yield* inProcess(sourceOf("acme"), options)).toBe("cache")
    }).pipe(Effect.provide(Api))
  )

  it.live("a change invalidates the states of a customer", () =>
    Effect.gen(function* () {
      const options = { storeId: storeId() }
      const site = Entitlements.check("acme", { ...sso, resourceId: "site" })
      yield* inProcess(Effect.all([sourceOf("acme"), site, sourceOf("globex")]), options)
      yield* inProcess(
        Effect.flatMap(Customers.Customers, (customers) => customers.archive("acme")),
        options
      )
      const answer = yield* inProcess(Entitlements.check("acme", sso), options)
      const archived = { accessDeniedReason: "CustomerIsArchived", source: "api" }
      expect(answer).toMatchObject(archived)
      expect(yield* inProcess(site, options)).toMatchObject(archived)
      expect(yield* inProcess(sourceOf("globex"), options)).toBe("cache")
    }).pipe(Effect.provide(Api))
  )

  it.live("stored states expire after their TTL plus the stale period", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const options = { storeId: storeId() }
      yield* inProcess(sourceOf("acme"), options)
      const left = yield* Effect.promise(() => client.pttl(`${options.storeId}:state:["acme"]`))
      expect(left).toBeGreaterThan(3_600_000)
      expect(left).toBeLessThanOrEqual(3_630_000)
    }).pipe(Effect.provide(Api), Effect.scoped)
  )

  it.live.each<readonly [string, string]>([
    ["no JSON", `- ${Date.now()} {`],
    ["another shape", `- ${Date.now()} {"entitlements":"?"}`],
    ["nothing of ours", "{}"]
  ])("an entry that is %s is treated as absent and counted", ([, text]) =>
    Effect.gen(function* () {
      const client = yield* direct
      const options = { storeId: storeId() }
      yield* Effect.promise(() => client.set(`${options.storeId}:state:["acme"]`, text))
      const before = yield* metric("store.corrupt")
      expect(yield* inProcess(sourceOf("acme"), options)).toBe("api")
      expect((yield* metric("store.corrupt")) - before).toBe(1)
      expect(yield* inProcess(sourceOf("acme"), options)).toBe("cache")
    }).pipe(Effect.provide([Api, Logger.remove(Logger.defaultLogger)]), Effect.scoped)
  )

  it.live(
    "no check fails or hangs while Redis restarts, and states are stored again afterwards",
    () => {
      const warnings: Array<string> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        if (logLevel.label === "WARN") warnings.push(String(Array.isArray(message) ? message[0] : message))
      })
      return Effect.gen(function* () {
        const client = yield* direct
        const written = yield* writtenToConsole
        const { open, port, shut } = yield* door
        const id = storeId()
        const fetchedAt = Effect.map(
          Effect.promise(() => client.get(`${id}:state:["acme"]`)),
          (text) => Number(text?.split(" ")[1])
        )
        const slowest = yield* Ref.make(0)
        const count = yield* Ref.make(0)
        // Nothing stays fresh for longer than a moment, so the store is used all the time.
        yield* inProcess(
          Effect.gen(function* () {
            const checks = yield* Effect.timed(Entitlements.require("acme", sso)).pipe(
              Effect.tap(([time]) => Ref.update(slowest, (slowest) => Math.max(slowest, Duration.toMillis(time)))),
              Effect.zipRight(Ref.update(count, (count) => count + 1)),
              Effect.repeat(Schedule.spaced("2 millis")),
              Effect.fork
            )
            const often = Schedule.spaced("20 millis")
            yield* Effect.repeat(fetchedAt, { until: (at) => at > 0, schedule: often })
            yield* shut
            yield* Effect.repeat(Effect.sleep("500 millis"), { until: () => warnings.length > 0 })
            expect(warnings).toEqual([isDown])
            const [during, since] = [yield* Ref.get(count), Date.now()]
            yield* open
            yield* Effect.repeat(fetchedAt, { until: (at) => at > since, schedule: often })
            expect(yield* Ref.get(count)).toBeGreaterThan(during)
            // The fiber still runs: no check has failed.
            expect(Option.isNone(yield* Fiber.poll(checks))).toBe(true)
            yield* Fiber.interrupt(checks)
          }),
          { storeId: id, port, storeTimeout: "200 millis", storeCoolDown: "100 millis", timeToLive: "5 millis" }
        )
        expect(yield* Ref.get(slowest)).toBeLessThan(1000)
        expect(yield* written).toEqual([])
      }).pipe(Effect.provide([Api, Logger.replace(Logger.defaultLogger, logger)]), Effect.scoped)
    },
    20_000
  )

  it.live("a process starts and answers while Redis is down", () =>
    Effect.gen(function* () {
      const written = yield* writtenToConsole
      const { open, port, shut } = yield* door
      yield* shut
      const options = { storeId: storeId(), port, storeTimeout: "50 millis" } as const
      yield* inProcess(
        Effect.gen(function* () {
          expect(yield* sourceOf("acme")).toBe("api")
          expect(yield* sourceOf("acme")).toBe("cache")
          yield* Effect.sleep("200 millis")
          yield* open
        }),
        options
      )
      expect(yield* written).toEqual([])
    }).pipe(Effect.provide([Api, Logger.remove(Logger.defaultLogger)]), Effect.scoped)
  )
})

const lockOf = (storeId: string, customerId: string) => `${storeId}:lock:["${customerId}"]`

describe.runIf(!isMissing)("the lock of a state on a real Redis", () => {
  it.live("is held while a state loads and released with the response", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const id = storeId()
      yield* Emulator.inject({ fault: Faults.latency("200 millis"), times: 1 })
      const asked = yield* Effect.fork(inProcess(sourceOf("acme"), { storeId: id }))
      yield* Effect.repeat(
        Effect.promise(() => client.pttl(lockOf(id, "acme"))),
        { until: (left) => left > 0 && left <= 400, schedule: Schedule.spaced("5 millis") }
      )
      expect(yield* Fiber.join(asked)).toBe("api")
      expect(yield* Effect.promise(() => client.exists(lockOf(id, "acme")))).toBe(0)
    }).pipe(Effect.provide(Api), Effect.scoped)
  )

  it.live("is released at once when the load fails", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const id = storeId()
      yield* Emulator.inject({ fault: Faults.status(403), times: 1 })
      expect(yield* Effect.flip(inProcess(sourceOf("acme"), { storeId: id }))).toMatchObject({
        _tag: "StiggPermissionDeniedError"
      })
      expect(yield* Effect.promise(() => client.exists(lockOf(id, "acme")))).toBe(0)
    }).pipe(Effect.provide(Api), Effect.scoped)
  )

  it.live("makes others wait until it expires when its holder is gone", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const id = storeId()
      yield* Effect.promise(() => client.set(lockOf(id, "acme"), "of a process that was killed", "PX", 400))
      const [waited, source] = yield* inProcess(Effect.timed(sourceOf("acme")), { storeId: id })
      expect(source).toBe("api")
      expect(Duration.toMillis(waited)).toBeGreaterThan(300)
      expect(Duration.toMillis(waited)).toBeLessThan(1500)
    }).pipe(Effect.provide(Api), Effect.scoped)
  )

  it.live("never makes others wait longer than a load can take", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const id = storeId()
      yield* Effect.promise(() => client.set(lockOf(id, "acme"), "held on to", "PX", 60_000))
      const [waited, source] = yield* inProcess(Effect.timed(sourceOf("acme")), { storeId: id, timeout: "300 millis" })
      expect(source).toBe("api")
      expect(Duration.toMillis(waited)).toBeLessThan(1500)
      expect(yield* Effect.promise(() => client.get(lockOf(id, "acme")))).toBe("held on to")
    }).pipe(Effect.provide(Api), Effect.scoped)
  )
})

describe.runIf(!isMissing)("processes on a real Redis with clock skew", () => {
  it.live.each([2000, -2000])("of %d ms: a check after the process's own write asks the API", (skew) =>
    Effect.gen(function* () {
      const options = { storeId: storeId() }
      yield* skewed(skew)(inProcess(sourceOf("acme"), options))
      yield* inProcess(
        Effect.gen(function* () {
          expect(yield* sourceOf("acme")).toBe("cache")
          yield* (yield* Customers.Customers).archive("acme")
          expect(yield* Entitlements.check("acme", sso)).toMatchObject({
            accessDeniedReason: "CustomerIsArchived",
            source: "api"
          })
        }),
        options
      )
    }).pipe(Effect.provide(Api))
  )

  it.live.each([20_000, -20_000])("of %d ms: a state is as old as Redis says", (skew) =>
    Effect.gen(function* () {
      const options = { storeId: storeId() }
      yield* skewed(skew)(inProcess(sourceOf("acme"), options))
      const state = yield* inProcess(
        Effect.flatMap(Entitlements.Entitlements, ({ state }) => state("acme")),
        options
      )
      expect(state.source).toBe("cache")
      expect(Math.abs(Date.now() - DateTime.toEpochMillis(state.fetchedAt))).toBeLessThan(5000)
    }).pipe(Effect.provide(Api))
  )

  it.live("a write deletes the state, and a load that started before it does not store its state", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const id = storeId()
      const key = `${id}:state:["acme"]`
      yield* inProcess(sourceOf("acme"), { storeId: id })
      expect(yield* Effect.promise(() => client.exists(key))).toBe(1)
      yield* inProcess(
        Effect.flatMap(Entitlements.Entitlements, ({ invalidate }) => invalidate("acme")),
        { storeId: id }
      )
      expect(yield* Effect.promise(() => client.exists(key))).toBe(0)
      yield* Emulator.inject({
        operation: "customers.retrieveEntitlements",
        fault: Faults.latency("300 millis"),
        times: 1
      })
      const loads = Effect.map(
        Emulator.received({ operation: "customers.retrieveEntitlements" }),
        ({ length }) => length
      )
      const former = yield* loads
      const before = yield* Effect.fork(inProcess(sourceOf("acme"), { storeId: id }))
      yield* Effect.repeat(Effect.delay(loads, "5 millis"), { until: (all) => all > former })
      yield* inProcess(
        Effect.flatMap(Entitlements.Entitlements, ({ invalidate }) => invalidate("acme")),
        { storeId: id }
      )
      yield* Fiber.join(before)
      expect(yield* Effect.promise(() => client.exists(key))).toBe(0)
    }).pipe(Effect.provide(Api), Effect.scoped)
  )
})

/** A separate process that answers with a message. */
const member = (
  { file }: Program.Program,
  url: string,
  storeId: string
): Effect.Effect<
  ((customerId: string) => Effect.Effect<number>) & { readonly kill: Effect.Effect<void> },
  Error,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => fork(file, [url, redisUrl ?? "", storeId], { execArgv: [] })),
      (child) => Effect.sync(() => child.kill())
    )
    const next = Effect.async<string, Error>((resume) => {
      child.once("message", (message) => resume(Effect.succeed(String(message))))
      child.once("exit", (code) => resume(Effect.fail(new Error(`A process ended with ${String(code)}`))))
    })
    yield* next
    return Object.assign(
      (customerId: string) =>
        Effect.zipRight(
          Effect.sync(() => child.send(customerId)),
          Effect.map(Effect.orDie(next), Number)
        ),
      { kill: Effect.sync(() => child.kill("SIGKILL")) }
    )
  })

const memberProgram = Program.make("test/entitlements/fleetMember.ts")

describe.runIf(!isMissing)("a fleet of four processes on one Redis", () => {
  it.live(
    "makes one request per customer, whether it checks sequentially or concurrently",
    () =>
      Effect.gen(function* () {
        const { url } = yield* EmulatorServer.EmulatorServer
        const program = yield* memberProgram
        const members = yield* Effect.all(Effect.replicate(member(program, url, storeId()), 4), { concurrency: 4 })
        for (const customer of ["acme", "globex"]) {
          const requests = yield* Effect.forEach([...members, ...members], (ask) => ask(customer))
          expect(requests).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
        }
        const together = Effect.forEach(members, (ask) => ask("initech"), { concurrency: 4 })
        expect((yield* together).toSorted()).toEqual([0, 0, 0, 1])
        expect(yield* together).toEqual([0, 0, 0, 0])
      }).pipe(Effect.provide(Api), Effect.scoped),
    60_000
  )

  it.live(
    "waits at most for the lock's expiry when one process is killed while loading a state",
    () =>
      Effect.gen(function* () {
        const { url } = yield* EmulatorServer.EmulatorServer
        const id = storeId()
        const client = yield* direct
        const one = member(yield* memberProgram, url, id)
        const [first, second] = yield* Effect.all([one, one], { concurrency: 2 })
        // Both are warm, so the test measures only the lock.
        yield* Effect.all([first("globex"), second("initech")], { concurrency: 2 })
        yield* Emulator.inject({ fault: Faults.latency("10 seconds"), times: 1 })
        yield* Effect.fork(Effect.ignore(Effect.sandbox(first("acme"))))
        yield* Effect.repeat(
          Effect.promise(() => client.exists(lockOf(id, "acme"))),
          { until: (held) => held === 1, schedule: Schedule.spaced("2 millis") }
        )
        // Its request is in flight by now.
        yield* Effect.sleep("150 millis")
        yield* first.kill
        const [waited, requests] = yield* Effect.timed(second("acme"))
        expect(requests).toBe(1)
        expect(Duration.toMillis(waited)).toBeLessThan(1500)
      }).pipe(Effect.provide(Api), Effect.scoped),
    60_000
  )
})
