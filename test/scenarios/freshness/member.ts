/** One process of a fleet: it checks entitlements, and receives webhooks on a port of its own. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import { NodeHttpServer } from "@effect/platform-node"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import { Customers, Entitlements, Stigg } from "effect-stigg"
import * as EntitlementsRedis from "effect-stigg/EntitlementsRedis"
import * as Webhooks from "effect-stigg/Webhooks"
import { createServer } from "node:http"
import type { Options, Report, Task } from "./messages.js"
import { secret } from "./messages.js"

const { apiUrl, redisUrl, storeId } = JSON.parse(process.argv[2] ?? "{}") as Options
const redis = new URL(redisUrl)

const Live = HttpRouter.empty.pipe(HttpRouter.post("/webhooks/stigg", Webhooks.httpApp), HttpServer.serve()).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
  Layer.provideMerge(Webhooks.layerEntitlements),
  Layer.provideMerge(Webhooks.layer({ secrets: [Redacted.make(secret)] })),
  Layer.provideMerge(
    EntitlementsRedis.layer({
      ...{ storeId, redis: { host: redis.hostname, port: Number(redis.port) }, timeToLive: "1 minute" },
      connectedTimeToLive: "1 hour"
    })
  ),
  Layer.provideMerge(Stigg.layer({ apiKey: Redacted.make("server-key"), baseUrl: apiUrl })),
  Layer.provide(NodeHttpClient.layerUndici)
)

const runtime = ManagedRuntime.make(Live)

const now = () => performance.timeOrigin + performance.now()

const versionOf = (customerId: string) =>
  Effect.map(Entitlements.check(customerId, { featureId: "feature-calls" }), ({ currentUsage }) => currentUsage ?? 0)

const perform = (task: Task): Effect.Effect<Report, unknown, Entitlements.Entitlements | Customers.Customers> =>
  Effect.gen(function* () {
    let failed = 0
    const version = (customerId: string) =>
      Effect.catchAll(versionOf(customerId), () =>
        Effect.sync(() => {
          failed++
          return 0
        })
      )
    switch (task._tag) {
      case "Watch":
        yield* Effect.repeat(Effect.zipLeft(version(task.customerId), Effect.sleep("1 millis")), {
          until: (found) => found >= task.version
        })
        break
      case "Check":
        yield* Effect.forEach(
          Array.from({ length: task.customers }, (_, index) => `customer-${index}`),
          version,
          { concurrency: 64, discard: true }
        )
        break
      case "Write":
        yield* Effect.flatMap(Customers.Customers, ({ update }) => update(task.customerId, { name: "Acme" }))
    }
    return { at: now(), failed }
  })

process.on("message", (task) => {
  void runtime.runPromise(perform(task as Task)).then((report) => process.send?.(report))
})
process.on("disconnect", () => process.exit())

const port = await runtime.runPromise(
  HttpServer.addressWith((address) => Effect.succeed(address._tag === "TcpAddress" ? address.port : 0))
)
process.send?.(port)
