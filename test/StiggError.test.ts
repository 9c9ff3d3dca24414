import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Customers, RequestOptions, RetryPolicy, Stigg, StiggError } from "effect-stigg"
import { Emulator, StiggTest } from "effect-stigg/testing"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { collectGarbage } from "./bench/measure.js"
import { examples } from "./docs/extraction.js"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer } = ScriptedClient

/** A call with this response. Other files test retries. */
const attempt = (reply: ScriptedClient.Answer) =>
  Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme")).pipe(
    RetryPolicy.locally({ maxRetries: 0 }),
    Effect.provide(ScriptedClient.services(ScriptedClient.sequence(reply)))
  )

const failure = (reply: ScriptedClient.Answer) => Effect.flip(attempt(reply))

const classes = [
  [400, "StiggBadRequestError", StiggError.BadRequestError],
  [401, "StiggAuthenticationError", StiggError.AuthenticationError],
  [403, "StiggPermissionDeniedError", StiggError.PermissionDeniedError],
  [409, "StiggConflictError", StiggError.ConflictError],
  [422, "StiggUnprocessableEntityError", StiggError.UnprocessableEntityError],
  [429, "StiggRateLimitError", StiggError.RateLimitError],
  [500, "StiggInternalServerError", StiggError.InternalServerError],
  [502, "StiggInternalServerError", StiggError.InternalServerError],
  [503, "StiggInternalServerError", StiggError.InternalServerError],
  [599, "StiggInternalServerError", StiggError.InternalServerError],
  [300, "StiggAPIStatusError", StiggError.APIStatusError],
  [302, "StiggAPIStatusError", StiggError.APIStatusError],
  [402, "StiggAPIStatusError", StiggError.APIStatusError],
  [405, "StiggAPIStatusError", StiggError.APIStatusError],
  [408, "StiggAPIStatusError", StiggError.APIStatusError],
  [418, "StiggAPIStatusError", StiggError.APIStatusError]
] as const

describe("the class of an error", () => {
  it.effect.each(classes)("%d is %s, whatever the body contains", ([status, tag, Class]) =>
    Effect.gen(function* () {
      for (const body of [
        "",
        "{}",
        "<html>",
        "[1]",
        "null",
        '{"message":"x","code":"y"}',
        '{"error":[{}]}',
        '"text"'
      ]) {
        const error = yield* failure(answer(status, body))
        expect(error).toMatchObject({ _tag: tag, status, body })
        expect(error).toBeInstanceOf(Class)
      }
    })
  )

  it.effect.each<readonly [string, unknown, string | null]>([
    ["has a code", { message: "Customer acme not found", code: "CustomerNotFound" }, "CustomerNotFound"],
    ["has a code of null", { message: "Customer acme not found", code: null }, null],
    ["has more fields", { message: "Not found", code: "X", traceId: "t", statusCode: 404 }, "X"]
  ])("404 is StiggNotFoundError when its body comes from the API and %s", ([, body, code]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(404, body))
      expect(error).toBeInstanceOf(StiggError.NotFoundError)
      expect("code" in error && error.code).toBe(code)
    })
  )

  it.effect.each<readonly [string, unknown, string]>([
    ["an unknown route of the API", { message: "No such route", code: "RouteNotFound" }, ": No such route."],
    ["an unknown route without a code of its own", { message: "Cannot GET /x", code: null }, ": Cannot GET /x."],
    ["a gateway's JSON", { message: "no Route matched with those values" }, ": no Route matched with those values."],
    ["another framework's JSON", { statusCode: 404, message: "Not Found", error: "Not Found" }, ": Not Found."],
    ["HTML", "<html><title>404 Not Found</title></html>", ": 404 Not Found."],
    ["text", "404 page not found", ": 404 page not found."],
    ["nothing", "", ". Check the base URL"],
    ["a message that is not a string", { message: 1, code: "CustomerNotFound" }, ". Check the base URL"],
    ["a code that is not a string", { message: "x", code: 1 }, ": x."],
    ["a list", [1], ". Check the base URL"]
  ])("404 with %s is StiggRouteNotFoundError, and its message shows the URL and what to check", ([, body, said]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(404, body))
      expect(error).toBeInstanceOf(StiggError.RouteNotFoundError)
      expect(error.message).toContain("GET https://api.stigg.io/api/v1/customers/customer-acme responded with 404")
      expect(error.message).toContain(said)
      expect(error.message).toContain("base URL")
    })
  )

  it.effect("a wrong base URL does not look like a missing customer", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("acme")).pipe(
        Effect.catchTag("StiggNotFoundError", () => Effect.succeed("swallowed")),
        Effect.flip,
        Effect.provide(Stigg.layer({ apiKey: Redacted.make("server-key"), baseUrl: "http://localhost/nowhere" })),
        Effect.provide(Emulator.layerHttpClient),
        Effect.provide(Emulator.layer({ seed: { customers: [{ id: "acme" }] } }))
      )
      expect(error).toMatchObject({ _tag: "StiggRouteNotFoundError", code: "RouteNotFound" })
    })
  )

  it.effect("a redirect that a browser hides has status 0 and is APIStatusError", () =>
    Effect.gen(function* () {
      const error = yield* failure(Effect.sync(() => Response.error()))
      expect(error).toMatchObject({ _tag: "StiggAPIStatusError", status: 0 })
    })
  )

  it.effect("any 2xx is a success", () =>
    Effect.gen(function* () {
      for (const status of [200, 201, 202, 206, 299]) {
        const scripted = ScriptedClient.sequence(answer(status, { data: ScriptedClient.customer("customer-acme") }))
        const acme = yield* Effect.flatMap(Customers.Customers, (customers) =>
          customers.retrieve("customer-acme")
        ).pipe(Effect.provide(ScriptedClient.services(scripted)))
        expect(acme.id).toBe("customer-acme")
      }
    })
  )
})

describe("the message and code of an error", () => {
  it.effect.each<readonly [string, unknown, string | null, string | null]>([
    ["the API's own form", { message: "No such coupon", code: "CouponNotFound" }, "No such coupon", "CouponNotFound"],
    ["a code of null", { message: "Two changes met", code: null }, "Two changes met", null],
    ["a nested error", { error: { code: "Unauthenticated", message: "No key" } }, "No key", "Unauthenticated"],
    [
      "a code in `error` next to a message",
      { error: "rate_limit_exceeded", message: "Slow" },
      "Slow",
      "rate_limit_exceeded"
    ],
    ["a bare `error`", { error: "Forbidden" }, "Forbidden", null],
    ["an OAuth gateway", { error: "invalid_token", error_description: "Expired" }, "Expired", null],
    ["problem details", { title: "Bad Gateway", detail: "Upstream is away" }, "Upstream is away", null],
    ["a list of errors", { errors: [{ message: "Broken", code: "E1" }] }, "Broken", "E1"],
    ["a list of strings", { errors: ["Broken"] }, "Broken", null],
    ["a JSON string", '"Out of order"', "Out of order", null],
    ["HTML with a title", "<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head>", "502 Bad Gateway", null],
    ["text", "upstream connect error\nreset reason: overflow", "upstream connect error", null],
    ["HTML without a title", "<html><body>no</body></html>", null, null],
    ["nothing", "", null, null],
    ["blanks", "  \n ", null, null],
    ["an empty object", {}, null, null],
    ["fields of other types", { message: 12, code: { a: 1 }, error: null, errors: "x" }, null, null]
  ])("are read from %s", ([, body, message, code]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(418, body))
      const url = "https://api.stigg.io/api/v1/customers/customer-acme"
      expect(error).toMatchObject({ message: message ?? `GET ${url} responded with 418`, code })
    })
  )

  it.effect("the message is truncated to 500 characters and the body to 1,000", () =>
    Effect.gen(function* () {
      const error = yield* failure(answer(400, JSON.stringify({ message: "x".repeat(5000) })))
      expect(error.message).toHaveLength(500)
      expect("body" in error && error.body.length).toBe(1000)
    })
  )
})

describe("text from a response", () => {
  const megabyte = "k".repeat(2 ** 20)

  it.effect.each<readonly [string, number, unknown]>([
    ["a message", 400, { message: megabyte, code: megabyte, traceId: megabyte }],
    [
      "fields that are read",
      400,
      { message: "m".repeat(20_000), code: "c".repeat(20_000), traceId: "t".repeat(20_000) }
    ],
    ["a message of a 404", 404, { message: megabyte, code: null }],
    ["a string", 502, megabyte],
    ["a title", 502, `<html><title>${megabyte}</title>`],
    ["a wrong field", 200, { data: { ...ScriptedClient.customer("a"), archivedAt: megabyte } }],
    ["a key of a wrong field", 200, { data: { ...ScriptedClient.customer("a"), metadata: { [megabyte]: 1 } } }],
    ["a list of wrong fields", 200, { data: Array.from({ length: 10_000 }, () => megabyte.slice(0, 100)) }],
    ["no JSON", 200, megabyte]
  ])("is bounded in an error, however long: %s", ([, status, body]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(status, body, { "x-long": megabyte, "x-request-id": megabyte }))
      if (!("body" in error)) return expect.fail(error._tag)
      expect(error.message.length).toBeLessThanOrEqual(1000)
      expect(error.body.length).toBeLessThanOrEqual(1000)
      expect(error.traceId?.length).toBeLessThanOrEqual(200)
      expect(error.headers["x-long"]?.length).toBe(1000)
      expect("code" in error && error.code !== null ? error.code.length : 0).toBeLessThanOrEqual(200)
      expect("path" in error && error.path !== null ? error.path.length : 0).toBeLessThanOrEqual(200)
      expect(JSON.stringify(error).length).toBeLessThan(10_000)
    })
  )

  it.effect("is not kept in memory beyond the excerpt that an error holds", () =>
    Effect.gen(function* () {
      const collect = Effect.sync(collectGarbage)
      yield* failure(answer(502, `<html><title>x</title>${megabyte}`))
      yield* collect
      const before = process.memoryUsage().heapUsed
      const errors = yield* Effect.replicateEffect(failure(answer(502, `<html><title>x</title>${megabyte}`)), 50)
      yield* collect
      expect(errors).toHaveLength(50)
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * 2 ** 20)
    })
  )

  // C0, DEL, C1, and characters that change the writing direction.
  const controls = [
    ...Array.from({ length: 32 }, (_, i) => i),
    ...Array.from({ length: 33 }, (_, i) => 0x7f + i),
    ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]
  ].map((code) => String.fromCharCode(code))
  const hostile = `a${controls.join("b")}c`

  it.effect.each<readonly [string, number, unknown]>([
    ["JSON", 400, { message: hostile, code: hostile, traceId: hostile }],
    ["a string", 502, hostile.replace(/[\n\r\u2028\u2029]/g, "")],
    ["a title", 502, `<html><title>${hostile}</title>`],
    ["a wrong field", 200, { data: { ...ScriptedClient.customer("a"), archivedAt: hostile } }],
    ["a wrong field's key", 200, { data: { ...ScriptedClient.customer("a"), metadata: { [hostile]: 1 } } }],
    ["no JSON", 200, hostile]
  ])("does not pass control characters to a terminal: %s", ([, status, body]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(status, body, { "x-c1": "a\u009b31mb" }))
      if (!("body" in error)) return expect.fail(error._tag)
      const code = "code" in error ? error.code : null
      const path = "path" in error ? error.path : null
      for (const text of [error.message, code, path, error.traceId, error.headers["x-c1"]]) {
        expect(text ?? "").not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
      }
      // The excerpt of a page keeps its lines.
      expect(error.body.replace(/\r\n|[\t\n]/g, "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
    })
  )

  it.effect("keeps the lines of a page in the excerpt", () =>
    Effect.gen(function* () {
      const page = "<html>\r\n\t<title>x</title>\n</html>"
      expect(yield* failure(answer(502, page))).toHaveProperty("body", page)
    })
  )

  it.effect("is not truncated inside a character", () =>
    Effect.gen(function* () {
      const error = yield* failure(answer(400, { message: "🎉".repeat(1000), code: null }))
      expect(error.message).toMatch(/^(🎉)+\ufffd?…$/u)
    })
  )
})

describe("BadRequestError", () => {
  it.effect("has an example that the API rejects with 400", () =>
    Effect.gen(function* () {
      const example = examples.find(
        ({ code, file }) => file === "src/StiggError.ts" && code.includes("StiggBadRequestError")
      )
      expect(example?.code).toContain('customers.listPage({ after: "not-a-cursor" })')
      const error = yield* Effect.flatMap(Customers.Customers, (customers) =>
        customers.listPage({ after: "not-a-cursor" })
      ).pipe(Effect.flip, Effect.provide(StiggTest.layer()))
      expect(error).toMatchObject({ _tag: "StiggBadRequestError", status: 400 })
      expect(error.message).toContain("after")
    })
  )
})

describe("InvalidRequestError", () => {
  it.effect("does not quote a 1 MB value or name in full", () =>
    Effect.gen(function* () {
      const megabyte = "k".repeat(2 ** 20)
      const scripted = ScriptedClient.sequence(answer(200, {}))
      const errors = yield* Effect.gen(function* () {
        const customers = yield* Customers.Customers
        return yield* Effect.all(
          [
            customers.retrieve(megabyte),
            customers.provision({ id: megabyte }),
            customers.provision({ id: "acme", [megabyte]: 1 } as never),
            customers.update("acme", { metadata: { [megabyte]: 1 } as never }),
            RequestOptions.locally(customers.retrieve("acme"), { headers: { [`${megabyte} `]: "x" } })
          ].map(Effect.flip)
        )
      }).pipe(Effect.provide(ScriptedClient.services(scripted)))
      for (const error of errors) {
        expect(error._tag).toBe("StiggInvalidRequestError")
        expect(JSON.stringify(error).length).toBeLessThan(2500)
        expect(error.message.length).toBeLessThanOrEqual(1000)
      }
      expect(scripted.sent).toEqual([])
    })
  )
})

describe("the fields of an error", () => {
  it.effect("include the operation, method, URL, status, headers, and attempts", () =>
    Effect.gen(function* () {
      const error = yield* failure(answer(404, "", { "X-Extra": "kept" }))
      expect(error).toMatchObject({
        operation: "customers.retrieve",
        method: "GET",
        url: "https://api.stigg.io/api/v1/customers/customer-acme",
        status: 404,
        attempts: 1
      })
      expect("headers" in error && error.headers["x-extra"]).toBe("kept")
    })
  )

  it.effect.each<readonly [string, unknown, Readonly<Record<string, string>>, string | null]>([
    ["traceId in the body", { traceId: "from-body" }, { "x-trace-id": "from-header" }, "from-body"],
    ["traceId in a nested error", { error: { traceId: "nested" } }, {}, "nested"],
    ["x-trace-id", "", { "x-trace-id": "trace", "x-request-id": "request" }, "trace"],
    ["x-request-id", "", { "x-request-id": "request" }, "request"],
    ["nothing", "", {}, null]
  ])("the trace id comes from %s", ([, body, headers, traceId]) =>
    Effect.gen(function* () {
      expect(yield* failure(answer(500, body, headers))).toMatchObject({ traceId })
    })
  )

  it.effect("a wrong shape is reported with its path and an excerpt", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(
        answer(200, { data: [ScriptedClient.customer("a"), { ...ScriptedClient.customer("b"), createdAt: 12 }] })
      )
      const error = yield* Effect.flatMap(Customers.Customers, (customers) => customers.listPage()).pipe(
        Effect.flip,
        Effect.provide(ScriptedClient.services(scripted))
      )
      expect(error).toMatchObject({ _tag: "StiggResponseDecodeError", path: "data[1].createdAt", status: 200 })
      expect("body" in error && error.body).toContain('"createdAt":12')
    })
  )

  it.effect.each<readonly [string, unknown, string]>([
    [
      "a wrong field",
      { data: { ...ScriptedClient.customer("a"), createdAt: null } },
      "data.createdAt is invalid: Expected an RFC 3339 timestamp, actual null"
    ],
    ["a missing field", { data: { id: "a" } }, "data.createdAt is invalid: is missing"],
    ["an array instead of a string", { data: { ...ScriptedClient.customer("a"), id: [[1]] } }, "actual an array"],
    ["another shape", [], "the body is invalid: "],
    ["no body", "", "the body is empty"],
    ["no JSON", "<html>", "the body is not JSON"]
  ])("a ResponseDecodeError includes operation, URL, status, and field: %s", ([, body, problem]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(200, body))
      const call =
        "customers.retrieve: GET https://api.stigg.io/api/v1/customers/customer-acme responded with 200, but "
      expect(error.message.startsWith(call)).toBe(true)
      expect(error.message).toContain(problem)
    })
  )

  it.effect("a broken connection keeps the system's error, not the platform's, which contains the key", () =>
    Effect.gen(function* () {
      const error = yield* failure(ScriptedClient.reset)
      expect(error).toMatchObject({ _tag: "StiggAPIConnectionError", reason: "request", code: "ECONNRESET" })
      expect(error).toHaveProperty("cause.message", "read ECONNRESET")
      expect(error).not.toHaveProperty("cause.request")
    })
  )
})

const sent = {
  operation: "customers.retrieve",
  method: "GET",
  url: "https://api.stigg.io/x",
  attempts: 2,
  message: "m"
}
const answered = { ...sent, status: 400, traceId: "t", headers: { a: "b" }, body: "{}" }

/** An error of each class. */
const all: ReadonlyArray<StiggError.StiggError> = [
  ...classes.map(
    ([status, , Class]) => new Class({ ...answered, status, code: "C", retryAfter: Duration.millis(1500) })
  ),
  new StiggError.APIStatusError({ ...answered, status: 0, code: null, retryAfter: null }),
  new StiggError.RateLimitError({ ...answered, status: 429, code: null, retryAfter: Duration.infinity }),
  new StiggError.APIConnectionError({ ...sent, reason: "body", code: "ECONNRESET", cause: new Error("reset") }),
  new StiggError.APIConnectionError({ ...sent, reason: "request", code: null }),
  new StiggError.APITimeoutError({ ...sent, timeout: Duration.seconds(60) }),
  new StiggError.NotFoundError({ ...answered, status: 404, code: "CustomerNotFound", retryAfter: null }),
  new StiggError.RouteNotFoundError({ ...answered, status: 404, code: null, retryAfter: null }),
  new StiggError.ResponseDecodeError({ ...answered, status: 200, path: "data[3].createdAt" }),
  new StiggError.ResponseTooLargeError({ ...answered, limit: 1024 }),
  new StiggError.InvalidRequestError({ operation: "o", field: "limit", rule: "r", message: "m" })
]

describe("every error", () => {
  it.each(all.map((error) => [error._tag, error] as const))(
    "%s has the fields that any handler can read",
    (_, error) => {
      const { attempts, code, message, method, operation, retryAfter, status, traceId, url } = error
      for (const field of [operation, message]) expect(field).toBeTypeOf("string")
      for (const field of [method, url, code, traceId]) if (field !== null) expect(field).toBeTypeOf("string")
      if (status !== null) expect(status).toBeTypeOf("number")
      if (retryAfter !== null) expect(Duration.isDuration(retryAfter)).toBe(true)
      expect(attempts).toBeTypeOf("number")
    }
  )

  it("has types for these fields that need no narrowing", () => {
    type Shared = Pick<StiggError.StiggError, "status" | "code" | "traceId" | "retryAfter" | "method" | "attempts">
    expectTypeOf<Shared>().toEqualTypeOf<{
      readonly status: number | null
      readonly code: string | null
      readonly traceId: string | null
      readonly retryAfter: Duration.Duration | null
      readonly method: string | null
      readonly attempts: number
    }>()
  })

  it("has no status without a response, and no attempts without a request", () => {
    const unsent = new StiggError.InvalidRequestError({ operation: "o", field: "limit", rule: "r", message: "m" })
    expect(unsent).toMatchObject({ attempts: 0, method: null, url: null, status: null, code: null, retryAfter: null })
    expect(new StiggError.APITimeoutError({ ...sent, timeout: Duration.zero })).toMatchObject({
      ...{ attempts: 2, method: "GET", status: null, code: null, traceId: null, retryAfter: null }
    })
  })
})

describe("toHttpStatus", () => {
  const expected: Readonly<Record<StiggError.StiggError["_tag"], number>> = {
    StiggInvalidRequestError: 400,
    StiggBadRequestError: 400,
    StiggNotFoundError: 404,
    StiggConflictError: 409,
    StiggUnprocessableEntityError: 422,
    StiggAuthenticationError: 500,
    StiggPermissionDeniedError: 500,
    StiggRouteNotFoundError: 500,
    StiggAPIStatusError: 502,
    StiggResponseDecodeError: 502,
    StiggResponseTooLargeError: 502,
    StiggRateLimitError: 503,
    StiggInternalServerError: 503,
    StiggAPIConnectionError: 503,
    StiggAPITimeoutError: 503
  }

  it.each(all.map((error) => [error._tag, expected[error._tag], error] as const))(
    "%s is answered with %d",
    (_, status, error) => {
      expect(StiggError.toHttpStatus(error)).toBe(status)
    }
  )

  it("never tells a client that its own credentials or rate are wrong", () => {
    expectTypeOf(StiggError.toHttpStatus).returns.toEqualTypeOf<400 | 404 | 409 | 422 | 500 | 502 | 503>()
  })
})

describe("the schema of StiggError", () => {
  it("includes every class", () => {
    expect(new Set(all.map((error) => error._tag)).size).toBe(StiggError.StiggError.members.length)
  })

  it.each(all.map((error) => [error._tag, error] as const))("%s survives JSON between processes", (_, error) => {
    const json = JSON.stringify(Schema.encodeSync(StiggError.StiggError)(error))
    const arrived = Schema.decodeUnknownSync(Schema.parseJson(StiggError.StiggError))(json)
    expect(arrived).toBeInstanceOf(error.constructor)
    const { cause, ...fields } = arrived as typeof arrived & { readonly cause?: unknown }
    expect({ ...fields }).toEqual({ ...(({ cause: _cause, ...rest }) => rest)(error as { readonly cause?: unknown }) })
    expect(arrived.message).toBe(error.message)
    if ("cause" in error && error.cause instanceof Error) expect(cause).toHaveProperty("message", error.cause.message)
  })
})

describe("isRetryable", () => {
  const status = (code: number, more: Partial<typeof answered> & { readonly code?: string | null } = {}) =>
    new StiggError.APIStatusError({ ...answered, code: null, retryAfter: null, ...more, status: code })

  it.each<readonly [string, StiggError.StiggError, boolean]>([
    ["408", status(408), true],
    ["429", status(429), true],
    ["500", status(500), true],
    ["503", status(503), true],
    ["409 whose code is null", status(409), true],
    ["409 with a code", status(409, { code: "DuplicatedEntityNotAllowed" }), false],
    ["400", status(400), false],
    ["401", status(401), false],
    ["404", status(404), false],
    ["302", status(302), false],
    ["0", status(0), false],
    ["503 with x-should-retry: false", status(503, { headers: { "x-should-retry": "false" } as never }), false],
    ["400 with x-should-retry: true", status(400, { headers: { "x-should-retry": "true" } as never }), true],
    ["a connection failure", new StiggError.APIConnectionError({ ...sent, reason: "body", code: null }), true],
    ["a timeout", new StiggError.APITimeoutError({ ...sent, timeout: Duration.zero }), true],
    ["a decode failure", new StiggError.ResponseDecodeError({ ...answered, path: null }), false],
    [
      "a body that is too large, whatever x-should-retry says",
      new StiggError.ResponseTooLargeError({ ...answered, headers: { "x-should-retry": "true" } as never, limit: 1 }),
      false
    ],
    [
      "an invalid request",
      new StiggError.InvalidRequestError({ operation: "", field: "", rule: "", message: "" }),
      false
    ]
  ])("%s: %#", (_, error, expected) => {
    expect(StiggError.isRetryable(error)).toBe(expected)
  })
})

describe("groups for catchTags", () => {
  const groupOf = (status: number) =>
    attempt(ScriptedClient.refusal(status)).pipe(
      Effect.catchTags(StiggError.unavailable(() => Effect.succeed("unavailable" as const))),
      Effect.catchTags(StiggError.unauthorized(() => Effect.succeed("unauthorized" as const))),
      Effect.catchTags(StiggError.rejected(() => Effect.succeed("rejected" as const))),
      Effect.catchAll((error) => Effect.succeed(error._tag))
    )

  it.effect.each<readonly [number, string]>([
    [429, "unavailable"],
    [500, "unavailable"],
    [401, "unauthorized"],
    [403, "unauthorized"],
    [400, "rejected"],
    [404, "rejected"],
    [409, "rejected"],
    [422, "rejected"],
    [418, "StiggAPIStatusError"]
  ])("%d is %s", ([status, group]) =>
    Effect.gen(function* () {
      expect(yield* groupOf(status)).toBe(group)
    })
  )

  it.effect("connection failures and timeouts are unavailable, invalid requests are rejected", () =>
    Effect.gen(function* () {
      const errors: ReadonlyArray<StiggError.StiggError> = [
        new StiggError.APIConnectionError({ ...sent, reason: "body", code: null }),
        new StiggError.APITimeoutError({ ...sent, timeout: Duration.zero }),
        new StiggError.InvalidRequestError({ operation: "", field: "", rule: "", message: "" })
      ]
      const groups = yield* Effect.forEach(errors, (error) =>
        Effect.fail(error).pipe(
          Effect.catchTags(StiggError.unavailable(() => Effect.succeed("unavailable"))),
          Effect.catchTags(StiggError.rejected(() => Effect.succeed("rejected")))
        )
      )
      expect(groups).toEqual(["unavailable", "unavailable", "rejected"])
    })
  )

  it("give their handlers the fields that the errors of the group share, with precise types", () => {
    StiggError.unavailable(({ attempts, operation, retryAfter, status }) => {
      expectTypeOf({ attempts, operation, retryAfter, status }).toEqualTypeOf<{
        attempts: number
        operation: string
        retryAfter: Duration.Duration | null
        status: number | null
      }>()
    })
    StiggError.unauthorized(({ code, status, url }) => {
      expectTypeOf({ code, status, url }).toEqualTypeOf<{ code: string | null; status: number; url: string }>()
    })
    StiggError.rejected(({ attempts, method, status }) => {
      expectTypeOf({ attempts, method, status }).toEqualTypeOf<{
        attempts: number
        method: string | null
        status: number | null
      }>()
    })
  })

  it.effect("pass the error on as it is, so that its tag tells the rest", () =>
    Effect.gen(function* () {
      const field = yield* Effect.flatMap(Customers.Customers, (customers) => customers.listPage({ limit: 0 })).pipe(
        Effect.catchTags(
          StiggError.rejected((error) =>
            Effect.succeed(error._tag === "StiggInvalidRequestError" ? error.field : error.url)
          )
        ),
        Effect.provide(ScriptedClient.services(ScriptedClient.sequence(answer(200, {}))))
      )
      expect(field).toBe("limit")
    })
  )

  it.effect.each<readonly [string, string | undefined, boolean]>([
    ["the id exists", "DuplicatedEntityNotAllowed", false],
    ["of a concurrent change", undefined, true]
  ])("a 409 because %s is rejected, and isRetryable tells it apart", ([, code, retryable]) =>
    Effect.gen(function* () {
      const told = yield* attempt(ScriptedClient.refusal(409, code)).pipe(
        Effect.catchTags(StiggError.rejected((error) => Effect.succeed(StiggError.isRetryable(error))))
      )
      expect(told).toBe(retryable)
    })
  )

  it.effect("an unknown route is in no group: neither waiting nor another customer helps", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        attempt(answer(404, "")).pipe(
          Effect.catchTags(StiggError.unavailable(() => Effect.succeed("unavailable"))),
          Effect.catchTags(StiggError.unauthorized(() => Effect.succeed("unauthorized"))),
          Effect.catchTags(StiggError.rejected(() => Effect.succeed("rejected")))
        )
      )
      expect(error._tag).toBe("StiggRouteNotFoundError")
    })
  )

  it("leave other errors in the type and narrow the handler's argument", () => {
    const call: Effect.Effect<number, StiggError.StiggError> = Effect.succeed(1)
    const rest = call.pipe(
      Effect.catchTags(
        StiggError.unavailable((error) => {
          expectTypeOf(error._tag).toEqualTypeOf<
            "StiggAPIConnectionError" | "StiggAPITimeoutError" | "StiggRateLimitError" | "StiggInternalServerError"
          >()
          return Effect.succeed("cached")
        })
      ),
      Effect.catchTags(StiggError.unauthorized(() => Effect.succeed(null)))
    )
    expectTypeOf(rest).toEqualTypeOf<
      Effect.Effect<
        number | string | null,
        | StiggError.BadRequestError
        | StiggError.NotFoundError
        | StiggError.RouteNotFoundError
        | StiggError.ConflictError
        | StiggError.UnprocessableEntityError
        | StiggError.APIStatusError
        | StiggError.ResponseDecodeError
        | StiggError.ResponseTooLargeError
        | StiggError.InvalidRequestError
      >
    >()
  })
})

it.effect("no response causes a defect, whatever its status and body", () =>
  Effect.gen(function* () {
    const replies = FastCheck.sample(
      FastCheck.record({
        status: FastCheck.oneof(FastCheck.integer({ min: 200, max: 599 }), FastCheck.constantFrom(200, 409, 429)),
        body: FastCheck.oneof(
          FastCheck.string(),
          FastCheck.constantFrom("\u0000", "\ud800", "\ufeff{}", "é🎉"),
          FastCheck.json(),
          FastCheck.jsonValue().map((data) => JSON.stringify({ data, message: data, error: data, code: data }))
        ),
        retryAfter: FastCheck.constantFrom(
          "",
          "1e309",
          "-0",
          "9".repeat(400),
          "Thu, 32 Jan 2026 25:61:61 GMT",
          "\u00ff"
        )
      }),
      { numRuns: 100, seed: 42 }
    )
    const scripted = ScriptedClient.make((_, index) =>
      Effect.sync(() => {
        const { body, retryAfter, status } = replies[index] ?? { body: "", retryAfter: "", status: 200 }
        // These have no body.
        const isBare = [204, 205, 304].includes(status)
        return new Response(isBare ? null : body, { status, headers: { "retry-after": retryAfter } })
      })
    )
    const exits = yield* Effect.flatMap(Customers.Customers, (customers) =>
      Effect.forEach(replies, () => Effect.exit(customers.retrieve("customer-acme")))
    ).pipe(RetryPolicy.locally({ maxRetries: 0 }), Effect.provide(ScriptedClient.services(scripted)))
    for (const exit of exits) expect(Exit.isSuccess(exit) || Cause.isFailType(exit.cause)).toBe(true)
    expect(scripted.sent).toHaveLength(100)
  })
)

it("a tag of this package does not catch a program's own NotFoundError", () => {
  for (const member of StiggError.StiggError.members) expect(member._tag).toMatch(/^Stigg[A-Z]\w+Error$/)
})
