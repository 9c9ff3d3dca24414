/**
 * A server that gates a page, and receives Stigg's webhooks: a change made elsewhere is seen at once. Run it with
 * `npx tsx examples/webhooks.ts`. The emulator stands in for Stigg, and sends the webhooks.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted } from "effect"
import { Entitlements } from "effect-stigg"
import { Act, Emulator, StiggTest, Webhooks as Outgoing } from "effect-stigg/testing"
import * as Webhooks from "effect-stigg/Webhooks"
import { createServer } from "node:http"

const secret = Redacted.make("the secret of the webhook")

const router = HttpRouter.empty.pipe(
  HttpRouter.get(
    "/reports/:customer",
    Effect.gen(function* () {
      const { customer = "" } = yield* HttpRouter.params
      yield* Entitlements.require(customer, { featureId: "feature-reports" })
      return HttpServerResponse.text("the report")
    }).pipe(
      Effect.catchTag("StiggEntitlementDeniedError", ({ reason }) => HttpServerResponse.text(reason, { status: 402 }))
    )
  ),
  HttpRouter.post("/webhooks/stigg", Webhooks.httpApp)
)

const Received = Webhooks.layerEntitlements.pipe(
  Layer.merge(Webhooks.on("SubscriptionCanceled", ({ customer }) => Console.log(`${customer.id} left a plan`))),
  Layer.provideMerge(Webhooks.layer({ secrets: [secret] }))
)

const Server = HttpServer.serve(router).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
  Layer.provide(Received),
  Layer.provide(Entitlements.layer({ timeToLive: "1 hour" })),
  Layer.provideMerge(
    StiggTest.layer({
      seed: {
        features: [{ id: "feature-reports", type: "BOOLEAN" }],
        plans: [{ id: "plan-pro", features: [{ featureId: "feature-reports" }] }],
        customers: [{ id: "customer-acme", plan: "plan-pro" }]
      }
    })
  )
)

Effect.gen(function* () {
  const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
  yield* Outgoing.subscribe({ url: `${url}/webhooks/stigg`, secret })
  const client = yield* HttpClient.HttpClient
  const visit = client.get(`${url}/reports/customer-acme`).pipe(
    Effect.flatMap(({ status, text }) => Effect.map(text, (text) => `${status} ${text}`)),
    Effect.flatMap(Console.log)
  )
  yield* visit
  // Someone cancels the subscription in the dashboard.
  yield* Emulator.act(Act.unsubscribe({ customerId: "customer-acme", planId: "plan-pro" }))
  yield* Outgoing.idle
  yield* visit
  const forged = HttpClientRequest.post(`${url}/webhooks/stigg`).pipe(
    HttpClientRequest.bodyUnsafeJson({ type: "customer.updated", id: "customer-acme" })
  )
  const { status } = yield* client.execute(forged)
  yield* Console.log(`without the secret: ${status}`)
}).pipe(Effect.scoped, Effect.provide([Server, FetchHttpClient.layer]), NodeRuntime.runMain)
