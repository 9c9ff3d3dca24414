import { describe, expect, it } from "@effect/vitest"
import { Customers, Entitlements, EntitlementsChannel, RetryPolicy, Stigg } from "effect-stigg"
import { Emulator } from "effect-stigg/testing"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { layer, Recording, seed, Sent, sent, switchOff } from "./world.js"

const sso = { featureId: "sso" } as const

class Other extends Context.Tag("test/Other")<Other, Entitlements.Service>() {}

/** Two processes: the second one makes its writes with a client of its own. */
const two = (options: Entitlements.Options = {}) => {
  const client = () =>
    Stigg.layer({ apiKey: Redacted.make("server-key") }).pipe(Layer.provide(RetryPolicy.none), Layer.provide(Recording))
  const first = Entitlements.layer(options).pipe(Layer.provideMerge(client()))
  const second = Layer.effect(Other, Entitlements.Entitlements).pipe(
    Layer.provide(Layer.fresh(Entitlements.layer(options).pipe(Layer.provide(Layer.fresh(client())))))
  )
  return Layer.mergeAll(first, second).pipe(
    Layer.provideMerge(EntitlementsChannel.layerMemory),
    Layer.provideMerge(Emulator.layer({ seed })),
    Layer.provideMerge(Layer.sync(Sent, () => []))
  )
}

const sourceIn = (service: Entitlements.Service, customerId = "acme") =>
  Effect.map(service.check(customerId, sso), ({ source }) => source)

/** A channel whose messages the test sends. */
const scripted = () => {
  const listeners: Array<(message: EntitlementsChannel.Message) => Effect.Effect<void>> = []
  const published: Array<ReadonlyArray<string>> = []
  const channel: EntitlementsChannel.Service = {
    publish: (customerIds) => Effect.sync(() => published.push(customerIds)),
    listen: (listener) => Effect.sync(() => listeners.push(listener))
  }
  return {
    published,
    tell: (message: EntitlementsChannel.Message) => Effect.forEach(listeners, (listener) => listener(message)),
    layer: (options: Entitlements.Options) =>
      Layer.provide(layer(options), Layer.succeed(EntitlementsChannel.EntitlementsChannel, channel))
  }
}

const source = Effect.flatMap(Entitlements.Entitlements, sourceIn)

describe("a channel", () => {
  it.effect("carries the writes of a process to the memory of the others", () =>
    Effect.gen(function* () {
      const [own, other] = yield* Effect.all([Entitlements.Entitlements, Other])
      yield* Effect.all([sourceIn(own), sourceIn(other), sourceIn(other, "globex")])
      expect([yield* sourceIn(own), yield* sourceIn(other)]).toEqual(["cache", "cache"])
      yield* Effect.flatMap(Customers.Customers, ({ archive }) => archive("acme"))
      for (const service of [own, other]) {
        expect(yield* service.check("acme", sso)).toMatchObject({
          accessDeniedReason: "CustomerIsArchived",
          source: "api"
        })
      }
      expect(yield* sourceIn(other, "globex")).toBe("cache")
    }).pipe(Effect.provide(two()))
  )

  it.effect("carries what is invalidated by hand, also of many customers, and loads nothing", () =>
    Effect.gen(function* () {
      const [own, other] = yield* Effect.all([Entitlements.Entitlements, Other])
      yield* Effect.forEach(["acme", "globex", "initech"], (id) => sourceIn(other, id))
      yield* sent
      yield* Effect.replicateEffect(own.invalidate(["acme", "globex"]), 100)
      expect(yield* sent).toEqual([])
      expect(yield* Effect.forEach(["acme", "globex", "initech"], (id) => sourceIn(other, id))).toEqual([
        "api",
        "api",
        "cache"
      ])
      expect(yield* sent).toEqual(["entitlements", "entitlements"])
    }).pipe(Effect.provide(two()))
  )

  it.effect("publishes once per call, and nothing for no customer", () => {
    const channel = scripted()
    return Effect.gen(function* () {
      const { invalidate } = yield* Entitlements.Entitlements
      yield* invalidate([])
      yield* invalidate(["acme", "globex"])
      yield* invalidate("initech")
      expect(channel.published).toEqual([["acme", "globex"], ["initech"]])
    }).pipe(Effect.provide(channel.layer({})))
  })

  it.effect("lengthens the time to live while it is connected, and not while it is lost", () => {
    const channel = scripted()
    return Effect.gen(function* () {
      yield* source
      // Not connected yet: 10 seconds.
      yield* TestClock.adjust("11 seconds")
      expect(yield* source).toBe("api")
      yield* channel.tell(EntitlementsChannel.Connected)
      yield* source
      yield* TestClock.adjust("59 minutes")
      expect(yield* source).toBe("cache")
      yield* channel.tell(EntitlementsChannel.Lost)
      expect(yield* source).toBe("api")
      yield* TestClock.adjust("9 seconds")
      expect(yield* source).toBe("cache")
      yield* TestClock.adjust("1 second")
      expect(yield* source).toBe("api")
    }).pipe(
      Effect.provide(
        channel.layer({
          timeToLive: "10 seconds",
          connectedTimeToLive: "1 hour",
          refreshAhead: 1,
          staleWhileRevalidate: 0
        })
      )
    )
  })

  it.effect("that was lost leaves nothing fresh that was known before it came back", () => {
    const channel = scripted()
    return Effect.gen(function* () {
      yield* channel.tell(EntitlementsChannel.Connected)
      yield* Effect.zipRight(TestClock.adjust("1 second"), source)
      yield* channel.tell(EntitlementsChannel.Lost)
      expect(yield* source).toBe("cache")
      yield* TestClock.adjust("1 second")
      yield* channel.tell(EntitlementsChannel.Connected)
      expect([yield* source, yield* source]).toEqual(["api", "cache"])
    }).pipe(Effect.provide(channel.layer({ staleWhileRevalidate: 0 })))
  })

  it.effect("that comes back while the API is down takes no last known answer away", () => {
    const channel = scripted()
    return Effect.gen(function* () {
      yield* channel.tell(EntitlementsChannel.Connected)
      yield* source
      yield* TestClock.adjust("1 second")
      yield* channel.tell(EntitlementsChannel.Lost)
      yield* channel.tell(EntitlementsChannel.Connected)
      yield* switchOff
      expect(yield* source).toBe("stale")
    }).pipe(Effect.provide(channel.layer({})))
  })
})
