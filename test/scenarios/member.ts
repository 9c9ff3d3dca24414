/** One process of a fleet. It runs checks as a message says and reports their results. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import { Entitlements, Stigg } from "effect-stigg"
import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
import type { Options, Report, Task } from "./messages.js"

const { apiUrl, redisUrl, storeId, ...options } = JSON.parse(process.argv[2] ?? "{}") as Options

const warnings: Array<string> = []
const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
  if (logLevel.label === "WARN") warnings.push(String(message))
})
// An ioredis client without an error listener writes its errors here.
console.error = (...line: ReadonlyArray<unknown>) => warnings.push(line.map(String).join(" "))

const redis = redisUrl === undefined ? undefined : new URL(redisUrl)

const runtime = ManagedRuntime.make(
  (redis === undefined
    ? Entitlements.layer(options)
    : EntitlementsRedis.layer({ ...options, storeId, redis: { host: redis.hostname, port: Number(redis.port) } })
  ).pipe(
    Layer.provide(Stigg.layer({ apiKey: Redacted.make("server-key"), baseUrl: apiUrl })),
    Layer.provide(NodeHttpClient.layerUndici),
    Layer.provideMerge(Logger.replace(Logger.defaultLogger, logger))
  )
)

const beat = 2

/** The longest delay of the event loop since the start, in milliseconds. */
const measureLag = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const measured = { longest: 0, last: performance.now() }
      const timer = setInterval(() => {
        const now = performance.now()
        measured.longest = Math.max(measured.longest, now - measured.last - beat)
        measured.last = now
      }, beat)
      return { measured, timer }
    }),
    ({ timer }) => Effect.sync(() => clearInterval(timer))
  ),
  ({ measured }) =>
    () =>
      measured.longest
)

const customerId = (index: number) => `customer-${index}`

const perform = ({
  customers,
  perSecond = 0,
  seconds = 0
}: Task): Effect.Effect<Report, never, Entitlements.Entitlements> =>
  Effect.gen(function* () {
    const sources = { api: 0, cache: 0, stale: 0, fallback: 0 }
    const waits: Array<number> = []
    const count = { denied: 0, failed: 0 }
    const lag = yield* measureLag
    const check = (id: string) =>
      Effect.suspend(() => {
        const start = performance.now()
        return Entitlements.check(id, { featureId: "feature-sso" }).pipe(
          Effect.match({
            onFailure: () => {
              count.failed++
            },
            onSuccess: ({ isGranted, source }) => {
              sources[source]++
              if (!isGranted) count.denied++
            }
          }),
          Effect.map(() => {
            waits.push(performance.now() - start)
          })
        )
      })

    if (perSecond === 0) {
      const ids = Array.from({ length: customers }, (_, index) => customerId(index))
      yield* Effect.forEach(ids, check, { concurrency: "unbounded", discard: true })
    } else {
      const start = performance.now()
      const fibers: Array<Effect.Effect<void>> = []
      let begun = 0
      let elapsed = 0
      while (elapsed < seconds * 1000) {
        elapsed = Math.min(performance.now() - start, seconds * 1000)
        for (; begun < (elapsed / 1000) * perSecond; begun++) {
          const fiber = yield* Effect.fork(check(customerId(Math.floor(Math.random() * customers))))
          const exit = fiber.unsafePoll()
          if (exit === null) fibers.push(fiber.await)
        }
        yield* Effect.sleep("5 millis")
      }
      yield* Effect.all(fibers, { discard: true })
    }

    waits.sort((a, b) => a - b)
    return {
      checks: waits.length,
      ...count,
      sources,
      longestWait: waits.at(-1) ?? 0,
      wait99: waits[Math.floor(waits.length * 0.99)] ?? 0,
      longestLag: lag(),
      warnings: warnings.splice(0)
    }
  }).pipe(Effect.scoped)

process.on("message", (task) => {
  void runtime.runPromise(perform(task as Task)).then((report) => process.send?.(report))
})
process.on("disconnect", () => process.exit())

// Building the layer is part of the process start. The checks are not.
await runtime.runPromise(Effect.void)
process.send?.("ready")
