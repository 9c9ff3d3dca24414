import type * as Headers from "@effect/platform/Headers"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Body } from "./HttpMessage.js"
import { HttpMessage } from "./HttpMessage.js"
import { InvalidUtf8 } from "./InvalidUtf8.js"

const strict = new TextDecoder("utf-8", { fatal: true })

/** The parts of a request, received over HTTP or in process. */
export interface RequestParts {
  /** The underlying request: a Node `IncomingMessage` or an `HttpClientRequest`. */
  readonly source: object
  readonly method: HttpServerRequest.HttpServerRequest["method"]
  /** Path and query, as received. */
  readonly originalUrl: string
  readonly headers: Headers.Headers
  readonly body: Body
}

/** Lazy, because creating an error costs more than the rest of a request. */
const unsupported = Effect.dieSync(() => new Error("the emulator supports neither multipart bodies nor sockets"))
const unsupportedStream = Stream.fromEffect(unsupported)

/** A request to the emulator. */
// Not fromWeb: a Request normalizes the path and rejects a GET with a body. PATCH on Node 20: 136 µs of CPU instead of 68.
export class ServerRequest
  extends HttpMessage<HttpServerError.RequestError>
  implements HttpServerRequest.HttpServerRequest
{
  readonly [HttpServerRequest.TypeId]: HttpServerRequest.TypeId = HttpServerRequest.TypeId
  readonly source: object
  readonly method: HttpServerRequest.HttpServerRequest["method"]
  readonly originalUrl: string
  readonly cookies = {}
  readonly multipart = unsupported
  readonly multipartStream = unsupportedStream
  readonly upgrade = unsupported
  protected readonly body: Body

  constructor(
    private readonly parts: RequestParts,
    readonly url = parts.originalUrl,
    readonly headers: Headers.Headers = parts.headers
  ) {
    super()
    this.source = parts.source
    this.method = parts.method
    this.originalUrl = parts.originalUrl
    this.body = parts.body
  }

  /** The body if it is in memory as a whole; null if it is streamed. */
  get bytesInMemory(): Uint8Array | null {
    return this.body instanceof Uint8Array ? this.body : null
  }

  modify(options: { readonly url?: string; readonly headers?: Headers.Headers }): ServerRequest {
    return new ServerRequest(this.parts, options.url ?? this.url, options.headers ?? this.headers)
  }

  protected override decode(bytes: Uint8Array): string {
    try {
      return strict.decode(bytes)
    } catch (cause) {
      throw new InvalidUtf8({ cause })
    }
  }

  protected fail(cause: unknown): HttpServerError.RequestError {
    return new HttpServerError.RequestError({ request: this, reason: "Decode", cause })
  }

  toJSON(): unknown {
    return { _id: "effect-stigg/testing/ServerRequest", method: this.method, url: this.url }
  }
}
