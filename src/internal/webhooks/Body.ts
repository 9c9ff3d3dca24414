import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Event } from "../../webhooks/WebhookEvent.js"
import { WebhookRefusedError } from "../../webhooks/WebhookRefusedError.js"
import * as JsonDepth from "./JsonDepth.js"

/** An event of Stigg's has 10 levels at most. */
const deepest = 64

/** How long a body may take to arrive. */
const patience = Duration.seconds(8)

const tooLarge = (limit: number) =>
  new WebhookRefusedError({ reason: "TooLarge", message: `The body is larger than ${limit} bytes` })

const tooSlow = new WebhookRefusedError({
  reason: "TooSlow",
  message: `The body took longer than ${Duration.format(patience)}`
})

const cutOff = new WebhookRefusedError({ reason: "NotJson", message: "The body was cut off" })

/** Reads a body up to a limit, and nothing after it. */
export const read = (
  { headers, stream }: HttpServerRequest.HttpServerRequest,
  limit: number
): Effect.Effect<Uint8Array, WebhookRefusedError> =>
  Effect.suspend(() => {
    if (Number(headers["content-length"] ?? 0) > limit) return Effect.fail(tooLarge(limit))
    const chunks: Array<Uint8Array> = []
    let length = 0
    return Stream.runForEach(stream, (chunk) => {
      length += chunk.length
      if (length > limit) return Effect.fail(tooLarge(limit))
      chunks.push(chunk)
      return Effect.void
    }).pipe(
      Effect.mapError((error) => (error._tag === "RequestError" ? cutOff : error)),
      Effect.timeoutFail({ duration: patience, onTimeout: () => tooSlow }),
      Effect.map(() => joined(chunks, length))
    )
  })

const joined = (chunks: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  const [first] = chunks
  if (chunks.length === 1 && first !== undefined) return first
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

const decodeEvent = Schema.decodeUnknownEither(Event)

/** Parses a body. */
export const parse = (bytes: Uint8Array): Either.Either<Event, WebhookRefusedError> => {
  if (JsonDepth.exceeds(bytes, deepest)) {
    return Either.left(
      new WebhookRefusedError({ reason: "TooDeep", message: `The JSON is nested deeper than ${deepest} levels` })
    )
  }
  return Either.try({
    try: (): unknown => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
    // The cause would quote the body.
    catch: () => new WebhookRefusedError({ reason: "NotJson", message: "The body is no JSON in UTF-8" })
  }).pipe(
    Either.flatMap((json) =>
      Either.mapLeft(
        decodeEvent(json),
        () => new WebhookRefusedError({ reason: "NotAnEvent", message: "The body is no object with a type" })
      )
    )
  )
}
