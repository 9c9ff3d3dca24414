import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { getEventListeners } from "node:events"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Agent } from "undici"
import type { Handler } from "./transport/HandlerServer.js"
import * as HandlerServer from "./transport/HandlerServer.js"
import { until, withServer } from "./transport/undiciExchange.js"

const { silence, stall } = HandlerServer

describe("an interruption closes the socket", () => {
  it.live.each<
    readonly [string, Handler, (client: HttpClient.HttpClient, url: string) => Effect.Effect<unknown, unknown>]
  >([
    ["before the headers", silence, (client, url) => client.get(url)],
    [
      "before the headers, while the scope of `HttpClient.withScope` is open",
      silence,
      (client, url) =>
        Effect.flatMap(Scope.make(), (scope) => Scope.extend(HttpClient.withScope(client).get(url), scope))
    ],
    ["while the text is read", stall, (client, url) => Effect.flatMap(client.get(url), ({ text }) => text)],
    ["while the JSON is read", stall, (client, url) => Effect.flatMap(client.get(url), ({ json }) => json)],
    [
      "while the stream is read",
      stall,
      (client, url) => Effect.flatMap(client.get(url), ({ stream }) => Stream.runDrain(stream))
    ]
  ])("%s", ([, handler, run]) =>
    withServer(handler, (client, server) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(run(client, server.url))
        yield* until(() => server.sockets.some(({ bytesRead }) => bytesRead > 0))
        yield* Effect.sleep("10 millis")
        expect(server.open()).toBe(1)
        yield* Fiber.interrupt(fiber)
        yield* server.closed
      })
    )
  )

  it.live("while the request waits for a connection: it is never sent, and later ones are", () =>
    Effect.gen(function* () {
      const targets: Array<string | undefined> = []
      const server = yield* HandlerServer.make(({ url }, response) => {
        targets.push(url)
        if (url !== "/first") response.end("body")
        else setTimeout(() => response.end("first"), 30)
      })
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => new Agent({ connections: 1 })),
        (agent) => Effect.promise(() => agent.destroy())
      )
      const client = UndiciHttpClient.make(agent)
      const text = (path: string) => Effect.flatMap(client.get(server.url + path), ({ text }) => text)
      const first = yield* Effect.fork(text("/first"))
      const second = yield* Effect.fork(text("/second"))
      yield* until(() => targets.length === 1)
      yield* Fiber.interrupt(second)
      const third = yield* Effect.fork(text("/third"))
      expect(yield* Fiber.join(first)).toBe("first")
      expect(yield* Fiber.join(third)).toBe("body")
      expect(targets).toEqual(["/first", "/third"])
    }).pipe(Effect.scoped)
  )

  it.live.each<readonly [string, Handler]>([
    ["waits for more", stall],
    ["is not drained", (_, response) => response.end(Buffer.alloc(20 * 2 ** 20))]
  ])("of a stream's reader that stops after a chunk, while the socket %s", ([, handler]) =>
    withServer(handler, (client, server) =>
      Effect.gen(function* () {
        // Without the wrapper that `HttpClient.make` adds, which closes the socket itself.
        const { stream, text } = yield* HttpClient.withScope(client).get(server.url)
        expect(yield* Stream.runCollect(Stream.take(stream, 1))).toHaveLength(1)
        yield* server.closed
        expect(yield* Effect.flip(text)).toMatchObject({ _tag: "ResponseError", reason: "Decode" })
      })
    )
  )

  it.live("and a later reader fails instead of waiting for ever", () =>
    withServer(stall, (client, server) =>
      Effect.gen(function* () {
        const { text } = yield* client.get(server.url)
        yield* Effect.timeoutOption(text, "10 millis")
        yield* server.closed
        expect(yield* Effect.flip(text)).toMatchObject({ _tag: "ResponseError", reason: "Decode" })
      })
    )
  )

  it.live("and not that of a complete response, whose connection is used again", () =>
    withServer(HandlerServer.echo, (client, server) =>
      Effect.gen(function* () {
        for (let count = 0; count < 3; count++) {
          // undici keeps a socket idle for one turn of the event loop before it reuses it.
          yield* Effect.sleep("5 millis")
          yield* Effect.scoped(Effect.flatMap(HttpClient.withScope(client).get(server.url), ({ text }) => text))
          yield* Effect.sleep("5 millis")
          yield* Effect.flatMap(client.get(server.url), ({ stream }) => Stream.runDrain(stream))
        }
        expect(server.sockets).toHaveLength(1)
        expect(server.open()).toBe(1)
      })
    )
  )
})

describe("the end of the scope of `HttpClient.withScope`", () => {
  const inScope = (
    handler: Handler,
    run: (
      client: HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>,
      url: string
    ) => Effect.Effect<unknown, unknown, Scope.Scope>
  ) =>
    withServer(handler, (client, server) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const fiber = yield* Effect.fork(Scope.extend(run(HttpClient.withScope(client), server.url), scope))
        yield* until(() => server.sockets.some(({ bytesRead }) => bytesRead > 0))
        yield* Effect.sleep("10 millis")
        expect(server.open()).toBe(1)
        yield* Scope.close(scope, Exit.void)
        yield* server.closed
        return yield* Fiber.await(fiber)
      })
    )

  it.live("closes the socket of a response that nobody has read", () =>
    Effect.gen(function* () {
      expect(Exit.isSuccess(yield* inScope(stall, (client, url) => client.get(url)))).toBe(true)
    })
  )

  it.live("fails a request that another fiber waits for", () =>
    Effect.gen(function* () {
      const exit = yield* inScope(silence, (client, url) => client.get(url))
      expect(exit).toMatchObject({ cause: { error: { _tag: "RequestError", reason: "Transport" } } })
    })
  )

  it.live("fails the readers in other fibers", () =>
    Effect.gen(function* () {
      const text = yield* inScope(stall, (client, url) => Effect.flatMap(client.get(url), ({ text }) => text))
      const stream = yield* inScope(stall, (client, url) =>
        Effect.flatMap(client.get(url), ({ stream }) => Stream.runDrain(stream))
      )
      for (const exit of [text, stream]) {
        expect(exit).toMatchObject({ cause: { error: { _tag: "ResponseError", reason: "Decode" } } })
      }
    })
  )

  it.live("fails a request that begins later, such as a retry", () =>
    Effect.gen(function* () {
      const server = yield* HandlerServer.make((_, response) => response.writeHead(503).end())
      const scope = yield* Scope.make()
      const client = UndiciHttpClient.make(new Agent())
      const answered = yield* Deferred.make<void>()
      const closed = yield* Deferred.make<void>()
      const mayRetry = Effect.as(Effect.zipRight(Deferred.succeed(answered, undefined), Deferred.await(closed)), true)
      const retrying = HttpClient.withScope(
        client.pipe(HttpClient.filterStatusOk, HttpClient.retry({ times: 1, while: () => mayRetry }))
      )
      const fiber = yield* Effect.fork(Scope.extend(retrying.get(server.url), scope))
      yield* Deferred.await(answered)
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.succeed(closed, undefined)
      expect(yield* Effect.flip(Fiber.join(fiber))).toMatchObject({ _tag: "RequestError", reason: "Transport" })
    }).pipe(Effect.scoped)
  )

  const busy: Handler = (_, response) => response.writeHead(503).end("body")

  it.live.each<
    readonly [
      string,
      Handler,
      (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<unknown, HttpClientError.HttpClientError>
    ]
  >([
    ["is read", busy, ({ text }) => text],
    [
      "is read in part",
      (_, response) => response.writeHead(503).write("first"),
      ({ stream }) => Stream.runHead(stream)
    ],
    ["has no response", ({ socket }) => socket.resetAndDestroy(), () => Effect.void]
  ])("is listened to only while an exchange lasts that %s, however many retries there are", ([, handler, read]) =>
    withServer(handler, (client, server) =>
      Effect.gen(function* () {
        const signals = new Set<EventTarget>()
        const { addEventListener } = EventTarget.prototype
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            EventTarget.prototype.addEventListener = function (...args: Parameters<typeof addEventListener>) {
              if (args[0] === "abort") signals.add(this)
              addEventListener.apply(this, args)
            }
          }),
          () =>
            Effect.sync(() => {
              EventTarget.prototype.addEventListener = addEventListener
            })
        )
        const reading = HttpClient.transformResponse(client, Effect.tap(read))
        const retrying = HttpClient.withScope(HttpClient.retry(HttpClient.filterStatusOk(reading), { times: 5 }))
        yield* Effect.flip(retrying.get(server.url))
        expect(signals.size).toBe(1)
        for (const signal of signals) expect(getEventListeners(signal, "abort")).toEqual([])
      })
    )
  )
})

describe("a response that is dropped unread", () => {
  it.live("closes its socket when it is garbage", () =>
    withServer(stall, (client, server) =>
      Effect.gen(function* () {
        setFlagsFromString("--expose-gc")
        const collect = runInNewContext("gc") as () => void
        const status = yield* Effect.map(client.get(server.url), ({ status }) => status)
        expect(status).toBe(200)
        expect(server.open()).toBe(1)
        yield* Effect.sync(collect).pipe(
          Effect.repeat({ until: () => server.open() === 0, schedule: Schedule.spaced("5 millis") }),
          Effect.timeout("20 seconds")
        )
      })
    )
  )
})
