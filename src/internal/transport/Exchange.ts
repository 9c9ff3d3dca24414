import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as BoundedResponse from "./BoundedResponse.js"
import * as ClientExchange from "./ClientExchange.js"
import * as DirectExchange from "./DirectExchange.js"
import type { OutgoingRequest } from "./Request.js"
import type { ExchangeError, TextResponse } from "./TextResponse.js"

export interface Options<E> {
  /** Additional headers, for tracing. Their names are in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The time until the last byte of the body; null for no limit. */
  readonly timeout: Duration.Duration | null
  /** The maximum size of the body in bytes, after decompression. */
  readonly maxBytes: number
  /** Makes the error of the call. No fiber may fail with the original error: Effect would log it with its secrets. */
  readonly onFailure: (error: ExchangeError) => E
}

/**
 * Sends a request and reads the complete response, whatever its status. Does not follow redirects: fetch would send the
 * key to the new location. If the exchange fails or is interrupted, the request is aborted and its socket closed.
 */
export type Exchange = <E>(request: OutgoingRequest, options: Options<E>) => Effect.Effect<TextResponse, E>

/** Makes the exchange of a client: a direct one if the client has one and is not wrapped, else one over fibers. */
export const make = (
  client: HttpClient.HttpClient,
  transformClient: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
): Exchange => {
  if (transformClient !== undefined) return ClientExchange.make(transformClient(BoundedResponse.client(client)))
  const direct = DirectExchange.of(client)
  return direct === null ? ClientExchange.make(BoundedResponse.client(client)) : DirectExchange.toEffect(direct)
}
