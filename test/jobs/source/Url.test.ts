import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { describe, expect, it } from "@effect/vitest"
import * as CustomerCsv from "effect-stigg/CustomerCsv"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import type { Format } from "../../../src/internal/jobs/source/Format.js"
import * as SourceOpeners from "../../../src/internal/jobs/source/SourceOpeners.js"
import type { UrlOptions } from "../../../src/jobs/Source.js"
import { url } from "../../../src/internal/jobs/source/Url.js"
import { hasten } from "../../import/harness.js"
import { httpClients } from "../../transport/httpClients.js"
import { texts } from "../../transport/texts.js"
import type { Fault, ObjectStore } from "./objectStore.js"
import { make, ranges } from "./objectStore.js"
import { collect, expectSameFromEachPosition, ids } from "./reread.js"

const secret = "X-Signature=s3cr%2Bt%3D"

const fast: UrlOptions = {
  formats: [CustomerCsv.jobFormat],
  timeout: "10 seconds",
  schedule: Schedule.intersect(Schedule.spaced("5 millis"), Schedule.recurs(3))
}
const impatient: UrlOptions = { ...fast, timeout: "200 millis" }
const once: UrlOptions = { ...impatient, schedule: Schedule.stop }

const openUrl = (text: string, format: Format = { _tag: "Ndjson" }, options: UrlOptions = fast) =>
  SourceOpeners.openers([url(options)])({ _tag: "Url", url: Redacted.make(text), format })

const open = ({ url }: ObjectStore, format?: Format, options?: UrlOptions) =>
  openUrl(`${url}/customers?${secret}`, format, options)

const utf8 = (text: string) => new TextEncoder().encode(text)
const line = (id: string) => `${JSON.stringify({ id })}\n`
const lines = (count: number) => utf8(Array.from({ length: count }, (_, i) => line(`customer-${i}`)).join(""))

const storeOf = (count: number) =>
  Effect.tap(make, ({ served }) =>
    Effect.sync(() => {
      served.body = lines(count)
    })
  )

/** One fault after another, then none. */
const faults =
  (...list: ReadonlyArray<Fault | null>) =>
  (_: unknown, index: number) =>
    list[index] ?? null

const rangesFrom = ({ served }: ObjectStore, ...starts: ReadonlyArray<number>) =>
  starts.map((start) => `bytes=${start}-${served.body.length - 1}`)

describe.each(httpClients)("a URL over $name", ({ http }) => {
  it.scopedLive("is read from any position, in each format, with its query unchanged", () =>
    Effect.gen(function* () {
      const store = yield* make
      store.served.body = utf8(`\ufeff${line("ä")}\r\n{"id\n${line("b")}${line("c")}`)
      const rows = yield* expectSameFromEachPosition(open(store))
      expect(ids(rows)).toEqual(["ä", "Expected the rest of a string, found the end", "b", "c"])
      store.served.body = utf8('id,email,name\r\n1,,"x\r\ny"\r\n"2,,\r\n3,,ö\r\n')
      expect(yield* expectSameFromEachPosition(open(store, { _tag: "Csv" }))).toHaveLength(3)
      expect(new Set(store.received.map(({ method, target }) => `${method} ${target}`))).toEqual(
        new Set([`GET /customers?${secret}`])
      )
    }).pipe(Effect.provide(http))
  )

  it.scopedLive("continues at the byte reached when connections are cut, however often", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(1_000)
      const size = store.served.body.length
      // With 3 retries, this works only because they start anew when bytes have come.
      store.served.fault = (_, i) => (i > 0 && i % 2 === 1 ? { cutAfter: 3_000 } : i > 0 ? { cutAfter: 0 } : null)
      const rows = yield* collect(yield* open(store))
      expect(ids(rows)).toEqual(Array.from({ length: 1_000 }, (_, i) => `customer-${i}`))
      expect(rows.at(-1)?.row.byte).toBe(size - line("customer-999").length)
      const starts = [...new Set(ranges(store).slice(1))]
      expect(starts).toEqual(rangesFrom(store, ...Array.from({ length: Math.ceil(size / 3_000) }, (_, i) => i * 3_000)))
    }).pipe(Effect.provide(http))
  )

  it.scopedLive("continues when a server ends a response early, as if it were complete", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(100)
      store.served.fault = faults(null, { endAfter: 1_000 })
      expect(yield* collect(yield* open(store))).toHaveLength(100)
      expect(ranges(store)).toEqual(["bytes=0-0", ...rangesFrom(store, 0, 1_000)])
    }).pipe(Effect.provide(http))
  )

  it.scopedLive("continues when a server stalls, before or within a response", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(100)
      store.served.fault = faults({ isSilent: true }, null, { stallAfter: 1_000 }, { isSilent: true })
      expect(yield* collect(yield* open(store, undefined, impatient))).toHaveLength(100)
      // A busy machine may time out once more.
      expect([...new Set(ranges(store))]).toEqual(["bytes=0-0", ...rangesFrom(store, 0, 1_000)])
    }).pipe(Effect.provide(http))
  )

  it.scopedLive("is tried again after 408, 429 and 5xx, and gives up with the last status", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(10)
      store.served.fault = faults({ status: 500 }, { status: 429 }, { status: 408 }, null, { status: 502 })
      expect(yield* collect(yield* open(store))).toHaveLength(10)
      store.served.fault = () => ({ status: 503 })
      const before = store.received.length
      const error = yield* Effect.flip(collect(yield* open(store)))
      expect(error).toMatchObject({ reason: "Unreadable", path: `${store.url}/customers` })
      expect(error.message).toBe(`${store.url}/customers cannot be read: the server answered 503`)
      expect(store.received.length - before).toBe(4)
    }).pipe(Effect.provide(http))
  )

  it.scopedLive("tells no secret in an error, a log or a span", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const found: Array<string> = []
      const native = yield* Effect.tracer
      const tracer = Tracer.make({
        ...native,
        span: (...args) => {
          const span = native.span(...args)
          spans.push(span)
          return span
        }
      })
      const logger = Logger.make((entry) => {
        found.push(Logger.stringLogger.log(entry), Logger.jsonLogger.log(entry), ...texts(entry.message))
      })
      const closed = yield* Effect.scoped(Effect.map(make, ({ url }) => `${url}/gone?${secret}`))
      const store = yield* storeOf(100)
      const query = `${store.url}/a?${secret}`
      const cases: ReadonlyArray<readonly [url: string, fault: Fault]> = [
        [closed, {}],
        ...[301, 400, 403, 404, 412, 500].map((status) => [query, { status }] as const),
        [query, { cutAfter: 0 }],
        [query, { isSilent: true }],
        [`http://user:${secret}@localhost/`, {}],
        [`ftp://localhost/?${secret}`, {}],
        [secret, {}]
      ]
      yield* Effect.forEach(cases, ([text, fault]) =>
        Effect.gen(function* () {
          store.served.fault = () => fault
          const source = { _tag: "Url", url: Redacted.make(text), format: { _tag: "Ndjson" } } as const
          found.push(JSON.stringify(source), inspect(source), SourceOpeners.show(source))
          const cause = yield* Effect.flip(
            Effect.sandbox(Effect.flatMap(openUrl(text, undefined, once), (source) => source.version))
          )
          found.push(...texts(cause), inspect(cause, { depth: 20 }), Cause.pretty(cause, { renderErrorCause: true }))
          // A fiber that fails is logged.
          yield* Effect.fork(Effect.failCause(cause))
          yield* Effect.logError("failed", cause)
        }).pipe(Effect.withSpan("job"))
      ).pipe(
        Effect.withTracer(tracer),
        Logger.withMinimumLogLevel(LogLevel.All),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      found.push(...texts(spans), inspect(spans, { depth: 20 }))
      expect(spans).toHaveLength(cases.length)
      expect(found.join("\n")).toContain("/gone cannot be read: the connection failed (ECONNREFUSED)")
      expect(found.filter((text) => /s3cr|X-Signature/.test(text))).toEqual([])
    }).pipe(Effect.provide(http))
  )

  it.scopedLive("closes its connection when the reader stops, and when it is interrupted", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(200_000)
      const source = yield* open(store)
      expect(yield* Stream.runCount(Stream.take(source.rows(null), 5))).toBe(5)
      yield* store.closed
      store.served.fault = () => ({ stallAfter: 1_000 })
      const fiber = yield* Effect.fork(collect(source))
      yield* Effect.repeat(
        Effect.sync(() => store.received.length),
        { until: (count) => count === 3, schedule: Schedule.spaced("10 millis") }
      )
      yield* Fiber.interrupt(fiber)
      yield* store.closed
    }).pipe(Effect.provide(http))
  )
})

const Undici = httpClients[0].http

describe("a URL", () => {
  it.scopedLive("has a version of its length and ETag, or else its modification time", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(2)
      const version = Effect.flatMap(open(store), (source) => source.version)
      store.served.lastModified = "Sat, 13 Jun 2026 10:00:00 GMT"
      expect(yield* version).toBe('40 bytes, "1"')
      store.served.etag = null
      expect(yield* version).toBe("40 bytes, Sat, 13 Jun 2026 10:00:00 GMT")
      store.served.lastModified = null
      expect(yield* version).toBe("40 bytes, no ETag")
    }).pipe(Effect.provide(Undici))
  )

  const changes: ReadonlyArray<readonly [string, Partial<ObjectStore["served"]>, Partial<ObjectStore["served"]>]> = [
    ["ETag", {}, { etag: '"2"' }],
    ["ETag, and the server ignores conditions", { hasConditions: false }, { etag: '"2"' }],
    ["weak ETag", { etag: 'W/"1"' }, { etag: 'W/"2"' }],
    ["length, and there is no ETag", { etag: null }, { body: lines(3) }],
    ["length, which is less than what was read", { etag: null }, { body: lines(1) }],
    [
      "modification time",
      { etag: null, lastModified: "Sat, 13 Jun 2026 10:00:00 GMT" },
      { lastModified: "Sat, 13 Jun 2026 10:00:01 GMT" }
    ],
    [
      "modification time, and the server ignores conditions",
      { etag: null, hasConditions: false, lastModified: "Sat, 13 Jun 2026 10:00:00 GMT" },
      { lastModified: "Sat, 13 Jun 2026 10:00:01 GMT" }
    ],
    ["ETag, and the server sends the whole", {}, { etag: '"2"', hasConditions: false, hasRanges: false }]
  ]

  it.scopedLive.each(changes)("fails with Changed for another %s", ([, before, after]) =>
    Effect.gen(function* () {
      const store = yield* storeOf(100)
      Object.assign(store.served, before)
      const source = yield* open(store)
      expect(yield* collect(source)).toHaveLength(100)
      Object.assign(store.served, after)
      expect(yield* Effect.flip(collect(source))).toMatchObject({ reason: "Changed", path: `${store.url}/customers` })
      const version = yield* Effect.either(source.version)
      if (store.served.hasRanges) expect(version).toMatchObject({ left: { reason: "Changed" } })
    }).pipe(Effect.provide(Undici))
  )

  it.scopedLive("stays readable with a weak ETag, which matches no condition", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(10)
      store.served.etag = 'W/"1"'
      expect(yield* collect(yield* open(store))).toHaveLength(10)
    }).pipe(Effect.provide(Undici))
  )

  it.scopedLive("fails with Changed if it changes while a broken connection is made again", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(1_000)
      store.served.fault = faults(null, { cutAfter: 3_000 })
      const read = (yield* open(store)).rows(null).pipe(
        Stream.tap(() =>
          Effect.sync(() => {
            store.served.etag = '"2"'
          })
        )
      )
      expect(yield* Effect.flip(Stream.runDrain(read))).toMatchObject({ reason: "Changed" })
    }).pipe(Effect.provide(Undici))
  )

  it.scopedLive("says that it may have expired if permission ends in between", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(1_000)
      store.served.fault = faults(null, { cutAfter: 3_000 }, { status: 403 })
      const error = yield* Effect.flip(collect(yield* open(store)))
      expect(error.reason).toBe("PermissionDenied")
      expect(error.message).toBe(
        `${store.url}/customers cannot be read: permission denied (403). A presigned URL may have expired`
      )
      expect(store.received).toHaveLength(3)
    }).pipe(Effect.provide(Undici))
  )

  const refusals: ReadonlyArray<readonly [string, Fault, string, string]> = [
    ["404", { status: 404 }, "NotFound", "does not exist (404)"],
    ["401", { status: 401 }, "PermissionDenied", "cannot be read: permission denied (401)"],
    ["400", { status: 400 }, "Unreadable", "cannot be read: the server answered 400"],
    ["a redirect", { status: 302, headers: { location: "/b" } }, "Unreadable", "redirects (302)"],
    ["compression", { headers: { "content-encoding": "gzip" } }, "Unreadable", "is stored in the encoding gzip"],
    ["no length", { headers: { "content-range": "bytes 0-0/*" } }, "Unreadable", "has no known length"],
    ["another range", { headers: { "content-range": "bytes 1-1/40" } }, "Unreadable", "came with another range"],
    ["a longer range", { headers: { "content-range": "bytes 0-1/40" } }, "Unreadable", "came with another range"],
    ["no range", { headers: { "content-range": "" } }, "Unreadable", "came with another range"]
  ]

  it.scopedLive.each(refusals)("fails at once for %s", ([, fault, reason, message]) =>
    Effect.gen(function* () {
      const store = yield* storeOf(2)
      store.served.fault = () => fault
      const error = yield* Effect.flip(Effect.flatMap(open(store), (source) => source.version))
      expect(error).toMatchObject({ _tag: "StiggImportSourceError", reason, path: `${store.url}/customers` })
      expect(error.message).toContain(`${store.url}/customers ${message}`)
      expect(store.received).toHaveLength(1)
    }).pipe(Effect.provide(Undici))
  )

  it.scopedLive("fails for a server without ranges, before a job reads it", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(10)
      store.served.hasRanges = false
      const error = yield* Effect.flip(Effect.flatMap(open(store), (source) => source.version))
      expect(error.message).toContain("cannot be read in parts: the server ignores the header Range")
    }).pipe(Effect.provide(Undici))
  )

  it.scopedLive.each([true, false])("can be an empty file, with ranges: %s", (hasRanges) =>
    Effect.gen(function* () {
      const store = yield* storeOf(0)
      store.served.hasRanges = hasRanges
      const source = yield* open(store)
      expect(yield* source.version).toMatch(/^0 bytes/)
      expect(yield* collect(source)).toEqual([])
    }).pipe(Effect.provide(Undici))
  )

  it.scopedLive("asks for the bytes of a part only", () =>
    Effect.gen(function* () {
      const store = yield* storeOf(100)
      const source = yield* open(store)
      const whole = yield* collect(source)
      const before = store.received.length
      expect(yield* collect(source, whole[10]?.position, whole[20]?.position)).toEqual(whole.slice(10, 20))
      expect(ranges(store).slice(before)).toEqual(["bytes=200-409"])
    }).pipe(Effect.provide(Undici))
  )
})

describe("the retries of a URL", () => {
  /** When requests were sent that all got the same answer, in milliseconds. */
  const sentAt = (step: Duration.DurationInput, headers: Readonly<Record<string, string>>) =>
    Effect.gen(function* () {
      const times: Array<number> = []
      const client = HttpClient.make((request) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          times.push(now)
          return HttpClientResponse.fromWeb(request, new Response("", { status: 503, headers }))
        })
      )
      const version = Effect.flatMap(openUrl("https://bucket.example/a", undefined, {}), (source) => source.version)
      const error = yield* Effect.flip(hasten(version.pipe(Effect.provideService(HttpClient.HttpClient, client)), step))
      return { times, error }
    })

  it.effect("are 5, after half a second that doubles, less a jitter", () =>
    Effect.gen(function* () {
      const { error, times } = yield* sentAt("10 millis", {})
      expect(error.reason).toBe("Unreadable")
      const delays = times.slice(1).map((time, i) => time - (times[i] ?? 0))
      expect(delays).toHaveLength(5)
      for (const [i, delay] of delays.entries()) {
        const most = Math.min(500 * 2 ** i, 8_000)
        expect(delay).toBeGreaterThanOrEqual(0.75 * most)
        expect(delay).toBeLessThanOrEqual(most + 10)
      }
    })
  )

  it.effect("wait as long as Retry-After says", () =>
    Effect.gen(function* () {
      expect((yield* sentAt("1 second", { "retry-after": "3" })).times).toEqual(
        [0, 3, 6, 9, 12, 15].map((s) => s * 1_000)
      )
    })
  )

  it.effect("wait a minute at most", () =>
    Effect.gen(function* () {
      const { times } = yield* sentAt("10 seconds", { "retry-after": "3600" })
      expect(times).toEqual([0, 1, 2, 3, 4, 5].map((minutes) => minutes * 60_000))
    })
  )
})
