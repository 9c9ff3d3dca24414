/** The cost of a check: from memory, and with the API down. */
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Customers, Entitlements, RetryPolicy, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import { forked } from "./forked.js"
import type { Measured, Way } from "./measure.js"
import { isShort, race } from "./measure.js"

const checks = isShort ? 50_000 : 200_000
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
  const entitlements = yield* Effect.provide(Entitlements.Entitlements, context)
  yield* entitlements.prefetch(Array.from({ length: customers }, (_, index) => idOf(index)))
  const read = mapRead()
  const byPromise = Effect.promise(async () => {
    for (let i = 0; i < checks; i++) await Effect.runPromise(entitlements.check(idOf(i), params))
  })
  const peeking = Effect.sync(() => {
    let granted = 0
    for (let i = 0; i < checks; i++) if (Option.isSome(entitlements.peek(idOf(i), params))) granted++
    if (granted !== checks) throw new Error(`${granted} of ${checks} checks were answered`)
  })
  return yield* race({
    what: "a cached `check`",
    unit: "a check",
    units: checks,
    ways: [
      { way: "a map read under `Clock`, in a fiber", run: Effect.suspend(() => forEachCheck(read, checks)) },
      {
        way: "in a fiber",
        run: Effect.suspend(() => forEachCheck((id) => entitlements.check(id, params), checks)),
        bound: 2
      },
      { way: "by `Effect.runPromise`", run: byPromise },
      { way: "`peek`, outside of any fiber", run: peeking, bound: 2 }
    ]
  })
})

const down = Effect.gen(function* () {
  const up = yield* live({ timeToLive: "1 hour" })
  // No state stays fresh for long, and the breaker stays open for the rest of the run.
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
  const ways: Ways = [
    { way: "with the API up", run: Effect.suspend(() => forEachCheck((id) => ofUp.check(id, params), checks)) },
    {
      way: "with the API down",
      run: Effect.suspend(() => forEachCheck((id) => ofGone.check(id, params), checks)),
      bound: 2
    }
  ]
  return yield* race({ what: "a `check` in memory", unit: "a check", units: checks, ways })
})

type Ways = ReadonlyArray<Way<unknown, never>>

const loads = isShort ? 1000 : 2000
const concurrency = 16

/** Each check is for a different customer, so that each one loads a state. */
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
  const ways: Ways = [
    { way: "`retrieveEntitlements`", run: inFibers((id) => retrieveEntitlements(id)) },
    { way: "a `check`", run: inFibers((id) => check(id, { featureId: "feature-sso" })), bound: 1.8 }
  ]
  return yield* race({ what: `a state load, ${concurrency} at once`, unit: "a load", units: loads, ways })
})

/** The rows of the bench's table. */
export const entitlements: Effect.Effect<ReadonlyArray<Measured>, unknown> = Effect.scoped(
  Effect.map(Effect.all([cached, down, loading]), (groups) => groups.flat())
  // The warning that the breaker opened is expected.
).pipe(Logger.withMinimumLogLevel(LogLevel.Error))

/** Runs cached checks, that many. */
export const checksInMemory = Effect.gen(function* () {
  const context = yield* live({ timeToLive: "1 hour" })
  const { check } = yield* Effect.provide(Entitlements.Entitlements, context)
  return (times: number) => forEachCheck((id) => check(id, params), times)
})
