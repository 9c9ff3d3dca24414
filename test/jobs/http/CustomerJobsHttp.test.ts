import { describe, expect, it } from "@effect/vitest"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { InvalidOptionsError } from "effect-stigg/StiggError"
import * as CustomerJobs from "effect-stigg/CustomerJobs"
import * as CustomerJobsHttp from "effect-stigg/CustomerJobsHttp"
import * as http from "node:http"
import { key, payload, served, until, url } from "./served.js"

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** `fetch` cannot send each header. */
const ask = (path: string, { body, headers = {}, method = "GET" }: Asked = {}) =>
  Effect.flatMap(url, (base) =>
    Effect.async<{ readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: string }>(
      (resume) => {
        const request = http.request(`${base}${path}`, { method, headers, agent: false }, (response) => {
          let said = ""
          response.setEncoding("utf8")
          response.on("data", (data: string) => (said += data))
          response.on("close", () =>
            resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, body: said }))
          )
        })
        // The server may close the connection before it has read all of a body.
        request.on("error", () => resume(Effect.succeed({ status: 0, headers: {}, body: "" })))
        request.end(body)
        return Effect.sync(() => request.destroy())
      }
    )
  )

const decodeJob = Schema.decodeSync(Schema.parseJson(CustomerJobs.Job))

const bearer = { authorization: `Bearer ${key}` }

const withKey = (path: string, asked: Asked = {}) =>
  ask(path, { ...asked, headers: { "content-type": "application/json", ...bearer, ...asked.headers } })

const client = Effect.flatMap(url, (baseUrl) =>
  HttpApiClient.make(CustomerJobsHttp.Api, {
    baseUrl,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(key))
  })
)

const run = <A, E>(
  program: Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof served>> | HttpClient.HttpClient>,
  options: Parameters<typeof served>[0] = {}
) => Effect.provide(program, Layer.mergeAll(served(options), FetchHttpClient.layer))

const started = (id: string) =>
  Effect.flatMap(CustomerJobs.CustomerJobs, ({ start }) => start(CustomerJobs.Import, payload(id)))

const routes: ReadonlyArray<readonly [string, string]> = [
  ["GET", "/jobs"],
  ["GET", "/jobs/one"],
  ["GET", "/jobs/one/progress"],
  ["POST", "/jobs/one/pause"],
  ["POST", "/jobs/one/resume"],
  ["POST", "/jobs/one/cancel"],
  ["POST", "/jobs/one/resume-from"],
  ["GET", "/jobs/one/rejects"],
  ["POST", "/customer-jobs-import"],
  ["POST", "/customer-jobs-import/discard"],
  ["POST", "/customer-jobs-import/resume"],
  ["POST", "/customer-jobs-export/discard"],
  ["POST", "/customer-jobs-sync/discard"],
  ["GET", "/nothing"],
  ["POST", "/"]
]

describe("the key", () => {
  it.live("is required by each route, and without it there is 401 and nothing else", () =>
    run(
      Effect.gen(function* () {
        yield* started("one")
        const wrong: ReadonlyArray<Readonly<Record<string, string>>> = [
          {},
          { authorization: "" },
          { authorization: "Bearer" },
          { authorization: "Bearer " },
          { authorization: `Bearer ${key}x` },
          { authorization: `Bearer ${key.slice(0, -1)}` },
          { authorization: `Basic  ${key}` },
          { authorization: `bearer_${key}` },
          { authorization: key },
          { "x-api-key": key }
        ]
        for (const [method, path] of routes) {
          for (const headers of wrong) {
            const answer = yield* ask(path, { method, headers })
            expect([path, headers, answer.status, answer.body]).toEqual([path, headers, 401, ""])
          }
        }
      }),
      { rows: 10 }
    )
  )

  it.live("is checked before a path, a query or a body is looked at", () =>
    run(
      Effect.gen(function* () {
        const asked = [
          yield* ask("/jobs?limit=x"),
          yield* ask("/customer-jobs-import", { method: "POST", headers: { "content-type": "text/x" }, body: "{" })
        ]
        expect(asked.map(({ body, status }) => [status, body])).toEqual(asked.map(() => [401, ""]))
      }),
      { rows: 10 }
    )
  )

  it.live("is accepted whatever the case of the scheme", () =>
    run(
      Effect.gen(function* () {
        const answer = yield* ask("/jobs", { headers: { authorization: `bearer ${key}` } })
        expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { jobs: [], next: null }])
      }),
      { rows: 10 }
    )
  )

  it.effect.each(["", "a b", "ä", "a\n", "x".repeat(1001)])("cannot be %j", (wrong) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.launch(served({ key: Redacted.make(wrong) })))
      expect(error).toBeInstanceOf(InvalidOptionsError)
      expect(error.message).toContain("visible ASCII")
      if (wrong.length > 3) expect(error.message).not.toContain(wrong)
    })
  )
})

describe("a caller", () => {
  it.live("of another origin or with a host that is not allowed gets 403, also for the page", () =>
    run(
      Effect.gen(function* () {
        for (const path of ["/", "/page.js", "/jobs", "/nothing"]) {
          for (const headers of [
            { host: "evil.example" },
            { host: "localhost.evil.example" },
            { host: "localhost", origin: "http://evil.example" },
            { host: "localhost", origin: "null" },
            { host: "localhost", "sec-fetch-site": "cross-site" }
          ]) {
            const answer = yield* withKey(path, { headers })
            expect([path, headers, answer.status]).toEqual([path, headers, 403])
          }
          const own = yield* withKey(path, {
            headers: { host: "jobs.internal:80", origin: "https://jobs.internal:80", "sec-fetch-site": "same-origin" }
          })
          expect([path, own.status]).toEqual([path, path === "/nothing" ? 404 : 200])
          expect(Object.keys(own.headers).filter((name) => name.startsWith("access-control-"))).toEqual([])
        }
      }),
      { rows: 10, hosts: ["Jobs.internal"] }
    )
  )

  it.effect("cannot be allowed by a URL", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.launch(served({ hosts: ["ok", "http://jobs"] })))
      expect(error.message).toContain("hosts.1")
      expect((yield* Effect.flip(Layer.launch(served({ path: "jobs/" })))).message).toContain("path")
    })
  )
})

describe("the typed client", () => {
  it.live("lists jobs in pages, newest first", () =>
    run(
      Effect.gen(function* () {
        const { jobs } = yield* client
        for (const n of [1, 2, 3, 4, 5]) yield* started(`job:${n}`)
        const first = yield* jobs.list({ urlParams: { limit: 3 } })
        expect(first.jobs).toHaveLength(3)
        const next = first.next?.split(":") ?? []
        expect(first.next).not.toBeNull()
        const before = [Number(next[0]), ":", next.slice(1).join(":")] as const
        const second = yield* jobs.list({ urlParams: { limit: 3, before } })
        expect(second.next).toBeNull()
        const ids = [...first.jobs, ...second.jobs].map(({ id }) => id)
        expect([...ids].sort()).toEqual(["job:1", "job:2", "job:3", "job:4", "job:5"])
        expect(ids).toEqual(
          [...first.jobs, ...second.jobs]
            .sort((a, b) => b.createdAt.epochMillis - a.createdAt.epochMillis || (a.id < b.id ? 1 : -1))
            .map(({ id }) => id)
        )
      }),
      { rows: 10 }
    )
  )

  it.live("starts a job and waits for its result, and the same again", () =>
    run(
      Effect.gen(function* () {
        const { jobs, workflows } = yield* client
        const result = yield* workflows["CustomerJobs/Import"]({ payload: payload("waited") })
        expect(result).toMatchObject({ rows: 200, rejected: 4, created: 196 })
        expect(yield* workflows["CustomerJobs/Import"]({ payload: payload("waited") })).toEqual(result)
        expect(yield* jobs.get({ path: { id: "waited" } })).toMatchObject({ state: "Done", rows: 200, rejected: 4 })
      }),
      { rows: 200 }
    )
  )

  it.live("goes on from another place of the source", () =>
    run(
      Effect.gen(function* () {
        const { jobs, workflows } = yield* client
        const path = { id: "moved" }
        yield* workflows["CustomerJobs/ImportDiscard"]({ payload: payload("moved") })
        yield* Effect.retry(until("moved", "Running"), Schedule.spaced("50 millis"))
        yield* jobs.pause({ path })
        yield* until("moved", "Paused")
        const to = (source: CustomerJobs.Source) => jobs.resumeFrom({ path, payload: { source } })
        expect(yield* Effect.flip(to({ _tag: "Rows", name: "accounts" }))).toMatchObject({
          _tag: "StiggInvalidRequestError",
          field: expect.stringContaining("source") as unknown
        })
        expect((yield* to({ ...payload("").source, path: "elsewhere" })).state).toBe("Running")
        expect((yield* until("moved", "Done")).rows).toBe(1000)
      }),
      { every: 200 }
    )
  )

  it.live("starts an export, which fails if the runner has no such target", () =>
    run(
      Effect.gen(function* () {
        const { jobs, workflows } = yield* client
        const target = { _tag: "Rows", name: "customers" } as const
        yield* workflows["CustomerJobs/ExportDiscard"]({ payload: { id: "out", target } })
        yield* Effect.retry(until("out", "Failed"), Schedule.spaced("50 millis"))
        const { kind, problem } = yield* jobs.get({ path: { id: "out" } })
        expect([kind, problem]).toEqual(["Export", expect.stringContaining("customers")])
      })
    )
  )

  it.live("only starts a job, and steers it", () =>
    run(
      Effect.gen(function* () {
        const { jobs, workflows } = yield* client
        const path = { id: "steered" }
        yield* workflows["CustomerJobs/ImportDiscard"]({ payload: payload("steered") })
        yield* Effect.retry(until("steered", "Running"), Schedule.spaced("50 millis"))
        expect((yield* jobs.pause({ path })).state).toMatch(/^Paus/)
        yield* until("steered", "Paused")
        yield* jobs.resume({ path })
        yield* until("steered", "Running")
        yield* jobs.cancel({ path })
        yield* until("steered", "Cancelled")
        const errors = yield* Effect.all([Effect.flip(jobs.pause({ path })), Effect.flip(jobs.resume({ path }))])
        expect(errors).toEqual([
          expect.objectContaining({ _tag: "StiggJobEndedError", state: "Cancelled" }),
          expect.objectContaining({ _tag: "StiggJobEndedError", state: "Cancelled" })
        ])
        expect(errors[0]).toBeInstanceOf(CustomerJobs.JobEndedError)
      }),
      { rows: 10_000, every: 200 }
    )
  )

  it.live.each(["a/b", "ä %2F ?x#y", "<img src=x onerror=alert(1)>", "%41", "é".repeat(200), "a\nb", "😀"])(
    "reaches a job with the id %j",
    (id) =>
      run(
        Effect.gen(function* () {
          const { jobs } = yield* client
          yield* started(id)
          expect((yield* jobs.get({ path: { id } })).id).toBe(id)
          expect((yield* jobs.list({ urlParams: {} })).jobs.map(({ id }) => id)).toEqual([id])
          const { headers, status } = yield* withKey(`/jobs/${encodeURIComponent(id)}/rejects`)
          expect([status, headers["content-disposition"]]).toEqual([
            200,
            expect.stringMatching(/^attachment; filename="[A-Za-z0-9_-]+\.rejects\.ndjson"$/)
          ])
        }),
        { rows: 10 }
      )
  )

  it.live("gets the errors of the service", () =>
    run(
      Effect.gen(function* () {
        const { jobs, workflows } = yield* client
        const path = { id: "nothing" }
        const errors = yield* Effect.all([
          Effect.flip(jobs.get({ path })),
          Effect.flip(jobs.progress({ path })),
          Effect.flip(jobs.pause({ path })),
          Effect.flip(jobs.resume({ path })),
          Effect.flip(jobs.cancel({ path })),
          Effect.flip(jobs.rejects({ path, urlParams: {} }))
        ])
        for (const error of errors) expect(error).toBeInstanceOf(CustomerJobs.JobNotFoundError)
        yield* started("one")
        const other = { ...payload("one"), batchSize: 7 }
        const wrong = yield* Effect.flip(workflows["CustomerJobs/Import"]({ payload: other }))
        expect(wrong).toMatchObject({ _tag: "StiggInvalidRequestError" })
      }),
      { rows: 10 }
    )
  )
})

describe("the statuses", () => {
  it.live("are 404, 409 and 400, and an answer holds no value of the request and no payload", () =>
    run(
      Effect.gen(function* () {
        const job = yield* started("one")
        yield* until(job.id, "Done")
        const post = (path: string, body: unknown) => withKey(path, { method: "POST", body: JSON.stringify(body) })
        const secret = { _tag: "Elsewhere", url: "https://bucket/file?signature=hidden" }
        const answers = {
          notFound: yield* withKey("/jobs/two"),
          ended: yield* post("/jobs/one/pause", {}),
          from: yield* post("/jobs/one/resume-from", { source: secret }),
          payload: yield* post("/customer-jobs-import", { id: "two", source: secret }),
          discarded: yield* post("/customer-jobs-import/discard", { id: "two", source: secret }),
          batch: yield* post("/customer-jobs-import", { ...payload("two"), batchSize: "hidden" }),
          query: yield* withKey("/jobs?limit=hidden"),
          cursor: yield* withKey("/jobs?before=hidden"),
          json: yield* withKey("/customer-jobs-import", { method: "POST", body: "{hidden" }),
          other: yield* post("/customer-jobs-import", {
            ...payload("one"),
            source: { _tag: "Folder", path: "hidden" }
          }),
          route: yield* withKey("/hidden"),
          big: yield* post("/customer-jobs-import", { id: "x".repeat(2_000_000) })
        }
        expect(Object.fromEntries(Object.entries(answers).map(([name, { status }]) => [name, status]))).toEqual({
          ...{
            notFound: 404,
            ended: 409,
            from: 400,
            payload: 400,
            discarded: 400,
            batch: 400,
            query: 400,
            cursor: 400
          },
          ...{
            json: 400,
            other: 400,
            route: 404,
            big: expect.toSatisfy((status) => status === 0 || status === 400) as unknown
          }
        })
        for (const [name, { body }] of Object.entries(answers))
          expect([name, body]).toEqual([name, expect.not.stringContaining("hidden")])
        for (const path of ["/jobs", "/jobs/one", "/jobs/one/progress", "/jobs/one/rejects"]) {
          const { body, status } = yield* withKey(path)
          expect([path, status]).toEqual([path, 200])
          expect(body).not.toContain("hidden")
        }
        expect(JSON.parse(answers.batch.body)).toMatchObject({
          _tag: "HttpApiDecodeError",
          message: expect.stringContaining("batchSize: Expected number") as unknown
        })
      }),
      { rows: 60 }
    )
  )
})

describe("streams", () => {
  it.live("of progress are events until the job has ended", () =>
    run(
      Effect.gen(function* () {
        yield* started("watched")
        const { body, headers } = yield* withKey("/jobs/watched/progress")
        expect(headers["content-type"]).toContain("text/event-stream")
        const seen = body.split("\n\n").filter((event) => event.startsWith("data: "))
        const jobs = seen.map((event) => decodeJob(event.slice("data: ".length)))
        expect(jobs.length).toBeGreaterThan(1)
        expect(jobs.at(-1)).toMatchObject({ id: "watched", state: "Done", rows: 1000, fraction: 1 })
        expect(jobs.map(({ rows }) => rows)).toEqual(jobs.map(({ rows }) => rows).sort((a, b) => a - b))
      }),
      { rows: 1000, every: 200 }
    )
  )

  it.live("of progress end with their client", () =>
    run(
      Effect.gen(function* () {
        yield* started("left")
        const base = yield* url
        const first = yield* HttpClient.get(`${base}/jobs/left/progress`, { headers: bearer }).pipe(
          Effect.map(({ stream }) => Stream.take(stream, 1)),
          Stream.unwrap,
          Stream.runCollect
        )
        expect(Chunk.size(first)).toBe(1)
        expect((yield* withKey("/jobs/left/cancel", { method: "POST" })).status).toBe(200)
        yield* until("left", "Cancelled")
      }),
      { rows: 10_000, every: 200 }
    )
  )

  it.live("of rejected rows are NDJSON, up to a limit", () =>
    run(
      Effect.gen(function* () {
        yield* started("rejected")
        yield* until("rejected", "Done")
        const rows = (body: string) =>
          body
            .trim()
            .split("\n")
            .map((line): unknown => JSON.parse(line))
        const all = yield* withKey("/jobs/rejected/rejects")
        expect(all.headers["content-type"]).toBe("application/x-ndjson")
        expect(rows(all.body)).toHaveLength(20)
        expect(rows((yield* withKey("/jobs/rejected/rejects?limit=2")).body)).toMatchObject([
          { row: 50, reason: "Invalid", field: "id" },
          { row: 100, reason: "Invalid", field: "email" }
        ])
      }),
      { rows: 1000 }
    )
  )
})

describe("the path", () => {
  it.live("holds the page and the API", () =>
    run(
      Effect.gen(function* () {
        const moved = yield* ask("/admin/jobs")
        expect([moved.status, moved.headers.location]).toEqual([302, "jobs/"])
        const page = yield* ask("/admin/jobs/?a=b")
        expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"])
        expect(page.headers["content-security-policy"]).toContain("default-src 'none'")
        expect((yield* ask("/admin/jobs/page.js")).status).toBe(200)
        expect((yield* ask("/admin/jobs/jobs")).status).toBe(401)
        expect(JSON.parse((yield* withKey("/admin/jobs/jobs")).body)).toEqual({ jobs: [], next: null })
        expect((yield* withKey("/jobs")).status).toBe(404)
      }),
      { rows: 10, path: "/admin/jobs" }
    )
  )
})
