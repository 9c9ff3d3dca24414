import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"

/** An exchange that ends badly. How that looks is for the door it came by: a socket, or a request in process. */
export class ConnectionFault extends Data.TaggedError("StiggConnectionFaultError")<{
  /** Whether the connection is reset, or nothing more comes. */
  readonly how: "reset" | "stall"
  /** The response of which the headers and half of the body are sent; null where nothing is sent. */
  readonly response: HttpServerResponse.HttpServerResponse | null
}> {}
