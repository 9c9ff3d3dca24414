import type * as Cookies from "@effect/platform/Cookies"
import type * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Channel from "effect/Channel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import type * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { longestText } from "../options/CallOptions.js"
import * as ByteBuffer from "./ByteBuffer.js"

/** The cause of the `ResponseError` for a body over the limit. */
export class TooLarge extends Error {
  /** @param limit bytes, after decompression */
  constructor(readonly limit: number) {
    super(`The body is longer than ${limit} bytes`)
  }
}

/** The limit in effect, in bytes. */
export class Limit extends Context.Reference<Limit>()("effect-stigg/BoundedResponse/Limit", {
  defaultValue: (): number => longestText
}) {}

/** Bounds every response of a client, so that wrappers around it get bounded responses too. */
export const client = (self: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transformResponse(self, Effect.flatMap(make))

/** A response whose text is read once, and fails with {@link TooLarge} over the limit in effect. */
export const make = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<BoundedResponse> =>
  response instanceof BoundedResponse
    ? Effect.succeed(response)
    : Effect.flatMap(Limit, (limit) =>
        Effect.map(Effect.cached(readText(response, limit)), (text) => new BoundedResponse(response, text))
      )

class BoundedResponse extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId

  constructor(
    readonly original: HttpClientResponse.HttpClientResponse,
    readonly text: Effect.Effect<string, HttpClientError.ResponseError>
  ) {
    super()
  }

  get request(): HttpClientRequest.HttpClientRequest {
    return this.original.request
  }

  get status(): number {
    return this.original.status
  }

  get headers(): Headers.Headers {
    return this.original.headers
  }

  get cookies(): Cookies.Cookies {
    return this.original.cookies
  }

  get remoteAddress(): Option.Option<string> {
    return this.original.remoteAddress
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return Effect.tryMap(this.text, {
      try: (text): unknown => (text === "" ? null : JSON.parse(text)),
      catch: (cause) => decodeError(this, cause)
    })
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return this.original.formData
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return this.original.arrayBuffer
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    return this.original.stream
  }

  toJSON(): unknown {
    return this.original.toJSON()
  }
}

const decodeError = (response: HttpClientResponse.HttpClientResponse, cause: unknown): HttpClientError.ResponseError =>
  new HttpClientError.ResponseError({ request: response.request, response, reason: "Decode", cause })

type ReadText = Effect.Effect<string, HttpClientError.ResponseError>

const readText = (response: HttpClientResponse.HttpClientResponse, limit: number): ReadText => {
  const announced = announcedLength(response)
  if (announced > limit) return Effect.failSync(() => decodeError(response, new TooLarge(limit)))
  return announced > 0 && announced <= maxTrusted ? readAnnounced(response, limit) : readCounted(response, limit)
}

/**
 * With fetch, counting bytes makes a call 20% slower, so a short `content-length` is trusted: HTTP/1.1 ends the body
 * there. The text is still checked, because browsers hide that it may be the length of a compressed body.
 */
const readAnnounced = (response: HttpClientResponse.HttpClientResponse, limit: number): ReadText =>
  Effect.filterOrFail(
    response.text,
    (text) => text.length <= limit,
    () => decodeError(response, new TooLarge(limit))
  )

const maxTrusted = 64 * 1024

/** Counts the bytes as they arrive, after the client's decompression. */
const readCounted = (response: HttpClientResponse.HttpClientResponse, limit: number): ReadText =>
  // Pulling takes a third of the time of `Stream.run`.
  Effect.flatMap(Scope.make(), (scope) =>
    Effect.onExit(
      Effect.flatMap(Channel.toPullIn(Stream.toChannel(response.stream), scope), (pull) => {
        const received = ByteBuffer.make()
        const loop: ReadText = Effect.flatMap(pull, (pulled) => {
          if (pulled._tag === "Left") return Effect.succeed(ByteBuffer.toText(received.bytes()))
          for (const chunk of pulled.right) {
            if (received.add(chunk) > limit) return Effect.fail(decodeError(response, new TooLarge(limit)))
          }
          return loop
        })
        // fetch has no stream for a response without a body.
        return Effect.catchAll(loop, (error) =>
          error.reason === "EmptyBody" ? Effect.succeed("") : Effect.fail(error)
        )
      }),
      // A stream that ended has released its resources.
      (exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit))
    )
  )

/** The length of the body according to its headers; 0 if it is unknown, or if the body is compressed. */
export const announcedLength = ({
  headers,
  status
}: {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}): number => {
  const length = headers["content-length"]
  // A 304 announces the length of a body that it does not have.
  if (length === undefined || headers["content-encoding"] !== undefined || status === 304) return 0
  return /^\d+$/.test(length) ? Number(length) : 0
}
