import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import { Customers, RequestOptions, RetryPolicy, StiggClient } from "effect-stigg"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { Agent, MockAgent } from "undici"
import type { Driven } from "./transport/DrivenDispatcher.js"
import { DrivenDispatcher } from "./transport/DrivenDispatcher.js"
import type { Handler } from "./transport/HandlerServer.js"
import * as HandlerServer from "./transport/HandlerServer.js"
import { apiKey, services } from "./transport/httpClients.js"
import { customer } from "./transport/ScriptedClient.js"
import * as ScriptedServer from "./transport/ScriptedServer.js"
import { until } from "./transport/undiciExchange.js"

const { answer, ok } = ScriptedServer

const found = ok(customer("customer-acme"))

const json = JSON.stringify({ data: customer("customer-acme") })

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

const once = RetryPolicy.locally({ maxRetries: 0 })

const over = (client: HttpClient.HttpClient) => Layer.succeed(HttpClient.HttpClient, client)

const makeAgent = (options?: Agent.Options) =>
  Effect.acquireRelease(
    Effect.sync(() => new Agent(options)),
    (agent) => Effect.promise(() => agent.destroy())
  )

describe("a wrapper sees every attempt of a call, retries included,", () => {
  const busyOnce = ScriptedServer.sequence(answer(503, ""), found)

  it.live("as `transformClient`", () =>
    Effect.gen(function* () {
      const server = yield* busyOnce
      const seen: Array<string> = []
      const transformClient = (client: HttpClient.HttpClient) =>
        client.pipe(
          HttpClient.tapRequest(({ method }) => Effect.sync(() => seen.push(method))),
          HttpClient.tap(({ status }) => Effect.sync(() => seen.push(String(status))))
        )
      const acme = yield* retrieve.pipe(
        Effect.provide(services(UndiciHttpClient.layer, server.url, { transformClient }))
      )
      expect(acme.id).toBe("customer-acme")
      expect(seen).toEqual(["GET", "503", "GET", "200"])
    }).pipe(Effect.scoped)
  )

  it.live("as the `HttpClient` that is provided", () =>
    Effect.gen(function* () {
      const server = yield* busyOnce
      const seen: Array<string> = []
      const wrapped = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(
          HttpClient.HttpClient,
          HttpClient.tapRequest(({ method }) => Effect.sync(() => seen.push(method)))
        )
      ).pipe(Layer.provide(UndiciHttpClient.layer))
      yield* retrieve.pipe(Effect.provide(services(wrapped, server.url)))
      expect(seen).toEqual(["GET", "GET"])
    }).pipe(Effect.scoped)
  )

  it.live("and without one, a call does not run the client's own requests", () =>
    Effect.gen(function* () {
      const server = yield* busyOnce
      const dies = () => Effect.die("executed")
      const client = Object.assign(UndiciHttpClient.make(yield* makeAgent()), { execute: dies, postprocess: dies })
      const acme = yield* retrieve.pipe(Effect.provide(services(over(client), server.url)))
      expect(acme.id).toBe("customer-acme")
      expect(server.received).toHaveLength(2)
    }).pipe(Effect.scoped)
  )
})

describe("a call", () => {
  it.live("sends its query, body, key, and the id of the span of its attempt", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(ok({ done: true }))
      const request = { method: "POST", path: "/api/v1/things", query: { at: "a b" }, body: { name: "é" } } as const
      yield* StiggClient.request(request).pipe(
        Effect.withSpan("caller", {
          parent: Tracer.externalSpan({ traceId: "0".repeat(31) + "7", spanId: "0".repeat(16) })
        }),
        Effect.provide(services(UndiciHttpClient.layer, server.url))
      )
      expect(server.received).toMatchObject([
        {
          method: "POST",
          target: "/api/v1/things?at=a+b",
          headers: {
            "x-api-key": apiKey,
            "content-type": "application/json",
            traceparent: expect.stringMatching(/^00-0{31}7-[0-9a-f]{16}-01$/) as unknown
          },
          body: '{"name":"é"}'
        }
      ])
    }).pipe(Effect.scoped)
  )

  it.live("is answered by a MockAgent, which calls back while it is dispatched", () =>
    Effect.gen(function* () {
      const mock = new MockAgent()
      mock.disableNetConnect()
      const pool = mock.get("http://localhost")
      const path = "/api/v1/customers/customer-acme"
      pool.intercept({ path }).reply(503, "")
      pool.intercept({ path }).reply(200, json, { headers: { "content-length": String(json.length) } })
      pool.intercept({ path }).reply(200, json, { headers: { "content-length": "5001" } })
      pool.intercept({ path }).replyWithError(new Error("mocked"))
      const call = Effect.all([
        retrieve,
        Effect.flip(retrieve),
        Effect.flip(once(retrieve)),
        Effect.flip(once(retrieve))
      ])
      const [acme, ...errors] = yield* call.pipe(
        RequestOptions.locally({ maxResponseBytes: 5000 }),
        Effect.provide(services(UndiciHttpClient.layerDispatcher(mock), "http://localhost"))
      )
      expect(acme.id).toBe("customer-acme")
      expect(errors).toMatchObject([
        { _tag: "StiggResponseTooLargeError" },
        { _tag: "StiggAPIConnectionError", reason: "request" },
        { _tag: "StiggAPIConnectionError", reason: "request" }
      ])
    })
  )

  const kilobytes64 = Buffer.alloc(64 * 1024, " ")

  it.live.each<readonly [string, Record<string, string>, number]>([
    ["announces", { "content-length": String(2 ** 30) }, 1],
    ["sends in chunks", {}, 2 ** 20]
  ])("closes the socket of a response that %s more than the limit, while it arrives", ([, headers, limit]) =>
    Effect.gen(function* () {
      let requests = 0
      let written = 0
      const server = yield* HandlerServer.make((_, response) => {
        requests++
        const write = () => {
          while (!response.destroyed) {
            written += kilobytes64.length
            if (!response.write(kilobytes64)) break
          }
        }
        response.writeHead(200, headers)
        response.on("drain", write)
        write()
      })
      const error = yield* retrieve.pipe(
        Effect.flip,
        RequestOptions.locally({ maxResponseBytes: limit }),
        // Within the layer's scope: closing it would close all sockets.
        Effect.tap(() => server.closed),
        Effect.provide(services(UndiciHttpClient.layer, server.url))
      )
      expect(error).toMatchObject({ _tag: "StiggResponseTooLargeError", limit, attempts: 1 })
      expect(written).toBeLessThan(limit + 16 * 2 ** 20)
      expect(requests).toBe(1)
    }).pipe(Effect.scoped)
  )

  it.live("times out in an uninterruptible region too, before the headers and inside the body", () =>
    Effect.gen(function* () {
      for (const script of [ScriptedServer.silence, ScriptedServer.stallInsideBody]) {
        const server = yield* ScriptedServer.make(script)
        const error = yield* once(retrieve).pipe(
          Effect.flip,
          Effect.uninterruptible,
          RequestOptions.locally({ timeout: "30 millis" }),
          Effect.tap(() => server.closed),
          Effect.provide(services(UndiciHttpClient.layer, server.url))
        )
        expect(error).toMatchObject({ _tag: "StiggAPITimeoutError", attempts: 1 })
      }
    }).pipe(Effect.scoped)
  )
})

describe("no timer is left", () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

  it.live.each<readonly [string, Handler]>([
    ["success", (_, response) => response.end(json)],
    ["a status error", (_, response) => response.writeHead(404).end("{}")],
    ["a broken connection", ({ socket }) => socket.resetAndDestroy()],
    [
      "a response that is too large",
      (_, response) => response.writeHead(200, { "content-length": String(2 ** 30) }).flushHeaders()
    ],
    ["a timeout", () => {}],
    ["an interruption", () => {}]
  ])("after %s, to keep the process alive", ([name, handler]) =>
    Effect.gen(function* () {
      const server = yield* HandlerServer.make(handler)
      yield* Effect.gen(function* () {
        const before = timers()
        const call = Effect.exit(once(retrieve)).pipe(
          RequestOptions.locally({ timeout: name === "a timeout" ? "20 millis" : "60 seconds" })
        )
        if (name === "an interruption") {
          const fiber = yield* Effect.fork(call)
          yield* until(() => server.sockets.some(({ bytesRead }) => bytesRead > 0))
          expect(timers()).toBeGreaterThan(before)
          yield* Fiber.interrupt(fiber)
          yield* server.closed
        } else yield* call
        expect(timers()).toBeLessThanOrEqual(before)
      }).pipe(Effect.provide(services(UndiciHttpClient.layer, server.url)))
    }).pipe(Effect.scoped)
  )

  it.live("after 200 calls at once, half of them interrupted, nor a socket beyond the pool's", () =>
    Effect.gen(function* () {
      const server = yield* HandlerServer.make((_, response) => {
        setTimeout(() => response.end(json), 5)
      })
      const agent = yield* makeAgent({ connections: 16 })
      yield* Effect.gen(function* () {
        yield* retrieve
        const before = timers()
        const fibers = yield* Effect.forEach(Array.from({ length: 200 }), () => Effect.fork(retrieve))
        yield* Effect.sleep("8 millis")
        const interrupted = yield* Fiber.interruptAll(fibers.filter((_, at) => at % 2 === 0)).pipe(
          Effect.as(fibers.filter((_, at) => at % 2 === 1))
        )
        const exits = yield* Effect.forEach(interrupted, Fiber.await)
        expect(exits.filter(Exit.isSuccess)).toHaveLength(100)
        yield* until(() => server.open() <= 16)
        yield* until(() => timers() <= before)
        expect((yield* retrieve).id).toBe("customer-acme")
        expect(server.open()).toBeLessThanOrEqual(16)
      }).pipe(
        RequestOptions.locally({ timeout: "60 seconds" }),
        Effect.provide(services(UndiciHttpClient.layerDispatcher(agent), server.url))
      )
    }).pipe(Effect.scoped)
  )
})

describe("a dispatcher whose events come in another order", () => {
  const call = (dispatcher: DrivenDispatcher) =>
    once(retrieve).pipe(
      RequestOptions.locally({ maxResponseBytes: 5000, timeout: "30 millis" }),
      Effect.either,
      Effect.provide(services(UndiciHttpClient.layerDispatcher(dispatcher), "http://localhost"))
    )

  it.live.each<readonly [string, (driven: Driven) => void, object, number]>([
    [
      "informational headers and an error after the end: a success",
      ({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 103, { "content-length": "6000" })
        handler.onResponseStart(controller, 200, {})
        handler.onResponseData(controller, Buffer.from(json))
        handler.onResponseEnd(controller, {})
        handler.onResponseError(controller, new Error("late"))
      },
      { _tag: "Right", right: { id: "customer-acme" } },
      0
    ],
    [
      "an error after the headers: inside the body",
      ({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, {})
        handler.onResponseError(controller, Object.assign(new Error("broken"), { code: "EBROKEN" }))
        handler.onResponseEnd(controller, {})
      },
      { left: { _tag: "StiggAPIConnectionError", reason: "body", code: "EBROKEN" } },
      0
    ],
    [
      "data after the limit: too large, once",
      ({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, {})
        for (let count = 0; count < 9; count++) handler.onResponseData(controller, Buffer.alloc(3000))
        handler.onResponseEnd(controller, {})
      },
      { left: { _tag: "StiggResponseTooLargeError", limit: 5000 } },
      1
    ],
    [
      "data after headers that announce too much: too large, once",
      ({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, { "content-length": "5001" })
        handler.onResponseData(controller, Buffer.alloc(5001))
        handler.onResponseEnd(controller, {})
      },
      { left: { _tag: "StiggResponseTooLargeError", limit: 5000 } },
      1
    ],
    [
      "an exception: before the headers",
      () => {
        throw new Error("thrown")
      },
      { left: { _tag: "StiggAPIConnectionError", reason: "request" } },
      0
    ],
    ["no connection at all: a timeout", () => {}, { left: { _tag: "StiggAPITimeoutError" } }, 0]
  ])("%s", ([, onDispatch, result, aborts]) =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher(onDispatch)
      expect(yield* call(dispatcher)).toMatchObject(result)
      expect(dispatcher.aborted).toHaveLength(aborts)
    })
  )

  it.live("a connection after the timeout: it is aborted at once, and its response is ignored", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher()
      expect(yield* call(dispatcher)).toMatchObject({ left: { _tag: "StiggAPITimeoutError" } })
      for (const { controller, handler } of dispatcher.exchanges) {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, {})
        handler.onResponseEnd(controller, {})
      }
      expect(dispatcher.aborted).toHaveLength(1)
    })
  )

  it.live("a response whose headers are repeated: they are joined, and their names in lower case", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher(({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 400, { "X-Many": ["a", "b"], "x-trace-id": "t", "x-none": undefined })
        handler.onResponseEnd(controller, {})
      })
      expect(yield* call(dispatcher)).toMatchObject({
        left: { _tag: "StiggBadRequestError", traceId: "t", headers: { "x-many": "a, b" } }
      })
    })
  )
})
