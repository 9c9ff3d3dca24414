import { describe, expect, it } from "@effect/vitest"
import { Customers, RequestOptions } from "effect-stigg"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, ok } = ScriptedClient

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))
const archive = Effect.flatMap(Customers.Customers, (customers) => customers.archive("customer-acme"))

/** The requests that a program sends, with an optional layer of options. */
const sentBy = <A, E>(self: Effect.Effect<A, E, Customers.Customers>, layer?: RequestOptions.Options) =>
  Effect.gen(function* () {
    const scripted = ScriptedClient.make(({ target }) =>
      target.startsWith("/api/v1/customers?")
        ? answer(200, { data: [], pagination: { next: target.includes("after=") ? null : "2" } })
        : ok(customer("customer-acme"))
    )
    const services = ScriptedClient.services(scripted)
    const exit = yield* Effect.either(self).pipe(
      Effect.provide(layer === undefined ? services : Layer.provide(services, RequestOptions.layer(layer)))
    )
    return { sent: scripted.sent, exit }
  })

describe("the layer's options", () => {
  it.effect("apply to each call", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(Effect.all([retrieve, archive]), {
        headers: { "X-Tenant": "eu" },
        query: { region: "eu-1" }
      })
      expect(sent.map(({ headers }) => headers["x-tenant"])).toEqual(["eu", "eu"])
      expect(sent.map(({ target }) => target)).toEqual([
        "/api/v1/customers/customer-acme?region=eu-1",
        "/api/v1/customers/customer-acme/archive?region=eu-1"
      ])
    })
  )

  it.effect("set the timeout", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(Effect.never)
      const fiber = yield* Effect.flip(retrieve).pipe(
        Effect.provide(
          Layer.provide(ScriptedClient.services(scripted), RequestOptions.layer({ timeout: "5 seconds" }))
        ),
        Effect.fork
      )
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(fiber)).toMatchObject({ _tag: "StiggAPITimeoutError", timeout: Duration.seconds(5) })
    })
  )

  it.effect("are read once, when the client is built", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(
        retrieve.pipe(Effect.provide(RequestOptions.layer({ headers: { "x-tenant": "late" } })))
      )
      expect(sent[0]?.headers).not.toHaveProperty("x-tenant")
    })
  )
})

describe("locally", () => {
  it.effect("applies options to the calls of an effect and to no others", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(
        Effect.all([retrieve.pipe(RequestOptions.locally({ headers: { "x-tenant": "eu" } })), retrieve])
      )
      expect(sent.map(({ headers }) => headers["x-tenant"])).toEqual(["eu", undefined])
    })
  )

  it.effect("also accepts its target first", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(RequestOptions.locally(retrieve, { headers: { "x-tenant": "eu" } }))
      expect(sent[0]?.headers["x-tenant"]).toBe("eu")
    })
  )

  it.effect("on a stream applies to every page, including the one that is read ahead", () =>
    Effect.gen(function* () {
      const list = Stream.unwrap(Effect.map(Customers.Customers, (customers) => customers.list()))
      const { sent } = yield* sentBy(
        list.pipe(RequestOptions.locally({ headers: { "x-tenant": "eu" } }), Stream.runDrain)
      )
      expect(sent.map(({ headers }) => headers["x-tenant"])).toEqual(["eu", "eu"])
    })
  )

  it.effect("on a stream also accepts its target first, and ends with the stream", () =>
    Effect.gen(function* () {
      const list = Stream.unwrap(Effect.map(Customers.Customers, (customers) => customers.list()))
      const { sent } = yield* sentBy(
        Stream.concat(RequestOptions.locally(list, { headers: { "x-tenant": "eu" } }), list).pipe(Stream.runDrain)
      )
      expect(sent.map(({ headers }) => headers["x-tenant"])).toEqual(["eu", "eu", undefined, undefined])
    })
  )

  it.effect("around the run of a stream applies to it", () =>
    Effect.gen(function* () {
      const run = Effect.flatMap(Customers.Customers, (customers) => Stream.runDrain(customers.list()))
      const { sent } = yield* sentBy(run.pipe(RequestOptions.locally({ headers: { "x-tenant": "eu" } })))
      expect(sent.map(({ headers }) => headers["x-tenant"])).toEqual(["eu", "eu"])
    })
  )

  it.effect("merges with the layer per field, header, and query parameter, and wins", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(
        retrieve.pipe(RequestOptions.locally({ headers: { "X-B": "call", "x-c": "call" }, query: { b: "call" } })),
        { headers: { "x-a": "layer", "x-b": "layer" }, query: { a: "layer", b: "layer" } }
      )
      expect(sent[0]?.headers).toMatchObject({ "x-a": "layer", "x-b": "call", "x-c": "call" })
      expect([...(sent[0]?.url.searchParams ?? [])]).toEqual([
        ["a", "layer"],
        ["b", "call"]
      ])
    })
  )

  it.effect("inside another locally: the innermost wins, whatever the case of a header's name", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(
        retrieve.pipe(
          RequestOptions.locally({ headers: { "X-Tenant": "innermost" } }),
          RequestOptions.locally({ headers: { "x-tenant": "middle", "x-other": "middle" } }),
          RequestOptions.locally({ headers: { "X-Tenant": "outermost" } })
        )
      )
      expect(sent[0]?.headers).toMatchObject({ "x-tenant": "innermost", "x-other": "middle" })
    })
  )

  it.effect("an undefined field does not override", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(
        archive.pipe(
          RequestOptions.locally({ idempotencyKey: undefined, headers: undefined }),
          RequestOptions.locally({ idempotencyKey: "signup-1", headers: { "x-tenant": "eu" } })
        )
      )
      expect(sent[0]?.headers).toMatchObject({ "idempotency-key": "signup-1", "x-tenant": "eu" })
    })
  )
})

describe("headers and query", () => {
  it.effect("override those of the client and of the operation", () =>
    Effect.gen(function* () {
      const list = Effect.flatMap(Customers.Customers, (customers) => customers.listPage({ limit: 10 }))
      const { sent } = yield* sentBy(
        list.pipe(
          RequestOptions.locally({ headers: { "X-API-KEY": "another", accept: "text/plain" }, query: { limit: "7" } })
        )
      )
      expect(sent[0]?.headers).toMatchObject({ "x-api-key": "another", accept: "text/plain" })
      expect(sent[0]?.target).toBe("/api/v1/customers?limit=7")
    })
  )

  it.effect.each<readonly [string, RequestOptions.CallOptions, string]>([
    ["a line break in a header", { headers: { "x-a": "b\r\nx-evil: 1" } }, "headers.x-a"],
    ["a header outside Latin-1", { headers: { "x-a": "日本" } }, "headers.x-a"],
    ["a header name with a space", { headers: { "x a": "b" } }, "headers.x a"],
    ["an empty header name", { headers: { "": "b" } }, "headers."],
    ["a line break in an idempotency key", { idempotencyKey: "a\nb" }, "idempotencyKey"],
    ["an empty idempotency key", { idempotencyKey: "" }, "idempotencyKey"]
  ])("%s fails with InvalidRequestError, and nothing is sent", ([, options, field]) =>
    Effect.gen(function* () {
      const { exit, sent } = yield* sentBy(archive.pipe(RequestOptions.locally(options)))
      expect(exit).toMatchObject({ left: { _tag: "StiggInvalidRequestError", field } })
      expect(sent).toEqual([])
    })
  )
})

describe("the idempotency key", () => {
  it.effect("of a call replaces the random one, also on retries", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(
        ScriptedClient.refusal(503, null, { "retry-after": "0" }),
        ok(customer("customer-acme"))
      )
      yield* archive.pipe(
        RequestOptions.locally({ idempotencyKey: "signup-4711" }),
        Effect.provide(ScriptedClient.services(scripted))
      )
      expect(scripted.sent.map(({ headers }) => headers["idempotency-key"])).toEqual(["signup-4711", "signup-4711"])
    })
  )

  it.effect("is sent with POST only", () =>
    Effect.gen(function* () {
      const { sent } = yield* sentBy(
        Effect.flatMap(Customers.Customers, (customers) =>
          Effect.all([customers.retrieve("a"), customers.update("a", {}), customers.paymentMethod.detach("a")])
        ).pipe(RequestOptions.locally({ idempotencyKey: "signup-4711" }))
      )
      expect(sent.map(({ method }) => method)).toEqual(["GET", "PATCH", "DELETE"])
      for (const { headers } of sent) expect(headers).not.toHaveProperty("idempotency-key")
    })
  )
})

it.effect("an infinite timeout disables the timeout", () =>
  Effect.gen(function* () {
    const scripted = ScriptedClient.sequence(Effect.delay(ok(customer("customer-acme")), "30 days"))
    const fiber = yield* retrieve.pipe(
      RequestOptions.locally({ timeout: Duration.infinity }),
      Effect.provide(ScriptedClient.services(scripted)),
      Effect.fork
    )
    yield* TestClock.adjust("31 days")
    expect((yield* Fiber.join(fiber)).id).toBe("customer-acme")
  })
)
