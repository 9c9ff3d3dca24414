import { describe, expect, it } from "@effect/vitest"
import type { StiggClient, StiggError as StiggErrors } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, Stigg, StiggError } from "effect-stigg"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { inspect } from "node:util"
import { httpClients, services } from "./httpClients.js"
import type { Received, Script } from "./ScriptedServer.js"
import * as ScriptedServer from "./ScriptedServer.js"
import { spellings } from "./spellings.js"
import { texts } from "./texts.js"

// JSON escapes quotes and a non-ASCII letter.
const apiKey = 'server-"key"-é-0123456789'
const userToken = 'user-"token"-ü-0123456789'
const headerValue = 'Basic "custom"-ø-0123456789'

const credentials: ReadonlyArray<{ readonly as: string; readonly options: StiggClient.Options }> = [
  {
    as: "an API key",
    options: { apiKey: Redacted.make(apiKey), customHeaders: { "X-Proxy-Pass": Redacted.make(headerValue) } }
  },
  {
    as: "a user token",
    options: {
      userToken: Redacted.make(userToken),
      environmentId: "production",
      customHeaders: { "X-Proxy-Pass": Redacted.make(headerValue) }
    }
  }
]

/** The forms of a secret, wherever it appears. */
const disguises = [apiKey, userToken, headerValue].flatMap((secret) => [
  // What node makes of a non-ASCII header, read as UTF-8.
  Buffer.from(secret, "latin1").toString("utf8"),
  ...Object.values(spellings).map((spell) => spell(secret))
])

const leaks = (found: ReadonlyArray<string>): ReadonlyArray<string> =>
  found.filter((text) => disguises.some((disguise) => text.includes(disguise)))

/** Every way to print or serialize an error. */
const faces = (error: StiggErrors.StiggError): ReadonlyArray<string> => [
  ...texts(error),
  String(error),
  JSON.stringify(error),
  error.stack ?? "",
  inspect(error, { depth: 20, showHidden: true }),
  Inspectable.toStringUnknown(error),
  JSON.stringify(Schema.encodeSync(StiggError.StiggError)(error)),
  Cause.pretty(Cause.fail(error), { renderErrorCause: true }),
  inspect(Cause.fail(error), { depth: 20 })
]

const echo = ({ headers }: Received) => Object.values(headers).join("\n")

/** The headers of a request as headers of its response. */
const echoHeaders = ({ headers }: Received): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["x-api-key", "authorization", "x-proxy-pass"].flatMap((name) => {
      const value = headers[name]
      return typeof value === "string" ? [[`x-echo-${name}`, value] as const] : []
    })
  )

const echoing =
  (status: number, body: (received: Received) => string): Script =>
  (received, response, index) =>
    ScriptedServer.answer(status, body(received), echoHeaders(received))(received, response, index)

const asMessage = (received: Received) => JSON.stringify({ message: echo(received), code: echo(received) })

const bodies: ReadonlyArray<(received: Received) => string> = [
  echo,
  (received) => `<html><title>${echo(received)}</title>`,
  ...Object.values(spellings).flatMap((spell) => [
    (received: Received) => spell(echo(received)),
    (received: Received) => JSON.stringify({ message: spell(echo(received)), code: spell(echo(received)) })
  ]),
  // JSON escapes, which a JSON parser decodes.
  ...Object.entries(spellings).flatMap(([name, spell]) =>
    /^json/.test(name) ? [(received: Received) => `{"message":"${spell(echo(received))}"}`] : []
  )
]

/** The request's headers in the status line, or in the trailers of a chunked response. */
const inStatusLine: Script = (received, response) =>
  Effect.sync(() => {
    response.socket?.end(
      `HTTP/1.1 404 ${Object.values(echoHeaders(received)).join(" ")}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
      "latin1"
    )
  })

const inTrailers: Script = (received, response) =>
  Effect.sync(() => {
    response.writeHead(404, { trailer: "x-echo" })
    response.write("{}")
    response.addTrailers({ "x-echo": Object.values(echoHeaders(received)).join(" ") })
    response.end()
  })

const statuses = [302, 400, 401, 403, 404, 409, 418, 422, 429, 500]

const scripts: ReadonlyArray<readonly [StiggErrors.StiggError["_tag"] | number, Script]> = [
  ...statuses.map((status) => [status, echoing(status, asMessage)] as const),
  // Retried, which logs the message.
  ...bodies.map((body) => [503, echoing(503, body)] as const),
  [404, inStatusLine],
  [404, inTrailers],
  ["StiggResponseDecodeError", echoing(200, echo)],
  ["StiggResponseDecodeError", echoing(200, (received) => JSON.stringify({ data: echo(received) }))],
  ["StiggResponseDecodeError", echoing(200, (received) => JSON.stringify({ data: { [echo(received)]: 1, id: [] } }))],
  ["StiggResponseTooLargeError", echoing(200, (received) => echo(received).padEnd(100_000, " "))],
  ["StiggAPIConnectionError", ScriptedServer.resetBeforeHeaders],
  ["StiggAPIConnectionError", ScriptedServer.resetInsideBody],
  ["StiggAPIConnectionError", ScriptedServer.garbage((received) => `${echo(received)}\r\n\r\n`)],
  ["StiggAPIConnectionError", ScriptedServer.garbage((received) => `HTTP/1.1 200 OK\r\n${echo(received)}\x00\r\n\r\n`)],
  ["StiggAPITimeoutError", ScriptedServer.silence]
]

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

/** One call per script, each to its own server. */
const failures = (
  connect: (url: string) => Layer.Layer<Stigg.Services>,
  use: (
    failure: Effect.Effect<StiggErrors.StiggError, unknown>,
    expected: StiggErrors.StiggError["_tag"] | number
  ) => Effect.Effect<void, unknown>
) =>
  Effect.forEach(
    scripts,
    ([expected, script]) =>
      Effect.flatMap(ScriptedServer.make(script), ({ url }) =>
        use(
          Effect.flip(retrieve).pipe(
            RequestOptions.locally({
              timeout: expected === "StiggAPITimeoutError" ? "100 millis" : "10 seconds",
              maxResponseBytes: 50_000
            }),
            RetryPolicy.locally({ maxRetries: 1 }),
            Effect.provide(connect(url))
          ),
          expected
        )
      ),
    { concurrency: 8, discard: true }
  ).pipe(Effect.scoped)

describe.each(httpClients)("over $name", ({ http, name }) => {
  // One client of each path takes the user token too: no client knows which header is the key.
  const isBoth = name === "UndiciHttpClient" || name === "fetch"
  describe.each(isBoth ? credentials : credentials.slice(0, 1))("with $as", ({ options }) => {
    it.live("no error contains a secret, even when a server echoes the request's headers", () =>
      Effect.gen(function* () {
        const seen = new Set<string>()
        yield* failures(
          (url) => services(http, url, options),
          (failure, expected) =>
            Effect.map(failure, (error) => {
              seen.add(error._tag)
              expect("status" in error && typeof expected === "number" ? error.status : error._tag).toBe(expected)
              expect(leaks(faces(error))).toEqual([])
            })
        )
        // All classes except that of calls that are never sent.
        expect(seen.size).toBe(StiggError.StiggError.members.length - 1)
      })
    )

    it.live("no span, log line, or metric contains a secret", () =>
      Effect.gen(function* () {
        const spans: Array<Tracer.Span> = []
        const lines: Array<string> = []
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
          lines.push(Logger.stringLogger.log(entry), Logger.jsonLogger.log(entry), ...texts(entry.message))
        })
        yield* failures(
          (url) => services(http, url, options),
          (failure) =>
            failure.pipe(
              Effect.flatMap((error) => Effect.logError("failed", error, Cause.fail(error))),
              Effect.withTracer(tracer),
              Logger.withMinimumLogLevel(LogLevel.All),
              Effect.provide(Logger.replace(Logger.defaultLogger, logger))
            )
        )
        const server = yield* ScriptedServer.make(
          echoing(
            200,
            () => '{"data":{"id":"a","createdAt":"2026-06-13T10:00:00Z","updatedAt":"2026-06-13T10:00:00Z"}}'
          )
        )
        yield* retrieve.pipe(Effect.provide(services(http, server.url, options)), Effect.withTracer(tracer))

        expect(spans.length).toBeGreaterThanOrEqual(2 * scripts.length)
        expect(lines.length).toBeGreaterThan(scripts.length)
        expect(lines.filter((line) => line.includes("retrying (attempt")).length).toBeGreaterThan(bodies.length)
        for (const span of spans) {
          const { attributes, events, links, name, status } = span as Tracer.Span & { readonly events: unknown }
          const ended = status._tag === "Ended" ? status.exit : null
          expect(leaks(texts([name, attributes, events, links, ended]))).toEqual([])
          expect(leaks([inspect(span, { depth: 20 }), JSON.stringify([...attributes])])).toEqual([])
        }
        expect(leaks(lines)).toEqual([])
        expect(leaks([inspect(yield* Metric.snapshot, { depth: 20 })])).toEqual([])
      }).pipe(Effect.scoped)
    )
  })
})

describe("output about a secret", () => {
  it.effect("a printed layer or client does not show it", () =>
    Effect.sync(() => {
      for (const { options } of credentials) {
        expect(
          leaks([inspect(options), JSON.stringify(options), inspect(Stigg.layer(options), { depth: 20 })])
        ).toEqual([])
      }
    })
  )

  it.effect("a ConfigError names the variable, not its value", () =>
    Effect.gen(function* () {
      for (const environment of [
        { STIGG_API_KEY: `${apiKey}\n` },
        { STIGG_API_KEY: `${apiKey}日本` },
        { STIGG_API_KEY: "k", STIGG_CUSTOM_HEADERS: `no colon ${headerValue}` },
        { STIGG_API_KEY: "k", STIGG_CUSTOM_HEADERS: `bad name: ${headerValue}` },
        { STIGG_API_KEY: "k", STIGG_CUSTOM_HEADERS: `x-pass: ${headerValue}\x00` },
        { STIGG_API_KEY: "k", STIGG_BASE_URL: `https://user:${encodeURIComponent(apiKey)}@api.stigg.io` },
        { STIGG_API_KEY: "k", STIGG_BASE_URL: `${apiKey}` }
      ]) {
        const cause = yield* Layer.build(Stigg.layerEnv).pipe(
          Effect.provide(httpClients[2].http),
          Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
          Effect.scoped,
          Effect.sandbox,
          Effect.flip
        )
        expect(leaks([Cause.pretty(cause), inspect(cause, { depth: 20 }), ...texts(cause)])).toEqual([])
      }
    })
  )
})
