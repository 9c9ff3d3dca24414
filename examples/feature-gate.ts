/**
 * A backend that gates its routes by entitlements and stays up while the API of Stigg is down. Run it with
 * `npx tsx examples/feature-gate.ts`: it starts the emulator and the backend, sends requests, takes the emulator down and
 * up again, and logs what happens.
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect, Layer, Logger, LogLevel, Redacted, Schema } from "effect"
import { Customers, Entitlements, RetryPolicy, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { createServer } from "node:http"

// The backend: its API, the gate in front of each route, and the handlers.

/** 402: the customer is not entitled to the route. */
class PaymentRequired extends Schema.TaggedError<PaymentRequired>()(
  "PaymentRequired",
  { featureId: Schema.NullOr(Schema.String), reason: Schema.String, usageLimit: Schema.NullOr(Schema.Number) },
  HttpApiSchema.annotations({ status: 402 })
) {}

/** 503: the entitlement is unknown, and this backend then denies access. */
class ServiceUnavailable extends Schema.TaggedError<ServiceUnavailable>()(
  "ServiceUnavailable",
  {},
  HttpApiSchema.annotations({ status: 503 })
) {}

/** Lets a request through if its customer is entitled to the route. */
class Gate extends HttpApiMiddleware.Tag<Gate>()("Gate", {
  failure: Schema.Union(PaymentRequired, ServiceUnavailable)
}) {}

const Api = HttpApi.make("backend").add(
  HttpApiGroup.make("product")
    .add(HttpApiEndpoint.get("reports", "/reports").addSuccess(Schema.String))
    .add(HttpApiEndpoint.post("invite", "/seats").addSuccess(Schema.String))
    .add(HttpApiEndpoint.get("audit", "/audit").addSuccess(Schema.String))
    .middleware(Gate)
)

/** The entitlement that each route requires. */
const required: Readonly<Record<string, { readonly featureId: string; readonly requestedUsage?: number }>> = {
  "/reports": { featureId: "feature-reports" },
  "/seats": { featureId: "feature-seats", requestedUsage: 1 },
  "/audit": { featureId: "feature-audit" }
}

const GateLive = Layer.effect(
  Gate,
  Effect.map(Entitlements.Entitlements, (entitlements) =>
    Effect.gen(function* () {
      const { headers } = yield* HttpServerRequest.HttpServerRequest
      const { route } = yield* HttpRouter.RouteContext
      const params = required[route.path]
      if (params === undefined) return
      // A real backend takes the customer from the session.
      yield* entitlements.require(headers["x-customer"] ?? "anonymous", params).pipe(
        Effect.tap(({ source }) => log(`      ${route.path}: allowed (source: ${source})`)),
        Effect.catchTag("StiggEntitlementDeniedError", ({ featureId, reason, source, usageLimit }) =>
          Effect.zipRight(
            log(`      ${route.path}: denied (source: ${source}): ${reason}`),
            new PaymentRequired({ featureId, reason, usageLimit })
          )
        ),
        Effect.catchIf(
          (error) => error._tag !== "PaymentRequired",
          (error) =>
            Effect.zipRight(log(`      ${route.path}: unknown (${error._tag}, no fallback)`), new ServiceUnavailable())
        )
      )
    })
  )
)

const ProductLive = HttpApiBuilder.group(Api, "product", (handlers) =>
  handlers
    .handle("reports", () => Effect.succeed("the report"))
    .handle("invite", () => Effect.succeed("one more seat"))
    .handle("audit", () => Effect.succeed("the audit log"))
)

const Backend = HttpApiBuilder.serve().pipe(
  Layer.provide(HttpApiBuilder.api(Api)),
  Layer.provide(ProductLive),
  Layer.provide(GateLive),
  Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
)

// The SDK. Its durations are short, so that the demo is quick.

const StiggLive = Layer.unwrapEffect(
  Effect.map(EmulatorServer.EmulatorServer, ({ url }) =>
    Entitlements.layer({
      timeToLive: "1 second",
      timeout: "300 millis",
      breaker: { failures: 2, coolDown: "1 second" },
      // Without the API, reports stay available, the audit log does not, and seats fail with 503.
      fallbacks: { "feature-reports": true, "feature-audit": false }
    }).pipe(
      Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("any key will do"), baseUrl: url })),
      Layer.provide(RetryPolicy.none)
    )
  )
).pipe(
  Layer.provideMerge(
    EmulatorServer.layer({
      seed: {
        features: [
          { id: "feature-reports", type: "BOOLEAN" },
          { id: "feature-seats", type: "NUMBER" },
          { id: "feature-audit", type: "BOOLEAN" }
        ],
        plans: [
          {
            id: "plan-team",
            features: [{ featureId: "feature-reports" }, { featureId: "feature-seats", usageLimit: 5 }]
          }
        ],
        customers: [
          { id: "acme", plan: "plan-team", usage: [{ of: "feature-seats", used: 5 }] },
          { id: "globex", plan: "plan-team" },
          { id: "initech", plan: "plan-team" }
        ]
      }
    })
  )
)

// The demo.

const demo = Effect.gen(function* () {
  const emulator = yield* Emulator.Emulator
  const customers = yield* Customers.Customers

  yield* section("The API is up: the first check calls it, the next one is a cache hit")
  yield* get("acme", "/reports")
  yield* get("acme", "/reports")

  yield* section("A feature that is not in the plan, or used up, gets a 402 with the reason")
  yield* post("acme", "/seats", 402)
  yield* get("acme", "/audit", 402)

  yield* section("A grant takes effect at once: writes of the SDK invalidate the cache")
  yield* customers.promotionalEntitlements.create("acme", [{ featureId: "feature-audit", period: "1 month" }])
  yield* get("acme", "/audit")
  yield* get("globex", "/reports")

  yield* section("The API goes down, and the cached answers are still fresh")
  yield* emulator.inject({ fault: Faults.stall })
  yield* get("acme", "/audit")

  yield* section("A second later they are stale. One that grants access is served, and refreshed in the background")
  yield* Effect.sleep("1100 millis")
  yield* get("acme", "/reports")
  yield* get("globex", "/reports")
  yield* get("acme", "/audit")

  yield* section("A stale denial is served only after the API had 300 ms to respond")
  yield* post("acme", "/seats", 402)

  yield* section("Nothing is cached for a new customer: the fallback applies, or 503. The circuit breaker opens")
  yield* get("initech", "/reports")
  yield* get("initech", "/audit", 402)
  yield* post("initech", "/seats", 503)

  yield* section("The API is back: a background request closes the breaker, and checks call the API again")
  yield* emulator.clearFaults
  yield* Effect.sleep("1100 millis")
  yield* get("acme", "/reports")
  yield* Effect.sleep("200 millis")
  yield* get("acme", "/reports")
  yield* post("initech", "/seats")
})

/** Sends a request to the backend, and logs the response and how long it took. An unexpected status ends the demo. */
const send = (customer: string, request: HttpClientRequest.HttpClientRequest, expected: number) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const { address } = yield* HttpServer.HttpServer
    const url = address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : ""
    yield* log(`   ${request.method} ${request.url} for ${customer}`)
    const [time, [status, body]] = yield* request.pipe(
      HttpClientRequest.prependUrl(url),
      HttpClientRequest.setHeader("x-customer", customer),
      client.execute,
      Effect.flatMap((response) => Effect.map(response.text, (body) => [response.status, body] as const)),
      Effect.scoped,
      Effect.timed
    )
    yield* log(`      ${status} ${body} (${Duration.toMillis(time).toFixed(0)} ms)`)
    if (status !== expected) return yield* Effect.fail(new Error(`Expected status ${expected}, got ${status}`))
  })

const get = (customer: string, path: string, expected = 200) => send(customer, HttpClientRequest.get(path), expected)
const post = (customer: string, path: string, expected = 200) => send(customer, HttpClientRequest.post(path), expected)
const section = (title: string) => log(`\n${title}`)
const log = (line: string) => Console.log(line)

const main: Effect.Effect<void, unknown> = demo.pipe(
  Effect.provide(Backend),
  Effect.provide(StiggLive),
  Effect.provide(UndiciHttpClient.layer),
  // Shows the log of the SDK, which says when the circuit breaker opens and closes.
  Effect.provide(Logger.pretty),
  Logger.withMinimumLogLevel(LogLevel.Info)
)

NodeRuntime.runMain(main)
