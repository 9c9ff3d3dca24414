import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Endpoint } from "../../StiggClient.js"
import type { StiggError } from "../../StiggError.js"
import * as Failure from "../failure/Failure.js"
import type * as Redaction from "../failure/Redaction.js"
import { retryAfter } from "../failure/RetryAfter.js"
import type { TextResponse } from "./TextResponse.js"

/**
 * Decodes a response. The caller's own schema may throw, and deep recursion may overflow the stack: both become errors.
 */
export const read = <A>(
  operation: Endpoint<never, never, never, A>,
  call: Failure.Call,
  response: TextResponse,
  redaction: Redaction.Redaction
): Effect.Effect<A, StiggError> => {
  try {
    return decode(operation, call, response, redaction)
  } catch (thrown) {
    return Effect.fail(Failure.unreadable(call, response, thrown, redaction))
  }
}

const decode = <A>(
  operation: Endpoint<never, never, never, A>,
  call: Failure.Call,
  response: TextResponse,
  redaction: Redaction.Redaction
): Effect.Effect<A, StiggError> => {
  if (response.status < 200 || response.status >= 300) return refused(call, response, redaction)
  const json = parseJson(response.body)
  if (Option.isNone(json)) return Effect.fail(Failure.notJson(call, response, redaction))
  const decoded = operation.decode(json.value, (): unknown => JSON.parse(response.body))
  return Either.isRight(decoded)
    ? Effect.succeed(decoded.right)
    : Effect.fail(Failure.wrongShape(call, response, decoded.left, redaction))
}

// The stack of an error keeps the closures that created it alive, so the closure below must not capture the whole body.
const refused = (
  call: Failure.Call,
  response: TextResponse,
  redaction: Redaction.Redaction
): Effect.Effect<never, StiggError> => {
  const { headers } = response
  const shown = Failure.show(response, redaction)
  return Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.fail(Failure.fromStatus(call, shown, retryAfter(headers, now)))
  )
}

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))
