import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { Journal } from "effect-stigg/testing"
import { Emulator, Faults } from "effect-stigg/testing"
import { customers, emulated, get, patch, post, provisioned } from "./exchange.js"

describe("Emulator.received", () => {
  it.effect("has each request with its outcome, oldest first", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 second")
      yield* provisioned("acme", { name: "Acme" })
      yield* get(`${customers}/acme/entitlements/check?featureId=a&requestedValues=x&requestedValues=y`)
      yield* get("/api/v1/nothing")
      const [first, second, third] = yield* Emulator.received()
      expect(first).toMatchObject({
        operation: "customers.provision",
        customerId: "acme",
        method: "POST",
        path: customers,
        query: {},
        body: { id: "acme", name: "Acme" },
        bodyBytes: 27,
        status: 201,
        faults: [],
        at: "1970-01-01T00:00:01.000Z",
        millis: 0
      })
      expect(second).toMatchObject({
        operation: "customers.checkEntitlement",
        customerId: "acme",
        query: { featureId: "a", requestedValues: ["x", "y"] },
        body: null
      })
      expect(third).toMatchObject({ operation: null, customerId: null, path: "/api/v1/nothing", status: 404 })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("has no secrets in the headers", () =>
    Effect.gen(function* () {
      const headers = {
        "x-api-key": "s3cret-1",
        authorization: "Bearer s3cret-2",
        cookie: "session=s3cret-3",
        "proxy-authorization": "s3cret-4",
        "x-session-token": "s3cret-5",
        "Api-Key": "s3cret-6",
        apikey: "s3cret-7",
        "x-auth-key": "s3cret-8",
        "x-signature": "s3cret-9",
        "x-request-id": "request-1"
      }
      yield* get(customers, { headers })
      const all = yield* Emulator.received()
      expect(JSON.stringify(all)).not.toContain("s3cret")
      expect(all[0]?.headers).toMatchObject({ "x-api-key": "<redacted>", "x-request-id": "request-1" })
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("shows the faults that were applied, and no status for a lost response", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.answerLost, times: 1 })
      yield* Emulator.inject({ fault: Faults.status(503), times: 1 })
      yield* Effect.either(get(customers))
      yield* get(customers)
      yield* get(customers)
      const all = yield* Emulator.received()
      expect(all.map(({ faults, status }) => [status, faults.map(({ type }) => type)])).toEqual([
        [null, ["answerLost"]],
        [503, ["status"]],
        [200, []]
      ])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("keeps the last requests, and the start of a long body", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 5; i++) yield* get(`${customers}/customer-${i}`)
      expect((yield* Emulator.received()).map(({ customerId }) => customerId)).toEqual([
        "customer-2",
        "customer-3",
        "customer-4"
      ])
      yield* provisioned("acme", { metadata: { long: "x".repeat(20_000) } })
      const [, , long] = yield* Emulator.received()
      expect([String(long?.body).length, long?.bodyBytes]).toEqual([16 * 1024, 20_036])
      yield* Emulator.clearReceived
      expect(yield* Emulator.received()).toEqual([])
    }).pipe(Effect.provide(emulated({ journal: 3 })))
  )

  it.effect("can be turned off", () =>
    Effect.gen(function* () {
      yield* get(customers)
      expect(yield* Emulator.received()).toEqual([])
    }).pipe(Effect.provide(emulated({ journal: 0 })))
  )

  it.effect.each<[filter: Journal.Filter, count: number]>([
    [{}, 4],
    [{ operation: "customers.update" }, 2],
    [{ customerId: "acme" }, 3],
    [{ operation: "customers.update", customerId: "acme" }, 1],
    [{ method: "patch" }, 2],
    [{ path: `${customers}/acme` }, 2],
    [{ status: 404 }, 1],
    [{ body: { metadata: { a: "1" } } }, 1],
    [{ headers: { "X-Request-Id": "one" } }, 1],
    [{ query: { limit: "1" } }, 0]
  ])("selects by %j", ([filter, count]) =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      yield* patch(`${customers}/acme`, { name: "x", metadata: { a: "1", b: "2" } })
      yield* patch(`${customers}/nobody`, { name: "x" })
      yield* get(`${customers}/acme`, { headers: { "x-request-id": "one" } })
      expect(yield* Emulator.received(filter)).toHaveLength(count)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("Emulator.verify", () => {
  const traffic = Effect.gen(function* () {
    yield* provisioned("acme", { name: "Acme" })
    yield* post(customers, { id: "globex", name: "Globex" })
    yield* get(customers)
  })

  it.effect("returns how many requests matched", () =>
    Effect.gen(function* () {
      yield* traffic
      expect(yield* Emulator.verify({ operation: "customers.provision" })).toBe(2)
      expect(yield* Emulator.verify({ customerId: "acme", times: 1 })).toBe(1)
      expect(yield* Emulator.verify({ operation: "customers.archive", times: 0 })).toBe(0)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("fails with the nearest requests, and what differs", () =>
    Effect.gen(function* () {
      yield* traffic
      const missed = yield* Effect.flip(
        Emulator.verify({ operation: "customers.provision", body: { id: "acme", name: "ACME" } })
      )
      expect(missed).toMatchObject({ _tag: "StiggVerificationError", count: 0 })
      expect(missed.message.split("\n")).toEqual([
        'Expected at least one request with {"operation":"customers.provision","body":{"id":"acme","name":"ACME"}}, but none of 3 requests matched.',
        "Nearest:",
        '  POST /api/v1/customers (customers.provision, 201 status): body.name is "Acme", not "ACME"',
        '  POST /api/v1/customers (customers.provision, 201 status): body.id is "globex", not "acme"; body.name is "Globex", not "ACME"',
        '  GET /api/v1/customers (customers.list, 200 status): operation is "customers.list", not "customers.provision"; body is null, not {"id":"acme","name":"ACME"}'
      ])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("fails if there are more than expected, and shows them", () =>
    Effect.gen(function* () {
      yield* traffic
      const { message } = yield* Effect.flip(Emulator.verify({ operation: "customers.provision", times: 1 }))
      expect(message).toContain(
        'Expected 1 request with {"operation":"customers.provision"}, but 2 of 3 requests matched'
      )
      expect(message).toContain("Received:\n  POST /api/v1/customers (customers.provision, 201 status)\n")
    }).pipe(Effect.provide(emulated()))
  )
})
