import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { StiggApi } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { json, list } from "./document.js"
import { customers, get, send } from "./exchange.js"

const served = Layer.merge(EmulatorServer.layer({ seed: { customers: [{ id: "acme" }] } }), FetchHttpClient.layer)
const at = Effect.map(EmulatorServer.EmulatorServer, ({ url }) => ({ baseUrl: url }))
const faults = "/_emulator/faults"

describe("a program in any language", () => {
  it.live("injects, reads, and removes faults over HTTP", () =>
    Effect.gen(function* () {
      const options = yield* at
      const status = Effect.map(get(`${customers}/acme`, options), ({ status }) => status)
      const rule = { fault: { type: "status", status: 503 }, operation: "customers.retrieve", times: 2 }
      const injected = yield* send("POST", faults, { ...options, body: rule })
      expect([injected.status, injected.body]).toEqual([201, { data: [rule] }])
      expect(yield* status).toBe(503)
      expect((yield* get(faults, options)).body).toEqual({ data: [{ ...rule, times: 1 }] })
      expect((yield* send("DELETE", faults, options)).body).toEqual({ data: [] })
      expect(yield* status).toBe(200)
    }).pipe(Effect.provide(served))
  )

  it.live.each([
    { type: "latency", millis: 5 },
    { type: "status", status: 429, body: { message: "slow down", code: null }, headers: { "retry-after": "7" } },
    { type: "reset" },
    { type: "resetInBody" },
    { type: "answerLost" },
    { type: "stall" },
    { type: "stallInBody" },
    { type: "malformedJson" }
  ])("can inject a fault of each kind: $type", (fault) =>
    Effect.gen(function* () {
      const options = yield* at
      const rule = { fault, customer: "acme", operation: "customers.retrieve", times: 3, probability: 0.5 }
      const injected = yield* send("POST", faults, { ...options, body: rule })
      expect([injected.status, injected.body]).toEqual([201, { data: [rule] }])
    }).pipe(Effect.provide(served))
  )

  it.live("gets an error with a hint for an unknown fault", () =>
    Effect.gen(function* () {
      const options = yield* at
      const messageOf = (body: unknown) =>
        Effect.map(
          send("POST", faults, { ...options, body }),
          ({ body, status }) => `${status} ${String(body["message"])}`
        )
      const fault = { type: "reset" }
      expect(yield* messageOf({ fault, operation: "customers.nothing" })).toContain('"customers.retrieve"')
      expect(yield* messageOf({ fault, opration: "customers.list" })).toMatch(/^400 opration: .*"operation"/)
      expect(yield* messageOf(null)).toMatch(/^400 rule: /)
      expect((yield* get(faults, options)).body).toEqual({ data: [] })
    }).pipe(Effect.provide(served))
  )

  it.live("injects several faults at once, all or none", () =>
    Effect.gen(function* () {
      const options = yield* at
      const rule = { fault: { type: "reset" }, times: 1 }
      const refused = yield* send("POST", faults, { ...options, body: [rule, { fault: { type: "nonsense" } }] })
      expect([refused.status, refused.body["code"]]).toEqual([400, "InvalidFault"])
      expect(refused.body["message"]).toContain('"resetInBody"')
      expect((yield* get(faults, options)).body).toEqual({ data: [] })
      expect(list((yield* send("POST", faults, { ...options, body: [rule, rule] })).body["data"])).toHaveLength(2)
      expect((yield* send("POST", faults, { ...options, text: "{" })).status).toBe(400)
    }).pipe(Effect.provide(served))
  )

  it.live("reads the state", () =>
    Effect.gen(function* () {
      const { body } = yield* get("/_emulator/snapshot", yield* at)
      expect(list(body["customers"]).map((customer) => json(customer)["id"])).toEqual(["acme"])
    }).pipe(Effect.provide(served))
  )

  it.live("reads the contract's document and an HTML page made from it", () =>
    Effect.gen(function* () {
      const options = yield* at
      const { body } = yield* get("/_emulator/openapi.json", options)
      expect(body).toEqual(JSON.parse(JSON.stringify(StiggApi.document())))
      const page = yield* Effect.promise(() => fetch(`${options.baseUrl}/_emulator/docs`).then((page) => page.text()))
      expect(page).toContain("Stigg customers API, emulated")
      expect((yield* get("/_emulator", options)).body).toMatchObject({ docs: "/_emulator/docs" })
      expect((yield* get("/_emulator/nothing", options)).status).toBe(404)
    }).pipe(Effect.provide(served))
  )
})
