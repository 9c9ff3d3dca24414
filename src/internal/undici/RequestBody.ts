import type * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Readable } from "node:stream"
import type { Dispatcher } from "undici"

/** What undici sends. */
export type UndiciBody = Exclude<Dispatcher.DispatchOptions["body"], undefined>

/** A body as undici takes it. */
export const convert = (body: HttpBody.HttpBody): Effect.Effect<UndiciBody> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(null)
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Raw":
      // undici refuses what it cannot send, and the request fails with its error.
      return Effect.succeed(body.body as UndiciBody)
    case "FormData":
      // Node's own class and undici's have the same methods.
      return Effect.succeed(body.formData as unknown as UndiciBody)
    case "Stream":
      // The end of the request, also by interruption, destroys the readable, which interrupts the stream.
      return Effect.map(Stream.toAsyncIterableEffect(body.stream), (chunks) =>
        Readable.from(chunks, { objectMode: false })
      )
  }
}
