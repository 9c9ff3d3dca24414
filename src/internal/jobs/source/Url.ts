import * as HttpClient from "@effect/platform/HttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ImportSourceError } from "../../../CustomerImport.js"
import type { SourceOpener, UrlOptions } from "../../../jobs/Source.js"
import * as Retry from "../../options/Retry.js"
import * as SourceError from "../../import/SourceError.js"
import * as FileSource from "./FileSource.js"
import * as HttpRange from "./HttpRange.js"
import * as SourceOpeners from "./SourceOpeners.js"

/**
 * Opens files behind HTTP(S) URLs, on servers that support ranges. A broken connection continues at the byte reached. The
 * query of a URL is a secret: errors contain the origin and path only.
 *
 * A job whose URL has another scheme or a user in it fails, and so does one whose file changes.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const sources = [CustomerJobs.url({ formats: [CustomerCsv.jobFormat], timeout: "10 seconds" })]
 * console.log(sources.length)
 *
 * @category sources
 * @since 0.1.0
 */
export const url = (options: UrlOptions = {}): SourceOpener<HttpClient.HttpClient> => ({
  _tag: "Url",
  name: null,
  open: (source) =>
    source._tag !== "Url"
      ? null
      : Effect.gen(function* () {
          const {
            formats = [],
            schedule = Retry.defaultSchedule.pipe(Schedule.intersect(Schedule.recurs(5))),
            timeout = "30 seconds"
          } = options
          const client = yield* HttpClient.HttpClient
          const name = yield* nameOf(SourceOpeners.parseUrl(source.url))
          const read = yield* FileSource.reading(source.format, formats)
          const get = HttpRange.make(client, { name, url: source.url }, timeout)
          return yield* FileSource.make(name, snapshot(name, get, retrying(schedule)), read)
        })
})

const nameOf = (url: Option.Option<URL>): Effect.Effect<string, ImportSourceError> => {
  const refuse = (found: string) =>
    Effect.fail(SourceError.at("Invalid", `source.url: Expected an HTTP or HTTPS URL, found ${found}`))
  if (Option.isNone(url)) return refuse("another text")
  const { password, protocol, username } = url.value
  if (protocol !== "http:" && protocol !== "https:") return refuse(`the scheme ${protocol}`)
  // fetch refuses such a URL, with an error that contains it.
  return username !== "" || password !== ""
    ? refuse("a user or password in it")
    : Effect.succeed(SourceOpeners.showUrl(url.value))
}

type Retrying = Schedule.Schedule<unknown, ImportSourceError | HttpRange.Broken>

const longestRetryAfter = Duration.minutes(1)

const retrying = (schedule: Schedule.Schedule<unknown>): Retrying =>
  Schedule.identity<ImportSourceError | HttpRange.Broken>().pipe(
    Schedule.intersect(schedule),
    Schedule.whileInput((error: ImportSourceError | HttpRange.Broken) => error._tag === "Broken"),
    Schedule.modifyDelay(([error], delay) =>
      Retry.wholeMillis(
        error._tag === "Broken" && error.retryAfter !== null ? Duration.min(error.retryAfter, longestRetryAfter) : delay
      )
    )
  )

const snapshot = (
  name: string,
  get: HttpRange.Get,
  retrying: Retrying
): Effect.Effect<FileSource.Snapshot, ImportSourceError> => {
  const giveUp = (error: ImportSourceError | HttpRange.Broken): ImportSourceError =>
    error._tag === "Broken" ? SourceError.of(name, "Unreadable", `${name} cannot be read: ${error.message}`) : error
  // Not HEAD: a presigned URL is for GET only.
  return get(0, 1, null).pipe(
    // Read to its end, so that the connection can be used again.
    Effect.tap(({ bytes }) => Stream.runDrain(bytes)),
    Effect.scoped,
    Effect.retry(retrying),
    Effect.mapBoth({
      onFailure: giveUp,
      onSuccess: ({ identity }) => ({
        version: `${identity.size} bytes, ${identity.etag ?? identity.lastModified ?? "no ETag"}`,
        size: identity.size,
        read: (from: number, until: number | null) =>
          Stream.mapError(resuming(get, identity, retrying, from, until ?? identity.size), giveUp)
      })
    })
  )
}

/** The bytes from one offset to another, over as many requests as it takes. */
const resuming = (
  get: HttpRange.Get,
  identity: HttpRange.Identity,
  retrying: Retrying,
  from: number,
  until: number
): Stream.Stream<Uint8Array, ImportSourceError | HttpRange.Broken> =>
  Stream.unwrap(
    Effect.map(Ref.make(from), (reached) =>
      Stream.unwrapScoped(
        Effect.flatMap(Ref.get(reached), (at) =>
          at >= until ? Effect.succeed(Stream.empty) : Effect.map(get(at, until, identity), ({ bytes }) => bytes)
        )
      ).pipe(
        Stream.tap((bytes) => Ref.update(reached, (at) => at + bytes.length)),
        // A server can end a body early without an error.
        Stream.concat(
          Stream.unwrap(
            Effect.map(Ref.get(reached), (at) =>
              at < until
                ? Stream.fail(new HttpRange.Broken({ message: "the response ended early", retryAfter: null }))
                : Stream.empty
            )
          )
        ),
        Stream.retry(retrying)
      )
    )
  )
