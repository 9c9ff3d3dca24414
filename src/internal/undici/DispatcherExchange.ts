import * as Either from "effect/Either"
import type { Dispatcher } from "undici"
import * as BoundedResponse from "../transport/BoundedResponse.js"
import * as ByteBuffer from "../transport/ByteBuffer.js"
import type { DirectExchange } from "../transport/DirectExchange.js"
import { broken } from "../transport/TextResponse.js"
import { dispatch, joined, toOptions } from "./Dispatch.js"

/** Exchanges over a dispatcher. Counts the body's bytes as they arrive, and closes the socket beyond the limit. */
export const make =
  (dispatcher: Dispatcher): DirectExchange =>
  (request, onEnd) =>
    dispatch(dispatcher, toOptions(request.method, request.url, request.headers, request.body), ({ abort }) => {
      const { limit } = request
      let received = ByteBuffer.make()
      let response: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | null = null
      const limitTo = (length: number) => {
        if (length <= limit || response === null) return
        abort()
        onEnd(Either.left({ reason: "size", ...response, limit }))
      }
      return {
        onHeaders: (status, headers) => {
          response = { status, headers: joined(headers) }
          const announced = BoundedResponse.announcedLength(response)
          received = ByteBuffer.make(announced)
          limitTo(announced)
        },
        onChunk: (chunk) => limitTo(received.add(chunk)),
        onEnd: () => {
          if (response !== null) onEnd(Either.right({ ...response, body: ByteBuffer.toText(received.bytes()) }))
        },
        onError: (cause) => onEnd(Either.left(broken(response === null ? "request" : "body", cause)))
      }
    }).abort
