import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { customers, emulated, get, provisioned } from "./exchange.js"

const world = emulated({ seed: { customers: [{ id: "acme" }, { id: "other" }] } })
const acme = `${customers}/acme`

const statusOf = (path: string) =>
  Effect.map(
    Effect.flatMap(HttpClient.HttpClient, (client) =>
      client.get(`http://emulator${path}`, { headers: { "x-api-key": "any" } })
    ),
    ({ status }) => status
  )

const textOf = (path: string) =>
  Effect.flatMap(
    Effect.flatMap(HttpClient.HttpClient, (client) =>
      client.get(`http://emulator${path}`, { headers: { "x-api-key": "any" } })
    ),
    ({ text }) => text
  )

describe("a fault", () => {
  it.effect("can be a status with the API's error body or a custom one, and headers", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), times: 1 })
      expect((yield* get(acme)).body).toEqual({ message: "Injected 503", code: null })
      const body = { error: "rate_limit_exceeded", message: "slow down" }
      yield* Emulator.inject({ fault: Faults.status(503, { body, headers: { "retry-after": "7" } }), times: 1 })
      const answer = yield* get(acme)
      expect([answer.status, answer.body, answer.headers["retry-after"]]).toEqual([503, body, "7"])
      yield* Emulator.inject({ fault: Faults.status(502, { body: "<html>" }), times: 1 })
      expect(yield* textOf(acme)).toBe("<html>")
      yield* Emulator.inject({ fault: Faults.status(502, { body: null }), times: 1 })
      expect(yield* textOf(acme)).toBe("null")
    }).pipe(Effect.provide(world))
  )

  it.effect.each([204, 205, 304])("has no body if HTTP allows none: %s", (status) =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(status, { body: { a: 1 } }), times: 2 })
      expect([yield* statusOf(acme), yield* textOf(acme)]).toEqual([status, ""])
    }).pipe(Effect.provide(world))
  )

  it.effect("can apply to the next n requests", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), times: 2 })
      const statuses = yield* Effect.replicateEffect(statusOf(acme), 3)
      expect(statuses).toEqual([503, 503, 200])
    }).pipe(Effect.provide(world))
  )

  it.effect("can apply to all requests until it is cleared", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503) })
      expect(yield* Effect.replicateEffect(statusOf(acme), 3)).toEqual([503, 503, 503])
      yield* Emulator.clearFaults
      expect(yield* statusOf(acme)).toBe(200)
    }).pipe(Effect.provide(world))
  )

  it.effect("can apply to one operation", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), operation: "customers.list" })
      expect([yield* statusOf(acme), yield* statusOf(customers)]).toEqual([200, 503])
    }).pipe(Effect.provide(world))
  )

  it.effect("can apply to one customer", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), customer: "acme" })
      const paths = [acme, `${acme}/resources`, `${customers}/other`, customers]
      expect(yield* Effect.forEach(paths, statusOf)).toEqual([503, 503, 200, 200])
    }).pipe(Effect.provide(world))
  )

  it.effect("matches a customer's id, however the path encodes it", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), customer: "a/b" })
      expect([yield* statusOf(`${customers}/a%2Fb`), yield* statusOf(`${customers}/a%2fb/contracts`)]).toEqual([
        503, 503
      ])
    }).pipe(Effect.provide(emulated({ seed: { customers: [{ id: "a/b" }] } })))
  )

  it.effect("is used up in order: the first one that decides the response counts down first", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.status(503), times: 1 })
      yield* Emulator.inject({ fault: Faults.status(500), times: 1 })
      expect(yield* Effect.replicateEffect(statusOf(acme), 3)).toEqual([503, 500, 200])
    }).pipe(Effect.provide(world))
  )

  it.effect("can apply with a probability that is deterministic for a seed", () =>
    Effect.gen(function* () {
      const draw = (idSeed: number) =>
        Effect.replicateEffect(statusOf(acme), 200).pipe(
          Effect.provide(emulated({ idSeed, faults: [{ fault: Faults.status(503), probability: 0.25 }] }))
        )
      const [one, again, other] = [yield* draw(1), yield* draw(1), yield* draw(2)]
      expect(one.filter((status) => status === 503).length).toBeGreaterThan(25)
      expect(one.filter((status) => status === 503).length).toBeLessThan(75)
      expect(again).toEqual(one)
      expect(other).not.toEqual(one)
    })
  )

  it.effect("can be latency, by the program's clock, before another fault", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("2 seconds"), times: 1 })
      yield* Emulator.inject({ fault: Faults.status(503), times: 1 })
      const fiber = yield* Effect.fork(statusOf(acme))
      yield* TestClock.adjust("1999 millis")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 millis")
      expect(yield* fiber).toBe(503)
    }).pipe(Effect.provide(world))
  )

  it.effect("can be a reset before the write", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.reset, times: 1 })
      const error = yield* Effect.flip(provisioned("new"))
      expect(error).toMatchObject({ _tag: "RequestError", reason: "Transport", cause: { code: "ECONNRESET" } })
      expect((yield* get(customers)).ids).toEqual(["acme", "other"])
    }).pipe(Effect.provide(world))
  )

  it.effect("can be a lost response after the write", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.answerLost, times: 1 })
      expect(yield* Effect.flip(provisioned("new"))).toMatchObject({ _tag: "RequestError" })
      expect((yield* get(customers)).ids).toEqual(["acme", "new", "other"])
    }).pipe(Effect.provide(world))
  )

  it.effect("can be a reset inside the body", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.resetInBody, times: 1 })
      const response = yield* Effect.flatMap(HttpClient.HttpClient, (client) =>
        client.get(`http://emulator${acme}`, { headers: { "x-api-key": "any" } })
      )
      expect(response.status).toBe(200)
      const pieces: Array<string> = []
      const read = response.stream.pipe(
        Stream.decodeText(),
        Stream.runForEach((piece) => Effect.sync(() => pieces.push(piece)))
      )
      expect(yield* Effect.flip(read)).toMatchObject({ _tag: "ResponseError", cause: { code: "ECONNRESET" } })
      expect(pieces.join("").startsWith('{"data":{"id":"acme"')).toBe(true)
      expect(() => void JSON.parse(pieces.join(""))).toThrow()
    }).pipe(Effect.provide(world))
  )

  it.effect("can be malformed JSON", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.malformedJson, times: 1 })
      const text = yield* textOf(acme)
      expect(text.startsWith('{"data":{"id":"acme"')).toBe(true)
      expect(() => void JSON.parse(text)).toThrow()
    }).pipe(Effect.provide(world))
  )

  it.effect.each([Faults.stall, Faults.stallInBody])("can be a stall that never ends: %j", (fault) =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault, times: 1 })
      const fiber = yield* Effect.fork(textOf(acme))
      yield* TestClock.adjust("1 day")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* Fiber.interrupt(fiber)
      expect(yield* statusOf(acme)).toBe(200)
    }).pipe(Effect.provide(world))
  )
})

interface Refusal {
  readonly name: string
  readonly rule: unknown
  /** What the message contains. */
  readonly parts: ReadonlyArray<string>
  /** The rule as sent over HTTP. Absent if JSON cannot express it. */
  readonly text?: string
}

const json = (rule: unknown, ...parts: ReadonlyArray<string>): Refusal => {
  const text = JSON.stringify(rule)
  return { name: text, rule, parts, text }
}
const text = (name: string, text: string, ...parts: ReadonlyArray<string>): Refusal => ({
  name,
  rule: JSON.parse(text),
  parts,
  text
})

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`
const bodyOf = (levels: number) => `{"fault":{"type":"status","status":500,"body":${nested(levels)}}}`
const cyclic: { self?: unknown } = {}
cyclic.self = cyclic

const refusals: ReadonlyArray<Refusal> = [
  json({ fault: Faults.reset, operation: "customers.nothing" }, "operation: ", '"customers.retrieve"'),
  json({ fault: Faults.reset, customer: 1 }, "customer: "),
  json({ fault: Faults.reset, times: 0 }, "times: "),
  json({ fault: Faults.latency("1 second"), times: 1.5 }, "times: "),
  json({ fault: Faults.reset, probability: 2 }, "probability: "),
  json({ fault: Faults.reset, unknown: 1 }, "unknown: ", '"operation"', '"probability"'),
  json({ fault: Faults.status(99) }, "fault.status: "),
  json({ fault: Faults.status(503, { headers: { "a b": "1" } }) }, "fault.headers.a b: ", "a header name"),
  json(
    { fault: Faults.status(503, { headers: { "Transfer-Encoding": "chunked" } }) },
    "fault.headers.Transfer-Encoding: ",
    "a header other than"
  ),
  json(
    { fault: Faults.status(200, { body: "", headers: { "content-length": "5" } }) },
    "fault.headers.content-length: ",
    "a header other than"
  ),
  json({ fault: Faults.status(200, { headers: { Trailer: "x" } }) }, "fault.headers.Trailer: ", "a header other than"),
  json({ fault: Faults.status(503, { headers: { "x-a": "1\r\nx-b: 2" } }) }, "fault.headers.x-a: ", "line breaks"),
  json({ fault: { type: "latency", millis: -1 } }, "fault.millis: "),
  json({ fault: { type: "reset", after: 1 } }, "fault.after: "),
  json(null, "rule: "),
  json({ fault: { type: "nonsense" } }, "fault.type: ", '"latency"', '"malformedJson"'),
  json({}, "fault: "),
  text("latency without end", '{"fault":{"type":"latency","millis":1e999}}', "fault.millis: "),
  text("a body of 501 levels", bodyOf(501), "fault.body: ", "at most 500 levels"),
  text("a body of 100,000 levels", bodyOf(100_000), "fault.body: ", "at most 500 levels"),
  text("100,000 levels", `{"fault":{"type":"reset"},"times":${nested(100_000)}}`, "times: "),
  {
    name: "a body that refers to itself",
    rule: { fault: Faults.status(500, { body: cyclic }) },
    parts: ["fault.body: "]
  },
  { name: "a bigint as the body", rule: { fault: Faults.status(500, { body: 1n }) }, parts: ["fault.body: "] },
  { name: "a function as the body", rule: { fault: Faults.status(500, { body: () => 1 }) }, parts: ["fault.body: "] }
]

describe("an invalid rule is rejected with the reason and is not active", () => {
  it.effect.each(refusals)("$name", ({ parts, rule }) =>
    Effect.gen(function* () {
      // Code with a cast can pass any value.
      const error = yield* Effect.flip(Emulator.inject(rule as Faults.Rule))
      expect(error._tag).toBe("StiggInvalidFaultError")
      for (const part of parts) expect(error.message).toContain(part)
      expect(yield* Effect.flatMap(Emulator.Emulator, ({ activeFaults }) => activeFaults)).toEqual([])
      expect(yield* statusOf(acme)).toBe(200)
    }).pipe(Effect.provide(world))
  )

  it.live.each(refusals.filter(({ text }) => text !== undefined))("over HTTP: $name", ({ text = "" }) =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const headers = { "content-type": "application/json" }
      const injected = (body: string) =>
        Effect.promise(() => fetch(`${url}/_emulator/faults`, { method: "POST", headers, body }))
      for (const body of [text, `[{"fault":{"type":"reset"}},${text}]`]) {
        const response = yield* injected(body)
        expect(response.status).toBe(400)
        expect(yield* Effect.promise(() => response.json())).toMatchObject({ code: "InvalidFault" })
        expect(yield* Effect.flatMap(Emulator.Emulator, ({ activeFaults }) => activeFaults)).toEqual([])
      }
    }).pipe(Effect.provide(EmulatorServer.layer()))
  )

  it.effect("the message is bounded and safe to print", () =>
    Effect.gen(function* () {
      const long = "\u001b[2J".repeat(200_000)
      const deep = JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`) as unknown
      for (const rule of [
        { fault: Faults.status(500, { headers: { [long]: "a" } }) },
        { fault: Faults.status(500, { headers: { "x-a": long } }) },
        { fault: { type: long } },
        { fault: Faults.status(500), operation: long },
        { fault: Faults.status(500), [long]: 1 },
        { fault: deep },
        { fault: Faults.status(500), operation: deep }
      ]) {
        const { message } = yield* Effect.flip(Faults.decode(rule))
        expect(message.length).toBeLessThanOrEqual(2000)
        expect(message).not.toContain("\u001b")
      }
    })
  )

  it.effect("also in the options of a layer", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.provide(Emulator.Emulator, Emulator.layer({ faults: [{ fault: Faults.status(700) }] }))
      )
      expect(error._tag).toBe("StiggInvalidFaultError")
    })
  )
})
