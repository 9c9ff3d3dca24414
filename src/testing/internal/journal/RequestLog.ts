import type * as Headers from "@effect/platform/Headers"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import type { Fault } from "../../Faults.js"
import type { Received } from "../../Journal.js"
import type { Operation } from "../../Operation.js"
import { ServerRequest } from "../http/ServerRequest.js"

/** A request as it is kept: by reference, so that noting it costs little. {@link received} formats it. */
export interface Entry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly method: string
  readonly url: string
  readonly headers: Headers.Headers
  /** The start of the body; null if it is streamed. */
  readonly body: Uint8Array | null
  readonly bodyBytes: number
  // Mutable: what handling the request brings about.
  operation: Operation | null
  customer: string | null
  faults: ReadonlyArray<Fault>
  status: number | null
  millis: number | null
}

/** The entry of the current request. */
export class Current extends Context.Tag("effect-stigg/testing/CurrentRequest")<Current, Entry>() {}

/** The last requests of one instance. */
export interface RequestLog {
  readonly begin: (request: HttpServerRequest.HttpServerRequest, at: number) => Entry
  /** Oldest first. */
  readonly entries: () => ReadonlyArray<Entry>
  readonly clear: () => void
}

const maxBody = 16 * 1024

/** Creates a log of at most `capacity` requests. */
export const make = (capacity: number): RequestLog => {
  // Mutable: a ring. `next` is the place of the oldest entry once it is full.
  let ring: Array<Entry> = []
  let next = 0
  return {
    begin: (request, at) => {
      const body = request instanceof ServerRequest ? request.bytesInMemory : null
      const entry: Entry = {
        at,
        method: request.method,
        url: request.originalUrl,
        headers: request.headers,
        // A copy of the start, so that the log does not keep a large body in memory.
        body: body !== null && body.length > maxBody ? body.slice(0, maxBody) : body,
        bodyBytes: body?.length ?? 0,
        operation: null,
        customer: null,
        faults: [],
        status: null,
        millis: null
      }
      if (capacity === 0) return entry
      if (ring.length < capacity) ring.push(entry)
      else {
        ring[next] = entry
        next = (next + 1) % capacity
      }
      return entry
    },
    entries: () => [...ring.slice(next), ...ring.slice(0, next)],
    clear: () => {
      ring = []
      next = 0
    }
  }
}

/** Handles a request and notes it with its outcome. */
export const noting = <E, R>(
  log: RequestLog,
  request: HttpServerRequest.HttpServerRequest,
  handled: (entry: Entry) => Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R> =>
  Clock.clockWith((clock) => {
    const entry = log.begin(request, clock.unsafeCurrentTimeMillis())
    const started = clock.unsafeCurrentTimeNanos()
    return Effect.onExit(handled(entry), (exit) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit)) entry.status = exit.value.status
        entry.millis = Number(clock.unsafeCurrentTimeNanos() - started) / 1_000_000
      })
    )
  })

/** An entry as plain JSON, without secrets. */
export const received = (entry: Entry): Received => {
  const [path = "", ...query] = entry.url.replace(/#.*/s, "").split("?")
  const body = bodyOf(entry)
  return {
    operation: entry.operation,
    customerId: entry.customer ?? (entry.operation === "customers.provision" ? idOf(body) : null),
    method: entry.method,
    path,
    query: queryOf(new URLSearchParams(query.join("?"))),
    headers: Object.fromEntries(
      Object.entries(entry.headers).map(([name, value]) => [name, secret.test(name) ? "<redacted>" : value])
    ),
    body,
    bodyBytes: entry.bodyBytes,
    status: entry.status,
    faults: entry.faults,
    at: DateTime.formatIso(DateTime.unsafeMake(entry.at)),
    millis: entry.millis
  }
}

/** The names of headers that can hold a secret. */
const secret = /cookie|api[-_]?key|auth(orization)?($|[-_])|token|secret|password|credential|session|signature/i

const decoder = new TextDecoder()

const bodyOf = ({ body, bodyBytes }: Entry): unknown => {
  if (body === null || body.length === 0) return null
  const text = decoder.decode(body)
  if (body.length < bodyBytes) return text
  return Either.getOrElse(
    Either.try((): unknown => JSON.parse(text)),
    () => text
  )
}

const idOf = (body: unknown): string | null =>
  Predicate.isRecord(body) && Predicate.isString(body["id"]) ? body["id"] : null

const queryOf = (params: URLSearchParams): Received["query"] =>
  Object.fromEntries(
    Array.from(new Set(params.keys()), (name) => {
      const values = params.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? "") : values]
    })
  )
