import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { RetryPolicy, StiggClient } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { ok, refusal } = ScriptedClient

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

  it.effect("returns the whole JSON of the response", () =>
    Effect.gen(function* () {
      const { result, sent } = yield* send({ method: "GET", path: "/api/v1/coupons" })
      expect(result).toMatchObject({ right: { data: { id: "launch" } } })
      expect(sent[0]).toMatchObject({ method: "GET", target: "/api/v1/coupons", body: "" })
      expect(sent[0]?.headers).toMatchObject({ "x-api-key": ScriptedClient.apiKey, accept: "application/json" })
    })
  )

  it.effect("decodes with a schema and fails with ResponseDecodeError on a mismatch", () =>
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
    ["a path that does not start with /", { path: "@evil.example/x" }, "path"],
    ["a full URL as the path", { path: "https://evil.example/x" }, "path"],
    ["a path parameter that is missing", { path: "/x/{id}" }, "id"],
    ["a path parameter that is empty", { path: "/x/{id}", pathParams: { id: "" } }, "id"],
    ["a path parameter that is .", { path: "/x/{id}", pathParams: { id: "." } }, "id"],
    ["a path parameter that is ..", { path: "/x/{id}", pathParams: { id: ".." } }, "id"],
    ["a cyclic body", { method: "POST", body: cyclic() }, "body"],
    ["a bigint in a body", { method: "POST", body: { amount: 1n } }, "body"],
    ["a body that throws when serialized", { method: "PUT", body: throwing }, "body"],
    ["a cyclic query", { query: { a: cyclic() } }, "query"],
    ["a body with GET", { method: "GET", body: {} }, "body"]
  ])("rejects %s before anything is sent", ([, params, field]) =>
    Effect.gen(function* () {
      const { result, sent } = yield* send({ method: "GET", path: "/x", ...params })
      expect(result).toMatchObject({ left: { _tag: "StiggInvalidRequestError", field } })
      expect(sent).toEqual([])
    })
  )

  it.effect("encodes a query: brackets, commas, ISO timestamps, and nothing for absent values", () =>
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

  it.effect("is named after its method and path in errors, or by the given name", () =>
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

  it.effect("is retried like every other call", () =>
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

  it.effect("keeps a path in the base URL, with or without a trailing slash", () =>
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
