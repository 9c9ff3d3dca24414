import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:http"
import type { Socket } from "node:net"

/** A request as received. */
export interface Received {
  readonly method: string
  readonly target: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
  /** The number of its connection, from 0. */
  readonly connection: number
}

/** What the server does with a request. It can leave it unanswered or break the connection. */
export type Script = (received: Received, response: ServerResponse, index: number) => Effect.Effect<void>

/** A server on a free loopback port, for rules about sockets. It stops with the scope. */
export const make = (script: Script) =>
  Effect.gen(function* () {
    const received: Array<Received> = []
    const sockets: Array<Socket> = []
    // The numbers of the connections that have ended, in that order.
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

/** Like {@link make}, with one script after another. The last one repeats. */
export const sequence = (...scripts: readonly [Script, ...ReadonlyArray<Script>]) =>
  make((received, response, index) =>
    (scripts[Math.min(index, scripts.length - 1)] ?? scripts[0])(received, response, index)
  )

/** A complete response. */
export const answer =
  (status: number, body: string, headers: Readonly<Record<string, string | ReadonlyArray<string>>> = {}): Script =>
  (_, response) =>
    Effect.sync(() => {
      response.writeHead(status, { "content-type": "application/json", ...(headers as Record<string, string>) })
      response.end(body)
    })

export const ok = (data: unknown): Script => answer(200, JSON.stringify({ data }))

/** No response: the request is read and never answered. */
export const silence: Script = () => Effect.void

/** The connection is reset before the response headers. */
export const resetBeforeHeaders: Script = (_, response) =>
  Effect.sync(() => {
    response.socket?.resetAndDestroy()
  })

/** The connection is closed without a response. */
export const closeBeforeHeaders: Script = (_, response) =>
  Effect.sync(() => {
    response.socket?.end()
  })

const begin = (response: ServerResponse) =>
  Effect.async<void>((resume) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
    response.write('{"data":{"id":"customer-acme",', () => resume(Effect.void))
  })

/** Headers and part of the body, then the connection is reset. */
export const resetInsideBody: Script = (_, response) =>
  Effect.andThen(
    begin(response).pipe(Effect.delay("5 millis")),
    // The client must receive the first part. Otherwise it would see a reset before the headers.
    Effect.delay(
      Effect.sync(() => {
        response.socket?.resetAndDestroy()
      }),
      "20 millis"
    )
  )

/** Headers and part of the body, then the connection ends normally, short of the announced length. */
export const endInsideBody: Script = (_, response) =>
  Effect.andThen(
    begin(response),
    Effect.sync(() => {
      response.socket?.end()
    })
  )

/** Headers and part of the body, then nothing more. */
export const stallInsideBody: Script = (_, response) => begin(response)

/** Headers, then one byte at intervals for as long as the client reads. */
export const dripInsideBody: Script = (_, response) =>
  Effect.andThen(
    begin(response),
    Effect.sync(() => response.write(" ")).pipe(
      Effect.repeat(Schedule.spaced("10 millis").pipe(Schedule.whileOutput(() => !response.destroyed))),
      Effect.asVoid
    )
  )

/** Bytes that are not HTTP. */
export const garbage =
  (bytes: (received: Received) => string): Script =>
  (received, response) =>
    Effect.sync(() => {
      response.socket?.end(bytes(received))
    })
