/**
 * A route that answers with an HTTP status for each error of Stigg, and logs what support asks for. Run it with
 * `npx tsx examples/errors-to-http.ts`. It calls the emulator; for your account, provide `Stigg.layerEnv` instead.
 */
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Console, Duration, Effect } from "effect"
import { Customers, StiggError } from "effect-stigg"
import { Faults, StiggTest } from "effect-stigg/testing"

const toResponse = (error: StiggError.StiggError) => {
  const status = StiggError.toHttpStatus(error)
  const wait = StiggError.retryAfter(error)
  const response = HttpServerResponse.unsafeJson(
    { error: status < 500 ? error.message : "Try again later" },
    { status, headers: wait === null ? {} : { "retry-after": String(Math.ceil(Duration.toSeconds(wait))) } }
  )
  return Effect.as(Console.log(`  ${error.operation}: ${error._tag}, trace id: ${error.traceId}`), response)
}

const app = HttpRouter.empty.pipe(
  HttpRouter.get(
    "/customers/:id/email",
    Effect.gen(function* () {
      const { id = "" } = yield* HttpRouter.params
      const { email } = yield* (yield* Customers.Customers).retrieve(id)
      return HttpServerResponse.unsafeJson({ email })
    })
  ),
  HttpRouter.catchAll(toResponse)
)

const StiggEmulated = StiggTest.layer({
  seed: { customers: ["acme", "busy", "down"].map((id) => ({ id, email: `billing@${id}.example` })) },
  faults: [
    { customer: "busy", fault: Faults.status(429, { headers: { "retry-after": "120", "x-trace-id": "4711" } }) },
    { customer: "down", fault: Faults.reset }
  ]
})

const { dispose, handler } = HttpApp.toWebHandlerLayer(app, StiggEmulated)
for (const id of ["acme", "nobody", "busy", "down"]) {
  console.log(`GET /customers/${id}/email`)
  const response = await handler(new Request(`http://localhost/customers/${id}/email`))
  console.log(`  ${response.status} ${await response.text()}, retry-after: ${response.headers.get("retry-after")}`)
}
await dispose()
