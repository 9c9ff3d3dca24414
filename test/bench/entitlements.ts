/** The cost of a check: from memory, and with the API down. */
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { Customers, Entitlements, RetryPolicy, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { forked } from "./forked.js"
import type { Comparison } from "./measure.js"
import { compare } from "./measure.js"

const checks = 200_000
const customers = 100
const idOf = (index: number): string => `customer-${index % customers}`
const params = { featureId: "feature-seats", requestedUsage: 1 } as const

const emulator = Emulator.layer({
  seed: {
    features: [{ id: "feature-seats", type: "NUMBER" }],
    plans: [{ id: "plan-pro", features: [{ featureId: "feature-seats", usageLimit: 10 }] }],
    customers: Array.from({ length: customers }, (_, index) => ({ id: idOf(index), plan: "plan-pro" }))
  }
})

const live = (options: Entitlements.Options) =>
  Layer.build(
    Entitlements.layer(options).pipe(
      Layer.provide(Stigg.layer({ apiKey: Redacted.make("bench") })),
      Layer.provide(RetryPolicy.none),
      Layer.provideMerge(Layer.provideMerge(Emulator.layerHttpClient, emulator))
    )
  )

/** Runs one check after another, like a program that does little else. */
const forEachCheck = <A, E>(check: (customerId: string) => Effect.Effect<A, E>, times: number) => {
  let left = times
  return Effect.whileLoop({
    while: () => left-- > 0,
    body: () => check(idOf(left)),
    step: () => undefined
  })
}

/** A map lookup under `Clock`: the least that a cache with a TTL does. */
const mapRead = () => {
  const map = new Map(Array.from({ length: customers }, (_, index) => [idOf(index), Date.now() + 3_600_000] as const))
  return (customerId: string) =>
    Effect.clockWith((clock) => Effect.succeed(clock.unsafeCurrentTimeMillis() < (map.get(customerId) ?? 0)))
}

const cached = Effect.gen(function* () {
  const context = yield* live({ timeToLive: "1 hour" })
  return yield* Effect.gen(function* () {
    const entitlements = yield* Entitlements.Entitlements
    yield* entitlements.prefetch(Array.from({ length: customers }, (_, index) => idOf(index)))
    const read = mapRead()
    return yield* compare({
      name: "a cached `check`, compared with a map read under `Clock`",
      unit: "a check",
      units: checks,
      bound: 4,
      bare: Effect.suspend(() => forEachCheck(read, checks)),
      sdk: Effect.suspend(() => forEachCheck((id) => entitlements.check(id, params), checks))
    })
  }).pipe(Effect.provide(context))
})

const down = Effect.gen(function* () {
  const up = yield* live({ timeToLive: "1 hour" })
  // States expire quickly, and the breaker stays open for the rest of the run.
  const gone = yield* live({ timeToLive: "500 millis", breaker: { failures: 1, coolDown: "1 hour" } })
  const all = Array.from({ length: customers }, (_, index) => idOf(index))
  const ofUp = yield* Effect.provide(Entitlements.Entitlements, up)
  const ofGone = yield* Effect.provide(Entitlements.Entitlements, gone)
  yield* ofUp.prefetch(all)
  yield* ofGone.prefetch(all)
  yield* Effect.provide(Emulator.inject({ fault: Faults.reset }), gone)
  yield* Effect.sleep("600 millis")
  const last = yield* ofGone.check(idOf(0), params)
  if (last.source !== "stale") return yield* Effect.fail(new Error(`The API is down, and ${last.source} answers`))
  return yield* compare({
    name: "a `check` with the API down, compared with the API up",
    unit: "a check",
    units: checks,
    bound: 2,
    bare: Effect.suspend(() => forEachCheck((id) => ofUp.check(id, params), checks)),
    sdk: Effect.suspend(() => forEachCheck((id) => ofGone.check(id, params), checks))
  })
})

const loads = 2000
const concurrency = 16

/** Each check is for another customer, so each loads a state. */
const loading = Effect.gen(function* () {
  const baseUrl = yield* forked("server.ts")
  const context = yield* Layer.build(
    Entitlements.layer().pipe(
      Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("server-key-of-the-bench"), baseUrl })),
      Layer.provide(UndiciHttpClient.layer)
    )
  )
  const { check } = yield* Effect.provide(Entitlements.Entitlements, context)
  const { retrieveEntitlements } = yield* Effect.provide(Customers.Customers, context)
  let next = 0
  const inFibers = <A, E>(call: (customerId: string) => Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      let left = loads
      const worker = Effect.whileLoop({
        while: () => left-- > 0,
        body: () => call(`customer-${next++}`),
        step: () => {}
      })
      return Effect.all(Effect.replicate(worker, concurrency), { concurrency: "unbounded", discard: true })
    })
  return yield* compare({
    name: `a \`check\` that loads the state, compared with \`retrieveEntitlements\`, ${concurrency} at once`,
    unit: "a check",
    units: loads,
    bound: 1.25,
    bare: inFibers((id) => retrieveEntitlements(id)),
    sdk: inFibers((id) => check(id, { featureId: "feature-sso" }))
  })
})

/** The rows of the bench's table. */
export const entitlements: Effect.Effect<ReadonlyArray<Comparison>, unknown> = Effect.scoped(
  Effect.all([cached, down, loading])
  // The breaker logs a warning when it opens. This bench measures it.
).pipe(Logger.withMinimumLogLevel(LogLevel.Error))

/** By how many bytes the heap grows over 10 million checks after a warm-up of a few thousand. */
export const heapGrowth = (times: number): Effect.Effect<number, unknown> =>
  Effect.scoped(
    Effect.gen(function* () {
      const context = yield* live({ timeToLive: "1 hour" })
      const { check } = yield* Effect.provide(Entitlements.Entitlements, context)
      const run = (times: number) => forEachCheck((id) => check(id, params), times)
      yield* run(checks)
      const before = heapUsed()
      yield* run(times)
      return heapUsed() - before
    })
  )

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
