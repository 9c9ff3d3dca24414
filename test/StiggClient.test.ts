import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Customers, RequestOptions, RetryPolicy, StiggClient } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, ok, refusal } = ScriptedClient

const acme = ok(customer("customer-acme"))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))
const archive = Effect.flatMap(Customers.Customers, (customers) => customers.archive("customer-acme"))

describe("authentication", () => {
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

  it.effect("an API key is sent as X-API-KEY without other credentials", () =>
    Effect.gen(function* () {
      const headers = yield* headersOf({ apiKey: Redacted.make("server-key") })
      expect(headers["x-api-key"]).toBe("server-key")
      expect(headers).not.toHaveProperty("authorization")
      expect(headers).not.toHaveProperty("x-environment-id")
    })
  )

  it.effect("a user token is sent as a bearer token with the environment, and with an account only if given", () =>
    Effect.gen(function* () {
      const headers = yield* headersOf(userToken)
      expect(headers).toMatchObject({ authorization: "Bearer user-token", "x-environment-id": "production" })
      expect(headers).not.toHaveProperty("x-account-id")
      expect(headers).not.toHaveProperty("x-api-key")
      expect(yield* headersOf({ ...userToken, accountId: "acme" })).toHaveProperty("x-account-id", "acme")
    })
  )

  it.effect("custom headers are sent with lower precedence than all others", () =>
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
})

describe("transformClient", () => {
  it.effect("wraps the client and sees each attempt", () =>
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

  it.effect("can fail on a status: the error is the same", () =>
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

  it.effect("covers the body and applies to each attempt separately", () =>
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

describe("withResponse", () => {
  const provide = <A, E>(
    self: Effect.Effect<A, E, Customers.Customers>,
    ...answers: Parameters<typeof ScriptedClient.sequence>
  ) => self.pipe(Effect.provide(ScriptedClient.services(ScriptedClient.sequence(...answers))))

  it.effect("returns status, headers, and trace id of the last response with the result", () =>
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

  it.effect("returns null if no response was received", () =>
    Effect.gen(function* () {
      const [, response] = yield* provide(
        StiggClient.withResponse(Effect.either(retrieve)),
        Effect.fail(new Error("no"))
      )
      expect(response).toBeNull()
    }).pipe(RetryPolicy.locally({ maxRetries: 0 }))
  )

  it.effect("of streams returns those of the last page", () =>
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

  it.effect("inside another withResponse reports to both", () =>
    Effect.gen(function* () {
      const [[, inner], outer] = yield* provide(StiggClient.withResponse(StiggClient.withResponse(retrieve)), acme)
      expect(inner?.status).toBe(200)
      expect(outer).toEqual(inner)
    })
  )
})

it.effect("interrupting the caller interrupts the exchange without a retry", () =>
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
