import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type { FileStore } from "./FileTarget.js"
import * as FileTarget from "./FileTarget.js"
import type { HttpTargetOptions, TargetOpener } from "../../../jobs/Target.js"
import { TargetError } from "../../../jobs/Target.js"
import { refuse } from "./TargetOpeners.js"

/**
 * A target of exports: files behind an HTTP(S) URL, each put whole with one `PUT`. After a broken connection, a timeout
 * or a status 408, 425, 429 or 5xx it is put again, five times, and then the job pauses. Redirects are not followed.
 *
 * Files cannot be listed over HTTP. So files of runs that were cut short stay, and the manifest does not name them. Those
 * of a job that fails or is cancelled stay too, without a manifest: they hold customers, so let the storage remove them.
 * Two jobs need two paths: the later manifest would replace the other.
 *
 * @example
 * import { Redacted } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const targets = [
 *   CustomerJobs.toHttp({
 *     url: "https://storage.example.com/exports",
 *     headers: { authorization: Redacted.make("Bearer token") }
 *   })
 * ]
 * console.log(targets.length)
 *
 * @category targets
 * @since 0.1.0
 */
export const toHttp = (options: HttpTargetOptions): TargetOpener<HttpClient.HttpClient> => ({
  _tag: "Http",
  name: null,
  open: (target, { maxFileBytes }) =>
    target._tag !== "Http"
      ? null
      : Effect.gen(function* () {
          const client = yield* HttpClient.HttpClient
          const base = Option.getOrNull(Option.liftThrowable(() => new URL(options.url))())
          if (
            base === null ||
            !["http:", "https:"].includes(base.protocol) ||
            base.search !== "" ||
            base.username !== ""
          ) {
            return yield* refuse("The URL of the HTTP target is not an HTTP(S) URL without a query and a user")
          }
          const found = yield* FileTarget.writing(target.format ?? { _tag: "Ndjson" }, options.formats ?? [])
          const path = target.path.split("/").map(encodeURIComponent).join("/")
          return FileTarget.make(store(client, `${base.href.replace(/\/$/, "")}/${path}`, options), {
            ...found,
            maxFileBytes
          })
        })
})

/** A request that may succeed when it is sent again. */
class Broken extends Data.TaggedError("Broken")<{ readonly message: string }> {}

const again = Schedule.exponential("500 millis", 2).pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(5)))

const retried: ReadonlyArray<number> = [408, 425, 429]

const store = (
  client: HttpClient.HttpClient,
  url: string,
  { headers = {}, timeout = "5 minutes" }: HttpTargetOptions
): FileStore => {
  // The platform's spans contain the headers. Errors of the platform are never a cause: they contain the request.
  const silent = HttpClient.withTracerDisabledWhen(client, () => true)
  const values = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)]))

  const put = (name: string, bytes: Uint8Array) =>
    silent
      .execute(
        HttpClientRequest.put(`${url}/${name}`).pipe(
          HttpClientRequest.bodyUint8Array(bytes, "application/octet-stream"),
          HttpClientRequest.setHeaders(values)
        )
      )
      .pipe(
        // Read to its end, so that the connection can be used again.
        Effect.flatMap((response) => Effect.as(Effect.ignore(response.text), response.status)),
        Effect.catchAll((error) =>
          error._tag === "ResponseError" && error.reason === "StatusCode"
            ? Effect.succeed(error.response.status)
            : new Broken({ message: "the connection failed" })
        ),
        // With fetch, a redirect would be followed, headers included.
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
        Effect.timeoutFail({
          duration: timeout,
          onTimeout: () => new Broken({ message: `no response in ${Duration.format(Duration.decode(timeout))}` })
        }),
        Effect.flatMap((status): Effect.Effect<void, Broken | TargetError> => {
          if (status >= 200 && status < 300) return Effect.void
          const message = `it responded with ${status}`
          return status >= 500 || retried.includes(status) ? new Broken({ message }) : Effect.fail(unavailable(message))
        }),
        Effect.retry({ schedule: again, while: ({ _tag }) => _tag === "Broken" }),
        Effect.mapError((error) => (error._tag === "Broken" ? unavailable(error.message) : error))
      )

  const unavailable = (message: string) =>
    new TargetError({ reason: "Unavailable", message: `${url} cannot be written: ${message}` })

  return {
    name: url,
    put: ({ bytes, name }) => put(name, bytes),
    // The rights of a target may be to write only.
    read: () => Effect.succeed(Option.none()),
    removeOthers: () => Effect.void,
    remove: () => Effect.void
  }
}
