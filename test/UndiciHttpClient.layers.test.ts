import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { gzipSync } from "node:zlib"
import type { Dispatcher } from "undici"
import { Agent, interceptors, MockAgent } from "undici"
import { DrivenDispatcher } from "./transport/DrivenDispatcher.js"
import * as HandlerServer from "./transport/HandlerServer.js"
import * as ScriptedServer from "./transport/ScriptedServer.js"

const get = (url: string) => Effect.flatMap(HttpClient.HttpClient, (client) => client.get(url))

const text = (url: string) => Effect.flatMap(get(url), ({ text }) => text)

/** An agent that closes with the scope. */
const makeAgent = (options?: Agent.Options) =>
  Effect.acquireRelease(
    Effect.sync(() => new Agent(options)),
    (agent) => Effect.promise(() => agent.destroy())
  )

const mockOf = (reply: (pool: ReturnType<MockAgent["get"]>) => void) => {
  const agent = new MockAgent()
  agent.disableNetConnect()
  reply(agent.get("http://localhost"))
  return UndiciHttpClient.layerDispatcher(agent)
}

describe("the span of a request", () => {
  const spansOf = <A, E>(self: Effect.Effect<A, E, HttpClient.HttpClient>, layer: typeof UndiciHttpClient.layer) =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const native = yield* Effect.tracer
      const tracer = Tracer.make({
        ...native,
        span: (...args) => {
          const span = native.span(...args)
          spans.push(span)
          return span
        }
      })
      yield* self.pipe(Effect.provide(layer), Effect.exit, Effect.withTracer(tracer))
      return spans
    })

  it.live("is the one that the platform's client has, and its id is sent", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(
        ScriptedServer.answer(203, "{}", { date: "today", "x-many": ["a", "b"] })
      )
      const self = text(`${server.url}/path?q=1`)
      const [span, ...others] = yield* spansOf(self, UndiciHttpClient.layer)
      expect(others).toEqual([])
      expect(span).toMatchObject({
        name: "http.client GET",
        kind: "client",
        status: { _tag: "Ended", exit: { _tag: "Success" } }
      })
      expect(server.received[0]?.headers["traceparent"]).toBe(`00-${span?.traceId}-${span?.spanId}-01`)
      const [platform] = yield* spansOf(self, NodeHttpClient.layerUndici)
      expect([...(span?.attributes ?? [])]).toEqual([...(platform?.attributes ?? [])])
      expect(span?.attributes.get("http.response.header.x-many")).toBe("a, b")
    }).pipe(Effect.scoped)
  )

  it.live("ends with the error of a broken connection", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(ScriptedServer.resetBeforeHeaders)
      const [span] = yield* spansOf(text(server.url), UndiciHttpClient.layer)
      expect(span?.status).toMatchObject({ exit: { cause: { error: { _tag: "RequestError" } } } })
    }).pipe(Effect.scoped)
  )

  it.live("is not made where tracing is disabled", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(ScriptedServer.ok(null))
      const self = Effect.flatMap(HttpClient.HttpClient, (client) =>
        HttpClient.withTracerDisabledWhen(client, () => true).get(server.url)
      )
      expect(yield* spansOf(self, UndiciHttpClient.layer)).toEqual([])
      expect(server.received[0]?.headers).not.toHaveProperty("traceparent")
    }).pipe(Effect.scoped)
  )

  it.live("is the parent of what the stream of a request's body does", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(ScriptedServer.ok(null))
      const body = Stream.fromEffect(Effect.withSpan(Effect.succeed(Buffer.from("body")), "body"))
      const self = Effect.flatMap(HttpClient.HttpClient, (client) =>
        client.execute(HttpClientRequest.bodyStream(HttpClientRequest.post(server.url), body))
      )
      const [request, inside] = yield* spansOf(self, UndiciHttpClient.layer)
      expect(inside).toMatchObject({ name: "body", parent: { value: { spanId: request?.spanId } } })
    }).pipe(Effect.scoped)
  )
})

describe("`layer`", () => {
  it.live("closes its sockets with the scope, idle ones and busy ones, whose requests fail", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make((received, response) =>
        received.target === "/busy" ? Effect.void : Effect.sync(() => response.end("body"))
      )
      const busy = yield* Effect.gen(function* () {
        expect(yield* text(server.url)).toBe("body")
        const busy = yield* Effect.forkDaemon(text(`${server.url}/busy`))
        yield* Effect.sleep("10 millis")
        yield* text(server.url)
        expect(server.sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(2)
        return busy
      }).pipe(Effect.provide(UndiciHttpClient.layer))
      yield* server.closed
      yield* server.closed
      expect(yield* Fiber.await(busy)).toMatchObject({
        cause: { error: { _tag: "RequestError", reason: "Transport" } }
      })
    }).pipe(Effect.scoped)
  )

  it.live("uses a dispatcher that is provided to it, and does not close it", () =>
    Effect.gen(function* () {
      const dispatched: Array<string> = []
      const agent = yield* makeAgent()
      const counting = agent.compose((dispatch) => (options, handler) => {
        dispatched.push(`${options.method} ${options.path}`)
        return dispatch(options, handler)
      })
      const layer = UndiciHttpClient.layer.pipe(Layer.provide(Layer.succeed(NodeHttpClient.Dispatcher, counting)))
      const server = yield* HandlerServer.make(HandlerServer.echo)
      yield* text(`${server.url}/one`).pipe(Effect.provide(layer))
      expect(dispatched).toEqual(["GET /one"])
      expect(agent.destroyed || agent.closed).toBe(false)
      expect(server.open()).toBe(1)
      yield* text(`${server.url}/two`).pipe(Effect.provide(UndiciHttpClient.layerDispatcher(counting)))
      expect(dispatched).toEqual(["GET /one", "GET /two"])
      expect(agent.destroyed || agent.closed).toBe(false)
    }).pipe(Effect.scoped)
  )
})

describe("`layerDispatcher`", () => {
  it.effect("answers from the mocks of a MockAgent, which call back while they are dispatched", () =>
    Effect.gen(function* () {
      const layer = mockOf((pool) => {
        pool
          .intercept({ path: "/json?a=1", method: "GET" })
          .reply(201, { a: 1 }, { headers: { "X-Many": ["a", "b"], "Set-Cookie": "id=1" } })
        pool.intercept({ path: "/stream", method: "GET" }).reply(200, "x".repeat(200_000))
      })
      yield* Effect.gen(function* () {
        const response = yield* get("http://localhost/json?a=1")
        expect(response).toMatchObject({ status: 201, headers: { "x-many": "a, b" } })
        expect(response.cookies.toJSON()).toMatchObject({ cookies: { id: { value: "1" } } })
        expect(yield* response.json).toEqual({ a: 1 })
        const { stream } = yield* get("http://localhost/stream")
        expect(yield* Stream.runFold(stream, 0, (sum, chunk) => sum + chunk.length)).toBe(200_000)
      }).pipe(Effect.provide(layer))
    })
  )

  it.live("fails on a mock's error, and without a mock; an interruption aborts a mock's delay", () =>
    Effect.gen(function* () {
      const layer = mockOf((pool) => {
        pool.intercept({ path: "/error" }).replyWithError(new Error("mocked"))
        pool.intercept({ path: "/late" }).reply(200, "late").delay(10_000)
      })
      yield* Effect.gen(function* () {
        for (const [path, message] of [
          ["error", "mocked"],
          ["other", "not matched"]
        ] as const) {
          const error = yield* Effect.flip(get(`http://localhost/${path}`))
          expect(error).toMatchObject({ _tag: "RequestError", reason: "Transport" })
          expect(String(error.cause)).toContain(message)
        }
        expect(Exit.isInterrupted(yield* interruptedSoon(get("http://localhost/late")))).toBe(true)
      }).pipe(Effect.provide(layer))
    })
  )

  it.live("fails when the dispatcher throws or is closed", () =>
    Effect.gen(function* () {
      const throwing = new DrivenDispatcher(() => {
        throw new Error("thrown")
      })
      const agent = yield* makeAgent()
      yield* Effect.promise(() => agent.close())
      for (const [dispatcher, message] of [
        [throwing, /thrown/],
        [agent, /destroyed|closed/]
      ] as const) {
        const error = yield* Effect.flip(get("http://localhost")).pipe(
          Effect.provide(UndiciHttpClient.layerDispatcher(dispatcher))
        )
        expect(error).toMatchObject({ _tag: "RequestError", reason: "Transport" })
        expect(String(error.cause)).toMatch(message)
      }
    }).pipe(Effect.scoped)
  )

  it.live("composes with interceptors that decompress, retry, and follow redirects", () =>
    Effect.gen(function* () {
      const long = "compressed ".repeat(50_000)
      const server = yield* ScriptedServer.make(({ target }, response, index) =>
        Effect.sync(() => {
          if (target === "/elsewhere") response.end("elsewhere")
          else if (target === "/moved") response.writeHead(302, { location: "/elsewhere" }).end()
          else if (index === 0) response.writeHead(503).end("busy")
          else response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(long))
        })
      )
      const agent = (yield* makeAgent()).compose(
        interceptors.redirect({ maxRedirections: 1 }),
        interceptors.decompress(),
        interceptors.retry({ minTimeout: 1 })
      )
      yield* Effect.gen(function* () {
        const response = yield* get(server.url)
        expect(response.headers).not.toHaveProperty("content-encoding")
        const chunks = yield* Stream.runCollect(response.stream)
        expect(chunks.length).toBeGreaterThan(1)
        expect(Buffer.concat([...chunks]).toString()).toBe(long)
        expect(yield* text(server.url)).toBe(long)
        expect(yield* text(`${server.url}/moved`)).toBe("elsewhere")
      }).pipe(Effect.provide(UndiciHttpClient.layerDispatcher(agent)))
      expect(server.received.map(({ target }) => target)).toEqual(["/", "/", "/", "/moved", "/elsewhere"])
    }).pipe(Effect.scoped)
  )
})

const interruptedSoon = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(self)
    yield* Effect.sleep("10 millis")
    return yield* Fiber.interrupt(fiber)
  })

describe("a dispatcher whose events come in another order", () => {
  const start = (dispatcher: Dispatcher) => UndiciHttpClient.make(dispatcher).get("http://localhost")

  it.live("is told to abort as soon as a connection exists, if the request was interrupted before", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher()
      yield* interruptedSoon(start(dispatcher))
      expect(dispatcher.aborted).toEqual([])
      const [exchange] = dispatcher.exchanges
      exchange?.handler.onRequestStart(exchange.controller, null)
      expect(dispatcher.aborted.map(String)).toEqual(["Error: The request was aborted"])
    })
  )

  it.live("is told once, however often it is aborted, and what it reports after that is ignored", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher(({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, {})
        handler.onResponseData(controller, Buffer.from("first"))
      })
      const response = yield* start(dispatcher)
      yield* interruptedSoon(response.text)
      yield* interruptedSoon(response.text)
      const [exchange] = dispatcher.exchanges
      exchange?.handler.onResponseStart(exchange.controller, 201, {})
      exchange?.handler.onResponseData(exchange.controller, Buffer.from("second"))
      exchange?.handler.onResponseEnd(exchange.controller, {})
      expect(dispatcher.aborted).toHaveLength(1)
      expect(response.status).toBe(200)
      expect(yield* Effect.flip(response.text)).toMatchObject({ _tag: "ResponseError", reason: "Decode" })
    })
  )

  it.live("is told to have no timeouts of its own", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher()
      yield* interruptedSoon(start(dispatcher))
      expect(dispatcher.exchanges).toMatchObject([{ options: { headersTimeout: 0, bodyTimeout: 0 } }])
    })
  )

  it.live("can fail after it has ended, to no effect", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher(({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 100, {})
        handler.onResponseStart(controller, 200, {})
        handler.onResponseData(controller, Buffer.from("body"))
        handler.onResponseEnd(controller, {})
        handler.onResponseError(controller, new Error("late"))
      })
      const { text } = yield* start(dispatcher)
      expect(yield* text).toBe("body")
      expect(dispatcher.aborted).toEqual([])
    })
  )

  it.live("delivers the chunks before an error to the reader of the stream, and then the error", () =>
    Effect.gen(function* () {
      const dispatcher = new DrivenDispatcher(({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, {})
        handler.onResponseData(controller, Buffer.from("first"))
        handler.onResponseError(controller, new Error("broken"))
      })
      const { stream } = yield* start(dispatcher)
      const chunks: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(stream, (chunk) => Effect.sync(() => chunks.push(Buffer.from(chunk).toString())))
      )
      expect(error).toMatchObject({ _tag: "ResponseError", reason: "Decode", cause: { message: "broken" } })
      expect(chunks).toEqual(["first"])
    })
  )
})
