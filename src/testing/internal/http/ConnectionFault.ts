import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"

/**
 * An injected fault that resets or stalls the connection, as the error of an emulator's `httpApp`. The server and the
 * in-process client each simulate it.
 *
 * @example
 * import { HttpServerResponse } from "@effect/platform"
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const app = Effect.flatMap(Emulator.Emulator, ({ httpApp }) => httpApp).pipe(
 *   Effect.catchTag("StiggConnectionFaultError", ({ how }) => HttpServerResponse.text(how, { status: 502 }))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectionFault extends Data.TaggedError("StiggConnectionFaultError")<{
  /** `reset` resets the connection; `stall` keeps it open and sends nothing more. */
  readonly how: "reset" | "stall"
  /** The response whose headers and first half of the body are sent before that; null to send nothing. */
  readonly response: HttpServerResponse.HttpServerResponse | null
}> {}

/** The first half of a response's body. */
export const half = ({ body }: HttpServerResponse.HttpServerResponse): Uint8Array =>
  body._tag === "Uint8Array" ? body.body.slice(0, body.body.length >> 1) : new Uint8Array()
