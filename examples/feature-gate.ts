/**
 * A backend whose routes are gated by entitlements, and which stays up while the API of Stigg does not. Run it with
 * `npx tsx examples/feature-gate.ts`: it starts the emulator and the backend, plays requests, switches the emulator off
 * and on again, and tells what happens.
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
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect, Layer, Logger, LogLevel, Redacted, Schema } from "effect"
import { Customers, Entitlements, RetryPolicy, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { createServer } from "node:http"

// The backend: its API, the gate before each route, what it does.

/** 402: what is missing, and why. */
class PaymentRequired extends Schema.TaggedError<PaymentRequired>()(
  "PaymentRequired",
  { featureId: Schema.NullOr(Schema.String), reason: Schema.String, usageLimit: Schema.NullOr(Schema.Number) },
  HttpApiSchema.annotations({ status: 402 })
) {}

/** 503: it cannot be known whether the route is paid for, and this program gives nothing away. */
class TryLater extends Schema.TaggedError<TryLater>()("TryLater", {}, HttpApiSchema.annotations({ status: 503 })) {}

/** Lets a request through whose customer is entitled to the route. */
class Gate extends HttpApiMiddleware.Tag<Gate>()("Gate", {
  failure: Schema.Union(PaymentRequired, TryLater)
}) {}

const Api = HttpApi.make("backend").add(
  HttpApiGroup.make("product")
    .add(HttpApiEndpoint.get("reports", "/reports").addSuccess(Schema.String))
    .add(HttpApiEndpoint.post("invite", "/seats").addSuccess(Schema.String))
    .add(HttpApiEndpoint.get("audit", "/audit").addSuccess(Schema.String))
    .middleware(Gate)
)

/** What each route takes. */
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
        Effect.tap(({ source }) => tell(`      ${route.path}: the gate opens, by ${source}`)),
        Effect.catchTag("StiggEntitlementDeniedError", ({ featureId, reason, source, usageLimit }) =>
          Effect.zipRight(
            tell(`      ${route.path}: the gate stays shut, by ${source}: ${reason}`),
            new PaymentRequired({ featureId, reason, usageLimit })
          )
        ),
        Effect.catchIf(
          (error) => error._tag !== "PaymentRequired",
          (error) =>
            Effect.zipRight(tell(`      ${route.path}: nobody knows (${error._tag}, no fallback)`), new TryLater())
        )
      )
    })
  )
)

const ProductLive = HttpApiBuilder.group(Api, "product", (handlers) =>
  handlers
    .handle("reports", () => Effect.succeed("the report"))
    .handle("invite", () => Effect.succeed("one seat more"))
    .handle("audit", () => Effect.succeed("the audit log"))
)

const Backend = HttpApiBuilder.serve().pipe(
  Layer.provide(HttpApiBuilder.api(Api)),
  Layer.provide(ProductLive),
  Layer.provide(GateLive),
  Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
)

// What stands between the backend and the API. The times are short, so that the story is.

const StiggLive = Layer.unwrapEffect(
  Effect.map(EmulatorServer.EmulatorServer, ({ url }) =>
    Entitlements.layer({
      timeToLive: "1 second",
      timeout: "300 millis",
      breaker: { failures: 2, coolDown: "1 second" },
      // Reports may be read while the API is down; the audit log may not be, and seats fail with 503.
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

// The story.

const story = Effect.gen(function* () {
  const emulator = yield* Emulator.Emulator
  const customers = yield* Customers.Customers

  yield* chapter("The API is up: the first question asks it, the next ones do not")
  yield* get("acme", "/reports")
  yield* get("acme", "/reports")

  yield* chapter("What is not in the plan is 402, with the reason")
  yield* post("acme", "/seats", 402)
  yield* get("acme", "/audit", 402)

  yield* chapter("A grant is seen at once: the SDK's own changes invalidate")
  yield* customers.promotionalEntitlements.create("acme", [{ featureId: "feature-audit", period: "1 month" }])
  yield* get("acme", "/audit")
  yield* get("globex", "/reports")

  yield* chapter("The API goes down, and what was known a moment ago is still fresh")
  yield* emulator.inject({ fault: Faults.stall })
  yield* get("acme", "/audit")

  yield* chapter("A second later it is not. The first two requests wait for the API, 300 ms at most")
  yield* Effect.sleep("1100 millis")
  yield* get("acme", "/reports")
  yield* get("globex", "/reports")

  yield* chapter("Then the breaker is open: what is known answers, and nobody waits")
  yield* get("acme", "/reports")
  yield* get("acme", "/audit")
  yield* post("acme", "/seats", 402)

  yield* chapter("Of a customer that was never seen nothing is known: fallbacks answer, or 503")
  yield* get("initech", "/reports")
  yield* get("initech", "/audit", 402)
  yield* post("initech", "/seats", 503)

  yield* chapter("The API is back: a request in the background finds out, and it answers again")
  yield* emulator.clearFaults
  yield* Effect.sleep("1100 millis")
  yield* get("acme", "/reports")
  yield* Effect.sleep("200 millis")
  yield* get("acme", "/reports")
  yield* post("initech", "/seats")
})

/** Sends a request to the backend, and tells what comes back and how long it took. Another status ends the story. */
const send = (customer: string, request: HttpClientRequest.HttpClientRequest, expected: number) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const { address } = yield* HttpServer.HttpServer
    const url = address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : ""
    yield* tell(`   ${request.method} ${request.url} for ${customer}`)
    const [time, [status, body]] = yield* request.pipe(
      HttpClientRequest.prependUrl(url),
      HttpClientRequest.setHeader("x-customer", customer),
      client.execute,
      Effect.flatMap((response) => Effect.map(response.text, (body) => [response.status, body] as const)),
      Effect.scoped,
      Effect.timed
    )
    yield* tell(`      ${status} ${body} (${Duration.toMillis(time).toFixed(0)} ms)`)
    if (status !== expected) return yield* Effect.fail(new Error(`${expected} was to be expected`))
  })

const get = (customer: string, path: string, expected = 200) => send(customer, HttpClientRequest.get(path), expected)
const post = (customer: string, path: string, expected = 200) => send(customer, HttpClientRequest.post(path), expected)
const chapter = (title: string) => tell(`\n${title}`)
const tell = (line: string) => Console.log(line)

const main: Effect.Effect<void, unknown> = story.pipe(
  Effect.provide(Backend),
  Effect.provide(StiggLive),
  Effect.provide(NodeHttpClient.layerUndici),
  // Its own log says when the breaker opens and closes.
  Effect.provide(Logger.pretty),
  Logger.withMinimumLogLevel(LogLevel.Info)
)

NodeRuntime.runMain(main)
