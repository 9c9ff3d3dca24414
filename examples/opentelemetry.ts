/**
 * Spans by OpenTelemetry, printed as a tree: a sign-up with a call that fails and is retried. Run it with
 * `npm install @effect/opentelemetry@0.64 @opentelemetry/sdk-trace-base@2` and `npx tsx examples/opentelemetry.ts`.
 * For a collector, use an `OTLPTraceExporter` in a `BatchSpanProcessor`, or `Otlp.layer` of `@effect/opentelemetry`.
 */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Console, Effect, Layer } from "effect"
import { Customers } from "effect-stigg"
import { Faults, StiggTest } from "effect-stigg/testing"

const exporter = new InMemorySpanExporter()

const Tracing = NodeSdk.layer(() => ({
  resource: { serviceName: "billing" },
  spanProcessor: new SimpleSpanProcessor(exporter)
}))

/** The emulator responds to the first provision with 503. */
const StiggEmulated = StiggTest.layer({
  faults: [{ operation: "customers.provision", fault: Faults.status(503), times: 1 }]
})

const signUp = Effect.gen(function* () {
  const customers = yield* Customers.Customers
  const { id } = yield* customers.provision({ id: "customer-acme", email: "billing@acme.example" })
  yield* customers.checkEntitlement(id, { featureId: "feature-sso" })
  yield* Effect.ignore(customers.retrieve("customer-nobody"))
}).pipe(Effect.withSpan("sign-up"))

/** The spans below a parent, in the order in which they started. The codes of OpenTelemetry: 1 is ok, 2 is an error. */
const tree = (spans: ReadonlyArray<ReadableSpan>, parent?: ReadableSpan, indent = ""): ReadonlyArray<string> =>
  spans
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent?.spanContext().spanId)
    .sort((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1])
    .flatMap((span) => {
      const { "error.type": errorType, "http.request.resend_count": retries } = span.attributes
      const status = span.status.code === 2 ? `ERROR ${errorType}: ${span.status.message}` : "OK"
      const retried = retries === undefined ? "" : `, retries: ${retries}`
      return [`${indent}${span.name}: ${status}${retried}`, ...tree(spans, span, `${indent}  `)]
    })

signUp.pipe(
  Effect.zipRight(Effect.suspend(() => Console.log(tree(exporter.getFinishedSpans()).join("\n")))),
  Effect.provide(Layer.merge(StiggEmulated, Tracing)),
  NodeRuntime.runMain
)
