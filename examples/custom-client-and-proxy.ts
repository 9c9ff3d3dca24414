/**
 * Sends all requests through a proxy, with an extra header and a log line for each attempt. Run it with
 * `npx tsx examples/custom-client-and-proxy.ts`: it starts the emulator, and a proxy in front of it.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Console, Effect, Layer, Redacted } from "effect"
import { Customers, Stigg } from "effect-stigg"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { createServer } from "node:http"
import { connect, type AddressInfo } from "node:net"
import { ProxyAgent } from "undici"

/** undici's `EnvHttpProxyAgent` is the same for the proxy in `HTTPS_PROXY`. */
const clientThrough = (proxyUrl: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new ProxyAgent(proxyUrl)),
    (agent) => Effect.promise(() => agent.destroy())
  ).pipe(Effect.map(UndiciHttpClient.layerDispatcher), Layer.unwrapScoped)

/** Takes any combinators of `HttpClient`. They see each attempt, not each call. */
const transformClient = (client: HttpClient.HttpClient) =>
  client.pipe(
    HttpClient.mapRequest(HttpClientRequest.setHeader("x-team", "billing")),
    HttpClient.tap(({ request: { headers, method, url }, status }) =>
      Console.log(`client: ${method} ${new URL(url).pathname} (x-team: ${headers["x-team"]}): ${status}`)
    )
  )

/** The URL of a proxy that opens a tunnel for each CONNECT. Yours runs elsewhere. */
const proxyUrl = Effect.acquireRelease(
  Effect.async<ReturnType<typeof createServer>>((resume) => {
    const server = createServer().on("connect", ({ url: target = "" }, socket) => {
      console.log(`proxy: CONNECT ${target}`)
      const { hostname, port } = new URL(`http://${target}`)
      const upstream = connect(Number(port), hostname, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"))
      upstream.pipe(socket).pipe(upstream)
    })
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => server.close())
).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`))

Effect.gen(function* () {
  const { url } = yield* EmulatorServer.EmulatorServer
  const StiggLive = Stigg.layer({ apiKey: Redacted.make("any key"), baseUrl: url, transformClient }).pipe(
    Layer.provide(clientThrough(yield* proxyUrl))
  )
  yield* Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id: "customer-acme" })).pipe(
    Effect.tap(({ id }) => Console.log(`provisioned ${id}`)),
    Effect.provide(StiggLive)
  )
}).pipe(Effect.scoped, Effect.provide(EmulatorServer.layer()), NodeRuntime.runMain)
