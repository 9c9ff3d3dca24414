import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import * as Webhooks from "effect-stigg/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import * as Net from "node:net"
import { event, options, request, secret } from "./Sent.js"

const Served = HttpRouter.empty
  .pipe(HttpRouter.post("/webhooks/stigg", Webhooks.httpApp), HttpServer.serve())
  .pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
    Layer.provideMerge(Webhooks.layer(options))
  )

const port = HttpServer.addressWith((address) => Effect.succeed(address._tag === "TcpAddress" ? address.port : 0))

/** Writes to a socket in pieces, and returns what it gets until it is closed or some time has passed. */
const raw = (port: number, pieces: ReadonlyArray<string>, { every = 0, waitFor = 3000 } = {}) =>
  Effect.async<string>((resume) => {
    const socket = Net.connect(port, "127.0.0.1")
    let got = ""
    const done = () => resume(Effect.succeed(got))
    socket.on("data", (data) => {
      got += data.toString()
      if (got.includes("\r\n\r\n")) socket.end()
    })
    socket.on("error", done)
    socket.on("close", done)
    const timer = setTimeout(() => socket.destroy(), waitFor)
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return
        socket.write(piece)
        await new Promise((resolve) => setTimeout(resolve, every))
      }
    })()
    return Effect.sync(() => {
      clearTimeout(timer)
      socket.destroy()
    })
  })

const head = (length: number, sent: string) =>
  [
    "POST /webhooks/stigg HTTP/1.1",
    ...["host: localhost", "content-type: application/json", `content-length: ${length}`],
    ...[`stigg-webhooks-secret: ${sent}`, "", ""]
  ].join("\r\n")

describe("a server with webhooks", () => {
  it.scopedLive("answers a webhook, and a forged one before its body has arrived", () =>
    Effect.gen(function* () {
      const body = JSON.stringify(event("quota.paused"))
      expect(yield* raw(yield* port, [head(body.length, secret), body])).toContain("HTTP/1.1 200")
      expect(yield* raw(yield* port, [head(1_000_000, "wrong"), "{"])).toContain("HTTP/1.1 401")
    }).pipe(Effect.provide(Served))
  )

  it.scopedLive("answers one that says that it is too large before its body has arrived", () =>
    Effect.gen(function* () {
      expect(yield* raw(yield* port, [head(100_000_000, secret), "{"])).toContain("HTTP/1.1 413")
    }).pipe(Effect.provide(Served))
  )

  it.scopedLive("is not held up by 100 slow requests", () =>
    Effect.gen(function* () {
      const to = yield* port
      yield* Effect.forkScoped(
        Effect.forEach(
          Array.from({ length: 100 }),
          () => raw(to, [head(1000, secret), ..."{".repeat(20)], { every: 300 }),
          { concurrency: "unbounded", discard: true }
        )
      )
      yield* Effect.sleep("300 millis")
      const body = JSON.stringify(event("quota.paused"))
      expect(yield* raw(to, [head(body.length, secret), body], { waitFor: 10_000 })).toContain("HTTP/1.1 200")
    }).pipe(Effect.provide(Served))
  )

  it.scopedLive("keeps its memory under 200 forged requests with 1 MB each", () =>
    Effect.gen(function* () {
      const to = yield* port
      const body = "x".repeat(1_000_000)
      global.gc?.()
      const before = process.memoryUsage().heapUsed
      yield* Effect.forEach(Array.from({ length: 200 }), () => raw(to, [head(body.length, "wrong"), body]), {
        concurrency: 20,
        discard: true
      })
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000)
    }).pipe(Effect.provide(Served))
  )
})

describe("a handler of webhooks", () => {
  it.scopedLive("is one of an HttpApi", () =>
    Effect.gen(function* () {
      const Api = HttpApi.make("app").add(
        HttpApiGroup.make("webhooks").add(HttpApiEndpoint.post("stigg", "/webhooks/stigg"))
      )
      const Group = HttpApiBuilder.group(Api, "webhooks", (handlers) =>
        Effect.map(Webhooks.Webhooks, ({ respond }) => handlers.handleRaw("stigg", () => respond))
      )
      const { handler } = yield* Effect.acquireRelease(
        Effect.sync(() =>
          HttpApiBuilder.toWebHandler(
            Layer.mergeAll(HttpApiBuilder.api(Api), HttpServer.layerContext).pipe(
              Layer.provide(Group),
              Layer.provide(Webhooks.layer(options)),
              Layer.orDie
            )
          )
        ),
        ({ dispose }) => Effect.promise(dispose)
      )
      const statuses = yield* Effect.promise(async () => [
        (await handler(request(event("quota.paused")))).status,
        (await handler(request(event("quota.paused"), { headers: { "stigg-webhooks-secret": "wrong" } }))).status
      ])
      expect(statuses).toEqual([200, 401])
    })
  )

  it.scopedLive("is one of Node's and of Express", () =>
    Effect.gen(function* () {
      const handler = yield* NodeHttpServer.makeHandler(Webhooks.httpApp)
      const server = yield* Effect.acquireRelease(
        Effect.async<ReturnType<typeof createServer>>((resume) => {
          const server = createServer(handler).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const address = server.address()
      const body = JSON.stringify(event("quota.paused"))
      const to = typeof address === "object" && address !== null ? address.port : 0
      expect(yield* raw(to, [head(body.length, secret), body])).toContain("HTTP/1.1 200")
    }).pipe(Effect.provide(Webhooks.layer(options)))
  )
})
