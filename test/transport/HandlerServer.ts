import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:http"
import type { Socket } from "node:net"

/** Responds to a request whose headers have arrived, in contrast to a `Script`, which waits for the body. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A server on a free loopback port, for rules about bodies that are under way. It stops with the scope. */
export const make = (handler: Handler) =>
  Effect.gen(function* () {
    const sockets: Array<Socket> = []
    const closed = yield* Queue.unbounded<void>()
    const server = createServer(handler)
    server.on("connection", (socket) => {
      sockets.push(socket)
      socket.on("error", () => {})
      socket.on("close", () => Queue.unsafeOffer(closed, undefined))
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
    return {
      url: `http://127.0.0.1:${port}`,
      /** All connections so far. */
      sockets,
      /** Waits for the end of a connection that no other `closed` was waiting for. */
      closed: Queue.take(closed),
      open: () => sockets.filter(({ destroyed }) => !destroyed).length
    }
  })

export type HandlerServer = Effect.Effect.Success<ReturnType<typeof make>>

/** No response: the request is not even read. */
export const silence: Handler = () => {}

/** Headers, a first chunk, and nothing more. */
export const stall: Handler = (_, response) => {
  response.writeHead(200, { "content-length": "1000" }).write("first")
}

/** Reads a request completely, and hands its body over. */
export const reading =
  (respond: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void): Handler =>
  (request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => respond(request, Buffer.concat(chunks), response))
  }

/** Responds with what it received, the body in base64. */
export const echo: Handler = reading(({ headers, method, url }, body, response) => {
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify({ method, target: url, headers, body: body.toString("base64") }))
})

/** What {@link echo} responds. */
export interface Echoed {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}
