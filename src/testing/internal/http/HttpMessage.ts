import type * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

const decoder = new TextDecoder()

/** The bytes of a body: all at once, or as a stream. */
export type Body = Stream.Stream<Uint8Array, Error> | Uint8Array

/** The bytes of an `HttpBody`. Raw and form bodies are not supported and give no bytes. */
export const bodyOf = (body: HttpBody.HttpBody): Body => {
  switch (body._tag) {
    case "Uint8Array":
      return body.body
    case "Stream":
      return Stream.mapError(body.stream, (cause) => (cause instanceof Error ? cause : new Error(String(cause))))
    default:
      return new Uint8Array()
  }
}

/** The bytes of a body that is in memory as a whole; none of one that is a stream. */
export const bytesOf = (body: HttpBody.HttpBody): Uint8Array =>
  body._tag === "Uint8Array" ? body.body : new Uint8Array()

/** The base class of the emulator's requests and in-process responses: headers and a readable body. */
export abstract class HttpMessage<E> extends Inspectable.Class implements HttpIncomingMessage.HttpIncomingMessage<E> {
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

  protected decode(bytes: Uint8Array): string {
    return decoder.decode(bytes)
  }

  get text(): Effect.Effect<string, E> {
    return Effect.tryMap(this.bytes, {
      try: (bytes) => this.decode(bytes),
      catch: (cause) => this.fail(cause)
    })
  }

  get json(): Effect.Effect<unknown, E> {
    return Effect.tryMap(this.bytes, {
      try: (bytes): unknown => {
        const text = this.decode(bytes)
        return text === "" ? null : JSON.parse(text)
      },
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
