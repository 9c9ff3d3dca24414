/**
 * The SDK in one program, against the emulator over real HTTP. Run it with `npm run quickstart`.
 *
 * With `-- --live`, it reads from the real API and never writes. This requires `STIGG_API_KEY`.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Ndjson from "@effect/platform/Ndjson"
import { Array as Arr, Console, Duration, Effect, Layer, Option, Redacted, Stream, Tracer } from "effect"
import { Customers, Schemas, Stigg } from "effect-stigg"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"

const demo = Effect.gen(function* () {
  const customers = yield* Customers.Customers
  const emulator = yield* Emulator.Emulator

  yield* customers
    .import({
      customers: Arr.makeBy(250, (i) => ({ id: `customer-${i}`, name: `Customer ${i}`, email: `billing@${i}.example` }))
    })
    .pipe(log(({ newCustomers }) => `imported ${newCustomers.length} customers`))

  const acme = yield* customers
    .provision({ id: "customer-acme", email: "billing@acme.com", metadata: { plan: "trial" } })
    .pipe(log(({ id }) => `provisioned ${id}`))

  yield* customers
    .update(acme.id, { name: "Acme Corp", billingCurrency: "usd" })
    .pipe(log(({ name }) => `updated it: its name is ${name}`))

  yield* customers.integrations
    .link(acme.id, { id: "crm", syncedEntityId: "hs-4711", vendorIdentifier: "HUBSPOT" })
    .pipe(log(({ vendorIdentifier }) => `linked it to ${vendorIdentifier}`))

  yield* customers.paymentMethod
    .attach(acme.id, { integrationId: "stripe-eu", paymentMethodId: "pm_1", vendorIdentifier: "STRIPE" })
    .pipe(log(({ defaultPaymentMethod }) => `attached a payment method: ${defaultPaymentMethod?.type}`))

  const checkSso = customers.checkEntitlement(acme.id, { featureId: "feature-sso" })
  const describe = ({ accessDeniedReason, isGranted }: Schemas.Entitlement) =>
    `single sign-on granted? ${isGranted ? "yes" : `no, ${accessDeniedReason}`}`

  yield* checkSso.pipe(log(describe))
  yield* customers.promotionalEntitlements
    .create(acme.id, [{ featureId: "feature-sso", period: "1 month" }])
    .pipe(log(([grant]) => `granted ${grant?.featureId} for ${grant?.period}`))
  yield* checkSso.pipe(log(describe))

  yield* exportTo("customers.ndjson").pipe(log((count) => `streamed ${count} customers to customers.ndjson`))

  yield* customers.retrieve("customer-nobody").pipe(
    Effect.as("found customer-nobody"),
    Effect.catchTag("StiggNotFoundError", ({ code, status }) =>
      Effect.succeed(`requested customer-nobody and handled the ${status} (${code}) by its tag`)
    ),
    log((message) => message)
  )

  yield* emulator.inject({ operation: "customers.retrieve", fault: Faults.status(503), times: 1 })
  const [, spans] = yield* customers.retrieve(acme.id).pipe(
    recordSpans,
    log(([{ id }, spans]) => `retrieved ${id} after a 503, on attempt ${spans.length - 1}`)
  )
  yield* Console.log(`\nThe spans of that call:\n${tree(spans)}`)
})

/** Writes every customer as one line of JSON. The next page is fetched while the current one is written. */
const exportTo = (path: string) =>
  Effect.gen(function* () {
    const customers = yield* Customers.Customers
    const files = yield* FileSystem.FileSystem
    yield* customers
      .list()
      .pipe(Stream.pipeThroughChannelOrFail(Ndjson.packSchema(Schemas.Customer)()), Stream.run(files.sink(path)))
    return (yield* files.readFileString(path)).trimEnd().split("\n").length
  })

/** Reads from the real API without changing anything. */
const live = Effect.gen(function* () {
  const customers = yield* Customers.Customers
  const { data } = yield* customers
    .listPage({ limit: 5 })
    .pipe(log(({ data }) => `read a page: ${data.map(({ id }) => id).join(", ") || "no customers yet"}`))
  yield* Effect.forEach(data.slice(0, 1), ({ id }) =>
    customers
      .retrieveEntitlements(id)
      .pipe(log(({ entitlements }) => `read the entitlements of ${id}: ${entitlements.length}`))
  )
})

/** Also returns the spans of an effect, in the order in which they started. */
const recordSpans = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const tracer = yield* Effect.tracer
    const spans: Array<Tracer.Span> = []
    const recorder = Tracer.make({
      span: (...args) => {
        const span = tracer.span(...args)
        spans.push(span)
        return span
      },
      context: (f, fiber) => tracer.context(f, fiber)
    })
    return [yield* Effect.withTracer(self, recorder), spans] as const
  })

/** Spans as an indented tree: name, time, status. */
const tree = (spans: ReadonlyArray<Tracer.Span>, parent?: Tracer.Span): string =>
  spans
    .filter((span) => Option.getOrUndefined(span.parent)?.spanId === parent?.spanId)
    .map((span) => {
      const time = span.status._tag === "Ended" ? Number(span.status.endTime - span.status.startTime) / 1e6 : 0
      const status = span.attributes.get("http.response.status_code")
      return `  ${span.name}  ${time.toFixed(1)} ms  ${status}\n${tree(spans, span).replace(/^(?=.)/gm, "  ")}`
    })
    .join("")

/** Logs what an effect did and how long it took. */
const log =
  <A>(message: (result: A) => string) =>
  <E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.timed(self).pipe(
      Effect.tap(([time, result]) =>
        Console.log(`${Duration.toMillis(time).toFixed(1).padStart(8)} ms  ${message(result)}`)
      ),
      Effect.map(([, result]) => result)
    )

/** The services of the SDK against an emulator that listens on a free loopback port. */
const StiggOnEmulator = Layer.unwrapEffect(
  Effect.map(EmulatorServer.EmulatorServer, ({ url }) =>
    Stigg.layer({ apiKey: Redacted.make("any key will do"), baseUrl: url })
  )
).pipe(
  Layer.provideMerge(
    EmulatorServer.layer({
      seed: {
        features: [{ id: "feature-sso", type: "BOOLEAN", displayName: "Single sign-on" }],
        plans: [{ id: "plan-free" }]
      }
    })
  )
)

const main: Effect.Effect<void, { readonly message: string }, HttpClient.HttpClient | FileSystem.FileSystem> =
  process.argv.includes("--live")
    ? live.pipe(Effect.provide(Stigg.layerEnv))
    : demo.pipe(Effect.provide(StiggOnEmulator))

main.pipe(
  Effect.provide([UndiciHttpClient.layer, NodeFileSystem.layer]),
  Effect.catchAll((error) =>
    Effect.zipRight(
      Console.error(error.message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  NodeRuntime.runMain
)
