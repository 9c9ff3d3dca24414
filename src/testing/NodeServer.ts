/// <reference types="node" />
import * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import * as ApiFailure from "./ApiFailure.js"
import type { Broken } from "./Broken.js"
import { half } from "./FaultInjector.js"
import type { Body } from "./Message.js"
import { ServerRequest } from "./ServerRequest.js"

type App = HttpApp.Default<Broken, Scope.Scope>

/**
 * Listens with `node:http` alone, so that the command needs no package but those that this one brings, and gives the
 * port. A request is a fiber, interrupted when its connection closes; all connections close with the scope.
 */
export const listen = (
  app: App,
  { host, port }: { readonly host: string; readonly port: number }
): Effect.Effect<number, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const run = yield* FiberSet.makeRuntime<never>()
    const server = Http.createServer((incoming, outgoing) => {
      const fiber = run(exchange(app, incoming, outgoing))
      // Who is gone hears of no error.
      incoming.on("error", () => {})
      outgoing.on("error", () => {})
      outgoing.on("close", () => fiber.unsafeInterruptAsFork(FiberId.none))
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

const exchange = (app: App, incoming: Http.IncomingMessage, outgoing: Http.ServerResponse): Effect.Effect<void> =>
  Effect.flatMap(bodyOf(incoming), (body) =>
    Effect.provideService(Effect.scoped(app), HttpServerRequest.HttpServerRequest, requestOf(incoming, body))
  ).pipe(
    Effect.catchAllDefect((defect) =>
      Effect.as(Effect.logError(Cause.die(defect)), ApiFailure.toResponse(ApiFailure.internal))
    ),
    Effect.matchEffect({ onSuccess: answer(outgoing), onFailure: breakOff(incoming, outgoing) }),
    // An answer that cannot be sent ends its connection, for nobody else would.
    Effect.tapDefect((cause) =>
      Effect.zipRight(
        Effect.logError(cause),
        Effect.sync(() => outgoing.destroy())
      )
    )
  )

const requestOf = (incoming: Http.IncomingMessage, body: Body) =>
  new ServerRequest({
    source: incoming,
    // Of the methods that are not among these no route knows.
    method: incoming.method as HttpMethod,
    originalUrl: incoming.url ?? "/",
    // Of several hosts `headers` keeps the first; all of them together are no host.
    headers: Headers.fromInput({ ...incoming.headers, host: incoming.headersDistinct["host"]?.join(", ") }),
    body
  })

const largestBody = 10 * 1024 * 1024

/** The whole body, or a stream that fails when it is too large. Where it never ends, the connection's end interrupts. */
const bodyOf = (incoming: Http.IncomingMessage) =>
  Effect.async<Body>((resume) => {
    // Mutable: it comes in pieces. What comes too much is read, so that an answer can be given, and not kept.
    const pieces: Array<Uint8Array> = []
    let size = 0
    incoming.on("data", (piece: Uint8Array) => {
      size += piece.length
      if (size <= largestBody) pieces.push(piece)
    })
    incoming.on("end", () =>
      resume(
        Effect.succeed(size <= largestBody ? Buffer.concat(pieces) : Stream.fail(new Error("the body is too large")))
      )
    )
  })

const answer = (outgoing: Http.ServerResponse) => (response: HttpServerResponse.HttpServerResponse) =>
  Effect.sync(() => {
    const { body, headers, status } = response
    outgoing.writeHead(status, headers).end(body._tag === "Uint8Array" ? body.body : undefined)
  })

/** Ends an exchange as a broken connection does. */
const breakOff =
  (incoming: Http.IncomingMessage, outgoing: Http.ServerResponse) =>
  ({ how, response }: Broken) =>
    Effect.async<never>(() => {
      const end = () => {
        // Of two requests that came at once, the second answer has no socket until the first is sent; its request has.
        if (how === "reset") incoming.socket.resetAndDestroy()
      }
      if (response === null) return end()
      outgoing.writeHead(response.status, response.headers).flushHeaders()
      outgoing.write(half(response), end)
    })
