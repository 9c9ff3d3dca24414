import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:http"
import type { Socket } from "node:net"

/** A request as it arrived. */
export interface Received {
  readonly method: string
  readonly target: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
  /** The number of the connection that it came on, from 0 on. */
  readonly connection: number
}

/** What the server does with a request; it may leave it unanswered, or break the connection. */
export type Script = (received: Received, response: ServerResponse, index: number) => Effect.Effect<void>

/** A server on a free loopback port, for rules about sockets; it ends with the scope. */
export const make = (script: Script) =>
  Effect.gen(function* () {
    const received: Array<Received> = []
    const sockets: Array<Socket> = []
    // The numbers of the connections that have ended, in the order they did.
    const closed = yield* Queue.unbounded<number>()
    const run = yield* FiberSet.makeRuntime<never, void, never>()

    const server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const one: Received = {
          method: request.method ?? "",
          target: request.url ?? "",
          headers: request.headers,
          body: Buffer.concat(chunks).toString("utf8"),
          connection: sockets.indexOf(request.socket)
        }
        run(script(one, response, received.push(one) - 1))
      })
    })
    server.on("connection", (socket) => {
      const connection = sockets.push(socket) - 1
      socket.on("error", () => {})
      socket.on("close", () => Queue.unsafeOffer(closed, connection))
    })

    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { url: `http://127.0.0.1:${port}`, port, received, sockets, closed: Queue.take(closed) }
  })

/** As {@link make}, one script after another; the last one stays. */
export const sequence = (...scripts: readonly [Script, ...ReadonlyArray<Script>]) =>
  make((received, response, index) =>
    (scripts[Math.min(index, scripts.length - 1)] ?? scripts[0])(received, response, index)
  )

/** A whole answer. */
export const answer =
  (status: number, body: string, headers: Readonly<Record<string, string | ReadonlyArray<string>>> = {}): Script =>
  (_, response) =>
    Effect.sync(() => {
      response.writeHead(status, { "content-type": "application/json", ...(headers as Record<string, string>) })
      response.end(body)
    })

export const ok = (data: unknown): Script => answer(200, JSON.stringify({ data }))

/** Nothing at all: the request is read, and nobody answers. */
export const silence: Script = () => Effect.void

/** The connection is reset before the headers of an answer. */
export const resetBeforeHeaders: Script = (_, response) =>
  Effect.sync(() => {
    response.socket?.resetAndDestroy()
  })

/** The connection is closed, without an answer. */
export const closeBeforeHeaders: Script = (_, response) =>
  Effect.sync(() => {
    response.socket?.end()
  })

const begin = (response: ServerResponse) =>
  Effect.async<void>((resume) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
    response.write('{"data":{"id":"customer-acme",', () => resume(Effect.void))
  })

/** Headers and a part of the body; then the connection is reset. */
export const resetInsideBody: Script = (_, response) =>
  Effect.andThen(
    begin(response).pipe(Effect.delay("5 millis")),
    // The client has to have the first part, or it would be a reset before the headers to it.
    Effect.delay(
      Effect.sync(() => {
        response.socket?.resetAndDestroy()
      }),
      "20 millis"
    )
  )

/** Headers and a part of the body; then the connection ends in good order, short of what was announced. */
export const endInsideBody: Script = (_, response) =>
  Effect.andThen(
    begin(response),
    Effect.sync(() => {
      response.socket?.end()
    })
  )

/** Headers and a part of the body, and then nothing. */
export const stallInsideBody: Script = (_, response) => begin(response)

/** Headers, and then a byte now and again, for as long as anybody listens. */
export const dripInsideBody: Script = (_, response) =>
  Effect.andThen(
    begin(response),
    Effect.sync(() => response.write(" ")).pipe(
      Effect.repeat(Schedule.spaced("10 millis").pipe(Schedule.whileOutput(() => !response.destroyed))),
      Effect.asVoid
    )
  )

/** Bytes that are no HTTP. */
export const garbage =
  (bytes: (received: Received) => string): Script =>
  (received, response) =>
    Effect.sync(() => {
      response.socket?.end(bytes(received))
    })
