import * as HttpClient from "@effect/platform/HttpClient"
import { Customers, RequestOptions, RetryPolicy, Stigg, StiggClient, StiggError } from "effect-stigg"
import { Operation } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Addresses, Check } from "../Check.js"
import { check, Servers } from "../Check.js"
import type { Observed, Scenario } from "../Peer.js"
import { operations } from "./operations.js"
import { customerOf, walked } from "./world.js"

const key = "server-key-that-is-secret"

const ObservedJson: Schema.Schema<Observed> = Schema.Struct({ received: Schema.Int, aborted: Schema.Int })

const clientOf = (http: Layer.Layer<HttpClient.HttpClient>, baseUrl: (servers: Addresses) => string) =>
  Layer.unwrapEffect(
    Effect.map(Servers, (servers) => Stigg.layer({ apiKey: Redacted.make(key), baseUrl: baseUrl(servers) }))
  ).pipe(Layer.provide(RetryPolicy.layer({ schedule: Schedule.spaced("5 millis") })), Layer.provideMerge(http))

/** The checks of a client that opens sockets. */
export const over = (name: string, http: Layer.Layer<HttpClient.HttpClient>): ReadonlyArray<Check> => {
  const at = (baseUrl: (servers: Addresses) => string) => Effect.provide(clientOf(http, baseUrl))
  const emulator = at(({ api }) => api)
  const peer = (scenario: Scenario) => at((servers) => `${servers.peer}/${scenario}`)

  const observed = (scenario: Scenario) =>
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const response = yield* client.get(`${(yield* Servers).peer}/observed/${scenario}`)
      return yield* Schema.decodeUnknown(ObservedJson)(yield* response.json)
    }).pipe(Effect.scoped)

  /** Waits until the server has seen it. */
  const awaited = (scenario: Scenario, until: (seen: Observed) => boolean) =>
    Effect.repeat(observed(scenario), { until, schedule: Schedule.spaced("10 millis") })

  const retrieve = Effect.flatMap(Customers.Customers, ({ retrieve }) => retrieve("a/b c"))

  const failed = (effect: Effect.Effect<unknown, StiggError.StiggError, Customers.Customers>) =>
    Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

  /** The error of a call, and how many connections it closed early. */
  const aborting = (scenario: Scenario) =>
    Effect.gen(function* () {
      const before = (yield* observed(scenario)).aborted
      const tag = yield* failed(RetryPolicy.locally(retrieve, { maxRetries: 0 }))
      yield* awaited(scenario, ({ aborted }) => aborted === before + 1)
      return tag
    }).pipe(peer(scenario))

  const checks = [
    check(
      "a stream follows the pages",
      Effect.flatMap(Customers.Customers, ({ list }) => Stream.runCount(list({ name: "Walked" }))).pipe(emulator),
      walked
    ),
    check(
      "50 calls at once",
      Effect.gen(function* () {
        const { retrieve } = yield* Customers.Customers
        const ids = Array.from({ length: 50 }, (_, index) => `walked-${String(index).padStart(3, "0")}`)
        const found = yield* Effect.forEach(ids, retrieve, { concurrency: "unbounded" })
        return found.every(({ id }, index) => id === ids[index])
      }).pipe(emulator),
      true
    ),
    check("an unknown customer is StiggNotFoundError", failed(retrieve).pipe(emulator), "StiggNotFoundError"),
    check(
      "an unknown route is StiggRouteNotFoundError",
      failed(retrieve).pipe(at(({ peer }) => `${peer}/nowhere`)),
      "StiggRouteNotFoundError"
    ),
    check(
      "a call is sent with its path, key and content type",
      Effect.map(
        Effect.flatMap(Customers.Customers, ({ update }) => update("a/b c", { name: "Acme" })),
        ({ metadata }) => metadata
      ).pipe(peer("echo")),
      {
        method: "PATCH",
        path: "/echo/api/v1/customers/a%2Fb%20c",
        key,
        type: "application/json",
        accept: "application/json",
        idempotency: "without"
      }
    ),
    check(
      "a POST is retried with the same idempotency key",
      Effect.map(
        Effect.flatMap(Customers.Customers, ({ provision }) => provision({ id: "customer-new" })),
        ({ id }) => id
      ).pipe(peer("flaky")),
      "attempt-3"
    ),
    check(
      "the status and headers of a response can be read",
      Effect.map(StiggClient.withResponse(retrieve), ([{ id }, response]) => [
        id,
        response?.status ?? 0,
        response?.headers["content-type"] ?? ""
      ]).pipe(peer("echo")),
      ["echo", 200, "application/json"]
    ),
    check(
      "a redirect is not followed",
      Effect.gen(function* () {
        const before = (yield* observed("elsewhere")).received
        const error = yield* Effect.flip(retrieve)
        const after = (yield* observed("elsewhere")).received
        // Browsers hide the status.
        const status = error._tag === "StiggAPIStatusError" ? error.status : -1
        return [error._tag, status === 302 || status === 0, after - before]
      }).pipe(peer("redirect")),
      ["StiggAPIStatusError", true, 0]
    ),
    check(
      "a page of a gateway is StiggInternalServerError, and the key in it is redacted",
      Effect.gen(function* () {
        const error = yield* Effect.flip(retrieve)
        const text = JSON.stringify(yield* Schema.encode(StiggError.StiggError)(error)) + String(error)
        return [error._tag, text.includes("No route for"), text.includes(key)]
      }).pipe(peer("gateway")),
      ["StiggInternalServerError", true, false]
    ),
    check(
      "a refused connection is StiggAPIConnectionError",
      // No server listens on port 9 of the loopback, and browsers block it.
      failed(retrieve).pipe(at(() => "http://127.0.0.1:9")),
      "StiggAPIConnectionError"
    ),
    check("a reset is StiggAPIConnectionError", failed(retrieve).pipe(peer("reset")), "StiggAPIConnectionError"),
    check(
      "a reset inside the body is StiggAPIConnectionError",
      failed(retrieve).pipe(peer("resetInBody")),
      "StiggAPIConnectionError"
    ),
    check(
      "without a response, the call times out and the connection is closed",
      aborting("silence").pipe(RequestOptions.locally({ timeout: "100 millis" })),
      "StiggAPITimeoutError"
    ),
    check(
      "with a body that stalls, the call times out and the connection is closed",
      aborting("stall").pipe(RequestOptions.locally({ timeout: "100 millis" })),
      "StiggAPITimeoutError"
    ),
    check(
      "a body without an end is StiggResponseTooLargeError, and the connection is closed",
      aborting("endless").pipe(RequestOptions.locally({ maxResponseBytes: 200_000 })),
      "StiggResponseTooLargeError"
    ),
    check(
      "a body that announces more than the limit is StiggResponseTooLargeError",
      failed(retrieve).pipe(RequestOptions.locally({ maxResponseBytes: 200_000 }), peer("announced")),
      "StiggResponseTooLargeError"
    ),
    ...(["silence", "stall"] as const).map((scenario) =>
      check(
        `interruption closes the connection: ${scenario}`,
        Effect.gen(function* () {
          const before = yield* observed(scenario)
          const waiting = yield* Effect.fork(retrieve)
          yield* awaited(scenario, ({ received }) => received === before.received + 1)
          yield* Fiber.interrupt(waiting)
          yield* awaited(scenario, ({ aborted }) => aborted === before.aborted + 1)
          return "closed"
        }).pipe(peer(scenario)),
        "closed"
      )
    )
  ]
  return checks.map((one) => ({ ...one, name: `over ${name}: ${one.name}` }))
}

/** One check of each operation. They change the state of the emulator, so only one client can run them. */
export const operationsOver = (name: string, http: Layer.Layer<HttpClient.HttpClient>): ReadonlyArray<Check> =>
  Operation.all.map((operation) => ({
    name: `over ${name}: ${operation}`,
    seen: Effect.flatMap(Customers.Customers, (customers) =>
      operations[operation].seen(customers, customerOf(operation))
    ).pipe(Effect.provide(clientOf(http, ({ api }) => api))),
    expected: operations[operation].expected
  }))

/** Only fetch decompresses. */
export const decompressed = (name: string, http: Layer.Layer<HttpClient.HttpClient>): Check =>
  check(
    `over ${name}: a compressed response is read`,
    Effect.flatMap(Customers.Customers, ({ retrieve }) => retrieve("customer-acme")).pipe(
      Effect.map(({ id }) => id),
      Effect.provide(clientOf(http, ({ peer }) => `${peer}/gzip`))
    ),
    "compressed 🚀"
  )
