import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { EmulatorServer } from "effect-stigg/testing/node"
import { customers } from "./exchange.js"

const served = (options: EmulatorServer.Options) =>
  EmulatorServer.layer(options).pipe(Layer.provideMerge(FetchHttpClient.layer))

const page = "http://localhost:3000"

const ask = (method: "OPTIONS" | "GET", path: string, headers: { readonly [name: string]: string }) =>
  Effect.gen(function* () {
    const { url } = yield* EmulatorServer.EmulatorServer
    const client = yield* HttpClient.HttpClient
    const { headers: answered, status } = yield* client.execute(
      HttpClientRequest.make(method)(`${url}${path}`).pipe(HttpClientRequest.setHeaders(headers))
    )
    return { status, headers: answered, allowed: answered["access-control-allow-origin"] }
  })

const preflight = (origin: string, path = customers) =>
  ask("OPTIONS", path, {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "x-api-key,content-type"
  })

describe("a page of another origin", () => {
  it.live("is not allowed by default: a preflight is refused", () =>
    Effect.gen(function* () {
      const refused = yield* preflight(page)
      expect([refused.status, refused.allowed]).toEqual([401, undefined])
      expect((yield* ask("GET", customers, { origin: page, "x-api-key": "any" })).allowed).toBe(undefined)
    }).pipe(Effect.provide(served({})))
  )

  it.live("is allowed by its origin: to ask before a request, and to read the answer", () =>
    Effect.gen(function* () {
      const answer = yield* preflight(page)
      expect([answer.status, answer.allowed]).toEqual([204, page])
      expect(answer.headers["access-control-allow-methods"]).toBe("GET, POST, PATCH, DELETE")
      expect(answer.headers["access-control-allow-headers"]).toBe("x-api-key,content-type")
      const success = yield* ask("GET", customers, { origin: page, "x-api-key": "client-1" })
      expect([success.status, success.allowed, success.headers["vary"]]).toEqual([200, page, "Origin"])
      const failure = yield* ask("GET", customers, { origin: page })
      expect([failure.status, failure.allowed]).toEqual([401, page])
      expect(failure.headers["access-control-expose-headers"]).toContain("x-trace-id")
    }).pipe(Effect.provide(served({ corsOrigins: [page] })))
  )

  it.live("is not allowed by the origin of another page", () =>
    Effect.gen(function* () {
      const refused = yield* preflight("http://localhost:3001")
      expect([refused.status, refused.allowed]).toEqual([401, undefined])
    }).pipe(Effect.provide(served({ corsOrigins: [page] })))
  )

  it.live("is allowed by *, but never to use the control routes", () =>
    Effect.gen(function* () {
      expect((yield* preflight("https://example.com")).allowed).toBe("https://example.com")
      const control = yield* preflight("https://example.com", "/_emulator/faults")
      expect([control.status, control.allowed]).toEqual([403, undefined])
    }).pipe(Effect.provide(served({ corsOrigins: ["*"] })))
  )

  it.effect.each(["localhost:3000", "http://localhost:3000/", "HTTP://LOCALHOST", "", "null", "http://localhost:80"])(
    "must be named by an origin, not by %j",
    (origin) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Layer.build(EmulatorServer.layer({ corsOrigins: [page, origin] })))
        expect(error).toMatchObject({ _tag: "StiggInvalidServerOptionsError" })
        expect(error.message.startsWith("corsOrigins.1: ")).toBe(true)
      }).pipe(Effect.scoped)
  )
})
