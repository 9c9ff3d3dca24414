import { describe, expect, it, vi } from "@effect/vitest"
import { randomUUID } from "node:crypto"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import { Redis } from "ioredis"
import { FleetRate } from "../../../src/jobs/FleetRate.js"
import { rateRedis } from "../../../src/internal/jobs/rate/RedisRate.js"
import * as Door from "../../Door.js"
import { takeTurns } from "./fleet.js"
import { describeStore } from "./sharedStore.js"

const redisUrl = process.env["STIGG_TEST_REDIS_URL"] ?? ""
const isMissing = redisUrl === ""
if (isMissing && process.env["CI"] === "true") throw new Error("CI needs a Redis: set STIGG_TEST_REDIS_URL")
const { hostname: host, port } = new URL(isMissing ? "redis://127.0.0.1" : redisUrl)
const redis = { host, port: Number(port) }
const reason = "on a real Redis (skipped without STIGG_TEST_REDIS_URL)"

describeStore(
  `the rate ${reason}`,
  isMissing,
  Effect.map(Door.make(redis), ({ open, port, shut }) => ({
    layer: (options) => rateRedis({ ...options, redis: { host: "127.0.0.1", port } }),
    open,
    shut
  }))
)

describe.skipIf(isMissing)(`the connection ${reason}`, () => {
  const direct = Effect.acquireRelease(
    Effect.sync(() => new Redis(redisUrl)),
    (client) => Effect.sync(() => client.disconnect())
  )

  it.scopedLive("a rate starts again, and empty, when Redis has lost its data", () =>
    Effect.gen(function* () {
      const client = yield* direct
      const name = `test-${randomUUID()}`
      const times: Array<number> = []
      yield* Effect.gen(function* () {
        const rate = yield* FleetRate
        yield* takeTurns(rate, 5, times)
        yield* Effect.sleep("500 millis")
        yield* Effect.promise(() => client.del(`effect-stigg/rate:tokens:${name}`))
        times.length = 0
        yield* takeTurns(rate, 5, times)
      }).pipe(Effect.provide(rateRedis({ name, perMinute: 1200, burst: 100, redis })))
      // 55 ms a token: a full bucket would give them all at once.
      expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(4 * 50)
    })
  )

  it.scopedLive("a layer is built and released while Redis is down, without a word on the console", () =>
    Effect.gen(function* () {
      const spies = [vi.spyOn(globalThis.console, "error"), vi.spyOn(globalThis.console, "warn")]
      yield* Effect.addFinalizer(() => Effect.sync(() => spies.forEach((spy) => spy.mockRestore())))
      const { port, shut } = yield* Door.make(redis)
      yield* shut
      const take = yield* Effect.flatMap(FleetRate, ({ take }) => take).pipe(
        Effect.provide(rateRedis({ redis: { port } })),
        Effect.fork
      )
      yield* Effect.sleep("300 millis")
      const [released] = yield* Effect.timed(Fiber.interrupt(take))
      expect(Duration.toMillis(released)).toBeLessThan(200)
      expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([])
    })
  )

  it.scopedLive("a wrong password is named in the warning, but not told", () => {
    const causes: Array<string> = []
    const logger = Logger.make<unknown, void>(({ cause, logLevel, message }) => {
      if (logLevel.label === "WARN") causes.push(`${String(message)} ${Cause.pretty(cause)} ${JSON.stringify(cause)}`)
    })
    return Effect.gen(function* () {
      const client = yield* direct
      const user = `user-${randomUUID()}`
      yield* Effect.promise(() => client.call("ACL", "SETUSER", user, "on", ">right", "~*", "+@all"))
      yield* Effect.addFinalizer(() => Effect.promise(() => client.call("ACL", "DELUSER", user)))
      const take = yield* Effect.flatMap(FleetRate, ({ take }) => take).pipe(
        Effect.provide(rateRedis({ redis: { ...redis, username: user }, password: Redacted.make("a-wrong-secret") })),
        Effect.fork
      )
      yield* Effect.sleep("2500 millis")
      yield* Fiber.interrupt(take)
      expect(causes).toHaveLength(1)
      expect(causes[0]).toContain("WRONGPASS")
      expect(causes[0]).not.toContain("a-wrong-secret")
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  })
})
