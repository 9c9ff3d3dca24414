import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as net from "node:net"
import { json } from "./document.js"
import { customers, emulated, get } from "./exchange.js"

const segment = FastCheck.oneof(
  FastCheck.constantFrom(
    "api",
    "v1",
    "customers",
    "acme",
    "import",
    "archive",
    "entitlements",
    "check",
    "integrations"
  ),
  FastCheck.constantFrom("promotional-entitlements", "payment-method", "invoices", "resources", "contracts", "i"),
  FastCheck.constantFrom("", ".", "..", "%", "%zz", "%00", "%2F", "%25", "__proto__", "toString", "*", ":id", "{id}"),
  FastCheck.string({ unit: "grapheme", maxLength: 8 }).map(encodeURIComponent),
  FastCheck.string({ maxLength: 8 }).map((text) => text.replace(/[\s#]/g, "_"))
)

const path = FastCheck.oneof(
  FastCheck.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join("/")}`),
  FastCheck.array(segment, { maxLength: 3 }).map((segments) => `${customers}/${segments.join("/")}`),
  FastCheck.array(segment, { maxLength: 2 }).map((segments) => `${customers}/acme/${segments.join("/")}`)
)

const names = ["after", "limit", "createdAt[gt]", "createdAt", "email", "status", "featureId", "requestedUsage"]
const query = FastCheck.array(
  FastCheck.tuple(
    FastCheck.oneof(FastCheck.constantFrom(...names, "__proto__", "constructor"), FastCheck.string({ maxLength: 5 })),
    FastCheck.oneof(FastCheck.constantFrom("", "0", "1", "1e999", "a,b", ","), FastCheck.string({ maxLength: 20 }))
  ),
  { maxLength: 4 }
).map((pairs) => pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&"))

const fields = ["id", "name", "email", "metadata", "customers", "integrations", "promotionalEntitlements", "featureId"]
const value = FastCheck.letrec((tie) => ({
  value: FastCheck.oneof(
    { maxDepth: 3 },
    FastCheck.constantFrom("acme", "new", "1 week", null, 1.5, -1, true, "2026-01-01T00:00:00.000Z"),
    FastCheck.jsonValue(),
    FastCheck.array(tie("value"), { maxLength: 3 }),
    FastCheck.dictionary(FastCheck.constantFrom(...fields, "period", "vendorIdentifier"), tie("value"), { maxKeys: 4 })
  )
})).value

const body = FastCheck.oneof(
  FastCheck.constant(undefined),
  value.map((one) => JSON.stringify(one)),
  value.map((one) => JSON.stringify(one).slice(0, -1)),
  FastCheck.string()
)

const request = FastCheck.record({
  method: FastCheck.constantFrom(...(["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"] as const)),
  path,
  query,
  body,
  key: FastCheck.constantFrom("k", "k", "k", ""),
  idempotencyKey: FastCheck.constantFrom("", "1", "2", "\u0000"),
  contentType: FastCheck.constantFrom("application/json", "application/json", "text/plain", "multipart/form-data", ";")
})

describe("a malformed request", () => {
  it.effect(
    "always gets one of the API's responses: 10,000 random requests",
    () =>
      Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        const expected = new Set([200, 201, 400, 401, 404, 409])
        for (const random of FastCheck.sample(request, { numRuns: 10_000, seed: 42 })) {
          const response = yield* HttpClientRequest.make(random.method)(`http://x${random.path}?${random.query}`).pipe(
            HttpClientRequest.setHeaders({ "x-api-key": random.key, "idempotency-key": random.idempotencyKey }),
            random.body === undefined ? (self) => self : HttpClientRequest.bodyText(random.body, random.contentType),
            client.execute
          )
          const answer: unknown = JSON.parse(yield* response.text)
          const asked = JSON.stringify(random)
          expect(expected.has(response.status), `${response.status} to ${asked}`).toBe(true)
          if (response.status >= 400) expect(Object.keys(json(answer)), asked).toEqual(["message", "code", "traceId"])
        }
        expect((yield* get(customers)).status).toBe(200)
      }).pipe(Effect.provide(emulated({ seed: { customers: [{ id: "acme" }] } }))),
    60_000
  )

  it.live(
    "never stops a server: 1,000 random requests and 1,000 that are not even HTTP",
    () =>
      Effect.gen(function* () {
        const { port, url } = yield* EmulatorServer.EmulatorServer
        const speak = (bytes: string) =>
          Effect.async<void>((resume) => {
            const socket = net.connect(port, "127.0.0.1")
            socket.on("error", () => {})
            socket.on("close", () => resume(Effect.void))
            socket.resume()
            socket.end(bytes)
          })
        const lines = FastCheck.sample(request, { numRuns: 1000, seed: 7 }).map(
          ({ body = "", contentType, key, method, path, query }) =>
            `${method} ${path}?${query} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: ${contentType}\r\n` +
            `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
        )
        const garbage = FastCheck.sample(FastCheck.tuple(FastCheck.constantFrom(...lines), FastCheck.nat(120)), {
          numRuns: 1000,
          seed: 7
        }).map(([line, cut]) => line.slice(0, cut))
        yield* Effect.forEach([...lines, ...garbage], speak, { concurrency: 50, discard: true })
        const client = yield* HttpClient.HttpClient
        expect((yield* client.get(`${url}${customers}`, { headers: { "x-api-key": "k" } })).status).toBe(200)
      }).pipe(Effect.provide(Layer.merge(EmulatorServer.layer(), FetchHttpClient.layer))),
    60_000
  )
})
