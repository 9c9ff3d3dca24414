import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator, Faults } from "effect-stigg/testing"
import { customers, emulated, get, post } from "./exchange.js"

const as = (key: string) => ({ headers: { "x-api-key": key } })
const idsOf = (key: string) => Effect.map(get(customers, as(key)), ({ ids }) => ids)
const world = (key: string) => Emulator.world(Redacted.make(key))
const byKey = emulated({ seed: { customers: [{ id: "seeded", createdAt: { ago: "1 day" } }] }, worlds: "byKey" })

describe("worlds by key", () => {
  it.effect("are made from the seed and share nothing", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "of-one" }, as("one"))
      const one = yield* world("one")
      yield* one.inject({ fault: Faults.status(503), operation: "customers.retrieve" })
      yield* one.advanceTime("1 day")
      expect(yield* idsOf("one")).toEqual(["seeded", "of-one"])
      expect(yield* idsOf("two")).toEqual(["seeded"])
      expect((yield* get(`${customers}/seeded`, as("two"))).status).toBe(200)
      const two = yield* world("two")
      expect((yield* two.time).now.epochMillis).toBe(0)
      expect([(yield* one.received()).length, (yield* two.received()).length]).toEqual([2, 2])
    }).pipe(Effect.provide(byKey))
  )

  it.effect("are chosen by a user token and its environment too", () =>
    Effect.gen(function* () {
      const token = (environment: string) => ({
        headers: { "x-api-key": "", authorization: "Bearer token", "x-environment-id": environment }
      })
      yield* post(customers, { id: "of-a" }, token("a"))
      expect((yield* get(customers, token("a"))).ids).toEqual(["seeded", "of-a"])
      expect((yield* get(customers, token("b"))).ids).toEqual(["seeded"])
    }).pipe(Effect.provide(byKey))
  )

  it.effect("are made once for requests that arrive at the same time", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 20 }, (_, i) => `customer-${i}`)
      yield* Effect.forEach(ids, (id) => post(customers, { id }, as("one")), { concurrency: "unbounded" })
      expect(yield* idsOf("one")).toHaveLength(20)
      expect((yield* (yield* world("one")).snapshot).customers).toHaveLength(21)
    }).pipe(Effect.provide(byKey))
  )

  it.effect("are listed by names that do not show the key, and reset and removed by themselves", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      for (const key of ["one", "two", "three"]) yield* post(customers, { id: "added" }, as(key))
      const names = Effect.map(emulator.worlds, (worlds) => worlds.map(({ name }) => name))
      const [main, one = "", ...rest] = yield* names
      expect([main, rest.length]).toEqual(["default", 2])
      expect(one).toMatch(/^[0-9a-f]{16}$/)
      expect((yield* world("one")).name).toBe(one)
      yield* (yield* world("two")).reset
      expect([yield* emulator.removeWorld(one), yield* emulator.removeWorld(one)]).toEqual([true, false])
      expect(yield* names).toEqual([main, ...rest])
      const ids = yield* Effect.forEach(["one", "two", "three"], idsOf)
      expect(ids).toEqual([["seeded"], ["seeded"], ["seeded", "added"]])
    }).pipe(Effect.provide(byKey))
  )

  it.effect("are not made by requests that get a 401, which belong to the first one", () =>
    Effect.gen(function* () {
      const { received, worlds } = yield* Emulator.Emulator
      const refused = [
        as("wrong"),
        as("client-wrong"),
        as(""),
        { headers: { "x-api-key": "", authorization: "Bearer token" } },
        { headers: { "x-api-key": "", authorization: "Basic token", "x-environment-id": "a" } }
      ]
      for (const credentials of refused) expect((yield* get(customers, credentials)).status).toBe(401)
      expect((yield* worlds).map(({ name }) => name)).toEqual(["default"])
      expect((yield* received()).map(({ status }) => status)).toEqual(refused.map(() => 401))
      expect((yield* get(customers, as("right"))).status).toBe(200)
      expect(yield* worlds).toHaveLength(2)
    }).pipe(Effect.provide(emulated({ worlds: "byKey", apiKey: Redacted.make("right") })))
  )

  it.effect("can be many", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`)
      yield* Effect.forEach(keys, (key) => post(customers, { id: `of-${key}` }, as(key)), { discard: true })
      expect(yield* idsOf("key-499")).toEqual(["seeded", "of-key-499"])
      expect(yield* (yield* Emulator.Emulator).worlds).toHaveLength(501)
    }).pipe(Effect.provide(byKey))
  )
})

describe("one world", () => {
  it.effect("is that of every key", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, as("one"))
      expect(yield* idsOf("two")).toEqual(["acme"])
      const emulator = yield* Emulator.Emulator
      expect((yield* world("three")).name).toBe("default")
      expect(yield* emulator.worlds).toHaveLength(1)
      yield* emulator.removeWorld("default")
      expect(yield* idsOf("two")).toEqual([])
    }).pipe(Effect.provide(emulated()))
  )
})
