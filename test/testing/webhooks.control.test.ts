import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Act, Emulator, Seed, Webhooks } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { Json } from "./document.js"
import { json, list } from "./document.js"
import { customers, emulated, get, provisioned } from "./exchange.js"

const secret = Redacted.make("a secret of webhooks")

/** A request to the server, and its answer. */
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ url }) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        body: body === undefined ? null : JSON.stringify(body)
      })
      const text = await response.text()
      return { status: response.status, text, body: json(JSON.parse(text)) }
    })
  )

const receiver = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly got: Array<Json>; readonly close: Effect.Effect<void> }>((resume) => {
    const got: Array<Json> = []
    const server = Http.createServer((request, response) => {
      let text = ""
      request.on("data", (bytes: Buffer) => (text += bytes.toString()))
      request.on("end", () => {
        got.push({ ...json(JSON.parse(text)), secret: request.headers["stigg-webhooks-secret"] })
        response.end()
      })
    })
    const close = Effect.async<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}/hook`, got, close }))
    })
  }),
  ({ close }) => close
)

const served = (options: EmulatorServer.Options = { seed: Seed.demo }) =>
  Layer.merge(EmulatorServer.layer(options), FetchHttpClient.layer)

describe("over HTTP", () => {
  it.live("an act changes the world, and a mistake names its field", () =>
    Effect.gen(function* () {
      const used = Effect.map(
        ask("GET", `${customers}/customer-acme/entitlements/check?featureId=feature-seats`, undefined, {
          "x-api-key": "any"
        }),
        ({ body }) => json(body["data"])["currentUsage"]
      )
      expect(yield* used).toBe(18)
      const act = Act.reportUsage({ customerId: "customer-acme", of: "feature-seats", value: 2 })
      expect(yield* ask("POST", "/_emulator/acts", act)).toMatchObject({ status: 200, body: {} })
      expect(yield* used).toBe(20)
      expect(yield* ask("POST", "/_emulator/acts", { ...act, of: "nothing" })).toMatchObject({
        status: 400,
        body: { code: "InvalidAct", message: "of: unknown feature or currency nothing" }
      })
      expect(yield* ask("POST", "/_emulator/acts", { ...act, value: "2" })).toMatchObject({
        status: 400,
        body: { code: "InvalidAct", message: 'value: Expected number, actual "2"' }
      })
      expect(yield* used).toBe(20)
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive("a webhook is added, gets events, is listed without its secret, and removed", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver
      yield* Effect.gen(function* () {
        const added = yield* ask("POST", "/_emulator/webhooks", { url, secret: Redacted.value(secret) })
        expect(added).toMatchObject({ status: 201, body: { data: [{ url }] } })
        const leave = Act.unsubscribe({ customerId: "customer-acme", planId: "plan-pro", endDate: { in: "1 day" } })
        yield* ask("POST", "/_emulator/acts", leave)
        yield* ask("POST", "/_emulator/time", { advance: "2 days" })
        yield* Webhooks.idle
        expect(got.map(({ secret, type }) => [type, secret])).toEqual([
          ["subscription.canceled", Redacted.value(secret)],
          ["entitlements.updated", Redacted.value(secret)]
        ])
        const deliveries = yield* ask("GET", "/_emulator/webhooks/deliveries")
        expect(list(deliveries.body["data"])).toMatchObject([
          { url, outcome: "delivered", status: 200 },
          { url, outcome: "delivered", status: 200 }
        ])
        const messages = yield* ask("GET", "/_emulator/webhooks/messages")
        const [first = {}] = list(messages.body["data"]).map(json)
        expect(first).toMatchObject({ type: "subscription.canceled", customerId: "customer-acme" })
        yield* ask("POST", "/_emulator/webhooks/resend", { messageId: first["messageId"] })
        yield* Webhooks.idle
        expect(got.length).toBe(3)
        expect(yield* ask("POST", "/_emulator/webhooks/resend", { messageId: "x" })).toMatchObject({
          status: 400,
          body: { message: "messageId: No message x is kept" }
        })
        for (const { text } of [added, deliveries, messages]) expect(text).not.toContain(Redacted.value(secret))
        yield* ask("POST", "/_emulator/webhooks/faults", { fault: { type: "drop" }, times: 1 })
        yield* ask("POST", customers, { id: "dropped" }, { "x-api-key": "any" })
        expect((yield* ask("POST", "/_emulator/webhooks/resend", {})).status).toBe(200)
        yield* Webhooks.idle
        expect(got.slice(3).map(({ id }) => id)).toEqual(["dropped"])
        expect((yield* ask("DELETE", "/_emulator/webhooks")).body).toEqual({ data: [] })
        yield* ask("POST", customers, { id: "later" }, { "x-api-key": "any" })
        yield* Webhooks.idle
        expect(got.length).toBe(4)
      }).pipe(Effect.provide(served()))
    })
  )

  it.live("faults of webhooks are injected, listed and removed, and mistakes are refused", () =>
    Effect.gen(function* () {
      const rule: Webhooks.Rule = { fault: Webhooks.drop, event: "customer.created", times: 1 }
      expect(yield* ask("POST", "/_emulator/webhooks/faults", rule)).toMatchObject({
        status: 201,
        body: { data: [rule] }
      })
      expect((yield* ask("GET", "/_emulator/webhooks/faults")).body).toEqual({ data: [rule] })
      expect((yield* ask("DELETE", "/_emulator/webhooks/faults")).body).toEqual({ data: [] })
      expect(yield* ask("POST", "/_emulator/webhooks/faults", { ...rule, times: 0 })).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/^times: Expected a positive number, actual 0/) as string }
      })
      expect(yield* ask("POST", "/_emulator/webhooks", { url: "nowhere", secret: "x" })).toMatchObject({
        status: 400,
        body: { message: "url: Expected an http or https URL without a user name or password" }
      })
      expect((yield* ask("GET", "/_emulator/webhooks")).body).toEqual({ data: [] })
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive("the webhooks of the server get the events of all worlds, others those of their own", () =>
    Effect.gen(function* () {
      const all = yield* receiver
      const own = yield* receiver
      yield* Effect.gen(function* () {
        const one = { "x-api-key": "one" }
        yield* ask("POST", "/_emulator/webhooks", { url: own.url, secret: "x" }, one)
        yield* ask("POST", customers, { id: "of-one" }, one)
        yield* ask("POST", customers, { id: "of-two" }, { "x-api-key": "two" })
        const { worlds } = yield* Emulator.Emulator
        yield* Effect.forEach(yield* worlds, ({ webhooks }) => webhooks.idle)
        expect(all.got.map(({ id }) => id).sort()).toEqual(["of-one", "of-two"])
        expect(own.got.map(({ id }) => id)).toEqual(["of-one"])
      }).pipe(Effect.provide(served({ worlds: "byKey", webhooks: [{ url: all.url, secret }] })))
    })
  )

  it.scopedLive("a removed world sends no more, and the next one of its key has none of its webhooks", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver
      const key = { "x-api-key": "removed" }
      yield* Effect.gen(function* () {
        yield* ask("POST", "/_emulator/webhooks", { url, secret: Redacted.value(secret) }, key)
        const leave = Act.unsubscribe({ customerId: "customer-acme", planId: "plan-pro", endDate: { in: "1 second" } })
        yield* ask("POST", "/_emulator/acts", leave, key)
        yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => got.length === 1 })
        expect((yield* ask("DELETE", "/_emulator/worlds", undefined, key)).status).toBe(200)
        yield* Effect.sleep("1500 millis")
        expect((yield* ask("GET", "/_emulator/webhooks", undefined, key)).body).toEqual({ data: [] })
        expect(got.map(({ type }) => type)).toEqual(["subscription.canceled"])
      }).pipe(Effect.provide(served({ seed: Seed.demo, worlds: "byKey" })))
    })
  )
})

const withTrial: Seed.Input = {
  features: [{ id: "sso", type: "BOOLEAN" }],
  plans: [{ id: "pro", features: [{ featureId: "sso" }] }],
  customers: [{ id: "trial", subscriptions: [{ planId: "pro", isTrial: true, endDate: { in: "6 days" } }] }]
}
const world = Webhooks.layerApp(HttpServerResponse.empty(), { secret }).pipe(
  Layer.provideMerge(emulated({ seed: withTrial, worlds: "byKey" }))
)
const kinds = Effect.map(Webhooks.messages, (messages) => messages.map(({ type }) => type))
const ended = ["trial.expired", "entitlements.updated"]

describe("the clock of the emulator", () => {
  it.effect("tells at once what it passes when it is moved", () =>
    Effect.gen(function* () {
      yield* Emulator.advanceTime("5 days")
      expect(yield* kinds).toEqual([])
      yield* Emulator.advanceTime("1 day")
      expect(yield* kinds).toEqual(ended)
    }).pipe(Effect.provide(world))
  )

  it.effect("tells nothing while it stands still, and the rest when it goes on", () =>
    Effect.gen(function* () {
      yield* Emulator.pauseTime
      yield* TestClock.adjust("30 days")
      expect(yield* kinds).toEqual([])
      yield* Emulator.resumeTime
      yield* TestClock.adjust("5 days")
      expect(yield* kinds).toEqual([])
      yield* TestClock.adjust("1 day")
      expect(yield* kinds).toEqual(ended)
    }).pipe(Effect.provide(world))
  )

  it.effect("tells of each world by itself, also of one that nobody asks", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const other = yield* emulator.world(Redacted.make("other"))
      const types = Effect.map(other.webhooks.messages, (messages) => messages.map(({ type }) => type))
      yield* other.advanceTime("4 days")
      yield* TestClock.adjust("2 days")
      expect([yield* types, yield* kinds]).toEqual([ended, []])
      yield* TestClock.adjust("4 days")
      expect([yield* types, yield* kinds]).toEqual([ended, ended])
    }).pipe(Effect.provide(world))
  )

  it.effect("tells what it passes right after a seed, a reset, and the first use of a world", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      yield* Emulator.seed(withTrial)
      yield* Emulator.advanceTime("6 days")
      expect(yield* kinds).toEqual(ended)
      yield* Emulator.reset
      yield* Emulator.advanceTime("6 days")
      expect(yield* kinds).toEqual(ended)
      const { advanceTime, webhooks } = yield* emulator.world(Redacted.make("new"))
      yield* advanceTime("6 days")
      expect((yield* webhooks.messages).map(({ type }) => type)).toEqual(ended)
    }).pipe(Effect.provide(world))
  )

  it.effect("tells of the customers of a seed without being asked", () =>
    Effect.gen(function* () {
      yield* Emulator.seed({})
      yield* TestClock.adjust("1 day")
      yield* Emulator.seed(withTrial)
      yield* TestClock.adjust("6 days")
      expect(yield* kinds).toEqual(ended)
    }).pipe(Effect.provide(world))
  )

  it.effect("a reset forgets messages and faults, and its world ends trials of its own", () =>
    Effect.gen(function* () {
      yield* Webhooks.inject({ fault: Webhooks.drop })
      yield* Emulator.advanceTime("6 days")
      yield* Emulator.reset
      expect(yield* kinds).toEqual([])
      yield* TestClock.adjust("6 days")
      yield* Webhooks.idle
      expect(yield* kinds).toEqual(ended)
      expect((yield* Webhooks.deliveries).map(({ outcome }) => outcome)).toEqual(["delivered", "delivered"])
    }).pipe(Effect.provide(world))
  )

  it.effect("a save keeps what an act did, and a load goes on with it", () =>
    Effect.gen(function* () {
      yield* Emulator.act(Act.unsubscribe({ customerId: "trial", planId: "pro", endDate: { in: "2 days" } }))
      const saved = yield* Emulator.save
      yield* Emulator.reset
      yield* Emulator.load(saved)
      expect(yield* Emulator.save).toEqual(saved)
      yield* Emulator.advanceTime("2 days")
      expect(yield* kinds).toEqual(["entitlements.updated"])
      yield* provisioned("new")
      expect((yield* get(`${customers}/trial/entitlements`)).data["accessDeniedReason"]).toBe("NoActiveSubscription")
    }).pipe(
      Effect.provide(
        Webhooks.layerApp(HttpServerResponse.empty(), { secret }).pipe(
          Layer.provideMerge(
            emulated({
              seed: {
                features: [{ id: "sso", type: "BOOLEAN" }],
                plans: [{ id: "pro", features: [{ featureId: "sso" }] }],
                customers: [{ id: "trial", plan: "pro" }]
              }
            })
          )
        )
      )
    )
  )
})
