import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as WorkflowProxy from "@effect/workflow/WorkflowProxy"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import {
  Export,
  Import,
  Job,
  JobEndedError,
  JobNotFoundError,
  JobStoreError,
  Source,
  Sync
} from "../../../CustomerJobs.js"
import { InvalidRequestError } from "../../../StiggError.js"

/** The workflows that can be started over HTTP. */
export const workflows = [Import, Export, Sync] as const

/**
 * Requires the key of the jobs: `Authorization: Bearer` with the key. Each request without it gets status 401 and no
 * body.
 *
 * @example
 * import { HttpApi, HttpApiGroup } from "@effect/platform"
 * import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
 *
 * const JobsAndMore = HttpApi.make("admin")
 *   .addHttpApi(CustomerJobsHttp.Api)
 *   .add(HttpApiGroup.make("more").middleware(CustomerJobsHttp.Authorization))
 *
 * @category middleware
 * @since 0.1.0
 */
export class Authorization extends HttpApiMiddleware.Tag<Authorization>()(
  "effect-stigg/CustomerJobsHttp/Authorization",
  { failure: HttpApiError.Unauthorized, security: { bearer: HttpApiSecurity.bearer } }
) {}

/** The job in a path. The router decodes it, but the client of `HttpApiClient` does not encode it. */
const path = Schema.Struct({
  id: Schema.transformOrFail(Schema.String, Schema.String, {
    strict: true,
    decode: ParseResult.succeed,
    encode: (id, _, ast) =>
      ParseResult.try({
        try: () => encodeURIComponent(id),
        catch: () => new ParseResult.Type(ast, id, "Expected an id without lone surrogates")
      })
  })
})

/** The longest id in a path: 200 characters of at most 9 encoded characters. */
export const maxPathId = 1800

const limit = (most: number) => Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, most)))

/** The place in the list after a job: when it was created, and its id. */
export const Cursor = Schema.TemplateLiteralParser(
  Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 8_640_000_000_000_000)),
  ":",
  Schema.String
)

export const JobList = Schema.Struct({
  /** Newest first. */
  jobs: Schema.Array(Job),
  /** The `before` of the next page; null at the end. */
  next: Schema.NullOr(Schema.String)
})

const steer = <const Name extends "pause" | "resume" | "cancel">(name: Name) =>
  HttpApiEndpoint.post(name, `/jobs/:id/${name}`)
    .setPath(path)
    .addSuccess(Job)
    .addError(JobNotFoundError)
    .addError(JobEndedError)

const jobs = HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.get("list", "/jobs")
      .setUrlParams(Schema.Struct({ limit: limit(200), before: Schema.optional(Cursor) }))
      .addSuccess(JobList)
  )
  .add(HttpApiEndpoint.get("get", "/jobs/:id").setPath(path).addSuccess(Job).addError(JobNotFoundError))
  .add(
    HttpApiEndpoint.get("progress", "/jobs/:id/progress")
      .setPath(path)
      .addSuccess(HttpApiSchema.Text({ contentType: "text/event-stream" }))
      .addError(JobNotFoundError)
  )
  .add(steer("pause"))
  .add(steer("resume"))
  .add(steer("cancel"))
  .add(
    HttpApiEndpoint.post("resumeFrom", "/jobs/:id/resume-from")
      .setPath(path)
      .setPayload(Schema.Struct({ source: Source }))
      .addSuccess(Job)
      .addError(InvalidRequestError, { status: 400 })
      .addError(JobNotFoundError)
      .addError(JobEndedError)
  )
  .add(
    HttpApiEndpoint.get("rejects", "/jobs/:id/rejects")
      .setPath(path)
      .setUrlParams(Schema.Struct({ limit: limit(Number.MAX_SAFE_INTEGER) }))
      .addSuccess(HttpApiSchema.Text({ contentType: "application/x-ndjson" }))
      .addError(JobNotFoundError)
  )

/** See `CustomerJobsHttp.Api`. */
export const api = HttpApi.make("effect-stigg/CustomerJobs")
  .add(jobs.addError(JobStoreError))
  .add(WorkflowProxy.toHttpApiGroup("workflows", workflows))
  .middleware(Authorization)
