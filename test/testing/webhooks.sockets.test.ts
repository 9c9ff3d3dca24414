import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type { Seed } from "effect-stigg/testing"
import { Webhooks } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "./document.js"
import { customers, post } from "./exchange.js"

interface Got {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: Http.IncomingHttpHeaders
  readonly body: { readonly [key: string]: unknown }
}

/** An HTTP server that answers the nth request as told, and keeps what it got. */
const receiver = (answer: (response: Http.ServerResponse, nth: number) => void) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly got: Array<Got>; readonly server: Http.Server }>((resume) => {
      const got: Array<Got> = []
      const server = Http.createServer((request, response) => {
        let text = ""
        request.on("data", (bytes: Buffer) => (text += bytes.toString()))
        request.on("end", () => {
          const { headers, method, url } = request
          got.push({ method, url, headers, body: json(JSON.parse(text)) })
          answer(response, got.length)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}/hook?of=acme`, got, server }))
      })
    }),
    ({ server }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

const secret = Redacted.make("a secret")

const provision = (id: string) =>
  Effect.gen(function* () {
    const { url } = yield* EmulatorServer.EmulatorServer
    const { status } = yield* post(customers, { id }, { baseUrl: url })
    expect(status).toBe(201)
  }).pipe(Effect.provide(FetchHttpClient.layer))

describe("a webhook over HTTP", () => {
  it.scopedLive("is a POST of JSON with the secret", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver((response) => response.writeHead(202).end("{}"))
      yield* Effect.provide(
        Effect.zipRight(provision("acme"), Webhooks.idle),
        EmulatorServer.layer({ webhooks: [{ url, secret }] })
      )
      expect(got).toMatchObject([
        {
          method: "POST",
          url: "/hook?of=acme",
          headers: { "content-type": "application/json", "stigg-webhooks-secret": "a secret" },
          body: { type: "customer.created", id: "acme" }
        }
      ])
      expect(got[0]?.headers).not.toHaveProperty("traceparent")
    })
  )

  it.scopedLive("is delivered by an answer without a body", () =>
    Effect.gen(function* () {
      const statuses = [204, 205, 200]
      const { got, url } = yield* receiver((response, nth) => response.writeHead(statuses[nth - 1] ?? 500).end())
      yield* Effect.gen(function* () {
        yield* Effect.forEach(statuses, (status) => provision(`customer-${status}`))
        yield* Webhooks.idle
        expect(yield* Webhooks.deliveries).toMatchObject(
          statuses.map((status) => ({ status, attempt: 1, outcome: "delivered", error: null }))
        )
      }).pipe(Effect.provide(EmulatorServer.layer({ webhooks: [{ url, secret }] })))
      expect(got).toHaveLength(3)
    })
  )

  it.scopedLive("is tried again after a reset connection, an error, and a redirect", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver((response, nth) => {
        if (nth === 1) response.destroy()
        else if (nth === 2) response.writeHead(500).end("no")
        else if (nth === 3) response.writeHead(307, { location: "/elsewhere" }).end()
        else response.writeHead(200).end()
      })
      const deliveries = yield* Effect.provide(
        Effect.zipRight(Effect.zipRight(provision("acme"), Webhooks.idle), Webhooks.deliveries),
        EmulatorServer.layer({ webhooks: [{ url, secret }] })
      )
      expect(deliveries.map(({ outcome, status }) => [outcome, status])).toEqual([
        ["retrying", null],
        ["retrying", 500],
        ["retrying", 307],
        ["delivered", 200]
      ])
      expect(deliveries[0]?.error).toContain("Transport")
      expect(got.length).toBe(4)
    })
  )

  it.scopedLive("to a receiver that never answers slows neither the API nor the end of the emulator", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver(() => {})
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(EmulatorServer.layer({ webhooks: [{ url, secret }] }), scope)
      const started = performance.now()
      yield* Effect.provide(
        Effect.forEach(
          Array.from({ length: 50 }, (_, i) => `c-${i}`),
          provision,
          { discard: true }
        ),
        context
      )
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => got.length === 1 })
      yield* Scope.close(scope, Effect.exit(Effect.void).pipe(Effect.runSync))
      expect(performance.now() - started).toBeLessThan(5000)
    })
  )

  it.scopedLive("to a port where nobody listens names the reason", () =>
    Effect.gen(function* () {
      const { server, url } = yield* receiver(() => {})
      yield* Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
      const deliveries = yield* Effect.provide(
        Effect.gen(function* () {
          yield* provision("acme")
          return yield* Effect.repeat(Effect.delay(Webhooks.deliveries, "5 millis"), {
            until: (deliveries) => deliveries.length >= 4
          })
        }),
        EmulatorServer.layer({ webhooks: [{ url, secret }] })
      )
      expect(deliveries[0]?.error).toContain("ECONNREFUSED")
    })
  )

  it.scopedLive("tells by itself that a trial has ended", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver((response) => response.end())
      const seed: Seed.Input = {
        plans: [{ id: "pro" }],
        customers: [{ id: "acme", subscriptions: [{ planId: "pro", isTrial: true, endDate: { in: "1 second" } }] }]
      }
      yield* Effect.provide(
        Effect.repeat(Effect.sleep("10 millis"), { until: () => got.length === 2 }),
        EmulatorServer.layer({ seed, webhooks: [{ url, secret }] })
      )
      expect(got.map(({ body }) => body["type"])).toEqual(["trial.expired", "entitlements.updated"])
    })
  )

  it.scopedLive("arrives once for each of many events, in their order", () =>
    Effect.gen(function* () {
      const { got, url } = yield* receiver((response) => response.end())
      const ids = Array.from({ length: 50 }, (_, i) => `customer-${i}`)
      yield* Effect.provide(
        Effect.zipRight(Effect.forEach(ids, provision, { discard: true }), Webhooks.idle),
        EmulatorServer.layer({ webhooks: [{ url, secret }] })
      )
      expect(got.map(({ body }) => body["id"])).toEqual(ids)
      expect(new Set(got.map(({ body }) => body["messageId"])).size).toBe(ids.length)
    })
  )

  it.live("with an invalid URL is refused at the start", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(EmulatorServer.layer({ webhooks: [{ url: "localhost", secret }] })))
      )
      expect([error._tag, error.message]).toEqual([
        "StiggInvalidWebhookError",
        "webhooks.0.url: Expected an http or https URL without a user name or password"
      ])
    })
  )
})
