import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { Emulator, Seed } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as ControlApi from "../../src/testing/internal/control/ControlApi.js"
import * as ControlHelp from "../../src/testing/internal/control/ControlHelp.js"
import * as NodeServer from "../../src/testing/internal/http/NodeServer.js"
import { json, list } from "./document.js"
import { customers } from "./exchange.js"

const served = (options: EmulatorServer.Options = { seed: Seed.demo }) =>
  Layer.merge(EmulatorServer.layer(options), FetchHttpClient.layer)

/** A request to the server, and the JSON of its answer. */
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ url }) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        body: body === undefined ? null : typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body)
      })
      const text = await response.text()
      return { status: response.status, text, body: json(JSON.parse(text)) }
    })
  )

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)

const api = { "x-api-key": "any" }
const state = Effect.flatMap(Emulator.Emulator, ({ save }) => save)

describe("the control routes", () => {
  it.live("tell whether the emulator is ready, and where the routes are", () =>
    Effect.gen(function* () {
      expect((yield* ask("GET", "/_emulator/health")).body).toEqual({ status: "ok" })
      expect((yield* ask("GET", "/_emulator")).body).toEqual(ControlApi.paths)
    }).pipe(Effect.provide(served()))
  )

  it.live("seed, reset, save and load the state", () =>
    Effect.gen(function* () {
      const ids = Effect.map(ask("GET", customers, undefined, api), ({ body }) =>
        list(body["data"]).map((customer) => json(customer)["id"])
      )
      const start = yield* ids
      expect((yield* ask("POST", "/_emulator/seed", { customers: [{ id: "only" }] })).status).toBe(200)
      expect(yield* ids).toEqual(["only"])
      expect((yield* ask("POST", "/_emulator/seed", JSON.stringify("random:2:2"))).status).toBe(200)
      expect(yield* ids).toEqual(["customer-000001", "customer-000002"])
      expect((yield* ask("POST", "/_emulator/seed", { customers: [{ id: "only" }] })).status).toBe(200)
      const saved = yield* ask("GET", "/_emulator/save")
      expect((yield* ask("POST", "/_emulator/reset", {})).status).toBe(200)
      expect(yield* ids).toEqual(start)
      expect((yield* ask("POST", "/_emulator/load", saved.text)).status).toBe(200)
      expect(yield* ids).toEqual(["only"])
    }).pipe(Effect.provide(served()))
  )

  it.live("move the time, only forward", () =>
    Effect.gen(function* () {
      const move = (body: unknown) => Effect.map(ask("POST", "/_emulator/time", body), ({ body }) => body)
      expect(yield* move({ set: "2126-01-01T00:00:00Z", pause: true })).toEqual({
        now: "2126-01-01T00:00:00.000Z",
        isPaused: true
      })
      expect(yield* move({ advance: "1 day" })).toMatchObject({ now: "2126-01-02T00:00:00.000Z" })
      expect(yield* move({ set: "2126-01-01T00:00:00Z" })).toMatchObject({
        message: matching(/^set: .*only forward/)
      })
      expect((yield* ask("GET", "/_emulator/time")).body).toEqual({ now: "2126-01-02T00:00:00.000Z", isPaused: true })
      expect(yield* move({ pause: false })).toMatchObject({ isPaused: false })
    }).pipe(Effect.provide(served()))
  )

  it.live("read, verify and clear the journal", () =>
    Effect.gen(function* () {
      yield* ask("GET", `${customers}/customer-acme`, undefined, api)
      yield* ask("GET", `${customers}/customer-globex`, undefined, api)
      const found = yield* ask("GET", "/_emulator/requests?operation=customers.retrieve&customerId=customer-acme")
      expect(list(found.body["data"])).toEqual([expect.objectContaining({ status: 200, customerId: "customer-acme" })])
      expect(list((yield* ask("GET", "/_emulator/requests?limit=1")).body["data"])).toHaveLength(1)
      const verify = (body: unknown) => ask("POST", "/_emulator/verify", body)
      expect(yield* verify({ operation: "customers.retrieve", times: 2 })).toMatchObject({
        status: 200,
        body: { count: 2 }
      })
      expect(yield* verify({ operation: "customers.archive" })).toMatchObject({
        status: 409,
        body: {
          code: "NotVerified",
          message: matching(/^Expected at least one request with .*\nNearest:\n/)
        }
      })
      yield* ask("DELETE", "/_emulator/requests")
      expect((yield* verify({ operation: "customers.retrieve", times: 0 })).status).toBe(200)
    }).pipe(Effect.provide(served()))
  )

  it.live("inject a scenario", () =>
    Effect.gen(function* () {
      expect((yield* ask("POST", "/_emulator/faults", { scenario: "outage" })).status).toBe(201)
      expect((yield* ask("GET", customers, undefined, api)).status).toBe(503)
    }).pipe(Effect.provide(served()))
  )

  it.live("are about the world of the key, or of the name", () =>
    Effect.gen(function* () {
      const key = (key: string) => ({ "x-api-key": key })
      yield* ask("POST", customers, { id: "added" }, key("one"))
      yield* ask("POST", customers, { id: "added" }, key("two"))
      const names = list((yield* ask("GET", "/_emulator/worlds")).body["data"]).map((world) => json(world)["name"])
      expect(names).toEqual(["default", expect.any(String), expect.any(String)])
      const count = (path: string, headers?: Record<string, string>) =>
        Effect.map(ask("GET", path, undefined, headers), ({ body }) => list(body["customers"]).length)
      yield* ask("POST", "/_emulator/reset", {}, key("one"))
      expect(yield* count("/_emulator/snapshot", key("one"))).toBe(0)
      expect(yield* count(`/_emulator/snapshot?world=${String(names[2])}`)).toBe(1)
      // Without the list of those that are left, which can be long.
      expect(yield* ask("DELETE", `/_emulator/worlds?world=${String(names[2])}`)).toMatchObject({
        status: 200,
        text: "{}"
      })
      expect(list((yield* ask("GET", "/_emulator/worlds")).body["data"])).toHaveLength(2)
      expect(yield* ask("GET", "/_emulator/snapshot")).toMatchObject({
        status: 400,
        body: { message: matching(/^world: choose a world/) }
      })
      expect(yield* ask("GET", "/_emulator/time?world=nobody")).toMatchObject({ status: 400 })
    }).pipe(Effect.provide(served({ worlds: "byKey" })))
  )

  const notUtf8 = new Blob([new Uint8Array([0xff])])
  const cutUtf8 = new Blob([new Uint8Array([0x5b, 0xc3])])
  const nearEvent = (field: string) =>
    new RegExp(`^${field}: Unknown event "trial.ended". Near it: "trial.[^\\n]{0,100}$`)
  const cutSave = '[\n{"type":"world"},\n'
  it.live.each<[method: string, path: string, body: unknown, message: RegExp]>([
    ["POST", "seed", { customers: [{ id: "a", plan: "plan-x" }] }, /^customers\.0\.plan: unknown plan plan-x/],
    ["POST", "seed", "{", /^body: not valid JSON/],
    ["POST", "load", [], /^the save is empty or cut off/],
    ["POST", "load", cutSave, /^0\.version: /],
    ["POST", "load", "nonsense", /^line 1: not a record/],
    ["POST", "time", {}, /^body: expected set, advance, or pause/],
    ["POST", "time", { advance: "soon" }, /^advance: expected a duration/],
    ["POST", "time", { advance: "-1 day" }, /^advance: expected a duration/],
    ["POST", "time", { set: "2126-01-01T00:00:00Z", advance: "1 day" }, /^advance: expected either/],
    ["POST", "time", { advanced: "1 day" }, /^advanced: /],
    ["POST", "time", { advance: "4000000 days" }, /^advance: /],
    ["POST", "seed", [], /^seed: /],
    ["POST", "seed", '"dmo"', /^seed: unknown seed dmo, expected demo or random:<customers>\[:<seed>\]$/],
    ["POST", "seed", '"random:x"', /^seed: expected a number of customers from 0 to 9999999 after random:, got x$/],
    [
      "POST",
      "seed",
      { customers: [{ id: "a", usage: [{ of: "a", used: 1e300 }] }] },
      /^customers\.0\.usage\.0\.used: /
    ],
    ["POST", "load", '[\n{"type":', /^line 2: not a record/],
    ["POST", "load", '[{\n"type":"nothing"}]', /^0\.type: /],
    ["POST", "load", notUtf8, /^not valid UTF-8$/],
    ["POST", "load", cutUtf8, /^not valid UTF-8$/],
    ["POST", "verify", notUtf8, /^body: not valid UTF-8$/],
    ["POST", "reset", { seed: "demo" }, /^seed: is unexpected/],
    ["POST", "reset", [], /^body: expected an empty object/],
    ["POST", "faults", [{ fault: { type: "reset" } }, { fault: { type: "rest" } }], /^1\.fault\.type: /],
    ["POST", "faults", { scenario: "outrage" }, /^scenario: Unknown scenario "outrage"\. Near it: "outage"$/],
    ["POST", "webhooks/faults", { fault: { type: "drp" } }, /^fault\.type: Unknown fault "drp"\. Near it: "drop"$/],
    ["POST", "webhooks/faults", { fault: { type: "drop" }, event: "trial.ended" }, nearEvent("event")],
    ["POST", "webhooks", { url: "http://127.0.0.1", secret: "any", events: ["trial.ended"] }, nearEvent("events\\.0")],
    [
      "POST",
      "faults",
      { fault: { type: "reset" }, operation: "customer.list" },
      /^operation: Unknown operation "customer\.list"\. Near it: "customers\.list"[^\n]{0,100}$/
    ],
    ["POST", "verify", { opration: "customers.list" }, /^opration: /],
    ["POST", "verify", { times: -1 }, /^times: /],
    ["GET", "requests?operation=customers.lst", undefined, /^operation: Unknown operation "customers\.lst"/],
    ["GET", "requests?opration=customers.list", undefined, /^opration: /],
    ["GET", "requests?limit=-1", undefined, /^limit: /],
    ["GET", "snapshot?wrold=a", undefined, /^wrold: /]
  ])(
    "answer a mistake with a 400 that names the field, and change nothing: %s %s %j",
    ([method, path, body, message]) =>
      Effect.gen(function* () {
        const { pauseTime } = yield* Emulator.Emulator
        yield* pauseTime
        const before = yield* state
        const answer = yield* ask(method, `/_emulator/${path}`, body)
        expect([answer.status, answer.body["message"]]).toEqual([400, matching(message)])
        expect(yield* state).toEqual(before)
      }).pipe(Effect.provide(served()))
  )

  it.live("all refuse an unknown field in the query, and change nothing", () =>
    Effect.gen(function* () {
      yield* Effect.flatMap(Emulator.Emulator, ({ pauseTime }) => pauseTime)
      const before = yield* state
      const refused = yield* Effect.forEach(ControlHelp.routes, ({ method, path }) =>
        Effect.map(ask(method, `${path}?foo=1`, method === "POST" ? {} : undefined), ({ body, status }) => ({
          route: `${method} ${path}`,
          status,
          message: body["message"]
        }))
      )
      expect(refused).toEqual(
        ControlHelp.routes.map(({ method, path }) => ({
          route: `${method} ${path}`,
          status: 400,
          message: matching(/^foo: is unexpected, expected: /)
        }))
      )
      expect(yield* state).toEqual(before)
    }).pipe(Effect.provide(served()))
  )

  it.live("have an OpenAPI document that lists all of them", () =>
    Effect.gen(function* () {
      const { body } = yield* ask("GET", ControlApi.paths.control)
      expect(new Set(Object.keys(json(body["paths"])))).toEqual(
        new Set(["/_emulator", ...Object.values(ControlApi.paths)])
      )
      expect(JSON.stringify(body)).not.toContain("HttpApiDecodeError")
    }).pipe(Effect.provide(served()))
  )

  it.live("answer other requests while a large state is sent", () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      // It is sent no further than the buffers hold until it is read.
      const large = yield* Effect.promise(() => fetch(`${url}/_emulator/snapshot`))
      expect((yield* ask("GET", `${customers}/customer-000001`, undefined, api)).status).toBe(200)
      const text = yield* Effect.promise(() => large.text())
      expect(list(json(JSON.parse(text))["customers"])).toHaveLength(5000)
    }).pipe(Effect.provide(served({ seed: Seed.random({ customers: 5000, seed: 2 }) })))
  )

  it.live("answer other requests while a large state is loaded", () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const saved = yield* Effect.promise(async () => (await fetch(`${url}/_emulator/save`)).arrayBuffer())
      expect(saved.byteLength).toBeGreaterThan(NodeServer.defaultMaxBodyBytes)
      const answered = yield* Ref.make(0)
      const ask = Effect.promise(async () => (await fetch(`${url}/_emulator/health`)).status)
      const others = Effect.forever(
        Effect.zipRight(
          ask,
          Ref.update(answered, (count) => count + 1)
        )
      )
      const load = Effect.promise(() =>
        fetch(`${url}/_emulator/load`, { method: "POST", headers: { "content-type": "application/json" }, body: saved })
      )
      const { status } = yield* Effect.raceFirst(load, others)
      expect(status).toBe(200)
      // Each piece of 64 kB is a turn. Without turns, those before the load starts are answered, and no more.
      expect(yield* Ref.get(answered)).toBeGreaterThan(20)
    }).pipe(Effect.provide(served({ seed: Seed.random({ customers: 15_000, seed: 1 }) })))
  )
})
