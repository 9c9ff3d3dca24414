import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ImportSourceError } from "../../../CustomerImport.js"
import { retryAfter } from "../../failure/RetryAfter.js"
import * as SourceError from "../../import/SourceError.js"
import { broken } from "../../transport/TextResponse.js"

/** An exchange that may succeed when it is tried again. */
export class Broken extends Data.TaggedError("Broken")<{
  readonly message: string
  /** How long the server asks to wait; null if it does not. */
  readonly retryAfter: Duration.Duration | null
}> {}

/** What a response says of the whole file. A header that is missing is null. */
export interface Identity {
  readonly etag: string | null
  readonly lastModified: string | null
  /** In bytes. */
  readonly size: number
}

/** A part of a file as a server sends it. */
export interface Ranged {
  readonly identity: Identity
  readonly bytes: Stream.Stream<Uint8Array, Broken>
}

export interface Target {
  /** The origin and path, for messages. */
  readonly name: string
  readonly url: Redacted.Redacted
}

export type Get = (
  from: number,
  until: number,
  expected: Identity | null
) => Effect.Effect<Ranged, ImportSourceError | Broken, Scope.Scope>

/**
 * Requests the bytes of a file from one offset to another. Fails with `Changed` if the file is not the expected one. The
 * request is aborted when the scope closes.
 *
 * Errors of the platform are never a cause: they contain the URL.
 */
export const make = (client: HttpClient.HttpClient, { name, url }: Target, timeout: Duration.DurationInput): Get => {
  // The platform's spans contain the URL.
  const scoped = HttpClient.withScope(HttpClient.withTracerDisabledWhen(client, () => true))
  const stalled = () =>
    new Broken({ message: `nothing came for ${Duration.format(Duration.decode(timeout))}`, retryAfter: null })
  return (from, until, expected) =>
    scoped.execute(toRequest(url, from, until, expected)).pipe(
      // With fetch, a redirect would be followed.
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.catchAll((error) =>
        // The error of a client that fails on some statuses still contains the response.
        error._tag === "ResponseError" && error.reason === "StatusCode"
          ? Effect.succeed(error.response)
          : Effect.fail(toBroken(error))
      ),
      Effect.timeoutFail({ duration: timeout, onTimeout: stalled }),
      Effect.flatMap((response) =>
        Effect.map(check(name, response, from, until, expected), (identity) => ({
          identity,
          bytes: response.stream.pipe(Stream.mapError(toBroken), Stream.timeoutFail(stalled, timeout))
        }))
      )
    )
}

const toRequest = (url: Redacted.Redacted, from: number, until: number, expected: Identity | null) =>
  HttpClientRequest.get(Redacted.value(url)).pipe(
    HttpClientRequest.setHeaders({
      range: `bytes=${from}-${until - 1}`,
      // Offsets in a compressed body would not be those of the file.
      "accept-encoding": "identity",
      ...condition(expected)
    })
  )

/** A weak ETag never matches in `If-Match`: with one, only the response tells. */
const condition = (expected: Identity | null): Readonly<Record<string, string>> => {
  if (expected === null) return {}
  const { etag, lastModified } = expected
  if (etag !== null) return etag.startsWith("W/") ? {} : { "if-match": etag }
  return lastModified === null ? {} : { "if-unmodified-since": lastModified }
}

const toBroken = ({ cause }: HttpClientError.HttpClientError): Broken => {
  const { code } = broken("request", cause)
  return new Broken({ message: `the connection failed${code === null ? "" : ` (${code})`}`, retryAfter: null })
}

const retried: ReadonlyArray<number> = [408, 425, 429]

/** Whether a response is what was asked for. */
const check = (
  name: string,
  response: HttpClientResponse.HttpClientResponse,
  from: number,
  until: number,
  expected: Identity | null
): Effect.Effect<Identity, ImportSourceError | Broken> => {
  const { headers, status } = response
  const fail = (reason: ImportSourceError["reason"], message: string) =>
    Effect.fail(SourceError.of(name, reason, `${name} ${message}`))
  const changed = Effect.fail(SourceError.changed(name))
  const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(headers["content-range"] ?? "")
  const identity = (size: number): Identity => ({
    etag: headers["etag"] ?? null,
    lastModified: headers["last-modified"] ?? null,
    size
  })

  if (status === 206) {
    const encoding = headers["content-encoding"] ?? "identity"
    if (encoding !== "identity") return fail("Unreadable", `is stored in the encoding ${encoding}: store it as it is`)
    const [, start, last, size = "*"] = range ?? []
    const isAsked = start === String(from) && Number(last) < until
    if (!isAsked) return fail("Unreadable", "came with another range than asked for")
    if (size === "*") return fail("Unreadable", "has no known length")
    const found = identity(Number(size))
    return expected === null || isSame(expected, found) ? Effect.succeed(found) : changed
  }
  // No range of an empty file can be satisfied. Some servers send the whole of it instead.
  const isEmpty = status === 416 ? from === 0 : status === 200 && headers["content-length"] === "0"
  if (isEmpty) {
    const found = identity(0)
    return expected === null || isSame(expected, found) ? Effect.succeed(found) : changed
  }
  if (status === 412 || status === 416) return changed
  if (status === 200) {
    const length = headers["content-length"]
    if (expected !== null && !isSame(expected, identity(length === undefined ? expected.size : Number(length)))) {
      return changed
    }
    return fail("Unreadable", "cannot be read in parts: the server ignores the header Range")
  }
  if (status === 404 || status === 410) return fail("NotFound", `does not exist (${status})`)
  if (status === 401 || status === 403) {
    return fail("PermissionDenied", `cannot be read: permission denied (${status}). A presigned URL may have expired`)
  }
  if (status >= 300 && status < 400) return fail("Unreadable", `redirects (${status}): use the URL that it leads to`)
  if (status < 500 && !retried.includes(status))
    return fail("Unreadable", `cannot be read: the server answered ${status}`)
  return Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.fail(new Broken({ message: `the server answered ${status}`, retryAfter: retryAfter(headers, now) }))
  )
}

/** Whether two responses are of one version. A header that one of them lacks does not count. */
const isSame = (expected: Identity, found: Identity): boolean =>
  expected.size === found.size &&
  (expected.etag === null || found.etag === null
    ? expected.lastModified === null || found.lastModified === null || expected.lastModified === found.lastModified
    : expected.etag === found.etag)
