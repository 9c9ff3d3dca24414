import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Customers, RequestOptions, RetryPolicy, Stigg, StiggClient } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import * as ScriptedClient from "./ScriptedClient.js"

const { answer, customer, ok, refusal } = ScriptedClient

const acme = ok(customer("customer-acme"))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

type Program<A, E> = Effect.Effect<A, E, Customers.Customers | StiggClient.StiggClient>

/** The spans of a program, in the order in which they started. */
const spansOf = <A, E>(self: Program<A, E>, ...answers: Parameters<typeof ScriptedClient.sequence>) =>
  Effect.gen(function* () {
    const spans: Array<Tracer.Span> = []
    const native = yield* Effect.tracer
    const tracer = Tracer.make({
      ...native,
      span: (...args) => {
        const span = native.span(...args)
        spans.push(span)
        return span
      }
    })
    yield* self.pipe(
      RetryPolicy.locally({ schedule: Schedule.forever }),
      Effect.exit,
      Effect.withTracer(tracer),
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(...answers)))
    )
    return spans
  })

const attributes = (span: Tracer.Span | undefined) => Object.fromEntries(span?.attributes ?? [])

describe("the span of a call", () => {
  it.effect("is named after the operation and has OpenTelemetry's attributes", () =>
    Effect.gen(function* () {
      const [span, ...attempts] = yield* spansOf(retrieve, acme)
      expect(span).toMatchObject({ name: "stigg.customers.retrieve", kind: "client" })
      expect(StiggClient.spanName("customers.retrieve")).toBe(span?.name)
      expect(attributes(span)).toEqual({
        "http.request.method": "GET",
        "url.template": "/api/v1/customers/{id}",
        "http.response.status_code": 200
      })
      expect(attempts).toHaveLength(1)
    })
  )

  it.effect("contains the attempts and has their number", () =>
    Effect.gen(function* () {
      const [span, ...attempts] = yield* spansOf(retrieve, refusal(503), refusal(429), acme)
      const name = "GET /api/v1/customers/{id}"
      expect(attempts.map(({ name }) => name)).toEqual([name, name, name])
      for (const { parent } of attempts) expect(Option.getOrUndefined(parent)?.spanId).toBe(span?.spanId)
      expect(attributes(span)).toMatchObject({ "http.request.resend_count": 2, "http.response.status_code": 200 })
      expect(attributes(attempts[0])).toEqual({
        "http.request.method": "GET",
        "url.template": "/api/v1/customers/{id}",
        "url.full": "https://api.stigg.io/api/v1/customers/customer-acme",
        "http.response.status_code": 503,
        "error.type": "503"
      })
      expect(attributes(attempts[2])["http.request.resend_count"]).toBe(2)
    })
  )

  it.effect("has the error of a failed call", () =>
    Effect.gen(function* () {
      const [span] = yield* spansOf(retrieve, refusal(404))
      expect(attributes(span)).toMatchObject({
        "error.type": "StiggNotFoundError",
        "http.response.status_code": 404
      })
      expect(span?.status).toMatchObject({ _tag: "Ended", exit: { _tag: "Failure" } })
    })
  )

  it.effect("has the error of each failed attempt, also if a retry succeeds", () =>
    Effect.gen(function* () {
      const [span, ...attempts] = yield* spansOf(retrieve, refusal(503), ScriptedClient.reset, acme)
      expect(attempts.map(({ status }) => status)).toMatchObject([
        { exit: { _tag: "Failure", cause: { error: { _tag: "StiggInternalServerError", attempts: 1 } } } },
        { exit: { _tag: "Failure", cause: { error: { _tag: "StiggAPIConnectionError", attempts: 2 } } } },
        { exit: Exit.void }
      ])
      expect(attempts.map((attempt) => attributes(attempt)["error.type"])).toEqual([
        "503",
        "StiggAPIConnectionError",
        undefined
      ])
      expect(span?.status).toMatchObject({ exit: Exit.void })
      expect(attributes(span)).not.toHaveProperty("error.type")
    })
  )

  it.effect("has the error of an attempt whose response cannot be decoded", () =>
    Effect.gen(function* () {
      const [, attempt] = yield* spansOf(retrieve, ok({ id: 1 }))
      expect(attempt?.status).toMatchObject({ exit: { cause: { error: { _tag: "StiggResponseDecodeError" } } } })
      expect(attributes(attempt)).toMatchObject({
        "error.type": "StiggResponseDecodeError",
        "http.response.status_code": 200
      })
    })
  )

  it.effect("exists without a status for a call that is never sent", () =>
    Effect.gen(function* () {
      const spans = yield* spansOf(
        Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("..")),
        acme
      )
      expect(spans).toHaveLength(1)
      expect(attributes(spans[0])).toMatchObject({ "error.type": "StiggInvalidRequestError" })
      expect(attributes(spans[0])).not.toHaveProperty("http.response.status_code")
    })
  )

  it.effect("exists once per page of a stream", () =>
    Effect.gen(function* () {
      const list = Effect.flatMap(Customers.Customers, (customers) => Stream.runDrain(customers.list()))
      const spans = yield* spansOf(
        list,
        answer(200, { data: [], pagination: { next: "2" } }),
        answer(200, { data: [] })
      )
      expect(spans.filter(({ name }) => name === "stigg.customers.list")).toHaveLength(2)
    })
  )

  it.effect("does not hold the result, which would stay in memory as long as the trace", () =>
    Effect.gen(function* () {
      const spans = yield* spansOf(retrieve, acme)
      expect(spans.map(({ status }) => status)).toMatchObject([
        { _tag: "Ended", exit: Exit.void },
        { _tag: "Ended", exit: Exit.void }
      ])
    })
  )

  it.effect("ends with the error and the tag of a failed call", () =>
    Effect.gen(function* () {
      const [span, attempt] = yield* spansOf(retrieve, refusal(404))
      expect(span?.status).toMatchObject({
        exit: { _tag: "Failure", cause: { error: { _tag: "StiggNotFoundError" } } }
      })
      expect(attributes(span)["error.type"]).toBe("StiggNotFoundError")
      expect(attributes(attempt)["error.type"]).toBe("404")
    })
  )

  it.effect("has no times if the program disables them", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 second")
      const spans = yield* spansOf(Effect.withTracerTiming(retrieve, false), acme)
      expect(spans.map(({ status }) => status)).toMatchObject([
        { startTime: BigInt(0), endTime: BigInt(0) },
        { startTime: BigInt(0), endTime: BigInt(0) }
      ])
    })
  )

  it.effect("is a child of the caller's span", () =>
    Effect.gen(function* () {
      const [outer, span] = yield* spansOf(Effect.withSpan(retrieve, "checkout"), acme)
      expect(Option.getOrUndefined(span?.parent ?? Option.none())?.spanId).toBe(outer?.spanId)
    })
  )

  it.effect("does not put headers into the spans of attempts", () =>
    Effect.gen(function* () {
      const spans = yield* spansOf(
        retrieve.pipe(RequestOptions.locally({ headers: { "x-signature": "do-not-show" } })),
        acme
      )
      expect(JSON.stringify(spans.map(attributes))).not.toMatch(/do-not-show|x-signature|x-api-key/)
    })
  )

  it.effect("is propagated to the API, and is not made where nothing could see it", () =>
    Effect.gen(function* () {
      const requests = yield* Ref.make<ReadonlyArray<HttpClientRequest.HttpClientRequest>>([])
      const recorder = HttpClient.make((request) =>
        Ref.update(requests, (all) => [...all, request]).pipe(
          Effect.as(HttpClientResponse.fromWeb(request, new Response("", { status: 404 })))
        )
      )
      const traced = retrieve.pipe(
        Effect.exit,
        Effect.provide(Stigg.layer({ apiKey: Redacted.make("server-key") })),
        Effect.provideService(HttpClient.HttpClient, recorder)
      )
      yield* Effect.withSpan(traced, "checkout")
      yield* Effect.withTracerEnabled(traced, false)
      yield* Effect.withSpan(Effect.withTracerEnabled(traced, false), "checkout")
      // Without a tracer and outside of a span.
      yield* traced
      const sent = (yield* Ref.get(requests)).map(({ headers }) => headers["traceparent"])
      expect(sent).toEqual([
        expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
        undefined,
        undefined,
        undefined
      ])
    })
  )
})

/** The metrics of an operation, by name and outcome. */
const measured = (operation: string) =>
  Effect.map(Metric.snapshot, (pairs) =>
    Object.fromEntries(
      pairs
        .filter(({ metricKey }) => metricKey.tags.some(({ key, value }) => key === "operation" && value === operation))
        .map(({ metricKey, metricState }) => {
          const outcome = metricKey.tags.find(({ key }) => key === "outcome")?.value
          return [outcome === undefined ? metricKey.name : `${metricKey.name} ${outcome}`, metricState] as const
        })
    )
  )

/** Each test has its own operation, because metrics are global to the process. */
const named = (operation: string) => StiggClient.request({ method: "GET", path: "/x", operation })

const provide = <A, E>(self: Program<A, E>, ...answers: Parameters<typeof ScriptedClient.sequence>) =>
  self.pipe(
    RetryPolicy.locally({ schedule: Schedule.forever }),
    Effect.exit,
    Effect.provide(ScriptedClient.services(ScriptedClient.sequence(...answers)))
  )

describe("the metrics of an operation", () => {
  it.effect("count its calls by outcome, whatever their retries", () =>
    Effect.gen(function* () {
      yield* provide(Effect.replicateEffect(named("counted"), 3), refusal(503), refusal(503), ok(1))
      yield* provide(named("counted"), refusal(404))
      yield* provide(named("counted"), refusal(503))
      expect(yield* measured("counted")).toMatchObject({
        "stigg.client.calls success": { count: 3 },
        "stigg.client.calls StiggNotFoundError": { count: 1 },
        "stigg.client.calls StiggInternalServerError": { count: 1 }
      })
    })
  )

  it.effect("count an interrupted call as interrupted", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(provide(named("interrupted"), Effect.never))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      expect(yield* measured("interrupted")).toMatchObject({ "stigg.client.calls interrupted": { count: 1 } })
    })
  )

  it.effect("do not count a client's defect as an interruption", () =>
    Effect.gen(function* () {
      yield* provide(named("died"), Effect.die("broken"))
      expect(yield* measured("died")).toMatchObject({ "stigg.client.calls defect": { count: 1 } })
    })
  )

  it.effect("count the attempts after the first", () =>
    Effect.gen(function* () {
      yield* provide(named("retried"), refusal(503), refusal(503), ok(1))
      expect(yield* measured("retried")).toMatchObject({ "stigg.client.retries": { count: 2 } })
    })
  )

  it.effect("have a histogram in seconds, including retries", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        StiggClient.request({ method: "GET", path: "/x", operation: "timed" }).pipe(
          RetryPolicy.locally({ schedule: Schedule.spaced("2 seconds") }),
          Effect.provide(ScriptedClient.services(ScriptedClient.sequence(refusal(503), ok(1))))
        )
      )
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      expect(yield* measured("timed")).toMatchObject({
        "stigg.client.call.duration": { count: 1, sum: 2, min: 2, max: 2 }
      })
    })
  )

  it("have names that the client exports", () => {
    expect(StiggClient.metricNames).toEqual({
      calls: "stigg.client.calls",
      retries: "stigg.client.retries",
      callDuration: "stigg.client.call.duration"
    })
  })

  it.effect("exist for each operation of the services", () =>
    Effect.gen(function* () {
      yield* provide(retrieve, acme)
      const found = yield* measured("customers.retrieve")
      expect(Object.keys(found)).toContain("stigg.client.calls success")
      expect(Object.keys(found)).toContain("stigg.client.call.duration")
    })
  )
})

it.effect("each retry logs a debug line with its cause", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel.label} ${String(message)}`)
    })
    yield* provide(retrieve, refusal(503), acme).pipe(
      Logger.withMinimumLogLevel(LogLevel.Debug),
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^DEBUG customers\.retrieve: retrying \(attempt 2\) after StiggInternalServerError: /)
  })
)
