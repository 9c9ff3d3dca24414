import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Sse from "@effect/experimental/Sse"
import * as WorkflowProxyServer from "@effect/workflow/WorkflowProxyServer"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CustomerJobs, Job, JobNotFoundError, JobStoreError } from "../../../CustomerJobs.js"
import * as StoredReject from "../import/StoredReject.js"
import { api, Cursor, workflows } from "./JobsApi.js"

/** Jobs in one page of the list. */
const pageSize = 50

/** Proxies close a connection that is silent for longer. */
const silence = "15 seconds"

const encodeCursor = Schema.encodeSync(Cursor)
const encodeEvent = Schema.encodeSync(Schema.parseJson(Job))
const encodeFailure = Schema.encodeSync(Schema.parseJson(Schema.Union(JobNotFoundError, JobStoreError)))

const jobs = HttpApiBuilder.group(api, "jobs", (handlers) =>
  Effect.map(CustomerJobs, (jobs) =>
    handlers
      .handle("list", ({ urlParams: { before, limit = pageSize } }) =>
        Effect.gen(function* () {
          const page = yield* jobs.page({
            limit,
            before: before === undefined ? null : { createdAt: DateTime.unsafeMake(before[0]), id: before[2] }
          })
          const last = page.length < limit ? undefined : page.at(-1)
          return {
            jobs: page,
            next: last === undefined ? null : encodeCursor([last.createdAt.epochMillis, ":", last.id])
          }
        })
      )
      .handle("get", ({ path: { id } }) => jobs.poll(id))
      .handle("pause", ({ path: { id } }) => jobs.pause(id))
      .handle("resume", ({ path: { id } }) => jobs.resume(id))
      .handle("cancel", ({ path: { id } }) => jobs.cancel(id))
      .handle("resumeFrom", ({ path: { id }, payload: { source } }) => jobs.resumeFrom(id, source))
      .handleRaw("progress", ({ path: { id } }) =>
        Effect.as(
          jobs.poll(id),
          HttpServerResponse.stream(Stream.encodeText(events(jobs.progress(id))), { contentType: "text/event-stream" })
        )
      )
      .handleRaw("rejects", ({ path: { id }, urlParams: { limit } }) =>
        Effect.as(
          jobs.poll(id),
          HttpServerResponse.stream(
            Stream.encodeText(
              Stream.map(
                limit === undefined ? jobs.rejects(id) : Stream.take(jobs.rejects(id), limit),
                (rejected) => `${StoredReject.encode(rejected).reject}\n`
              )
            ),
            { contentType: "application/x-ndjson", headers: { "content-disposition": download(id) } }
          )
        )
      )
  )
)

/** An event for each change, one named `failure` if the job cannot be read any more, and comments in between. */
const events = (progress: Stream.Stream<Job, JobNotFoundError | JobStoreError>): Stream.Stream<string> =>
  progress.pipe(
    Stream.map((job) => Sse.encoder.write({ _tag: "Event", event: "message", id: undefined, data: encodeEvent(job) })),
    Stream.catchAll((error) =>
      Stream.succeed(
        Sse.encoder.write({ _tag: "Event", event: "failure", id: undefined, data: encodeFailure(withoutCause(error)) })
      )
    ),
    Stream.merge(Stream.fromSchedule(Schedule.as(Schedule.spaced(silence), ":\n\n")), { haltStrategy: "left" })
  )

/** A cause can hold anything, such as a statement with the payload of a job. */
export const withoutCause = <E>(error: E): E | JobStoreError =>
  error instanceof JobStoreError ? new JobStoreError({ message: error.message }) : error

/** The name of the file has the id, as far as every file system accepts it. */
const download = (id: string): string =>
  `attachment; filename="${id.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 100)}.rejects.ndjson"`

/** What answers to the requests. */
export const layer = HttpApiBuilder.api(api).pipe(
  Layer.provide([jobs, WorkflowProxyServer.layerHttpApi(api, "workflows", workflows)])
)
