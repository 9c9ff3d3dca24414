import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { customers, emulated, failure, get, post, provisioned, send } from "./exchange.js"

const acme = `${customers}/acme`
const badInput = { status: 400, code: "BadUserInput" }
const grant = (fields: object) => ({ promotionalEntitlements: [{ featureId: "f", period: "1 week", ...fields }] })

describe("a bad request is a 400 that names the field", () => {
  it.effect.each([
    ["unknown", "POST", customers, { id: "a", unknown: 1 }],
    ["id", "POST", customers, {}],
    ["id", "POST", customers, { id: "" }],
    ["id", "POST", customers, { id: "-a" }],
    ["id", "POST", customers, { id: "a".repeat(256) }],
    ["email", "POST", customers, { id: "a", email: "nonsense" }],
    ["name", "POST", customers, { id: "a", name: 1 }],
    ["metadata.a", "POST", customers, { id: "a", metadata: { a: 1 } }],
    ["integrations.0.id", "POST", customers, { id: "a", integrations: [{}] }],
    ["body", "POST", customers, []],
    ["body", "POST", customers, undefined],
    ["unknown", "PATCH", acme, { unknown: 1 }],
    ["id", "PATCH", acme, { id: "b" }],
    ["name", "PATCH", acme, { name: "a".repeat(256) }],
    ["customers", "POST", `${customers}/import`, { customers: [] }],
    ["customers.1.email", "POST", `${customers}/import`, { customers: [row("a"), { id: "b", name: null }] }],
    ["customers", "POST", `${customers}/import`, { customers: Array.from({ length: 1001 }, (_, i) => row(`c${i}`)) }],
    ["paymentMethodId", "POST", `${acme}/payment-method`, { integrationId: "i", vendorIdentifier: "STRIPE" }],
    ["syncedEntityId", "POST", `${acme}/integrations`, { id: "i", vendorIdentifier: "STRIPE" }],
    ["syncedEntityId", "PATCH", `${acme}/integrations/i`, {}],
    ["promotionalEntitlements", "POST", `${acme}/promotional-entitlements`, { promotionalEntitlements: [] }],
    ["promotionalEntitlements.0.period", "POST", `${acme}/promotional-entitlements`, grant({ period: "2 weeks" })],
    [
      "promotionalEntitlements.0.customEndDate",
      "POST",
      `${acme}/promotional-entitlements`,
      grant({ period: "custom" })
    ],
    ["promotionalEntitlements.0.usageLimit", "POST", `${acme}/promotional-entitlements`, grant({ usageLimit: 1.5 })],
    ["id", "GET", `${customers}/${"a".repeat(256)}`, undefined],
    ["featureId", "GET", `${acme}/entitlements/check`, undefined],
    ["currencyId", "GET", `${acme}/entitlements/check?featureId=f&currencyId=c`, undefined],
    ["requestedUsage", "GET", `${acme}/entitlements/check?featureId=f&requestedUsage=-1`, undefined],
    ["requestedUsage", "GET", `${acme}/entitlements/check?featureId=f&requestedUsage=1.5`, undefined],
    ["requestedValues", "GET", `${acme}/entitlements/check?currencyId=c&requestedValues=a`, undefined],
    ["featureId", "GET", `${acme}/entitlements/check?featureId=${"f".repeat(256)}`, undefined],
    ["orderBy", "GET", `${acme}/invoices?orderBy=colour`, undefined],
    ["issuedAfter", "GET", `${acme}/invoices?issuedAfter=yesterday`, undefined],
    ["after", "GET", `${acme}/invoices?after=nonsense`, undefined]
  ] as const)("%s of %s %s", ([field, method, path, body]) =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const answer = yield* send(method, path, { body })
      expect(failure(answer)).toEqual(badInput)
      expect(String(answer.body["message"]).startsWith(`${field}: `), String(answer.body["message"])).toBe(true)
      expect((yield* get(customers)).ids).toEqual(["acme"])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect.each(["{", "", '{"id":"a"', "null", "\u0000"])("also for a body that is not a JSON object: %j", (text) =>
    Effect.gen(function* () {
      const answer = yield* send("POST", customers, { text })
      expect(failure(answer)).toEqual(badInput)
      expect(answer.body["message"]).toContain("body: ")
    }).pipe(Effect.provide(emulated()))
  )

  it.effect.each([
    ["a list", "[".repeat(100_000) + "]".repeat(100_000)],
    ["a field", `{"id":"a","metadata":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`]
  ] as const)("also for excessive nesting: %s", ([, text]) =>
    Effect.gen(function* () {
      const answer = yield* send("POST", customers, { text })
      expect(answer.body).toEqual({ message: "body: nested too deeply", code: "BadUserInput" })
    }).pipe(Effect.provide(emulated()))
  )
})

describe("a path with invalid percent-encoding", () => {
  it.effect.each(["%zz", "%E0%A4%A", "%"])("is a 400 with that reason: %s", (segment) =>
    Effect.gen(function* () {
      const answer = yield* get(`${customers}/${segment}`)
      expect([answer.status, answer.body]).toEqual([
        400,
        { message: "path: not valid percent-encoding", code: "BadUserInput" }
      ])
    }).pipe(Effect.provide(emulated()))
  )
})

describe("a body", () => {
  const as = (contentType: string) => ({ headers: { "content-type": contentType } })

  it.effect("must be JSON: another type is a 400 if the route reads a body, and ignored otherwise", () =>
    Effect.gen(function* () {
      const form = yield* send("POST", customers, { text: "id=a", contentType: "application/x-www-form-urlencoded" })
      expect(form.body).toEqual({ code: "BadUserInput", message: "content-type: expected application/json" })
      yield* provisioned("acme")
      expect((yield* get(acme, as("text/plain"))).status).toBe(200)
      expect((yield* send("POST", `${acme}/archive`, { text: "x=1", contentType: "text/plain" })).status).toBe(200)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("can name its charset", () =>
    Effect.gen(function* () {
      const contentType = "application/json; charset=utf-8"
      expect((yield* send("POST", customers, { text: '{"id":"acme"}', contentType })).status).toBe(201)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("an unknown route", () => {
  it.effect.each([
    ["GET", "/"],
    ["GET", "/api/v1/plans"],
    ["PUT", customers],
    ["DELETE", acme],
    ["GET", "/API/V1/customers"],
    ["GET", "/api/v1//customers"]
  ] as const)("is a 404 with the API's error body: %s %s", ([method, path]) =>
    Effect.gen(function* () {
      const answer = yield* send(method, path)
      expect(answer.status).toBe(404)
      expect(answer.body).toEqual({ message: `Cannot ${method} ${path}`, code: "RouteNotFound" })
    }).pipe(Effect.provide(emulated()))
  )
})

describe("credentials", () => {
  const unauthenticated = { status: 401, code: "Unauthenticated" }
  const as = (headers: { readonly [name: string]: string }) =>
    Effect.map(get(customers, { headers: { "x-api-key": "", ...headers } }), failure)
  const accepted = { status: 200, code: undefined }

  it.effect("can be any API key, or a user token with an environment", () =>
    Effect.gen(function* () {
      expect(yield* as({ "x-api-key": "anything" })).toEqual(accepted)
      expect(yield* as({ authorization: "Bearer t", "x-environment-id": "e" })).toEqual(accepted)
      expect(yield* as({ authorization: "Bearer t", "x-environment-id": "e", "x-account-id": "a" })).toEqual(accepted)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("are required: without them the response is a 401", () =>
    Effect.gen(function* () {
      expect(yield* as({})).toEqual(unauthenticated)
      expect(yield* as({ authorization: "Bearer t" })).toEqual(unauthenticated)
      expect(yield* as({ authorization: "Bearer ", "x-environment-id": "e" })).toEqual(unauthenticated)
      expect(yield* as({ authorization: "Basic t", "x-environment-id": "e" })).toEqual(unauthenticated)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("must be the configured key, if there is one", () =>
    Effect.gen(function* () {
      expect(yield* as({ "x-api-key": "right" })).toEqual(accepted)
      expect(yield* as({ "x-api-key": "wrong" })).toEqual(unauthenticated)
    }).pipe(Effect.provide(emulated({ apiKey: Redacted.make("right") })))
  )

  it.effect("are checked before the body", () =>
    Effect.gen(function* () {
      const answer = yield* post(customers, { unknown: 1 }, { headers: { "x-api-key": "" } })
      expect(failure(answer)).toEqual(unauthenticated)
    }).pipe(Effect.provide(emulated()))
  )
})

function row(id: string) {
  return { id, name: null, email: null }
}
