import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Faults } from "effect-stigg/testing"
import { customers, emulated, get } from "./exchange.js"

describe("Faults.parse", () => {
  it.effect.each<[text: string, rule: Faults.Rule]>([
    ["reset", { fault: Faults.reset }],
    ["status=503", { fault: Faults.status(503) }],
    ["customers.list:status=503,times=2", { operation: "customers.list", fault: Faults.status(503), times: 2 }],
    ["latency=500", { fault: Faults.latency(500) }],
    ["times=1,latency=2 seconds", { fault: Faults.latency("2 seconds"), times: 1 }],
    ["stall,customer=a=b:c,probability=0.5", { fault: Faults.stall, customer: "a=b:c", probability: 0.5 }]
  ])("reads %s", ([text, rule]) =>
    Effect.gen(function* () {
      expect(yield* Faults.parse(text)).toEqual(rule)
    })
  )

  it.effect.each<[text: string, message: RegExp]>([
    ["", /^Unknown fault or field ""/],
    ["rest", /^Unknown fault or field "rest"\. Near it: "reset"/],
    ["times=2", /^fault: is missing/],
    ["status", /^status: Expected status=<number>/],
    ["status=99", /^fault\.status: /],
    ["reset=1", /^reset: Expected no value/],
    ["latency=soon", /^latency: Expected latency=<duration>/],
    ["reset,stall", /^stall: Expected one fault/],
    ["reset,times=0", /^times: /],
    ["reset,times=x", /^times: /],
    ["customer.list:reset", /^operation: Unknown operation "customer\.list"\. Near it: "customers\.list"/]
  ])("refuses %s with what is wrong", ([text, message]) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(Faults.parse(text))
      expect([refused._tag, refused.message]).toEqual(["StiggInvalidFaultError", expect.stringMatching(message)])
    })
  )
})

describe("Faults.scenario", () => {
  const statuses = (name: keyof typeof Faults.scenario, count: number) =>
    Effect.gen(function* () {
      yield* Effect.forEach(Faults.scenario[name], Emulator.inject)
      return yield* Effect.replicateEffect(
        Effect.match(get(customers), { onFailure: () => "lost", onSuccess: ({ status }) => status }),
        count
      )
    }).pipe(Effect.provide(emulated()))

  it.effect("outage fails every request", () =>
    Effect.map(statuses("outage", 3), (found) => expect(found).toEqual([503, 503, 503]))
  )

  it.effect("flaky and throttled fail some", () =>
    Effect.gen(function* () {
      expect(new Set(yield* statuses("flaky", 200))).toEqual(new Set([200, 500, "lost"]))
      const throttled = yield* statuses("throttled", 100)
      expect(throttled.filter((status) => status === 429).length).toBeGreaterThan(30)
      expect(throttled.filter((status) => status === 200).length).toBeGreaterThan(30)
    })
  )
})
