import * as Persistence from "@effect/experimental/Persistence"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import { Customers, Entitlements, RetryPolicy, Stigg } from "effect-stigg"
import * as EntitlementsPersisted from "effect-stigg/EntitlementsPersisted"
import { Emulator, Faults } from "effect-stigg/testing"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { brief, check, metric, Recording, seed, Sent, sent, skewed, switchOff } from "./entitlements/world.js"

const sso = { featureId: "sso" } as const

/** The API and a store that several processes share. */
const shared = <A, E, R>(store: Layer.Layer<A | Persistence.ResultPersistence, E, R>) =>
  Layer.mergeAll(Recording, store).pipe(
    Layer.provideMerge(Emulator.layer({ seed })),
    Layer.provideMerge(Layer.sync(Sent, () => []))
  )

/** One process with its own memory. */
const inProcess = <A, E, R>(
  self: Effect.Effect<A, E, R | Entitlements.Entitlements | Customers.Customers>,
  options: EntitlementsPersisted.Options = {}
) =>
  self.pipe(
    Effect.provide(
      EntitlementsPersisted.layer(options).pipe(
        Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("server-key") })),
        Layer.provide(RetryPolicy.none)
      )
    )
  )

const sourceOf = (customerId: string, params: Parameters<typeof check>[1] = sso) =>
  Effect.map(check(customerId, params), ({ source }) => source)

const Files = Persistence.layerResultKeyValueStore.pipe(
  Layer.provide(
    Layer.unwrapScoped(
      Effect.map(
        Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()),
        KeyValueStore.layerFileSystem
      )
    )
  ),
  Layer.provide(NodeContext.layer)
)

describe.each([
  ["memory", Layer.orDie(Persistence.layerResultMemory)],
  [
    "a key-value store",
    Layer.orDie(Persistence.layerResultKeyValueStore.pipe(Layer.provide(KeyValueStore.layerMemory)))
  ],
  ["files", Layer.orDie(Files)]
] as const)("states kept in %s", (_, store) => {
  // Files take real time, which the test clock does not see.
  const patient = { storeTimeout: "1 hour" } as const

  it.effect("are read by the next process until the end of their TTL", () =>
    Effect.gen(function* () {
      expect(yield* inProcess(sourceOf("acme"), patient)).toBe("api")
      yield* TestClock.adjust("29 seconds")
      expect(yield* inProcess(sourceOf("acme"), patient)).toBe("cache")
      expect(yield* sent).toEqual(["entitlements"])
      yield* TestClock.adjust("1 seconds")
      expect(yield* inProcess(sourceOf("acme"), patient)).toBe("api")
    }).pipe(Effect.provide(shared(store)))
  )

  it.effect("answer for an hour after their TTL while the API is down", () =>
    Effect.gen(function* () {
      const options = { ...patient, fallback: false }
      yield* inProcess(check("acme", sso), options)
      yield* switchOff
      yield* TestClock.adjust("1 hour")
      expect(yield* inProcess(sourceOf("acme"), options)).toBe("stale")
      yield* TestClock.adjust("30 seconds")
      expect(yield* inProcess(sourceOf("acme"), options)).toBe("fallback")
    }).pipe(Effect.provide(shared(store)))
  )

  it.effect("are separate per resource", () =>
    Effect.gen(function* () {
      yield* inProcess(check("acme", sso), patient)
      expect(yield* inProcess(sourceOf("acme", { ...sso, resourceId: "site" }), patient)).toBe("api")
      expect(yield* inProcess(sourceOf("acme", { ...sso, resourceId: "site" }), patient)).toBe("cache")
    }).pipe(Effect.provide(shared(store)))
  )

  it.effect("are invalidated, including those of resources, when a process changes the customer", () =>
    Effect.gen(function* () {
      const site = { ...sso, resourceId: "site" }
      yield* inProcess(Effect.zipRight(check("acme", sso), check("acme", site)), patient)
      yield* TestClock.adjust("1 millis")
      yield* inProcess(
        Effect.flatMap(Customers.Customers, (customers) => customers.archive("acme")),
        patient
      )
      yield* sent
      expect(brief(yield* inProcess(check("acme", sso), patient))).toEqual([false, "CustomerIsArchived", "api"])
      expect(brief(yield* inProcess(check("acme", site), patient))).toEqual([false, "CustomerIsArchived", "api"])
    }).pipe(Effect.provide(shared(store)))
  )
})

const memory = shared(Persistence.layerResultMemory)

describe("a fleet", () => {
  it.effect("makes one request per customer and TTL when it checks sequentially", () =>
    Effect.gen(function* () {
      const processes = Effect.replicate(inProcess(sourceOf("acme"), { refreshAhead: 1 }), 4)
      for (let i = 0; i < 3; i++) {
        expect(yield* Effect.all(processes)).toEqual(["api", "cache", "cache", "cache"])
        yield* TestClock.adjust("30 seconds")
      }
      expect(yield* sent).toHaveLength(3)
    }).pipe(Effect.provide(memory))
  )

  it.effect("makes at most one request per process when it checks concurrently with a cold cache", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("100 millis") })
      const one = inProcess(Effect.all(Effect.replicate(sourceOf("acme"), 50), { concurrency: "unbounded" }))
      const fibers = yield* Effect.forkAll(Effect.replicate(one, 4))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(fibers)
      expect((yield* sent).length).toBeLessThanOrEqual(4)
    }).pipe(Effect.provide(memory))
  )

  it.effect("refreshes ahead once: the other processes take the fetched state", () =>
    Effect.gen(function* () {
      const other = yield* Deferred.make<void>()
      const slow = yield* inProcess(
        Effect.gen(function* () {
          yield* check("acme", sso)
          yield* Deferred.await(other)
          const during = yield* sourceOf("acme")
          yield* TestClock.adjust(0)
          return during
        })
      ).pipe(Effect.fork)
      yield* TestClock.adjust("25 seconds")
      yield* sent
      yield* inProcess(Effect.zipRight(check("acme", sso), Effect.zipRight(check("acme", sso), TestClock.adjust(0))))
      expect(yield* sent).toEqual(["entitlements"])
      yield* Deferred.succeed(other, undefined)
      expect(yield* Fiber.join(slow)).toBe("cache")
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(memory))
  )

  it.effect("ignores a state that another process fetched before a change and stored after it", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({
        operation: "customers.retrieveEntitlements",
        fault: Faults.latency("1 second"),
        times: 1
      })
      const before = yield* Effect.fork(inProcess(check("acme", sso)))
      yield* TestClock.adjust("500 millis")
      yield* inProcess(
        Effect.gen(function* () {
          yield* (yield* Customers.Customers).archive("acme")
          yield* TestClock.adjust("500 millis")
          yield* Fiber.join(before)
          expect(brief(yield* check("acme", sso))).toEqual([false, "CustomerIsArchived", "api"])
        })
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect("ignores a state from before a change even if the clock of its process is ahead", () =>
    Effect.gen(function* () {
      yield* skewed(2000)(inProcess(check("acme", sso)))
      yield* inProcess(
        Effect.gen(function* () {
          yield* (yield* Customers.Customers).archive("acme")
          expect(brief(yield* check("acme", sso))).toEqual([false, "CustomerIsArchived", "api"])
        })
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect("deletes the state of a changed customer", () =>
    Effect.gen(function* () {
      yield* inProcess(check("acme", sso))
      const persistence = yield* Persistence.BackingPersistence
      const store = yield* persistence.make("effect-stigg/entitlements")
      yield* inProcess(Effect.flatMap(Customers.Customers, (customers) => customers.archive("acme")))
      expect(Option.isNone(yield* store.get(`state:["acme"]`))).toBe(true)
    }).pipe(
      Effect.provide(shared(Persistence.layerResult.pipe(Layer.provideMerge(Persistence.layerMemory)))),
      Effect.scoped
    )
  )

  it.effect("stores only what a check needs of an entitlement of an unknown type", () =>
    Effect.gen(function* () {
      const unknown = {
        ...{ type: "SEAT", isGranted: true, accessDeniedReason: null, validUntil: "2030-01-01T00:00:00.000Z" },
        ...{ owner: "jane@acme.com", seats: [{ email: "joe@acme.com" }] }
      }
      yield* Emulator.inject({ fault: Faults.status(200, { body: { data: { entitlements: [unknown] } } }) })
      const persistence = yield* Persistence.BackingPersistence
      const store = yield* persistence.make("effect-stigg/entitlements")
      const stateOf = Effect.flatMap(Entitlements.Entitlements, ({ state }) => state("acme"))
      expect(JSON.stringify(yield* inProcess(stateOf))).toContain("jane@acme.com")
      const kept = JSON.stringify(Option.getOrThrow(yield* store.get(`state:["acme"]`)))
      expect(kept).toContain("SEAT")
      expect(kept).toContain("2030-01-01")
      expect(kept).not.toContain("acme.com")
      const shared = yield* inProcess(stateOf)
      expect(shared).toMatchObject({ source: "cache", entitlements: [{ isGranted: true }] })
    }).pipe(
      Effect.provide(shared(Persistence.layerResult.pipe(Layer.provideMerge(Persistence.layerMemory)))),
      Effect.scoped
    )
  )

  it.effect("serves stored states to a process with an open breaker, without a request to the API", () =>
    Effect.gen(function* () {
      yield* inProcess(check("acme", sso))
      yield* switchOff
      yield* inProcess(
        Effect.gen(function* () {
          yield* Effect.replicateEffect(Effect.either(sourceOf("globex")), 3)
          yield* sent
          expect(yield* sourceOf("acme")).toBe("cache")
          expect(yield* sent).toEqual([])
        })
      )
    }).pipe(Effect.provide(memory))
  )

  it.effect("shares nothing between stores with different ids", () =>
    Effect.gen(function* () {
      yield* inProcess(check("acme", sso), { storeId: "of Europe" })
      expect(yield* inProcess(sourceOf("acme"), { storeId: "of America" })).toBe("api")
    }).pipe(Effect.provide(memory))
  )
})

/** A store with overridden operations, and the warnings that a program logs. */
const withStore = (operations: Partial<Persistence.BackingPersistenceStore>) => {
  const warnings: Array<string> = []
  const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
    if (logLevel.label === "WARN") warnings.push(String(Array.isArray(message) ? message[0] : message))
  })
  const counts = { get: 0 }
  const backing = Persistence.BackingPersistence.of({
    [Persistence.BackingPersistenceTypeId]: Persistence.BackingPersistenceTypeId,
    make: () =>
      Effect.succeed({
        get: (key) =>
          Effect.suspend(() => {
            counts.get++
            return operations.get?.(key) ?? Effect.succeedNone
          }),
        getMany: () => Effect.succeed([]),
        set: operations.set ?? (() => Effect.void),
        setMany: operations.setMany ?? (() => Effect.void),
        remove: () => Effect.void,
        clear: Effect.void
      })
  })
  const store = Persistence.layerResult.pipe(Layer.provide(Layer.succeed(Persistence.BackingPersistence, backing)))
  return {
    warnings,
    counts,
    layer: Layer.merge(shared(store), Logger.replace(Logger.defaultLogger, logger))
  }
}

const broken = Persistence.PersistenceBackingError.make("get", new Error("no store"))
const isDown = "The entitlement store is failing: only states in memory are used"

describe("a failing store", () => {
  it.effect("delays three checks by 50 milliseconds each and then none for five seconds", () => {
    const { layer, warnings } = withStore({ get: () => Effect.uninterruptible(Effect.never) })
    return inProcess(
      Effect.gen(function* () {
        for (const customer of ["acme", "globex", "initech"]) {
          expect(warnings).toEqual([])
          const asked = yield* Effect.fork(sourceOf(customer))
          yield* TestClock.adjust("49 millis")
          expect(Option.isNone(yield* Fiber.poll(asked))).toBe(true)
          yield* TestClock.adjust("1 millis")
          expect(yield* Fiber.join(asked)).toBe("api")
        }
        // The clock does not move: a check that waits for the store would never end.
        expect(yield* sourceOf("umbrella")).toBe("api")
        expect(warnings).toEqual([isDown])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("is not disabled after one hiccup, however many operations it affects", () => {
    const { counts, layer, warnings } = withStore({ get: () => Effect.never })
    return inProcess(
      Effect.gen(function* () {
        const asked = yield* Effect.forkAll(Array.from({ length: 60 }, (_, index) => sourceOf(`nobody-${index}`)))
        yield* TestClock.adjust("50 millis")
        yield* Fiber.join(asked)
        const before = counts.get
        yield* Effect.fork(sourceOf("acme"))
        yield* TestClock.adjust(0)
        expect(counts.get).toBeGreaterThan(before)
        expect(warnings).toEqual([])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("is disabled after as many failures as the option says", () => {
    const { layer, warnings } = withStore({ get: () => Effect.fail(broken) })
    return inProcess(
      Effect.gen(function* () {
        yield* sourceOf("acme")
        expect(warnings).toEqual([isDown])
      }),
      { storeFailures: 1 }
    ).pipe(Effect.provide(layer))
  })

  it.effect.each<readonly [string, Partial<Persistence.BackingPersistenceStore>]>([
    ["reads fail", { get: () => Effect.fail(broken), set: () => Effect.fail(broken) }],
    ["writes fail", { set: () => Effect.fail(broken) }],
    ["reads die", { get: () => Effect.die(new Error("a bug in the store")) }]
  ])("does not affect the memory tier and logs one warning: %s", ([, operations]) => {
    const { layer, warnings } = withStore(operations)
    return inProcess(
      Effect.gen(function* () {
        for (const customer of ["acme", "globex", "initech"]) {
          expect(yield* sourceOf(customer)).toBe("api")
          expect(yield* sourceOf(customer)).toBe("cache")
          yield* TestClock.adjust("5 seconds")
        }
        expect(warnings).toEqual([isDown])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("is tried again after five seconds, and a second outage is logged again", () => {
    const state = { isUp: false }
    const { counts, layer, warnings } = withStore({
      get: () => (state.isUp ? Effect.succeedNone : Effect.fail(broken))
    })
    return inProcess(
      Effect.gen(function* () {
        const threeTimes = Effect.forEach(["acme", "globex", "initech"], (customer) =>
          Effect.zipRight(
            Effect.flatMap(Entitlements.Entitlements, ({ invalidate }) => invalidate(customer)),
            check(customer, sso)
          )
        )
        yield* threeTimes
        const asked = counts.get
        yield* TestClock.adjust("5 seconds")
        state.isUp = true
        yield* check("umbrella", sso)
        expect(counts.get).toBeGreaterThan(asked)
        state.isUp = false
        yield* threeTimes
        expect(warnings).toEqual([isDown, isDown])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("delays a change by at most 50 milliseconds", () => {
    const { layer } = withStore({ setMany: () => Effect.never })
    return inProcess(
      Effect.gen(function* () {
        const customers = yield* Customers.Customers
        yield* check("acme", sso)
        const change = yield* Effect.fork(customers.archive("acme"))
        yield* TestClock.adjust("50 millis")
        yield* Fiber.join(change)
        expect((yield* check("acme", sso)).accessDeniedReason).toBe("CustomerIsArchived")
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("lets the fallback answer without delay while the API is down too", () => {
    const { layer } = withStore({ get: () => Effect.fail(broken) })
    return inProcess(
      Effect.gen(function* () {
        yield* switchOff
        expect(new Set(yield* Effect.replicateEffect(sourceOf("acme"), 20))).toEqual(new Set(["fallback"]))
        expect(yield* sent).toHaveLength(3)
      }),
      { fallback: true }
    ).pipe(Effect.provide(layer))
  })
})

describe("a corrupt entry", () => {
  const corrupt = metric("store.corrupt")

  it.effect.each<readonly [string, unknown]>([
    ["of another shape", { _tag: "Success", value: { fetchedAt: 1, state: { entitlements: "?" } } }],
    ["of another version", { _tag: "Success", value: [1, 2] }],
    ["that is not an exit", "?"],
    ["that is null", null]
  ])("%s is treated as absent, counted, and logged once", ([, value]) => {
    const { layer, warnings } = withStore({ get: () => Effect.succeedSome(value) })
    return inProcess(
      Effect.gen(function* () {
        const before = yield* corrupt
        for (const customer of ["acme", "globex", "initech"]) expect(yield* sourceOf(customer)).toBe("api")
        expect((yield* corrupt) - before).toBe(3)
        expect(warnings).toEqual([
          "An entry in the entitlement store is corrupt and treated as absent. Further ones are only counted"
        ])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("that is not JSON is treated as absent, and the store keeps working", () => {
    const noJson = Persistence.PersistenceBackingError.make("get", new SyntaxError("Unexpected token"))
    const { layer, warnings } = withStore({ get: () => Effect.fail(noJson) })
    return inProcess(
      Effect.gen(function* () {
        const before = yield* corrupt
        expect(yield* sourceOf("acme")).toBe("api")
        expect(yield* sourceOf("globex")).toBe("api")
        expect((yield* corrupt) - before).toBe(2)
        expect(warnings).toHaveLength(1)
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("is replaced by the API's response", () =>
    Effect.gen(function* () {
      const persistence = yield* Persistence.BackingPersistence
      const store = yield* persistence.make("effect-stigg/entitlements")
      yield* store.set(`state:["acme"]`, "?", Option.none())
      expect(yield* inProcess(sourceOf("acme"))).toBe("api")
      expect(yield* inProcess(sourceOf("acme"))).toBe("cache")
    }).pipe(
      Effect.provide(
        shared(Persistence.layerResult.pipe(Layer.provideMerge(Persistence.layerMemory))).pipe(
          Layer.provideMerge(Persistence.layerMemory)
        )
      ),
      Effect.scoped
    )
  )
})

describe("layerConfig", () => {
  const live = EntitlementsPersisted.layerConfig({
    storeId: Config.string("STORE"),
    timeToLive: Config.duration("TTL"),
    fallback: false
  }).pipe(Layer.provide(Stigg.layer({ apiKey: Redacted.make("server-key") })))
  const configured = (entries: ReadonlyArray<readonly [string, string]>) =>
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries)))

  it.effect("reads the options of both tiers", () =>
    Effect.gen(function* () {
      const ask = sourceOf("acme").pipe(Effect.provide(live))
      const asked = Effect.provide(
        ask,
        configured([
          ["STORE", "a"],
          ["TTL", "10 seconds"]
        ])
      )
      expect(yield* asked).toBe("api")
      yield* TestClock.adjust("9 seconds")
      expect(yield* asked).toBe("cache")
      yield* TestClock.adjust("1 seconds")
      expect(yield* asked).toBe("api")
    }).pipe(Effect.provide(memory))
  )

  it.effect("fails with ConfigError if a setting is missing", () =>
    Effect.gen(function* () {
      const error = yield* sourceOf("acme").pipe(
        Effect.provide(live),
        Effect.provide(configured([["TTL", "1 second"]])),
        Effect.flip
      )
      expect(String(error)).toContain("STORE")
    }).pipe(Effect.provide(memory))
  )
})
