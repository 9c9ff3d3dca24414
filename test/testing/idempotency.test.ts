import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Emulator, Faults } from "effect-stigg/testing"
import * as IdempotencyStore from "../../src/testing/internal/world/IdempotencyStore.js"
import { customers, emulated, failure, get, post, send } from "./exchange.js"

const keyed = { headers: { "idempotency-key": "key-1" } }

describe("an Idempotency-Key", () => {
  it.effect("of a completed POST returns the first response again, whatever the body", () =>
    Effect.gen(function* () {
      const first = yield* post(customers, { id: "acme" }, keyed)
      expect(first.status).toBe(201)
      expect(yield* post(customers, { id: "acme" }, keyed)).toEqual(first)
      expect(yield* post(customers, { id: "other", unknown: 1 }, keyed)).toEqual(first)
      expect(yield* send("POST", customers, { text: "{", ...keyed })).toEqual(first)
      expect((yield* get(customers)).ids).toEqual(["acme"])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("belongs to one path: with another it is a request of its own", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, keyed)
      yield* post(customers, { id: "globex" })
      const archived = yield* post(`${customers}/globex/archive`, undefined, keyed)
      expect([archived.status, archived.data["id"], typeof archived.data["archivedAt"]]).toEqual([
        200,
        "globex",
        "string"
      ])
      expect((yield* get(customers)).ids).toEqual(["acme"])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("belongs to one API key, and to one user token: with another it is a request of its own", () =>
    Effect.gen(function* () {
      const as = (headers: Record<string, string>) =>
        Effect.map(
          post(customers, { id: "acme" }, { headers: { ...keyed.headers, ...headers } }),
          ({ status }) => status
        )
      const token = { "x-api-key": "", "x-environment-id": "env", authorization: "Bearer one" }
      expect(yield* as({ "x-api-key": "one" })).toBe(201)
      expect(yield* as({ "x-api-key": "two" })).toBe(409)
      expect(yield* as(token)).toBe(409)
      expect(yield* as({ "x-api-key": "one" })).toBe(201)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("lapses after 24 hours of the emulator's time, also when that is set back", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, keyed)
      yield* Emulator.advanceTime("23 hours")
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(201)
      yield* Emulator.advanceTime("1 hour")
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(409)
      yield* post(customers, { id: "globex" }, { headers: { "idempotency-key": "key-2" } })
      yield* Emulator.setTime(0)
      expect((yield* post(customers, { id: "globex" }, { headers: { "idempotency-key": "key-2" } })).status).toBe(201)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("lasts for 24 hours", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, keyed)
      yield* TestClock.adjust("23 hours")
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(201)
      yield* TestClock.adjust("1 hour")
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(409)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("of a failed POST can be used again", () =>
    Effect.gen(function* () {
      expect((yield* post(customers, { id: "!" }, keyed)).status).toBe(400)
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(201)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("does not replace credentials", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, keyed)
      const answer = yield* post(customers, { id: "acme" }, { headers: { ...keyed.headers, "x-api-key": "" } })
      expect(failure(answer)).toEqual({ status: 401, code: "Unauthenticated" })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("has no effect on methods other than POST", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, keyed)
      expect((yield* get(`${customers}/nobody`, keyed)).status).toBe(404)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("makes two concurrent requests write once", () =>
    Effect.gen(function* () {
      const requests = Array.from({ length: 5 }, () => post(customers, { id: "acme" }, keyed))
      const answers = yield* Effect.all(requests, { concurrency: "unbounded" })
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("makes a request wait for the one in flight and write if that one fails", () =>
    Effect.gen(function* () {
      const store = yield* IdempotencyStore.make
      let deeds = 0
      const deed = (succeeds: boolean) =>
        Effect.delay(
          Effect.suspend(() => {
            deeds += 1
            return succeeds ? Effect.succeed(HttpServerResponse.empty({ status: 201 })) : Effect.fail("failed")
          }),
          "1 second"
        )
      const fibers = yield* Effect.forEach([false, true, true, true], (succeeds) =>
        Effect.fork(Effect.either(store.once("key", deed(succeeds))))
      )
      yield* TestClock.adjust("1 minute")
      const outcomes = yield* Effect.forEach(fibers, Fiber.join)
      expect(outcomes.map(({ _tag }) => _tag)).toEqual(["Left", "Right", "Right", "Right"])
      expect(deeds).toBe(2)
    })
  )

  it.effect("lets the next request run when the one in flight is interrupted", () =>
    Effect.gen(function* () {
      const store = yield* IdempotencyStore.make
      const first = yield* Effect.fork(store.once("key", Effect.never))
      const second = yield* Effect.fork(store.once("key", Effect.succeed(HttpServerResponse.empty({ status: 201 }))))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      expect((yield* Fiber.join(second)).status).toBe(201)
    })
  )

  it.effect("makes a retry safe after a lost response", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.answerLost, operation: "customers.provision", times: 1 })
      expect((yield* Effect.either(post(customers, { id: "acme" }, keyed)))._tag).toBe("Left")
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(201)
    }).pipe(Effect.provide(emulated()))
  )
})
