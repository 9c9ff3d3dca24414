import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Customers, RetryPolicy, StiggError } from "effect-stigg"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer } = ScriptedClient

/** A call that is answered like this. Retries are another file's matter. */
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
  [404, "StiggNotFoundError", StiggError.NotFoundError],
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
  it.effect.each(classes)("%d is %s, whatever the body holds", ([status, tag, Class]) =>
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

  it.effect("a redirect that a browser hides has the status 0, and is APIStatusError", () =>
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
      "a code in `error` beside a message",
      { error: "rate_limit_exceeded", message: "Slow" },
      "Slow",
      "rate_limit_exceeded"
    ],
    ["a bare `error`", { error: "Forbidden" }, "Forbidden", null],
    ["an OAuth gateway", { error: "invalid_token", error_description: "Expired" }, "Expired", null],
    ["problem details", { title: "Bad Gateway", detail: "Upstream is away" }, "Upstream is away", null],
    ["a list of errors", { errors: [{ message: "Broken", code: "E1" }] }, "Broken", "E1"],
    ["a list of texts", { errors: ["Broken"] }, "Broken", null],
    ["a JSON text", '"Out of order"', "Out of order", null],
    ["HTML with a title", "<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head>", "502 Bad Gateway", null],
    ["text", "upstream connect error\nreset reason: overflow", "upstream connect error", null],
    ["HTML without a title", "<html><body>no</body></html>", null, null],
    ["nothing", "", null, null],
    ["blanks", "  \n ", null, null],
    ["an empty object", {}, null, null],
    ["fields of other types", { message: 12, code: { a: 1 }, error: null, errors: "x" }, null, null]
  ])("are found in %s", ([, body, message, code]) =>
    Effect.gen(function* () {
      const error = yield* failure(answer(418, body))
      const url = "https://api.stigg.io/api/v1/customers/customer-acme"
      expect(error).toMatchObject({ message: message ?? `GET ${url} answered 418`, code })
    })
  )

  it.effect("a long message is cut to 500 characters, the body to 1,000", () =>
    Effect.gen(function* () {
      const error = yield* failure(answer(400, JSON.stringify({ message: "x".repeat(5000) })))
      expect(error.message).toHaveLength(500)
      expect("body" in error && error.body.length).toBe(1000)
    })
  )
})

describe("the fields of an error", () => {
  it.effect("say the operation, method, URL, status, headers, attempts", () =>
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

  it.effect("a wrong shape names its path and keeps an excerpt", () =>
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

  it.effect("a broken connection keeps the system's error, and never the platform's, which holds the key", () =>
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

describe("the schema of StiggError", () => {
  const all: ReadonlyArray<StiggError.StiggError> = [
    ...classes.map(
      ([status, , Class]) => new Class({ ...answered, status, code: "C", retryAfter: Duration.millis(1500) })
    ),
    new StiggError.APIStatusError({ ...answered, status: 0, code: null, retryAfter: null }),
    new StiggError.RateLimitError({ ...answered, status: 429, code: null, retryAfter: Duration.infinity }),
    new StiggError.APIConnectionError({ ...sent, reason: "body", code: "ECONNRESET", cause: new Error("reset") }),
    new StiggError.APIConnectionError({ ...sent, reason: "request", code: null }),
    new StiggError.APITimeoutError({ ...sent, timeout: Duration.seconds(60) }),
    new StiggError.ResponseDecodeError({ ...answered, status: 200, path: "data[3].createdAt" }),
    new StiggError.InvalidRequestError({ operation: "o", field: "limit", rule: "r", message: "m" })
  ]

  it("has every class", () => {
    expect(new Set(all.map((error) => error._tag)).size).toBe(StiggError.StiggError.members.length)
  })

  it.each(all.map((error) => [error._tag, error] as const))("%s crosses a process as JSON", (_, error) => {
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
    ["409 that names its code", status(409, { code: "DuplicatedEntityNotAllowed" }), false],
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
    attempt(answer(status, "")).pipe(
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

  it.effect("connection failures and timeouts are unavailable, invalid requests rejected", () =>
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

  it("leave the other errors in the type, and give the handler those it is for", () => {
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
        | StiggError.ConflictError
        | StiggError.UnprocessableEntityError
        | StiggError.APIStatusError
        | StiggError.ResponseDecodeError
        | StiggError.InvalidRequestError
      >
    >()
  })
})

it.effect("no answer is a defect, whatever its status and body", () =>
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

it("a program's own NotFoundError is not caught by a tag of this package", () => {
  for (const member of StiggError.StiggError.members) expect(member._tag).toMatch(/^Stigg[A-Z]\w+Error$/)
})
