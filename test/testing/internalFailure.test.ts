import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/TestClock"
import { EmulatorServer } from "effect-stigg/testing/node"
import { customers, emulated, get, post, provisioned } from "./exchange.js"

/** After the last possible date: encoding the current time fails. */
const pastAllDates = 8.64e15 + 1
const acme = `${customers}/acme`

/** The emulator's log lines. */
const listened = () => {
  const lines: Array<string> = []
  const layer = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ cause, logLevel, message }) => {
      lines.push(`${logLevel.label} ${String(message)} ${String(cause)}`)
    })
  )
  return { lines, layer }
}

describe("an internal failure", () => {
  it.effect("is a 500 with the API's error body that reveals no internals", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(pastAllDates)
      const answer = yield* provisioned("new")
      expect(answer.status).toBe(500)
      expect(answer.headers["content-type"]).toBe("application/json")
      expect(answer.body).toEqual({ message: "Internal server error", code: "InternalServerError" })
    }).pipe(Effect.provide(emulated()), Effect.provide(listened().layer))
  )

  it.effect("is logged with its cause", () => {
    const { layer, lines } = listened()
    return Effect.gen(function* () {
      yield* TestClock.setTime(pastAllDates)
      yield* provisioned("new")
      expect(lines).toEqual([expect.stringMatching(/^ERROR .*invalid/is)])
    }).pipe(Effect.provide(emulated()), Effect.provide(layer))
  })

  it.effect("does not affect other responses", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(pastAllDates)
      expect((yield* provisioned("new")).status).toBe(500)
      yield* TestClock.setTime(0)
      expect((yield* get(acme)).data["id"]).toBe("acme")
    }).pipe(Effect.provide(emulated({ seed: { customers: [{ id: "acme" }] } })), Effect.provide(listened().layer))
  )

  it.effect("is not stored under an Idempotency-Key", () =>
    Effect.gen(function* () {
      const keyed = { headers: { "idempotency-key": "key" } }
      yield* TestClock.setTime(pastAllDates)
      expect((yield* post(customers, { id: "acme" }, keyed)).status).toBe(500)
      yield* TestClock.setTime(0)
      expect((yield* post(customers, { id: "other" }, keyed)).status).toBe(201)
    }).pipe(Effect.provide(emulated()), Effect.provide(listened().layer))
  )

  it.effect("is also a 500 over HTTP, and the server keeps running", () =>
    Effect.gen(function* () {
      const options = yield* Effect.map(EmulatorServer.EmulatorServer, ({ url }) => ({ baseUrl: url }))
      yield* TestClock.setTime(pastAllDates)
      const answer = yield* post(customers, { id: "new" }, options)
      expect([answer.status, answer.body["code"]]).toEqual([500, "InternalServerError"])
      yield* TestClock.setTime(0)
      expect((yield* get(acme, options)).status).toBe(200)
    }).pipe(
      Effect.provide(
        Layer.merge(EmulatorServer.layer({ seed: { customers: [{ id: "acme" }] } }), FetchHttpClient.layer)
      ),
      Effect.provide(listened().layer)
    )
  )
})
