/// <reference types="node" />
import * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import type { HttpMethod } from "@effect/platform/HttpMethod"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Http from "node:http"
import type { Socket } from "node:net"
import * as ApiFailure from "../contract/ApiFailure.js"
import type { ConnectionFault } from "./ConnectionFault.js"
import { half } from "./ConnectionFault.js"
import type { Body } from "./HttpMessage.js"
import { bytesOf } from "./HttpMessage.js"
import { ServerRequest } from "./ServerRequest.js"

type App = HttpApp.Default<ConnectionFault, Scope.Scope>

/** Connection timeouts in milliseconds. */
export interface Timeouts {
  /** For the headers of a request, from its first byte; for the first request, from the start of the connection. */
  readonly headers: number
  /** For a whole request, including its body. At least `headers`. */
  readonly request: number
  /** For a client that sends nothing after a response, does not read one, or has closed its side of the connection. */
  readonly idle: number
}

interface Options {
  readonly host: string
  readonly port: number
  readonly timeouts: Timeouts
  /** The longest body of a request with these headers. Defaults to 10 MiB. */
  readonly maxBodyBytes?: ((request: Pick<Http.IncomingMessage, "headers" | "url">) => number) | undefined
  /** Wraps the app, and also the responses that the server sends in its place. */
  readonly middleware: (app: App) => App
}

/**
 * Serves an app and returns the port. It uses `node:http` directly, so that the command needs no further package. Each
 * request runs in a fiber that is interrupted when its connection closes. All connections close with the scope.
 */
export const listen = (
  app: App,
  { host, maxBodyBytes = () => defaultMaxBodyBytes, middleware, port, timeouts }: Options
): Effect.Effect<number, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const fibers = yield* FiberSet.make<void>()
    const runtime = yield* Effect.runtime<never>()
    const wrapped = middleware(app)
    const server = Http.createServer({
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.idle,
      connectionsCheckingInterval: Math.max(10, Math.min(1000, timeouts.headers / 4))
    })
    // Missing from Node's types. Without it, Node drops the requests of a client that has closed its side.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on("connection", (socket) => {
      // Each pipelined request adds a listener, which would trigger the leak warning.
      socket.setMaxListeners(0)
      // The client may be waiting for a response or be gone. The server cannot tell.
      socket.on("end", () => closeIn(timeouts.idle, socket))
    })
    const handle = (incoming: Http.IncomingMessage, outgoing: Http.ServerResponse) => {
      // The client is gone: no one can receive the error.
      incoming.on("error", () => {})
      outgoing.on("error", () => {})
      readBody(incoming, maxBodyBytes(incoming), (body) => {
        const { socket } = incoming
        const scope = Effect.runSync(Scope.make())
        const request = requestOf(incoming, Either.isRight(body) ? body.right : noBody)
        // The services of a request are those of its fiber. To provide them to the app costs more.
        const services = Context.make(HttpServerRequest.HttpServerRequest, request).pipe(
          Context.add(Scope.Scope, scope)
        )
        const fiber = Runtime.runFork(
          Runtime.updateContext(runtime, () => services),
          exchange({
            app: Either.isRight(body) ? wrapped : middleware(ApiFailure.respond(body.left)),
            scope,
            incoming,
            outgoing,
            idle: timeouts.idle
          })
        )
        FiberSet.unsafeAdd(fibers, fiber)
        const interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
        // Not on `outgoing`: a pipelined response has no socket yet and never emits `close`.
        socket.on("close", interrupt)
        fiber.addObserver(() => socket.off("close", interrupt))
      })
    }
    server.on("request", handle)
    server.on("checkContinue", (incoming, outgoing) => {
      if (!isDeclaredTooLarge(incoming, maxBodyBytes(incoming))) outgoing.writeContinue()
      handle(incoming, outgoing)
    })
    yield* Effect.acquireRelease(
      Effect.async<void, Error>((resume) => {
        server.on("error", (cause) => resume(Effect.fail(cause)))
        server.listen(port, host, () => resume(Effect.void))
      }),
      // Without `closeAllConnections`, keep-alive connections and stalled requests would block `close` forever.
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    return address === null || typeof address === "string" ? port : address.port
  })

/** Uses real time, because the program's clock may be a `TestClock`. */
const closeIn = (millis: number, socket: Socket) => {
  const timer = setTimeout(() => socket.destroy(), millis)
  socket.on("close", () => clearTimeout(timer))
}

interface ExchangeOptions {
  readonly app: App
  readonly scope: Scope.CloseableScope
  readonly incoming: Http.IncomingMessage
  readonly outgoing: Http.ServerResponse
  readonly idle: number
}

const exchange = ({
  app,
  idle,
  incoming,
  outgoing,
  scope
}: ExchangeOptions): Effect.Effect<void, never, HttpServerRequest.HttpServerRequest | Scope.Scope> => {
  const send = (response: HttpServerResponse.HttpServerResponse) =>
    response.body._tag === "Stream"
      ? respondWithStream(outgoing, response, response.body.stream, idle)
      : Effect.sync(() => {
          if (incoming.complete || hasNoBody(incoming)) respond(outgoing, response, idle)
          else respondAndDrain(incoming, outgoing, response, idle)
        })
  return app.pipe(
    Effect.onExit((exit) => Scope.close(scope, exit)),
    Effect.matchCauseEffect({
      onSuccess: send,
      onFailure: (cause) =>
        Option.match(Cause.failureOption(cause), {
          onSome: failConnection(incoming, outgoing),
          onNone: () =>
            Cause.isInterruptedOnly(cause)
              ? Effect.interrupt
              : Effect.zipRight(Effect.logError(cause), Effect.flatMap(ApiFailure.respond(ApiFailure.internal), send))
        })
    }),
    // If the response cannot be sent, nothing else would close the connection.
    Effect.tapDefect((cause) =>
      Effect.zipRight(
        Effect.logError(cause),
        Effect.sync(() => outgoing.destroy())
      )
    )
  )
}

const noBody = new Uint8Array()

/** Such a request is complete with its headers, although Node says so only later. */
const hasNoBody = ({ headers }: Http.IncomingMessage): boolean =>
  headers["content-length"] === undefined && headers["transfer-encoding"] === undefined

const requestOf = (incoming: Http.IncomingMessage, body: Body) =>
  new ServerRequest({
    source: incoming,
    // Other methods exist, but no route matches them.
    method: incoming.method as HttpMethod,
    originalUrl: incoming.url ?? "/",
    // Of several `Host` headers, `headers` keeps only the first. Joined, they match no allowed host.
    headers: Headers.fromInput({ ...incoming.headers, host: hostsOf(incoming) }),
    body
  })

/** Not by `headersDistinct`, which sorts all headers into lists. */
const hostsOf = ({ rawHeaders }: Http.IncomingMessage): string | undefined => {
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === "host")
  return hosts.length === 0 ? undefined : hosts.join(", ")
}

/** The longest body of a request, unless an option says otherwise. */
export const defaultMaxBodyBytes = 10 * 1024 * 1024

const tooLarge = (maxBodyBytes: number) =>
  new ApiFailure.ApiFailure({
    status: 413,
    code: "PayloadTooLarge",
    message: `body: larger than ${maxBodyBytes} bytes`
  })

const isDeclaredTooLarge = ({ headers }: Http.IncomingMessage, maxBodyBytes: number): boolean =>
  Number(headers["content-length"] ?? 0) > maxBodyBytes

/** The most bytes that are copied to be one array. A longer body is a stream of what was received. */
const largest = defaultMaxBodyBytes

/** What takes the pieces could use the whole process for a minute. Other requests are handled between two of them. */
const inTurns = (pieces: ReadonlyArray<Uint8Array>): Stream.Stream<Uint8Array> =>
  Stream.tap(Stream.fromIterable(pieces), () => nextTurn)

const nextTurn = Effect.async<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Reads the whole body, or fails as soon as it is too large. If it never ends, the request timeout ends the connection. */
const readBody = (
  incoming: Http.IncomingMessage,
  maxBodyBytes: number,
  read: (body: Either.Either<Body, ApiFailure.ApiFailure>) => void
): void => {
  if (hasNoBody(incoming)) return read(Either.right(noBody))
  if (isDeclaredTooLarge(incoming, maxBodyBytes)) return read(Either.left(tooLarge(maxBodyBytes)))
  // Mutable: the body arrives in chunks.
  const chunks: Array<Uint8Array> = []
  let size = 0
  const onData = (chunk: Uint8Array) => {
    size += chunk.length
    chunks.push(chunk)
    if (size > maxBodyBytes) end(Either.left(tooLarge(maxBodyBytes)))
  }
  const onEnd = () => end(Either.right(size > largest ? inTurns(chunks) : Buffer.concat(chunks)))
  const end = (body: Either.Either<Body, ApiFailure.ApiFailure>) => {
    incoming.off("data", onData).off("end", onEnd)
    read(body)
  }
  incoming.on("data", onData).on("end", onEnd)
}

const respond = (outgoing: Http.ServerResponse, response: HttpServerResponse.HttpServerResponse, idle: number) => {
  outgoing.writeHead(response.status, response.headers).end(bytesOf(response.body))
  outgoing.setTimeout(idle)
  // Clears the timeout before Node's own listener sets the keep-alive timeout.
  outgoing.prependListener("finish", () => outgoing.setTimeout(0))
}

/**
 * Sends a body piece by piece. The next piece is made only when the system has taken the one before, so that memory stays
 * flat, and other requests are handled in between.
 */
const respondWithStream = (
  outgoing: Http.ServerResponse,
  response: HttpServerResponse.HttpServerResponse,
  pieces: Stream.Stream<Uint8Array, unknown>,
  idle: number
): Effect.Effect<void> =>
  Effect.sync(() => {
    outgoing.writeHead(response.status, response.headers)
    outgoing.setTimeout(idle)
    outgoing.prependListener("finish", () => outgoing.setTimeout(0))
  }).pipe(
    Effect.zipRight(
      Stream.runForEach(pieces, (piece) =>
        Effect.async<void>((resume) => {
          // In a later turn: a write that the system takes at once ends in the same one, and nothing else would run.
          outgoing.write(piece, () => setImmediate(() => resume(Effect.void)))
        })
      )
    ),
    Effect.zipRight(Effect.sync(() => outgoing.end())),
    // The status is sent already: closing the connection tells the client that the body is not complete.
    Effect.catchAllCause((cause) =>
      Effect.zipRight(
        Effect.logError(cause),
        Effect.sync(() => outgoing.destroy())
      )
    )
  )

/**
 * Responds to a client that is still sending. Closing at once would reset the connection before the client reads the
 * response, so the rest of the body is read and discarded, for at most the idle timeout.
 */
const respondAndDrain = (
  incoming: Http.IncomingMessage,
  outgoing: Http.ServerResponse,
  response: HttpServerResponse.HttpServerResponse,
  idle: number
) => {
  outgoing.writeHead(response.status, { ...response.headers, connection: "close" })
  outgoing.write(bytesOf(response.body))
  incoming.on("end", () => outgoing.end()).resume()
  closeIn(idle, incoming.socket)
}

/** Sends the part of the response that the fault lets through, then resets or stalls the connection. */
const failConnection =
  (incoming: Http.IncomingMessage, outgoing: Http.ServerResponse) =>
  ({ how, response }: ConnectionFault) =>
    Effect.async<never>(() => {
      const end = () => {
        // Not `outgoing.socket`: a pipelined response has no socket until the response before it is sent.
        if (how === "reset") incoming.socket.resetAndDestroy()
      }
      if (response === null) return end()
      outgoing.writeHead(response.status, response.headers).flushHeaders()
      outgoing.write(half(response), end)
    })
