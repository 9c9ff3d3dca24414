/// <reference types="node" />
import * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type { Socket } from "node:net"
import * as ApiFailure from "../contract/ApiFailure.js"
import type { ConnectionFault } from "../middleware/ConnectionFault.js"
import { half } from "../middleware/FaultInjector.js"
import { ServerRequest } from "./ServerRequest.js"

type App = HttpApp.Default<ConnectionFault, Scope.Scope>

/** How long a connection may take, in milliseconds. */
export interface Timeouts {
  /** For the headers of a request, from its first byte, and of the first one from the connection's start. */
  readonly headers: number
  /** For a whole request, body included; no less than `headers`. */
  readonly request: number
  /** For a client that sends nothing after an answer, does not read one, or has closed its side of the connection. */
  readonly idle: number
}

interface Options {
  readonly host: string
  readonly port: number
  readonly timeouts: Timeouts
  /** Wraps the app, and what the server answers in its place. */
  readonly middleware: (app: App) => App
}

/**
 * Listens with `node:http` alone, so that the command needs no package but those that this one brings, and gives the
 * port. A request is a fiber, interrupted when its connection closes; all connections close with the scope.
 */
export const listen = (
  app: App,
  { host, middleware, port, timeouts }: Options
): Effect.Effect<number, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const run = yield* FiberSet.makeRuntime<never>()
    const server = Http.createServer({
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.idle,
      connectionsCheckingInterval: Math.max(10, Math.min(1000, timeouts.headers / 4))
    })
    // Absent from Node's types. Without it, Node drops the requests of a client that closes its side.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on("connection", (socket) => {
      // Every pipelined request adds a listener.
      socket.setMaxListeners(0)
      // The client may wait for an answer or be gone: the server cannot tell.
      socket.on("end", () => closeIn(timeouts.idle, socket))
    })
    const handle = (incoming: Http.IncomingMessage, outgoing: Http.ServerResponse) => {
      const { socket } = incoming
      const fiber = run(exchange({ app, incoming, middleware, outgoing, idle: timeouts.idle }))
      const interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
      // Not on `outgoing`: a pipelined response has no socket yet and never emits `close`.
      socket.on("close", interrupt)
      fiber.addObserver(() => socket.off("close", interrupt))
      // Who is gone hears of no error.
      incoming.on("error", () => {})
      outgoing.on("error", () => {})
    }
    server.on("request", handle)
    server.on("checkContinue", (incoming, outgoing) => {
      if (!isDeclaredTooLarge(incoming)) outgoing.writeContinue()
      handle(incoming, outgoing)
    })
    yield* Effect.acquireRelease(
      Effect.async<void, Error>((resume) => {
        server.on("error", (cause) => resume(Effect.fail(cause)))
        server.listen(port, host, () => resume(Effect.void))
      }),
      // Connections that are kept alive, and requests that stall, would hold the server up for ever.
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    return address === null || typeof address === "string" ? port : address.port
  })

/** In real time: the program's clock may be a `TestClock`. */
const closeIn = (millis: number, socket: Socket) => {
  const timer = setTimeout(() => socket.destroy(), millis)
  socket.on("close", () => clearTimeout(timer))
}

interface Exchange {
  readonly app: App
  readonly middleware: (app: App) => App
  readonly incoming: Http.IncomingMessage
  readonly outgoing: Http.ServerResponse
  readonly idle: number
}

const exchange = ({ app, idle, incoming, middleware, outgoing }: Exchange): Effect.Effect<void> =>
  Effect.flatMap(Effect.either(bodyOf(incoming)), (body) =>
    Effect.provideService(
      Effect.scoped(middleware(Either.isRight(body) ? app : Effect.succeed(ApiFailure.toResponse(body.left)))),
      HttpServerRequest.HttpServerRequest,
      requestOf(
        incoming,
        Either.getOrElse(body, () => new Uint8Array())
      )
    )
  ).pipe(
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logError(Cause.die(defect)), ApiFailure.toResponse(ApiFailure.internal))
    ),
    Effect.matchEffect({
      onSuccess: (response) =>
        Effect.sync(() => {
          if (incoming.complete) answer(outgoing, response, idle)
          else refuseTheRest(incoming, outgoing, response, idle)
        }),
      onFailure: breakOff(incoming, outgoing)
    }),
    // An answer that cannot be sent ends its connection, for nobody else would.
    Effect.tapDefect((cause) =>
      Effect.zipRight(
        Effect.logError(cause),
        Effect.sync(() => outgoing.destroy())
      )
    )
  )

const requestOf = (incoming: Http.IncomingMessage, body: Uint8Array) =>
  new ServerRequest({
    source: incoming,
    // Of the methods that are not among these no route knows.
    method: incoming.method as HttpMethod,
    originalUrl: incoming.url ?? "/",
    // `headers` keeps the first of several hosts. Joined, they match no allowed host.
    headers: Headers.fromInput({ ...incoming.headers, host: incoming.headersDistinct["host"]?.join(", ") }),
    body
  })

const largestBody = 10 * 1024 * 1024

const tooLarge = new ApiFailure.ApiFailure({
  status: 413,
  code: "PayloadTooLarge",
  message: `body: larger than ${largestBody} bytes`
})

const isDeclaredTooLarge = ({ headers }: Http.IncomingMessage): boolean =>
  Number(headers["content-length"] ?? 0) > largestBody

/** The whole body. Fails as soon as it is too large. If it never ends, the timeout of the request interrupts. */
const bodyOf = (incoming: Http.IncomingMessage): Effect.Effect<Uint8Array, ApiFailure.ApiFailure> =>
  Effect.async((resume) => {
    if (isDeclaredTooLarge(incoming)) return resume(tooLarge)
    // Mutable: it comes in pieces.
    const pieces: Array<Uint8Array> = []
    let size = 0
    const take = (piece: Uint8Array) => {
      size += piece.length
      pieces.push(piece)
      if (size <= largestBody) return
      incoming.off("data", take)
      resume(tooLarge)
    }
    incoming.on("data", take)
    incoming.on("end", () => resume(Effect.succeed(Buffer.concat(pieces))))
  })

const bytesOf = ({ body }: HttpServerResponse.HttpServerResponse): Uint8Array | undefined =>
  body._tag === "Uint8Array" ? body.body : undefined

const answer = (outgoing: Http.ServerResponse, response: HttpServerResponse.HttpServerResponse, idle: number) => {
  outgoing.writeHead(response.status, response.headers).end(bytesOf(response))
  outgoing.setTimeout(idle)
  // Runs before Node's own listener, which sets the keep-alive timeout.
  outgoing.prependListener("finish", () => outgoing.setTimeout(0))
}

/**
 * Answers a client that is still sending. Closing at once would reset the connection before the client reads the
 * answer, so the rest of the body is read and dropped, for at most the idle timeout.
 */
const refuseTheRest = (
  incoming: Http.IncomingMessage,
  outgoing: Http.ServerResponse,
  response: HttpServerResponse.HttpServerResponse,
  idle: number
) => {
  outgoing.writeHead(response.status, { ...response.headers, connection: "close" })
  outgoing.write(bytesOf(response) ?? "")
  incoming.on("end", () => outgoing.end()).resume()
  closeIn(idle, incoming.socket)
}

/** Ends an exchange as a broken connection does. */
const breakOff =
  (incoming: Http.IncomingMessage, outgoing: Http.ServerResponse) =>
  ({ how, response }: ConnectionFault) =>
    Effect.async<never>(() => {
      const end = () => {
        // Of two requests that came at once, the second answer has no socket until the first is sent; its request has.
        if (how === "reset") incoming.socket.resetAndDestroy()
      }
      if (response === null) return end()
      outgoing.writeHead(response.status, response.headers).flushHeaders()
      outgoing.write(half(response), end)
    })
