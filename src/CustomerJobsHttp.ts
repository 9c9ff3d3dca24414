/**
 * The jobs of `effect-stigg/CustomerJobs` over HTTP, with a key, and a page that shows them: progress, rates, rejected
 * rows, and buttons to pause, resume and cancel. A runner serves both.
 *
 * Import it from `effect-stigg/CustomerJobsHttp`, and install what `effect-stigg/CustomerJobs` needs.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { CustomerJobs } from "./CustomerJobs.js"
import * as Caller from "./internal/access/Caller.js"
import * as JobsApi from "./internal/jobs/http/JobsApi.js"
import * as JobsApp from "./internal/jobs/http/JobsApp.js"
import * as Key from "./internal/jobs/http/Key.js"
import * as InvalidOption from "./internal/options/InvalidOption.js"
import { InvalidOptionsError } from "./StiggError.js"

export { Authorization } from "./internal/jobs/http/JobsApi.js"

/**
 * The schema of a {@link JobList}.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
 *
 * const read = Schema.decodeUnknown(Schema.parseJson(CustomerJobsHttp.JobList))
 * console.log(read)
 *
 * @category models
 * @since 0.1.0
 */
export const JobList = JobsApi.JobList

/**
 * A page of the list of jobs.
 *
 * @example
 * import type * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
 *
 * const isLast = ({ next }: CustomerJobsHttp.JobList): boolean => next === null
 * console.log(isLast)
 *
 * @category models
 * @since 0.1.0
 */
export type JobList = typeof JobList.Type

/**
 * The API, from which `HttpApiClient` derives a typed client, and `OpenApi` a document. The `baseUrl` of a client ends
 * with the `path` of {@link layer}. Each request needs the header `Authorization: Bearer` with the key.
 *
 * | group | endpoint | request | answer |
 * | --- | --- | --- | --- |
 * | `jobs` | `list` | `GET /jobs?limit=&before=` | a {@link JobList}; `limit` is 1 to 200, 50 by default |
 * | `jobs` | `get` | `GET /jobs/:id` | the job |
 * | `jobs` | `progress` | `GET /jobs/:id/progress` | server-sent events: the job at once and each time that it changes |
 * | `jobs` | `pause`, `resume`, `cancel` | `POST /jobs/:id/pause` | the job |
 * | `jobs` | `resumeFrom` | `POST /jobs/:id/resume-from` with `{ "source": … }` | the job |
 * | `jobs` | `rejects` | `GET /jobs/:id/rejects?limit=` | a file of NDJSON: the rejected rows |
 * | `workflows` | `CustomerJobs/Import` | `POST /customer-jobs-import` with the payload | the result, once the job has ended |
 * | `workflows` | `CustomerJobs/ImportDiscard` | `POST /customer-jobs-import/discard` | nothing: the job is started |
 * | `workflows` | `CustomerJobs/ImportResume` | `POST /customer-jobs-import/resume` | nothing: for an execution that the engine suspended |
 *
 * The workflows `CustomerJobs/Export` and `CustomerJobs/Sync` have the same endpoints.
 *
 * A failure is the JSON of its error: 400 for `HttpApiDecodeError` and `StiggInvalidRequestError`, 401 without a valid
 * key, 403 for a web page of another origin or a host that is not allowed, 404 for `StiggJobNotFoundError`, 409 for
 * `StiggJobEndedError` and `StiggJobFailedError`, 503 for `StiggJobStoreError`.
 *
 * The typed client reads `progress` and `rejects` as a whole. Use an `HttpClient` to read them as streams. A proxy may
 * close a request that waits for a result: start the job, and look at its progress. No browser can send the ids `.` and
 * `..` in a path.
 *
 * @example
 * import { FetchHttpClient, HttpApiClient, HttpClient, HttpClientRequest } from "@effect/platform"
 * import { Effect } from "effect"
 * import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
 *
 * const paused = Effect.gen(function* () {
 *   const client = yield* HttpApiClient.make(CustomerJobsHttp.Api, {
 *     baseUrl: "http://127.0.0.1:3000",
 *     transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken("the key"))
 *   })
 *   return yield* client.jobs.pause({ path: { id: "nightly" } })
 * }).pipe(Effect.provide(FetchHttpClient.layer))
 *
 * @category api
 * @since 0.1.0
 */
export const Api = JobsApi.api

/**
 * Options of {@link layer}.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
 *
 * const options: CustomerJobsHttp.Options = {
 *   key: Redacted.make("a long random text"),
 *   path: "/admin/jobs",
 *   hosts: ["jobs.internal"]
 * }
 * console.log(options.path) // /admin/jobs
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What a caller must know: 1 to 1,000 visible ASCII characters. */
  readonly key: Redacted.Redacted
  /** Where the page is, such as `/admin/jobs`; the API is under it. Default: `/`. */
  readonly path?: string | undefined
  /**
   * Hosts to accept in the `Host` header in addition to `localhost`, `127.0.0.0/8` and `[::1]`, without scheme, port or
   * path. Without this check, a page whose name is rebound to the address of the runner could reach it (DNS rebinding).
   */
  readonly hosts?: ReadonlyArray<string> | undefined
}

/**
 * Serves the {@link Api} and, at `path`, the page, on a router: `HttpLayerRouter.serve` serves that with
 * `NodeHttpServer.layer`. The page loads nothing from elsewhere, asks for the key, and keeps it for its tab.
 *
 * Serve it over TLS, or to the loopback or a private network only: the key is in each request. No answer has the payload
 * of a job. Fails with `StiggInvalidOptionsError` if an option is invalid.
 *
 * @example
 * import { HttpLayerRouter } from "@effect/platform"
 * import { NodeHttpServer } from "@effect/platform-node"
 * import { Layer, Redacted } from "effect"
 * import { createServer } from "node:http"
 * import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
 *
 * const Served = HttpLayerRouter.serve(CustomerJobsHttp.layer({ key: Redacted.make("a long random text") })).pipe(
 *   Layer.provide(NodeHttpServer.layer(createServer, { port: 3000, host: "127.0.0.1" }))
 * )
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<
  never,
  InvalidOptionsError,
  HttpLayerRouter.HttpRouter | CustomerJobs | WorkflowEngine | HttpRouter.HttpRouter.DefaultServices
> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { hosts = [], key, path = "/" } = options
      const invalid = InvalidOption.first([
        ["key", Key.isKey(key) ? null : Key.rule],
        ["path", /^(\/|(\/[\w.-]+)+)$/.test(path) ? null : "an absolute path without a slash at its end"],
        ...hosts.map(
          (host, index) =>
            [`hosts.${index}`, Caller.allowedHostName(host) === null ? Caller.allowedHost : null] as const
        )
      ])
      if (invalid !== null) return yield* new InvalidOptionsError(invalid)
      const names = hosts.flatMap((host) => Caller.allowedHostName(host) ?? [])
      const app = yield* JobsApp.make({ key, hosts: new Set(names) })
      const router = yield* HttpLayerRouter.HttpRouter
      if (path === "/") return yield* router.add("*", "/*", app)
      // A router that ignores slashes at the end, as is the default, finds the page here, and others below.
      yield* router.add("*", `/${path.slice(1)}`, (request) =>
        JobsApp.pathOf(request).endsWith("/")
          ? Effect.provideService(app, HttpServerRequest.HttpServerRequest, request.modify({ url: "/" }))
          : Effect.succeed(HttpServerResponse.redirect(`${path.slice(path.lastIndexOf("/") + 1)}/`))
      )
      yield* router.prefixed(path).add("*", "/*", app)
    })
  )
