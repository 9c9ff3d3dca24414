import * as Effect from "effect/Effect"
import { EmulatorServer } from "effect-stigg/testing/node"
import { Emulator, Faults } from "effect-stigg/testing"
const p = Effect.gen(function* () {
  const { url } = yield* EmulatorServer.EmulatorServer
  console.log(url)
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    Effect.promise(async () => {
      try {
        const r = await fetch(url + path, {
          method,
          headers: { "x-api-key": "k", "content-type": "application/json", ...headers },
          ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
        })
        console.log(method, path, r.status, (await r.text()).slice(0, 400))
      } catch (e) {
        console.log(method, path, String(e), (e as any).cause?.code)
      }
    })
  yield* call("POST", "/api/v1/customers", { id: "acme", email: "a@b.c" })
  yield* call("GET", "/api/v1/customers/acme")
  yield* call("GET", "/api/v1/customers?limit=0")
  yield* call("GET", "/api/v1/customers?createdAt%5Bgte%5D=x")
  yield* call("POST", "/api/v1/customers", { id: "acme", foo: 1 })
  yield* call("POST", "/api/v1/customers", "{")
  yield* call("POST", "/api/v1/customers", { id: "acme" })
  yield* call("GET", "/nope")
  yield* call("GET", "/api/v1/customers/a%2Fb%3Fc%23d%25%C3%A9")
  yield* call("GET", "/api/v1/customers/%zz")
  yield* call("GET", "/api/v1/customers/acme", undefined, { "x-api-key": "" })
  yield* call("POST", "/api/v1/customers/acme/promotional-entitlements", {
    promotionalEntitlements: [{ featureId: "f", period: "1 month" }]
  })
  yield* call("GET", "/api/v1/customers/acme/entitlements/check?featureId=f")
  yield* call("GET", "/api/v1/customers/acme/entitlements")
  for (const fault of [
    Faults.status(503),
    Faults.reset,
    Faults.resetInBody,
    Faults.answerLost,
    Faults.malformedJson,
    Faults.latency(50)
  ]) {
    yield* Emulator.inject({ fault, operation: "customers.retrieve", times: 1 })
    yield* call("GET", "/api/v1/customers/acme")
  }
  yield* Emulator.inject({ fault: Faults.stall, times: 1 })
  yield* Effect.timeoutOption(call("GET", "/api/v1/customers/acme"), 100)
})
void Effect.runPromise(Effect.provide(p, EmulatorServer.layer())).then(() => console.log("closed"))
