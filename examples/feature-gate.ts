/**
 * A backend that gates its routes by entitlements, and stays up while Stigg is down. Run it with
 * `npx tsx examples/feature-gate.ts`. It calls the emulator; for your account, provide `Stigg.layerEnv` instead.
 */
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Layer } from "effect"
import { Entitlements, RetryPolicy } from "effect-stigg"
import { Faults, StiggTest } from "effect-stigg/testing"

/** Lets a request through if its customer is entitled. A denial is a 402 with the reason, an unknown answer a 503. */
const requires =
  (featureId: string, requestedUsage?: number) =>
  <E, R>(route: HttpApp.Default<E, R>) =>
    // A real backend takes the customer from the session.
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
      Effect.matchEffect(Entitlements.require(headers["x-customer"] ?? "", { featureId, requestedUsage }), {
        onSuccess: () => route,
        onFailure: (error) =>
          error._tag === "StiggEntitlementDeniedError"
            ? HttpServerResponse.json({ reason: error.reason, usageLimit: error.usageLimit }, { status: 402 })
            : HttpServerResponse.json({ reason: error._tag }, { status: 503 })
      })
    )

const app = HttpRouter.empty.pipe(
  HttpRouter.post("/reports", HttpServerResponse.text("a report").pipe(requires("feature-reports"))),
  HttpRouter.post("/seats", HttpServerResponse.text("a seat").pipe(requires("feature-seats", 1)))
)

/** One request loads a customer's state for 30 seconds. While Stigg is down, reports stay available, and seats do not. */
const EntitlementsLive = Entitlements.layer({ timeToLive: "30 seconds", fallbacks: { "feature-reports": true } })

/** Requests for initech fail. */
const StiggEmulated = StiggTest.layer({
  seed: {
    features: [
      { id: "feature-reports", type: "BOOLEAN" },
      { id: "feature-seats", type: "NUMBER" }
    ],
    plans: [
      { id: "team", features: [{ featureId: "feature-seats", usageLimit: 5 }, { featureId: "feature-reports" }] }
    ],
    customers: [{ id: "acme", plan: "team", usage: [{ of: "feature-seats", used: 5 }] }]
  },
  faults: [{ customer: "initech", fault: Faults.status(503) }]
}).pipe(Layer.provide(RetryPolicy.none))

const { dispose, handler } = HttpApp.toWebHandlerLayer(app, Layer.provideMerge(EntitlementsLive, StiggEmulated))
for (const customer of ["acme", "initech"]) {
  for (const path of ["/reports", "/seats"]) {
    const options = { method: "POST", headers: { "x-customer": customer } }
    const response = await handler(new Request(`http://localhost${path}`, options))
    console.log(`${customer}: POST ${path}: ${response.status} ${await response.text()}`)
  }
}
await dispose()
