import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Customers, RequestOptions, RetryPolicy, Stigg } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import { run } from "./Check.js"
import { checks } from "./portable.js"

const runtimeAt = (baseUrl: string) =>
  ManagedRuntime.make(
    Stigg.layer({ apiKey: Redacted.make("any"), baseUrl }).pipe(
      Layer.provide([RetryPolicy.none, RequestOptions.layer({ timeout: "300 millis" })]),
      Layer.provide(FetchHttpClient.layer)
    )
  )

// Kept for all requests, as a worker keeps its services.
let kept: ReturnType<typeof runtimeAt> | undefined

/** The tag with which a call over the kept services ends. */
const tagOfStall = (peer: string): Promise<string> => {
  kept ??= runtimeAt(`${peer}/stall`)
  return kept.runPromise(
    Effect.flatMap(Customers.Customers, ({ retrieve }) => retrieve("customer-acme")).pipe(
      Effect.match({ onFailure: ({ _tag }) => _tag, onSuccess: () => "found" })
    )
  )
}

/** The worker. A request names the addresses. The response has the outcomes, or the tag of {@link tagOfStall}. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const addresses = { api: searchParams.get("api") ?? "", peer: searchParams.get("peer") ?? "" }
    return Response.json(pathname === "/stall" ? await tagOfStall(addresses.peer) : await run(checks, addresses))
  }
}
