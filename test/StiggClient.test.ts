import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { StiggError } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, StiggClient } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, ok, refusal, reset } = ScriptedClient

const acme = ok(customer("customer-acme"))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))
const archive = Effect.flatMap(Customers.Customers, (customers) => customers.archive("customer-acme"))

describe("request", () => {
  const send = (
    params: StiggClient.RequestParams,
    scripted = ScriptedClient.sequence(ok({ id: "launch" })),
    options: Partial<StiggClient.Options> = {}
  ) =>
    StiggClient.request(params).pipe(
      Effect.provide(ScriptedClient.services(scripted, options)),
      Effect.either,
      Effect.map((result) => ({ result, sent: scripted.sent }))
    )

  it.effect("gives the whole JSON of the answer", () =>
    Effect.gen(function* () {
      const { result, sent } = yield* send({ method: "GET", path: "/api/v1/coupons" })
      expect(result).toMatchObject({ right: { data: { id: "launch" } } })
      expect(sent[0]).toMatchObject({ method: "GET", target: "/api/v1/coupons", body: "" })
      expect(sent[0]?.headers).toMatchObject({ "x-api-key": ScriptedClient.apiKey, accept: "application/json" })
    })
  )

  it.effect("decodes by a schema, and fails with ResponseDecodeError where it does not fit", () =>
    Effect.gen(function* () {
      const schema = Schema.Struct({ data: Schema.Struct({ id: Schema.NumberFromString }) })
      const decode = (id: string) =>
        StiggClient.request({ method: "GET", path: "/x", schema }).pipe(
          Effect.provide(ScriptedClient.services(ScriptedClient.sequence(ok({ id })))),
          Effect.either
        )
      expectTypeOf<Effect.Effect.Success<ReturnType<typeof decode>>>().toMatchTypeOf<object>()
      expect(yield* decode("12")).toMatchObject({ right: { data: { id: 12 } } })
      expect(yield* decode("twelve")).toMatchObject({ left: { _tag: "StiggResponseDecodeError", path: "data.id" } })
    })
  )

  it.effect("encodes each path parameter as one segment", () =>
    Effect.gen(function* () {
      const { sent } = yield* send({
        method: "GET",
        path: "/api/v1/{kind}/{coupon-id}",
        pathParams: { kind: "a/b", "coupon-id": "c?d#e" }
      })
      expect(sent[0]?.target).toBe("/api/v1/a%2Fb/c%3Fd%23e")
    })
  )

  it.effect.each<readonly [string, Partial<StiggClient.RequestParams>, string]>([
    ["a path that does not begin with /", { path: "@evil.example/x" }, "path"],
    ["a whole URL for a path", { path: "https://evil.example/x" }, "path"],
    ["a path parameter that is missing", { path: "/x/{id}" }, "id"],
    ["a path parameter that is empty", { path: "/x/{id}", pathParams: { id: "" } }, "id"],
    ["a path parameter that is .", { path: "/x/{id}", pathParams: { id: "." } }, "id"],
    ["a path parameter that is ..", { path: "/x/{id}", pathParams: { id: ".." } }, "id"],
    ["a cyclic body", { method: "POST", body: cyclic() }, "body"],
    ["a bigint in a body", { method: "POST", body: { amount: 1n } }, "body"],
    ["a body that throws when it is written", { method: "PUT", body: throwing }, "body"],
    ["a cyclic query", { query: { a: cyclic() } }, "query"],
    ["a body with GET", { method: "GET", body: {} }, "body"]
  ])("refuses %s, before anything is sent", ([, params, field]) =>
    Effect.gen(function* () {
      const { result, sent } = yield* send({ method: "GET", path: "/x", ...params })
      expect(result).toMatchObject({ left: { _tag: "StiggInvalidRequestError", field } })
      expect(sent).toEqual([])
    })
  )

  it.effect("writes a query: brackets, commas, moments as ISO, and nothing for what is absent", () =>
    Effect.gen(function* () {
      const { sent } = yield* send({
        method: "GET",
        path: "/x",
        query: {
          a: 1,
          b: true,
          list: ["x", "y z"],
          none: [],
          nothing: undefined,
          empty: null,
          at: { gte: new Date(0), deep: { er: "&" } }
        }
      })
      expect([...(sent[0]?.url.searchParams ?? [])]).toEqual([
        ["a", "1"],
        ["b", "true"],
        ["list", "x,y z"],
        ["at[gte]", "1970-01-01T00:00:00.000Z"],
        ["at[deep][er]", "&"]
      ])
    })
  )

  it.effect.each<readonly [StiggClient.RequestParams["method"], unknown, string]>([
    ["POST", undefined, "{}"],
    ["POST", { a: 1 }, '{"a":1}'],
    ["PATCH", { a: null, b: undefined }, '{"a":null}'],
    ["PUT", undefined, ""],
    ["DELETE", undefined, ""],
    ["DELETE", ["x"], '["x"]']
  ])("sends the body of a %s: %j", ([method, body, expected]) =>
    Effect.gen(function* () {
      const { sent } = yield* send({ method, path: "/x", body })
      expect(sent[0]?.body).toBe(expected)
      expect(sent[0]?.headers["content-type"]).toBe(expected === "" ? undefined : "application/json")
      expect(sent[0]?.headers["idempotency-key"] === undefined).toBe(method !== "POST")
    })
  )

  it.effect("is called by its method and path in errors, or as it is told", () =>
    Effect.gen(function* () {
      const named = yield* send(
        { method: "GET", path: "/x/{id}", pathParams: { id: "1" } },
        ScriptedClient.sequence(refusal(404))
      )
      const told = yield* send(
        { method: "GET", path: "/x", operation: "coupons.list" },
        ScriptedClient.sequence(refusal(404))
      )
      expect(named.result).toMatchObject({ left: { operation: "GET /x/{id}" } })
      expect(told.result).toMatchObject({ left: { operation: "coupons.list" } })
    })
  )

  it.effect("is retried as every call is", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503), ok({ id: "launch" }))
      const { result } = yield* StiggClient.request({ method: "GET", path: "/x" }).pipe(
        RetryPolicy.locally({ schedule: Schedule.forever }),
        Effect.provide(ScriptedClient.services(scripted)),
        Effect.either,
        Effect.map((result) => ({ result }))
      )
      expect(Exit.isSuccess(Exit.fromEither(result))).toBe(true)
      expect(scripted.sent).toHaveLength(2)
    })
  )

  it.effect("keeps a path in the base URL, with or without a slash at its end", () =>
    Effect.gen(function* () {
      for (const baseUrl of ["https://gateway.example/stigg", "https://gateway.example/stigg//"]) {
        const { sent } = yield* send({ method: "GET", path: "/api/v1/coupons" }, undefined, { baseUrl })
        expect(sent[0]?.url.href).toBe("https://gateway.example/stigg/api/v1/coupons")
      }
    })
  )
})

function cyclic(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}

const throwing = {
  toJSON: () => {
    throw new Error("no")
  }
}

describe("who the client is", () => {
  const headersOf = (
    options: Partial<StiggClient.Options>,
    self: Effect.Effect<unknown, unknown, Customers.Customers> = archive
  ) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(acme)
      yield* self.pipe(Effect.provide(ScriptedClient.services(scripted, options)))
      return scripted.sent[0]?.headers ?? {}
    })

  const userToken = { apiKey: undefined, userToken: Redacted.make("user-token"), environmentId: "production" }

  it.effect("an API key goes out as X-API-KEY, and nothing else with it", () =>
    Effect.gen(function* () {
      const headers = yield* headersOf({ apiKey: Redacted.make("server-key") })
      expect(headers["x-api-key"]).toBe("server-key")
      expect(headers).not.toHaveProperty("authorization")
      expect(headers).not.toHaveProperty("x-environment-id")
    })
  )

  it.effect("a user token goes out as a bearer, with the environment, and without an account unless told", () =>
    Effect.gen(function* () {
      const headers = yield* headersOf(userToken)
      expect(headers).toMatchObject({ authorization: "Bearer user-token", "x-environment-id": "production" })
      expect(headers).not.toHaveProperty("x-account-id")
      expect(headers).not.toHaveProperty("x-api-key")
      expect(yield* headersOf({ ...userToken, accountId: "acme" })).toHaveProperty("x-account-id", "acme")
    })
  )

  it.effect("custom headers go along, and are weaker than any other", () =>
    Effect.gen(function* () {
      const customHeaders = {
        "X-Proxy": Redacted.make("proxy"),
        "X-API-KEY": Redacted.make("weaker"),
        Accept: Redacted.make("weaker"),
        "Content-Type": Redacted.make("weaker"),
        "X-Tenant": Redacted.make("weaker"),
        "Idempotency-Key": Redacted.make("weaker")
      }
      const headers = yield* headersOf(
        { customHeaders },
        archive.pipe(RequestOptions.locally({ headers: { "x-tenant": "eu" } }))
      )
      expect(headers["x-proxy"]).toBe("proxy")
      expect(headers["x-tenant"]).toBe("eu")
      expect(Object.values(headers)).not.toContain("weaker")
    })
  )

  it.effect.each<readonly [string, Partial<StiggClient.Options>, string]>([
    ["an empty key", { apiKey: Redacted.make("") }, "apiKey"],
    ["a key with a line break", { apiKey: Redacted.make("key\nx-evil: 1") }, "apiKey"],
    ["a key with half a surrogate pair", { apiKey: Redacted.make("server-key-\ud800") }, "apiKey"],
    ["a key beyond Latin-1", { apiKey: Redacted.make("key-日本") }, "apiKey"],
    ["a token with a line break", { ...userToken, userToken: Redacted.make("a\r\nb") }, "userToken"],
    ["an empty environment", { ...userToken, environmentId: "" }, "environmentId"],
    ["an account with a line break", { ...userToken, accountId: "a\nb" }, "accountId"],
    ["a base URL that is none", { baseUrl: "api.stigg.io" }, "baseUrl"],
    ["a base URL of another scheme", { baseUrl: "ftp://api.stigg.io" }, "baseUrl"],
    ["a base URL with credentials", { baseUrl: "https://a:b@api.stigg.io" }, "baseUrl"],
    ["a base URL with a query", { baseUrl: "https://api.stigg.io?x=1" }, "baseUrl"],
    ["a custom header with a bad name", { customHeaders: { "a b": Redacted.make("x") } }, "customHeaders.a b"],
    ["a custom header with a line break", { customHeaders: { "x-a": Redacted.make("b\nc") } }, "customHeaders.x-a"]
  ])("%s fails each call with InvalidRequestError, and nothing is sent", ([, options, field]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(acme)
      const error = yield* retrieve.pipe(Effect.flip, Effect.provide(ScriptedClient.services(scripted, options)))
      expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      expect(scripted.sent).toEqual([])
    })
  )
})

describe("transformClient", () => {
  it.effect("wraps the client, and sees each attempt", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(503), acme)
      const transformClient = HttpClient.mapRequest(HttpClientRequest.setHeader("x-proxied", "yes"))
      yield* retrieve.pipe(
        RetryPolicy.locally({ schedule: Schedule.forever }),
        Effect.provide(ScriptedClient.services(scripted, { transformClient }))
      )
      expect(scripted.sent.map(({ headers }) => headers["x-proxied"])).toEqual(["yes", "yes"])
    })
  )

  it.effect("may fail on a status: the error is the same", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(404, "CustomerNotFound"))
      const error = yield* retrieve.pipe(
        Effect.flip,
        Effect.provide(ScriptedClient.services(scripted, { transformClient: HttpClient.filterStatusOk }))
      )
      expect(error).toMatchObject({ _tag: "StiggNotFoundError", code: "CustomerNotFound" })
    })
  )
})

describe("the timeout of an attempt", () => {
  it.effect("is 60 seconds by default", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(Effect.never)
      const fiber = yield* retrieve.pipe(
        RetryPolicy.locally({ maxRetries: 0 }),
        Effect.flip,
        Effect.provide(ScriptedClient.services(scripted)),
        Effect.fork
      )
      yield* TestClock.adjust("59999 millis")
      expect(scripted.interrupted).toEqual([])
      yield* TestClock.adjust("1 millis")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "StiggAPITimeoutError", attempts: 1 })
      expect(scripted.interrupted).toEqual([0])
    })
  )

  it.effect("covers the body, and is each attempt's own", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(Effect.delay(ScriptedClient.stalledBody, "2 seconds"))
      const fiber = yield* retrieve.pipe(
        RequestOptions.locally({ timeout: "3 seconds" }),
        RetryPolicy.locally({ schedule: Schedule.spaced("1 second") }),
        Effect.flip,
        Effect.provide(ScriptedClient.services(scripted)),
        Effect.fork
      )
      yield* TestClock.adjust("11 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "StiggAPITimeoutError", attempts: 3 })
      expect(scripted.sent.map(({ at }) => at)).toEqual([0, 4000, 8000])
    })
  )
})

describe("onWrite", () => {
  /** Runs a call with a listener; what was heard by the time it was over. */
  const hear = <A, E>(
    self: Effect.Effect<A, E, Customers.Customers | StiggClient.StiggClient>,
    ...answers: Parameters<typeof ScriptedClient.sequence>
  ) =>
    Effect.gen(function* () {
      const heard: Array<StiggClient.Write> = []
      const client = yield* StiggClient.StiggClient
      yield* client.onWrite((write) => Effect.sync(() => heard.push(write)))
      const exit = yield* Effect.exit(self)
      return { heard, exit }
    }).pipe(
      Effect.scoped,
      RetryPolicy.locally({ schedule: Schedule.forever }),
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(...answers)))
    )

  const outcome = (outcome: "success" | "unknown") => [
    { operation: "customers.archive", customerIds: ["customer-acme"], outcome }
  ]

  it.effect("hears of a success, with the operation and the customer", () =>
    Effect.gen(function* () {
      expect((yield* hear(archive, acme)).heard).toEqual(outcome("success"))
    })
  )

  it.effect("hears of it before the caller does", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      yield* Effect.gen(function* () {
        const client = yield* StiggClient.StiggClient
        yield* client.onWrite(() =>
          Effect.andThen(
            Effect.sleep("5 seconds"),
            Effect.sync(() => order.push("listener"))
          )
        )
        const fiber = yield* Effect.fork(Effect.tap(archive, () => order.push("caller")))
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(fiber)
      }).pipe(Effect.scoped, Effect.provide(ScriptedClient.services(ScriptedClient.sequence(acme))))
      expect(order).toEqual(["listener", "caller"])
    })
  )

  it.effect.each<readonly [string, ScriptedClient.Answer]>([
    ["a reset", reset],
    ["a 500", refusal(500)],
    ["a 408", refusal(408)],
    ["a body that does not decode", ok({ id: 12 })],
    ["a body that is no JSON", answer(200, "")]
  ])("hears of an unknown outcome after %s", ([, failure]) =>
    Effect.gen(function* () {
      expect((yield* hear(archive.pipe(RetryPolicy.locally({ maxRetries: 0 })), failure)).heard).toEqual(
        outcome("unknown")
      )
    })
  )

  it.effect("hears of an unknown outcome after a timeout", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        hear(archive.pipe(RequestOptions.locally({ timeout: "1 second" })), Effect.never)
      )
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(fiber)).heard).toEqual(outcome("unknown"))
    })
  )

  it.effect("hears of an unknown outcome after an interruption", () =>
    Effect.gen(function* () {
      const interrupted = Effect.gen(function* () {
        const fiber = yield* Effect.fork(archive)
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
      })
      expect((yield* hear(interrupted, Effect.never)).heard).toEqual(outcome("unknown"))
    })
  )

  it.effect("hears of an unknown outcome where a refusal came after a lost answer", () =>
    Effect.gen(function* () {
      expect((yield* hear(archive, reset, refusal(404))).heard).toEqual(outcome("unknown"))
    })
  )

  it.effect("hears once of a call that was retried", () =>
    Effect.gen(function* () {
      expect((yield* hear(archive, refusal(503), acme)).heard).toEqual(outcome("success"))
    })
  )

  it.effect.each([400, 401, 403, 404, 409, 422, 302])("does not hear of a plain %d", (status) =>
    Effect.gen(function* () {
      expect((yield* hear(archive, refusal(status, "Refused"))).heard).toEqual([])
    })
  )

  it.effect("does not hear of a read, nor of a call that was never sent", () =>
    Effect.gen(function* () {
      const calls = Effect.flatMap(Customers.Customers, (customers) =>
        Effect.all([Effect.either(customers.retrieve("customer-acme")), Effect.either(customers.archive(".."))])
      )
      expect((yield* hear(calls, refusal(500))).heard).toEqual([])
    })
  )

  it.effect("hears every write, with the ids of all its customers", () =>
    Effect.gen(function* () {
      const row = { email: null, name: null }
      const writes = Effect.flatMap(Customers.Customers, (customers) =>
        Effect.forEach(
          [
            customers.provision({ id: "new" }),
            customers.update("a", {}),
            customers.archive("a"),
            customers.unarchive("a"),
            customers.import({
              customers: [
                { id: "x", ...row },
                { id: "y", ...row }
              ]
            }),
            customers.paymentMethod.attach("a", {
              integrationId: "i",
              paymentMethodId: "p",
              vendorIdentifier: "STRIPE"
            }),
            customers.paymentMethod.detach("a"),
            customers.promotionalEntitlements.create("a", [{ featureId: "f", period: "1 week" }]),
            customers.promotionalEntitlements.revoke("a", "f"),
            customers.integrations.link("a", { id: "i", syncedEntityId: "s", vendorIdentifier: "STRIPE" }),
            customers.integrations.update("a", "i", { syncedEntityId: null }),
            customers.integrations.unlink("a", "i")
          ] as ReadonlyArray<Effect.Effect<unknown, StiggError.StiggError>>,
          Effect.either
        )
      )
      // One answer that fits none: an unknown outcome is heard of, too.
      const { heard } = yield* hear(writes, ok(null))
      expect(heard.map(({ customerIds, operation }) => [operation, ...customerIds])).toEqual([
        ["customers.provision", "new"],
        ["customers.update", "a"],
        ["customers.archive", "a"],
        ["customers.unarchive", "a"],
        ["customers.import", "x", "y"],
        ["customers.paymentMethod.attach", "a"],
        ["customers.paymentMethod.detach", "a"],
        ["customers.promotionalEntitlements.create", "a"],
        ["customers.promotionalEntitlements.revoke", "a"],
        ["customers.integrations.link", "a"],
        ["customers.integrations.update", "a"],
        ["customers.integrations.unlink", "a"]
      ])
    })
  )

  it.effect("hears of a raw request that changes something, with the customers that it names", () =>
    Effect.gen(function* () {
      const requests = Effect.all([
        StiggClient.request({
          method: "POST",
          path: "/api/v1/usage",
          customerIds: ["a", "b"],
          operation: "usage.report"
        }),
        StiggClient.request({ method: "DELETE", path: "/api/v1/coupons" }),
        StiggClient.request({ method: "GET", path: "/api/v1/coupons" })
      ])
      expect((yield* hear(requests, ok(null))).heard).toEqual([
        { operation: "usage.report", customerIds: ["a", "b"], outcome: "success" },
        { operation: "DELETE /api/v1/coupons", customerIds: [], outcome: "success" }
      ])
    })
  )

  const client = <A, E>(self: (client: StiggClient.Service) => Effect.Effect<A, E, Customers.Customers>) =>
    Effect.flatMap(StiggClient.StiggClient, self).pipe(
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(acme)))
    )

  it.effect("ends with its scope", () =>
    client((client) =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        const scope = yield* Scope.make()
        yield* client.onWrite(() => Effect.sync(() => heard.push("gone"))).pipe(Scope.extend(scope))
        yield* archive
        yield* Scope.close(scope, Exit.void)
        yield* archive
        expect(heard).toEqual(["gone"])
      })
    )
  )

  it.effect("of one listener in two scopes ends only the one whose scope ends", () =>
    client((client) =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        const listener = () => Effect.sync(() => heard.push("heard"))
        const [first, second] = [yield* Scope.make(), yield* Scope.make()]
        yield* client.onWrite(listener).pipe(Scope.extend(first))
        yield* client.onWrite(listener).pipe(Scope.extend(second))
        yield* Scope.close(first, Exit.void)
        yield* archive
        expect(heard).toEqual(["heard"])
      })
    )
  )

  it.effect.each<readonly [string, () => Effect.Effect<void>]>([
    ["dies", () => Effect.die("broken")],
    [
      "throws before it is an effect",
      () => {
        throw new Error("broken")
      }
    ],
    ["interrupts itself", () => Effect.interrupt]
  ])("a listener that %s hurts neither the caller nor the other listeners", ([, broken]) =>
    client((client) =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        yield* client.onWrite(broken)
        yield* client.onWrite(() => Effect.sync(() => heard.push("the other")))
        expect((yield* archive).id).toBe("customer-acme")
        expect(heard).toEqual(["the other"])
      }).pipe(Effect.scoped)
    )
  )
})

describe("withResponse", () => {
  const provide = <A, E>(
    self: Effect.Effect<A, E, Customers.Customers>,
    ...answers: Parameters<typeof ScriptedClient.sequence>
  ) => self.pipe(Effect.provide(ScriptedClient.services(ScriptedClient.sequence(...answers))))

  it.effect("gives status, headers and trace id of the last response beside the result", () =>
    Effect.gen(function* () {
      const [value, response] = yield* provide(
        StiggClient.withResponse(retrieve).pipe(RetryPolicy.locally({ schedule: Schedule.forever })),
        refusal(503, null, { "x-trace-id": "first" }),
        answer(203, { data: customer("customer-acme") }, { "x-trace-id": "second", "X-Extra": "kept" })
      )
      expect(value.id).toBe("customer-acme")
      expect(response).toMatchObject({ status: 203, traceId: "second", headers: { "x-extra": "kept" } })
    })
  )

  it.effect("gives null where nothing was received", () =>
    Effect.gen(function* () {
      const [, response] = yield* provide(
        StiggClient.withResponse(Effect.either(retrieve)),
        Effect.fail(new Error("no"))
      )
      expect(response).toBeNull()
    }).pipe(RetryPolicy.locally({ maxRetries: 0 }))
  )

  it.effect("of streams gives the last page's", () =>
    Effect.gen(function* () {
      const pages = Effect.flatMap(Customers.Customers, (customers) => Stream.runDrain(customers.list()))
      const [, response] = yield* provide(
        StiggClient.withResponse(pages),
        answer(200, { data: [], pagination: { next: "2" } }, { "x-request-id": "one" }),
        answer(200, { data: [] }, { "x-request-id": "two" })
      )
      expect(response?.traceId).toBe("two")
    })
  )

  it.effect("within another one tells both", () =>
    Effect.gen(function* () {
      const [[, inner], outer] = yield* provide(StiggClient.withResponse(StiggClient.withResponse(retrieve)), acme)
      expect(inner?.status).toBe(200)
      expect(outer).toEqual(inner)
    })
  )
})

it.effect("interrupting the caller interrupts the exchange, and nothing is sent again", () =>
  Effect.gen(function* () {
    const scripted = ScriptedClient.sequence(Effect.never)
    const fiber = yield* Effect.fork(retrieve.pipe(Effect.provide(ScriptedClient.services(scripted))))
    yield* TestClock.adjust("1 second")
    const exit = yield* Fiber.interrupt(fiber)
    expect(Exit.isInterrupted(exit)).toBe(true)
    expect(scripted.interrupted).toEqual([0])
    yield* TestClock.adjust("1 hour")
    expect(scripted.sent).toHaveLength(1)
  })
)

it.effect("interrupting the caller between two attempts ends the call", () =>
  Effect.gen(function* () {
    const scripted = ScriptedClient.sequence(refusal(503))
    const fiber = yield* retrieve.pipe(
      RetryPolicy.locally({ schedule: Schedule.spaced("10 seconds") }),
      Effect.provide(ScriptedClient.services(scripted)),
      Effect.fork
    )
    yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
    yield* TestClock.adjust("1 hour")
    expect(scripted.sent).toHaveLength(1)
  })
)
