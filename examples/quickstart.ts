/**
 * The SDK in one program, against the emulator over real HTTP. Run it with `npm run quickstart`.
 *
 * With `-- --live`, it reads from the real API and never writes. This requires `STIGG_API_KEY`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type * as HttpClient from "@effect/platform/HttpClient"
import { Array as Arr, Console, Effect, Stream } from "effect"
import { Customers, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import { StiggTest } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"

const demo = Effect.gen(function* () {
  const customers = yield* Customers.Customers

  const acme = yield* customers.provision({ id: "customer-acme", email: "billing@acme.com" })
  const { name } = yield* customers.update(acme.id, { name: "Acme Corp", billingCurrency: "usd" })
  yield* Console.log(`provisioned ${acme.id}, and updated its name to ${name}`)

  const checkSso = Effect.flatMap(
    customers.checkEntitlement(acme.id, { featureId: "feature-sso" }),
    ({ accessDeniedReason, isGranted }) =>
      Console.log(`single sign-on: ${isGranted ? "yes" : `no, ${accessDeniedReason}`}`)
  )
  yield* checkSso
  yield* customers.promotionalEntitlements.create(acme.id, [{ featureId: "feature-sso", period: "1 month" }])
  yield* checkSso

  yield* customers.import({ customers: Arr.makeBy(250, (i) => ({ id: `customer-${i}`, name: null, email: null })) })
  const count = yield* Stream.runCount(customers.list())
  yield* Console.log(`imported 250 customers, and streamed ${count} in pages of 100`)

  yield* customers
    .retrieve("customer-nobody")
    .pipe(
      Effect.catchTag("StiggNotFoundError", ({ message, status }) => Console.log(`handled a ${status}: ${message}`))
    )

  yield* Emulator.inject({ operation: "customers.retrieve", fault: Faults.status(503), times: 1 })
  const { id } = yield* customers.retrieve(acme.id)
  yield* Console.log(`retrieved ${id} after a 503 and a retry`)
})

/** Reads from the real API without changing anything. */
const live = Effect.gen(function* () {
  const customers = yield* Customers.Customers
  const { data } = yield* customers.listPage({ limit: 5 })
  yield* Console.log(`the first customers: ${data.map(({ id }) => id).join(", ") || "none yet"}`)
  for (const { id } of data.slice(0, 1)) {
    const { entitlements } = yield* customers.retrieveEntitlements(id)
    yield* Console.log(`${id} has ${entitlements.length} entitlements`)
  }
})

/** The services of the SDK against an emulator that listens on a free loopback port. */
const StiggOnEmulator = StiggTest.layerHttp({ seed: { features: [{ id: "feature-sso", type: "BOOLEAN" }] } })

const main: Effect.Effect<void, unknown, HttpClient.HttpClient> = process.argv.includes("--live")
  ? live.pipe(Effect.provide(Stigg.layerEnv))
  : demo.pipe(Effect.provide(StiggOnEmulator))

main.pipe(Effect.provide(UndiciHttpClient.layer), NodeRuntime.runMain)
