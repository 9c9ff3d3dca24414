import type * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Readable } from "node:stream"
import type { Dispatcher } from "undici"
import { FormData as UndiciFormData } from "undici"

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
      return Effect.sync(() => ownFormData(body.formData))
    case "Stream":
      // The end of the request, also by interruption, destroys the readable, which interrupts the stream.
      return Effect.map(Stream.toAsyncIterableEffect(body.stream), (chunks) =>
        Readable.from(chunks, { objectMode: false })
      )
  }
}

/** Releases a body that may not have been sent. undici only does so for a request that had a connection. */
export const destroy = (body: UndiciBody): void => {
  // Its errors have no other listener any more.
  if (body instanceof Readable) body.on("error", () => {}).destroy()
}

/** undici only sends forms of its own class. The global `FormData` is that of the undici inside Node. */
const ownFormData = (form: FormData): UndiciFormData => {
  const own = new UndiciFormData()
  for (const [name, value] of form) own.append(name, value)
  return own
}
