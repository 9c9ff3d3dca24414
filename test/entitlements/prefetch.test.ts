import { describe, expect, it } from "@effect/vitest"
import { Entitlements } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { check, layer, sent, switchOff, tag } from "./world.js"

const sso = { featureId: "sso" } as const
const all = ["acme", "globex", "initech"]

describe("prefetch", () => {
  it.effect("reports progress after each customer and at the end", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      const seen: Array<Entitlements.PrefetchProgress> = []
      const last = yield* prefetch([...all, ...all], {
        concurrency: 1,
        onProgress: (progress) => Effect.sync(() => seen.push(progress))
      })
      expect(seen).toEqual([1, 2, 3].map((done) => ({ done, total: 3, failed: 0 })))
      expect(last).toEqual({ done: 3, total: 3, failed: 0 })
    }).pipe(Effect.provide(layer()))
  )

  it.effect("continues after a customer that fails and ends with the first error", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* Emulator.inject({ customer: "acme", fault: Faults.status(403) })
      let last: Entitlements.PrefetchProgress | undefined
      const error = yield* Effect.flip(
        prefetch(all, {
          onProgress: (progress) => {
            last = progress
            return Effect.void
          }
        })
      )
      expect(tag(error)).toBe("StiggPermissionDeniedError")
      expect(last).toEqual({ done: 3, total: 3, failed: 1 })
      expect((yield* check("initech", sso)).source).toBe("cache")
    }).pipe(Effect.provide(layer()))
  )

  it.effect("fetches as many at once as its option says and leaves capacity for a check", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* Emulator.inject({ fault: Faults.latency("1 second") })
      const ids = Array.from({ length: 100 }, (_, index) => `nobody-${index}`)
      const fiber = yield* Effect.fork(prefetch(ids, { concurrency: 3 }))
      const asked = yield* Effect.fork(check("acme", sso))
      yield* TestClock.adjust("999 millis")
      expect(yield* sent).toHaveLength(4)
      yield* TestClock.adjust("1 millis")
      expect((yield* Fiber.join(asked)).isGranted).toBe(true)
      yield* Fiber.interrupt(fiber)
    }).pipe(Effect.provide(layer({ concurrency: 4 })))
  )

  it.effect("accepts any iterable of ids, as many as a whole fleet has", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      const ids = Array.from({ length: 1000 }, (_, index) => `nobody-${index}`)
      expect(yield* prefetch(new Set(ids).values(), { concurrency: 64 })).toEqual({
        done: 1000,
        total: 1000,
        failed: 0
      })
      expect(yield* sent).toHaveLength(1000)
    }).pipe(Effect.provide(layer()))
  )

  it.effect.each([Number.NaN, Number.POSITIVE_INFINITY, 0, 2.5])(
    "rejects a concurrency of %d and sends nothing",
    (concurrency) =>
      Effect.gen(function* () {
        const { prefetch } = yield* Entitlements.Entitlements
        expect(yield* Effect.flip(prefetch(all, { concurrency }))).toMatchObject({
          _tag: "StiggInvalidRequestError",
          field: "concurrency"
        })
        expect(yield* sent).toEqual([])
      }).pipe(Effect.provide(layer()))
  )

  it.effect("sends nothing if one of the ids is invalid", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      expect(yield* Effect.flip(prefetch([...all, ""]))).toMatchObject({ _tag: "StiggInvalidRequestError" })
      expect(yield* sent).toEqual([])
    }).pipe(Effect.provide(layer()))
  )

  it.effect("does nothing for an empty iterable", () =>
    Effect.gen(function* () {
      const { prefetch } = yield* Entitlements.Entitlements
      yield* switchOff
      expect(yield* prefetch([])).toEqual({ done: 0, total: 0, failed: 0 })
    }).pipe(Effect.provide(layer()))
  )
})
