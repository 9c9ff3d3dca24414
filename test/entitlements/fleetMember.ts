/**
 * One process of a fleet. For each customer that it receives, it runs fifty concurrent checks and reports the number
 * of requests.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { Entitlements, Stigg } from "effect-stigg"
import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"

const [baseUrl = "", redisUrl = "", storeId = ""] = process.argv.slice(2)
const { hostname, port } = new URL(redisUrl)

let requests = 0

const runtime = ManagedRuntime.make(
  // The store has enough time even on a busy machine, because the test counts requests.
  EntitlementsRedis.layer({
    ...{ storeId, storeTimeout: "10 seconds", timeout: "10 seconds" },
    redis: { host: hostname, port: Number(port) }
  }).pipe(
    Layer.provide(
      Stigg.layer({
        apiKey: Redacted.make("server-key"),
        baseUrl,
        transformClient: HttpClient.tapRequest(() => Effect.sync(() => requests++))
      })
    ),
    Layer.provide(NodeHttpClient.layerUndici)
  )
)

process.on("message", (customerId) => {
  const before = requests
  const ask = Entitlements.check(String(customerId), { featureId: "sso" })
  void runtime.runPromise(Effect.all(Effect.replicate(ask, 50), { concurrency: "unbounded" })).then(
    () => process.send?.(requests - before),
    (error: unknown) => process.send?.(String(error))
  )
})
process.on("disconnect", () => void runtime.dispose().then(() => process.exit()))
await runtime.runPromise(Effect.void)
process.send?.("ready")
