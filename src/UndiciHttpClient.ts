/**
 * The fastest `HttpClient` for Node: undici's `Dispatcher.dispatch` without its streams and promises. A separate entry
 * point with an optional peer dependency: `npm install undici@7`.
 *
 * A request takes two thirds of the time that it takes over `NodeHttpClient.layerUndici`. A call of the SDK, which needs
 * no fiber of its own here, takes a little over a third. It is an `HttpClient` like any other: it streams in both
 * directions, an interruption closes the socket, and errors have the same reasons as those of the platform's clients. It
 * does not follow redirects and does not decompress; compose the dispatcher with undici's interceptors for that.
 *
 * @module
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Dispatcher } from "undici"
import { Agent } from "undici"
import * as DirectExchange from "./internal/transport/DirectExchange.js"
import type { Connection } from "./internal/undici/Dispatch.js"
import { Aborted, dispatch, toOptions } from "./internal/undici/Dispatch.js"
import * as DispatcherExchange from "./internal/undici/DispatcherExchange.js"
import * as RequestBody from "./internal/undici/RequestBody.js"
import { ResponseBody } from "./internal/undici/ResponseBody.js"
import { UndiciResponse } from "./internal/undici/UndiciResponse.js"

/**
 * Makes a client that sends its requests over a dispatcher, such as an `Agent`, a `ProxyAgent` or a `MockAgent` of
 * undici. The dispatcher stays the caller's to close. Not on Bun, whose dispatchers send nothing.
 *
 * @example
 * import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
 * import { Agent } from "undici"
 *
 * const client = UndiciHttpClient.make(new Agent({ connections: 32 }))
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (dispatcher: Dispatcher): HttpClient.HttpClient =>
  DirectExchange.attach(
    HttpClient.make((request, url, signal) =>
      Effect.flatMap(RequestBody.convert(request.body), (body) => send(dispatcher, request, url, signal, body))
    ),
    DispatcherExchange.make(dispatcher)
  )

const send = (
  dispatcher: Dispatcher,
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  signal: AbortSignal,
  body: RequestBody.UndiciBody
): Effect.Effect<UndiciResponse, HttpClientError.RequestError> =>
  Effect.async((resume) => {
    let connection: Connection | null = null
    let received: ResponseBody | null = null
    const fail = (cause: unknown) => {
      signal.removeEventListener("abort", abort)
      RequestBody.destroy(body)
      if (received === null) resume(new HttpClientError.RequestError({ request, reason: "Transport", cause }))
      else received.end(Either.left(cause))
    }
    // Also ends the waits of other fibers, for the headers or inside the body.
    const abort = () => {
      connection?.abort()
      fail(new Aborted())
    }
    if (signal.aborted) return abort()
    // `HttpClient.make` aborts it when a fiber is interrupted, or when the scope of `HttpClient.withScope` closes.
    signal.addEventListener("abort", abort)
    dispatch(dispatcher, toOptions(request.method, url, request.headers, body), (started) => {
      connection = started
      return {
        onHeaders: (status, headers) => {
          received = new ResponseBody({ ...started, abort })
          resume(Effect.succeed(new UndiciResponse(request, status, headers, received)))
        },
        onChunk: (chunk) => received?.add(chunk),
        onEnd: () => {
          signal.removeEventListener("abort", abort)
          received?.end(Either.void)
        },
        onError: fail
      }
    })
    return Effect.sync(abort)
  })

/**
 * A layer with a client over the given dispatcher. The dispatcher stays the caller's to close.
 *
 * @example
 * import { Layer, Redacted } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
 * import { ProxyAgent } from "undici"
 *
 * const StiggLive = Stigg.layer({ apiKey: Redacted.make("server-key") }).pipe(
 *   Layer.provide(UndiciHttpClient.layerDispatcher(new ProxyAgent("http://proxy.internal:3128")))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layerDispatcher = (dispatcher: Dispatcher): Layer.Layer<HttpClient.HttpClient> =>
  Layer.sync(HttpClient.HttpClient, () => make(dispatcher))

/** The tag of `@effect/platform-node/NodeHttpClient`, which is not a dependency of this package. */
const NodeDispatcher = Context.GenericTag<Dispatcher>("@effect/platform-node/NodeHttpClient/Dispatcher")

/**
 * A layer with a client over an `Agent` of its own, which closes with the layer. Where
 * `NodeHttpClient.Dispatcher` is provided to it, it uses that dispatcher instead.
 *
 * On Bun it is `FetchHttpClient.layer`: Bun replaces undici by a module of its own, whose dispatchers send nothing.
 *
 * @example
 * import { Layer } from "effect"
 * import { Stigg } from "effect-stigg"
 * import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
 *
 * const StiggLive = Stigg.layerEnv.pipe(Layer.provide(UndiciHttpClient.layer))
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = Layer.unwrapEffect(
  Effect.map(Effect.serviceOption(NodeDispatcher), (provided) => {
    if (Option.isSome(provided)) return layerDispatcher(provided.value)
    return "dispatch" in Agent.prototype ? layerAgent : FetchHttpClient.layer
  })
)

const layerAgent = Layer.scoped(
  HttpClient.HttpClient,
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Agent()),
      (agent) => Effect.promise(() => agent.destroy())
    ),
    make
  )
)
