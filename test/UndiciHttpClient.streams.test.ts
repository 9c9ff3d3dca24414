import { describe, expect, it } from "@effect/vitest"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Readable } from "node:stream"
import { DrivenDispatcher } from "./transport/DrivenDispatcher.js"
import type { Handler } from "./transport/HandlerServer.js"
import * as HandlerServer from "./transport/HandlerServer.js"
import { until, withServer } from "./transport/undiciExchange.js"

const { silence } = HandlerServer

const kilobyte = 1024
const megabyte = kilobyte ** 2

/** As many bytes as the client takes, up to a total. */
const pouring = (total: number, poured: { bytes: number }): Handler => {
  const chunk = Buffer.alloc(64 * kilobyte, "x")
  return (_, response) => {
    const pour = () => {
      while (poured.bytes < total) {
        poured.bytes += chunk.length
        if (!response.write(chunk)) return
      }
      response.end()
    }
    response.on("drain", pour)
    pour()
  }
}

/** Waits until the count stands still. */
const settled = (count: { readonly bytes: number }) =>
  Effect.suspend(() => {
    const before = count.bytes
    return Effect.map(Effect.sleep("40 millis"), () => before === count.bytes)
  }).pipe(Effect.repeat({ until: (is) => is }))

/** A body that never ends after its first chunk. */
const openBody = Effect.gen(function* () {
  const ended = yield* Deferred.make<Exit.Exit<unknown, unknown>>()
  const stream = Stream.concat(Stream.make(Buffer.from("first")), Stream.never).pipe(
    Stream.ensuringWith((exit) => Deferred.succeed(ended, exit))
  )
  return { request: HttpClientRequest.bodyStream(HttpClientRequest.post("/"), stream), ended: Deferred.await(ended) }
})

describe("a response whose reader is slower than the server", () => {
  const total = 20 * megabyte

  it.live("is read no further than its reader: the stream", () =>
    Effect.gen(function* () {
      const poured = { bytes: 0 }
      yield* withServer(pouring(total, poured), (client, server) =>
        Effect.gen(function* () {
          const { stream } = yield* client.get(server.url)
          let read = 0
          yield* Stream.runForEach(stream, (chunk) => {
            const isFirst = read === 0
            read += chunk.length
            if (!isFirst) return Effect.void
            return Effect.map(settled(poured), () => expect(poured.bytes).toBeLessThan(total / 2))
          })
          expect(read).toBe(total)
        })
      )
    })
  )

  it.live("is not read while there is no reader, and completely once there is one", () =>
    Effect.gen(function* () {
      const poured = { bytes: 0 }
      yield* withServer(pouring(total, poured), (client, server) =>
        Effect.gen(function* () {
          const { arrayBuffer } = yield* client.get(server.url)
          yield* settled(poured)
          expect(poured.bytes).toBeLessThan(total / 2)
          expect((yield* arrayBuffer).byteLength).toBe(total)
        })
      )
    })
  )

  it.live("waits in at most 64 KB and one chunk of memory", () =>
    Effect.gen(function* () {
      let sent = 0
      const dispatcher = new DrivenDispatcher(({ controller, handler }) => {
        handler.onRequestStart(controller, null)
        handler.onResponseStart(controller, 200, {})
      })
      const { stream } = yield* UndiciHttpClient.make(dispatcher).get("http://localhost")
      /** What undici does when its socket has data. */
      const push = () => {
        const [{ controller, handler }] = dispatcher.exchanges as [(typeof dispatcher.exchanges)[number]]
        while (!controller.paused && sent < megabyte) {
          handler.onResponseData(controller, Buffer.alloc(10_000))
          sent += 10_000
        }
        if (sent >= megabyte) handler.onResponseEnd(controller, {})
      }
      push()
      expect(sent).toBe(70_000)
      let read = 0
      yield* Stream.runForEach(stream, (chunk) =>
        Effect.sync(() => {
          read += chunk.length
          push()
          expect(sent - read).toBeLessThanOrEqual(140_000)
        })
      )
      expect(read).toBe(sent)
    })
  )
})

describe("a request body by stream", () => {
  it.live("is pulled no further than the server reads", () =>
    withServer(silence, (client, server) =>
      Effect.gen(function* () {
        const pulled = { bytes: 0 }
        const chunk = Buffer.alloc(64 * kilobyte)
        const body = Stream.repeatEffect(
          Effect.sync(() => {
            pulled.bytes += chunk.length
            return chunk
          })
        )
        const fiber = yield* Effect.fork(
          client.execute(HttpClientRequest.bodyStream(HttpClientRequest.post(server.url), body))
        )
        yield* until(() => pulled.bytes > 0)
        yield* settled(pulled)
        expect(pulled.bytes).toBeLessThan(20 * megabyte)
        yield* Fiber.interrupt(fiber)
        yield* server.closed
      })
    )
  )

  it.live("that fails, fails the request, and the socket is closed", () =>
    withServer(silence, (client, server) =>
      Effect.gen(function* () {
        const body = Stream.concat(Stream.make(Buffer.from("first")), Stream.fail("broken"))
        const error = yield* Effect.flip(
          client.execute(HttpClientRequest.bodyStream(HttpClientRequest.post(server.url), body))
        )
        expect(error).toMatchObject({ _tag: "RequestError", reason: "Transport", cause: "broken" })
        yield* server.closed
      })
    )
  )

  it.live("is interrupted with the request", () =>
    withServer(silence, (client, server) =>
      Effect.gen(function* () {
        const { ended, request } = yield* openBody
        const fiber = yield* Effect.fork(client.execute(HttpClientRequest.prependUrl(request, server.url)))
        yield* until(() => server.sockets.some(({ bytesRead }) => bytesRead > 0))
        yield* Fiber.interrupt(fiber)
        expect(Exit.isInterrupted(yield* ended)).toBe(true)
        yield* server.closed
      })
    )
  )

  it.live.each<readonly [string, Handler]>([
    [
      "the server responds early",
      (_, response) => {
        response.writeHead(413).end("too large")
      }
    ],
    [
      "the server resets the connection",
      ({ socket }) => {
        socket.resetAndDestroy()
      }
    ]
  ])("is interrupted when %s", ([, handler]) =>
    withServer(handler, (client, server) =>
      Effect.gen(function* () {
        const { ended, request } = yield* openBody
        const exit = yield* Effect.exit(client.execute(HttpClientRequest.prependUrl(request, server.url)))
        if (Exit.isSuccess(exit)) expect(yield* exit.value.text).toBe("too large")
        else expect(exit).toMatchObject({ cause: { error: { _tag: "RequestError", reason: "Transport" } } })
        expect(Exit.isInterrupted(yield* ended)).toBe(true)
      })
    )
  )

  it.live("is not started when there is no connection, and a raw one is destroyed", () =>
    Effect.gen(function* () {
      // A port that was free a moment ago.
      const { url } = yield* Effect.scoped(HandlerServer.make(silence))
      const client = yield* HttpClient.HttpClient
      // Its error while it is destroyed has nobody to go to, and must not end the process.
      const raw = new Readable({ read: () => {}, destroy: (_, callback) => callback(new Error("late")) })
      let isStarted = false
      const stream = Stream.fromEffect(
        Effect.sync(() => {
          isStarted = true
          return Buffer.from("first")
        })
      )
      const post = HttpClientRequest.post(url)
      yield* Effect.flip(client.execute(HttpClientRequest.setBody(post, HttpBody.raw(raw))))
      yield* Effect.flip(client.execute(HttpClientRequest.bodyStream(post, stream)))
      expect(raw.destroyed).toBe(true)
      expect(isStarted).toBe(false)
    }).pipe(Effect.provide(UndiciHttpClient.layer))
  )
})
