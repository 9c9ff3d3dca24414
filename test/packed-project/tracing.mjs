/** The span of a call reaches an exporter of OpenTelemetry. */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import { SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect } from "effect"
import { Customers } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import assert from "node:assert/strict"

const names = []
const tracing = NodeSdk.layer(() => ({
  resource: { serviceName: "packed-project" },
  spanProcessor: new SimpleSpanProcessor({
    export: (spans, done) => {
      names.push(...spans.map(({ name }) => name))
      done({ code: 0 })
    },
    shutdown: () => Promise.resolve()
  })
}))
const program = Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id: "customer-acme" }))

await Effect.runPromise(program.pipe(Effect.provide(StiggTest.layer()), Effect.provide(tracing)))
assert.ok(names.includes("stigg.customers.provision"), `exported: ${names.join(", ")}`)
