import { describe, expect, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Harness from "../../import/harness.js"
import * as ObjectStore from "./objectStore.js"

const id = "accounts"
const count = 400

const body = new TextEncoder().encode(
  Harness.customers(count)
    .map((customer) => `${JSON.stringify(customer)}\n`)
    .join("")
)

/** Waits until a job is as asked. */
const until = (is: (job: CustomerJobs.Job) => boolean) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, (jobs) =>
    Effect.flatten(Stream.runHead(Stream.filter(jobs.progress(id, { every: "5 millis" }), is)))
  )

/** An import of 8 batches from a presigned URL that has expired since the first. */
const expired = Effect.gen(function* () {
  const { served, url } = yield* ObjectStore.make
  served.body = body
  const source = (path: string) =>
    ({ _tag: "Url", url: Redacted.make(`${url}/${path}`), format: { _tag: "Ndjson" } }) as const
  const jobs = yield* CustomerJobs.CustomerJobs
  const payload = { id, source: source("accounts?signature=old"), batchSize: 50, partRows: 50, concurrency: 1 }
  yield* jobs.start(CustomerJobs.Import, payload)
  yield* until(({ rows }) => rows > 0)
  served.fault = ({ target }) => (target.includes("old") ? { status: 403 } : null)
  const paused = yield* until(({ state }) => state === "Paused")
  return { jobs, paused, payload, served, source }
})

const test = (
  name: string,
  body: (sent: ReadonlyArray<Harness.Sent>) => Effect.Effect<void, unknown, CustomerJobs.CustomerJobs>
) => {
  // Slow enough that the URL expires in the middle.
  const { layer, sent } = Harness.make(() => Effect.as(Effect.sleep("20 millis"), null))
  it.scopedLive(name, () =>
    Effect.provide(
      body(sent),
      CustomerJobs.layerMemory({ rate: CustomerJobs.rateNone, sources: [CustomerJobs.url()] }).pipe(
        Layer.provide([layer, NodeHttpClient.layerUndici])
      )
    )
  )
}

describe("an import from a URL that expires in the middle", () => {
  test("pauses and says why, and goes on from a new URL of the same file", (sent) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { jobs, paused, payload, source } = yield* expired
        expect(paused.problem).toMatch(/permission denied \(403\)\. A presigned URL may have expired/)
        expect(paused.problem).not.toContain("old")
        expect(paused.rows).toBeLessThan(count)
        yield* jobs.resumeFrom(id, source("accounts?signature=new"))
        const done = yield* until(({ endedAt }) => endedAt !== null)
        expect(done).toMatchObject({ state: "Done", rows: count, created: count, updated: 0 })
        expect(sent.flatMap(({ ids }) => ids).toSorted()).toEqual(
          Harness.customers(count)
            .map(({ id }) => id)
            .toSorted()
        )
        // For whoever starts it again, it is the same job.
        expect(yield* jobs.start(CustomerJobs.Import, payload)).toMatchObject({ state: "Done" })
      })
    ))

  test("fails if the new URL is of another file, and sends none of its rows", (sent) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { jobs, served, source } = yield* expired
        const before = sent.length
        served.etag = '"2"'
        yield* jobs.resumeFrom(id, source("accounts?signature=new"))
        const failed = yield* until(({ endedAt }) => endedAt !== null)
        expect([failed.state, failed.problem]).toEqual(["Failed", expect.stringContaining("changed")])
        expect(sent).toHaveLength(before)
      })
    ))

  test("does not go on from a source of another kind or format", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { jobs, source } = yield* expired
        for (const other of [
          { _tag: "Folder", path: "accounts", format: { _tag: "Ndjson" } },
          { _tag: "Rows", name: "accounts" },
          { ...source("accounts"), format: { _tag: "Csv" } }
        ] as const) {
          const error = yield* Effect.flip(jobs.resumeFrom(id, other))
          expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field: "source" })
        }
        expect(yield* jobs.poll(id)).toMatchObject({ state: "Paused" })
        expect(yield* Effect.flip(jobs.resumeFrom("other", source("accounts")))).toMatchObject({
          _tag: "StiggJobNotFoundError"
        })
      })
    ))
})
