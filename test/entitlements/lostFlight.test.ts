import * as HttpClient from "@effect/platform/HttpClient"
import { afterEach, expect, it, vi } from "@effect/vitest"
import { Entitlements, Stigg } from "effect-stigg"
import { Emulator } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { seed } from "./world.js"

/** A Worker cancels the sockets and the timers of a request that has ended, and the cache may be shared by requests. */

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it.live("a check does not wait for a load whose request and timer are gone, after the longest lag", () => {
  const worker = { hasEnded: true, millisLater: 0 }
  const { setTimeout } = globalThis
  const { now } = Date
  vi.spyOn(Date, "now").mockImplementation(() => now() + worker.millisLater)
  vi.stubGlobal("setTimeout", (run: () => void, delay = 0) => {
    const timer = setTimeout(run, delay)
    // The scheduler of fibers has no delay.
    if (worker.hasEnded && delay > 0) clearTimeout(timer)
    return timer
  })
  const client = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (emulator) =>
      HttpClient.make((request) => (worker.hasEnded ? Effect.never : emulator.execute(request)))
    )
  ).pipe(Layer.provide(Emulator.layerHttpClient))
  const layer = Entitlements.layer().pipe(
    Layer.provide(Stigg.layer({ apiKey: Redacted.make("server-key") })),
    Layer.provide(client),
    Layer.provide(Emulator.layer({ seed }))
  )
  return Effect.gen(function* () {
    const { check } = yield* Entitlements.Entitlements
    const lost = yield* Effect.fork(check("acme", { featureId: "sso" }))
    yield* Effect.yieldNow()
    yield* Effect.promise(() => new Promise((resume) => setImmediate(resume)))
    worker.hasEnded = false
    worker.millisLater = 61_000
    const waiting = yield* Effect.fork(check("acme", { featureId: "sso" }))
    yield* Effect.sleep("20 millis")
    expect(waiting.unsafePoll()).toBeNull()
    worker.millisLater = 63_000
    expect(yield* check("acme", { featureId: "sso" })).toMatchObject({ isGranted: true, source: "api" })
    // To those that waited, the API has timed out.
    expect(yield* Fiber.join(lost)).toMatchObject({ isGranted: true, source: "stale" })
    expect(yield* Fiber.join(waiting)).toMatchObject({ isGranted: true, source: "stale" })
  }).pipe(Effect.provide(layer))
})
