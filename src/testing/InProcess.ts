import type * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Broken } from "./Broken.js"
import { half } from "./FaultInjector.js"

const decoder = new TextDecoder()

/**
 * A client whose requests are handled by an `HttpApp` in the same process: no socket, no `Request`, no `fetch`, and no
 * span of its own, for nothing is sent.
 */
export const client = (app: HttpApp.Default<Broken, Scope.Scope>): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => Effect.flatMap(request, handle(app)),
    Effect.succeed
  )

const handle = (app: HttpApp.Default<Broken, Scope.Scope>) => (request: HttpClientRequest.HttpClientRequest) =>
  app.pipe(
    Effect.scoped,
    Effect.provideService(HttpServerRequest.HttpServerRequest, new ServerRequest(request, targetOf(request))),
    Effect.map((response) => new ClientResponse(request, response, bodyOf(response.body))),
    Effect.catchTag("Broken", ({ how, response }) => {
      if (response !== null) return Effect.succeed(new ClientResponse(request, response, cut(how, response)))
      return how === "stall"
        ? Effect.never
        : Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: connectionReset() }))
    })
  )

/** What a request asks for: path and query, whatever the host. */
const targetOf = ({ url, urlParams }: HttpClientRequest.HttpClientRequest): string => {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").replace(/#.*/s, "")
  const query = UrlParams.toString(urlParams)
  return `${path.startsWith("/") ? "" : "/"}${path}${query === "" ? "" : `${path.includes("?") ? "&" : "?"}${query}`}`
}

const connectionReset = () => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })

type Body = Stream.Stream<Uint8Array, Error> | Uint8Array

const bodyOf = (body: HttpBody.HttpBody): Body => {
  switch (body._tag) {
    case "Uint8Array":
      return body.body
    case "Stream":
      return Stream.mapError(body.stream, (cause) => (cause instanceof Error ? cause : new Error(String(cause))))
    default:
      return new Uint8Array()
  }
}

const cut = (how: Broken["how"], response: HttpServerResponse.HttpServerResponse): Body =>
  Stream.concat(Stream.make(half(response)), how === "stall" ? Stream.never : Stream.fail(connectionReset()))

/** What a request and a response have in common: headers and a body that is there already, or a stream. */
abstract class Message<E> extends Inspectable.Class implements HttpIncomingMessage.HttpIncomingMessage<E> {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly remoteAddress = Option.none<string>()
  abstract readonly headers: Headers.Headers
  protected abstract readonly body: Body
  protected abstract fail(cause: unknown): E

  get stream(): Stream.Stream<Uint8Array, E> {
    const { body } = this
    return body instanceof Uint8Array ? Stream.make(body) : Stream.mapError(body, (cause) => this.fail(cause))
  }

  private get bytes(): Effect.Effect<Uint8Array, E> {
    const { body } = this
    return body instanceof Uint8Array
      ? Effect.succeed(body)
      : Effect.map(Stream.runCollect(this.stream), (chunks) => concat(Array.from(chunks)))
  }

  get text(): Effect.Effect<string, E> {
    return Effect.map(this.bytes, (bytes) => decoder.decode(bytes))
  }

  get json(): Effect.Effect<unknown, E> {
    return Effect.tryMap(this.text, {
      try: (text): unknown => (text === "" ? null : JSON.parse(text)),
      catch: (cause) => this.fail(cause)
    })
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, E> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, E> {
    return Effect.map(this.bytes, (bytes) => bytes.slice().buffer)
  }
}

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.length
  }
  return all
}

/** An error costs more than the rest of a request: it is made when it is met. */
const unsupported = Effect.dieSync(() => new Error("a request in process has neither parts nor a socket"))
const unsupportedStream = Stream.fromEffect(unsupported)

class ServerRequest extends Message<HttpServerError.RequestError> implements HttpServerRequest.HttpServerRequest {
  readonly [HttpServerRequest.TypeId]: HttpServerRequest.TypeId = HttpServerRequest.TypeId
  readonly method: HttpClientRequest.HttpClientRequest["method"]
  readonly cookies = {}
  readonly multipart = unsupported
  readonly multipartStream = unsupportedStream
  readonly upgrade = unsupported
  protected readonly body: Body

  constructor(
    readonly source: HttpClientRequest.HttpClientRequest,
    readonly originalUrl: string,
    readonly url = originalUrl,
    readonly headers: Headers.Headers = headersOf(source)
  ) {
    super()
    this.method = source.method
    this.body = bodyOf(source.body)
  }

  modify(options: { readonly url?: string; readonly headers?: Headers.Headers }): ServerRequest {
    return new ServerRequest(this.source, this.originalUrl, options.url ?? this.url, options.headers ?? this.headers)
  }

  protected fail(cause: unknown): HttpServerError.RequestError {
    return new HttpServerError.RequestError({ request: this, reason: "Decode", cause })
  }

  toJSON(): unknown {
    return { _id: "effect-stigg/testing/ServerRequest", method: this.method, url: this.url }
  }
}

/** The body's type is not among a client request's headers until it is sent. */
const headersOf = ({ body, headers }: HttpClientRequest.HttpClientRequest): Headers.Headers =>
  body.contentType === undefined ? headers : Headers.set(headers, "content-type", body.contentType)

class ClientResponse extends Message<HttpClientError.ResponseError> implements HttpClientResponse.HttpClientResponse {
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly status: number
  readonly headers: Headers.Headers
  readonly cookies: Cookies.Cookies

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    response: HttpServerResponse.HttpServerResponse,
    protected readonly body: Body
  ) {
    super()
    this.status = response.status
    this.headers = response.headers
    this.cookies = response.cookies
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.fail(this.fail(new Error("a response in process has no form")))
  }

  protected fail(cause: unknown): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }

  toJSON(): unknown {
    return { _id: "effect-stigg/testing/ClientResponse", status: this.status }
  }
}
