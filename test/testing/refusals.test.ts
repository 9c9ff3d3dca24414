import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Faults } from "effect-stigg/testing"
import { customers, emulated, failure, get, post, provisioned, send } from "./exchange.js"

const acme = `${customers}/acme`

describe("an error has a trace id", () => {
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  /** The id in the headers. `send` compares it with the one in the body. */
  const traceOf = (method: "GET" | "POST" | "PUT", path: string, options = {}) =>
    Effect.map(send(method, path, options), ({ headers }) => headers["x-trace-id"])
  const failing = [
    ["GET", "/unknown"],
    ["PUT", customers],
    ["GET", `${customers}/nobody`],
    ["GET", `${customers}?limit=0`],
    ["POST", customers, { body: {} }],
    ["GET", customers, { headers: { "x-api-key": "" } }],
    ["POST", customers, { body: { id: "a" }, headers: { "x-api-key": "client-a" } }],
    ["GET", `${customers}/%zz`]
  ] as const

  const traces = Effect.forEach(failing, ([method, path, options]) => traceOf(method, path, options))

  it.effect("of its own, whatever the error", () =>
    Effect.gen(function* () {
      const all = yield* traces
      for (const trace of all) expect(trace).toMatch(uuid)
      expect(new Set(all).size).toBe(failing.length)
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("that is the same in each run, and another for another seed", () =>
    Effect.gen(function* () {
      const first = yield* Effect.provide(traces, emulated({ idSeed: 1 }))
      expect(yield* Effect.provide(traces, emulated({ idSeed: 1 }))).toEqual(first)
      expect(yield* Effect.provide(traces, emulated({ idSeed: 2 }))).not.toEqual(first)
    })
  )

  const slow = { message: "slow down", code: "RateLimitExceeded" }

  it.effect("also if it is injected without a body", () =>
    Effect.gen(function* () {
      expect(yield* traceOf("GET", customers)).toMatch(uuid)
      const own = yield* get(customers)
      expect([own.body, own.headers["x-trace-id"]]).toEqual([slow, undefined])
    }).pipe(
      Effect.provide(
        emulated({
          faults: [
            { fault: Faults.status(503), times: 1 },
            { fault: Faults.status(429, { body: slow }), times: 1 }
          ]
        })
      )
    )
  )

  it.effect("that an injected fault can name", () =>
    Effect.gen(function* () {
      expect(yield* traceOf("GET", customers)).toBe("4711")
    }).pipe(
      Effect.provide(emulated({ faults: [{ fault: Faults.status(429, { headers: { "x-trace-id": "4711" } }) }] }))
    )
  )

  it.effect("and a success has none", () =>
    Effect.gen(function* () {
      expect((yield* get(customers)).headers["x-trace-id"]).toBe(undefined)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("a refusal quotes little of what it refuses", () => {
  const long = "x".repeat(100_000)
  const rows = Array.from({ length: 1001 }, (_, i) => ({ id: `customer-${i}`, name: long.slice(0, 200), email: null }))

  it.effect.each([
    [
      "an import of 1,001 customers",
      "POST",
      `${customers}/import`,
      { customers: rows },
      "customers: Expected at most 1,000"
    ],
    ["a long name", "POST", customers, { id: "a", name: long }, "name: Expected a string of at most 255 characters"],
    ["an unknown field with a long name", "POST", customers, { id: "a", [long]: 1 }, "xxx"],
    ["a long key of metadata", "POST", customers, { id: "a", metadata: { [long]: 1 } }, "metadata.xxx"],
    ["a long path", "GET", `/${long.slice(0, 10_000)}`, undefined, "Cannot GET /xxx"],
    [
      "a long feature id",
      "POST",
      `${acme}/promotional-entitlements`,
      { promotionalEntitlements: [{ featureId: long, period: "2 weeks" }] },
      "promotionalEntitlements.0.period"
    ]
  ] as const)("%s", ([, method, path, body, start]) =>
    Effect.gen(function* () {
      yield* provisioned("acme")
      const answer = yield* send(method, path, { body })
      expect([400, 404]).toContain(answer.status)
      expect(String(answer.body["message"]).slice(0, start.length)).toBe(start)
      expect(JSON.stringify(answer.body).length).toBeLessThan(500)
    }).pipe(Effect.provide(emulated()))
  )
})

describe("a list in a query", () => {
  const links = ["STRIPE", "HUBSPOT", "ZUORA"].map((vendorIdentifier, i) => ({ id: `i${i}`, vendorIdentifier }))
  const linked = (query: string) => Effect.map(get(`${acme}/integrations?${query}`), ({ ids }) => ids)

  it.effect("is joined by commas, or has a parameter for each item, or both", () =>
    Effect.gen(function* () {
      expect(yield* linked("vendorIdentifier=STRIPE,ZUORA")).toEqual(["i0", "i2"])
      expect(yield* linked("vendorIdentifier=STRIPE&vendorIdentifier=ZUORA")).toEqual(["i0", "i2"])
      expect(yield* linked("vendorIdentifier=STRIPE,HUBSPOT&vendorIdentifier=ZUORA")).toEqual(["i0", "i1", "i2"])
    }).pipe(Effect.provide(emulated({ seed: { customers: [{ id: "acme", integrations: links }] } })))
  )

  it.effect("of a check can be repeated too", () =>
    Effect.gen(function* () {
      const check = (query: string) =>
        Effect.map(
          get(`${acme}/entitlements/check?featureId=region&${query}`),
          ({ data }) => data["accessDeniedReason"]
        )
      expect(yield* check("requestedValues=eu&requestedValues=us")).toBe(null)
      expect(yield* check("requestedValues=eu&requestedValues=asia")).toBe("RequestedValuesMismatch")
    }).pipe(
      Effect.provide(
        emulated({
          seed: {
            features: [{ id: "region", type: "ENUM" }],
            plans: [{ id: "pro", features: [{ featureId: "region", values: ["eu", "us"] }] }],
            customers: [{ id: "acme", plan: "pro" }]
          }
        })
      )
    )
  )
})

describe("a body that is not UTF-8", () => {
  it.effect.each([
    ["a lone continuation", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a cut character", [0xe2, 0x82]]
  ] as const)("is a 400: %s", ([, bytes]) =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const [before, after] = [`{"id":"acme","name":"`, `"}`].map((text) => new TextEncoder().encode(text))
      const response = yield* HttpClientRequest.post(`http://emulator${customers}`).pipe(
        HttpClientRequest.setHeader("x-api-key", "any"),
        HttpClientRequest.bodyUint8Array(
          Uint8Array.from([...(before ?? []), ...bytes, ...(after ?? [])]),
          "application/json"
        ),
        client.execute
      )
      expect([response.status, yield* response.json]).toMatchObject([
        400,
        { message: "body: not valid UTF-8", code: "BadUserInput" }
      ])
      expect((yield* get(customers)).ids).toEqual([])
    }).pipe(Effect.provide(emulated()))
  )
})

describe("after together with before", () => {
  const seed = { customers: ["a", "b", "c", "d", "e"].map((id) => ({ id })) }
  const walked = Effect.gen(function* () {
    const first = yield* get(`${customers}?limit=2`)
    const second = yield* get(`${customers}?limit=2&after=${String(first.next)}`)
    // As the Ruby client asks for the third page.
    return yield* get(`${customers}?limit=2&after=${String(first.next)}&before=${String(second.prev)}`)
  })

  it.effect("is the page after the one that starts at before", () =>
    Effect.gen(function* () {
      expect((yield* walked).ids).toEqual(["e"])
    }).pipe(Effect.provide(emulated({ seed })))
  )

  it.effect("is a 400 if the emulator is strict", () =>
    Effect.gen(function* () {
      const answer = yield* walked
      expect(failure(answer)).toEqual({ status: 400, code: "BadUserInput" })
      expect(answer.body["message"]).toBe("before: after and before are mutually exclusive")
      const invoices = yield* get(`${customers}/a/invoices?after=x&before=y`)
      expect(invoices.body).toEqual(answer.body)
      expect((yield* get(`${customers}?after=x&before=y`, { headers: { "x-api-key": "" } })).status).toBe(401)
      expect((yield* post(`${customers}?after=x&before=y`, { id: "f" })).status).toBe(201)
    }).pipe(Effect.provide(emulated({ seed, strict: true })))
  )
})
