/** The cost of the emulator in process and over HTTP, and its behavior with 100,000 customers. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Customers, Stigg } from "effect-stigg"
import { Emulator, Seed, StiggApi, StiggTest } from "effect-stigg/testing"
import * as CustomersApi from "../../src/testing/internal/handlers/CustomersApi.js"
import * as Ids from "../../src/testing/internal/world/Ids.js"
import * as InProcess from "../../src/testing/internal/http/InProcess.js"
import * as IntegrationsApi from "../../src/testing/internal/handlers/IntegrationsApi.js"
import * as PaymentMethodApi from "../../src/testing/internal/handlers/PaymentMethodApi.js"
import * as SeedLoader from "../../src/testing/internal/seed/SeedLoader.js"
import * as PromotionalEntitlementsApi from "../../src/testing/internal/handlers/PromotionalEntitlementsApi.js"
import * as World from "../../src/testing/internal/world/World.js"
import { serverOf } from "./emulator-process.js"
import type { Row } from "./export.js"
import { load, requestOf } from "./load.js"
import type { Measured, Way } from "./measure.js"
import { race, time } from "./measure.js"

const id = "customer-acme"
const path = `/api/v1/customers/${id}`
const calls = 2000

/** The contract's handlers as `HttpApi` alone runs them: no faults, keys, error bodies, or client. */
const bareHandler = Effect.gen(function* () {
  const world = yield* SeedLoader.load(yield* Seed.decode(Seed.demo), Ids.make(0), yield* DateTime.now)
  const groups = Layer.mergeAll(
    CustomersApi.layer,
    PaymentMethodApi.layer,
    PromotionalEntitlementsApi.layer,
    IntegrationsApi.layer
  )
  const context = yield* Layer.build(
    Layer.mergeAll(
      HttpApiBuilder.api(StiggApi.StiggApi).pipe(Layer.provide(groups)),
      HttpApiBuilder.Router.Live,
      HttpApiBuilder.Middleware.layer,
      HttpServer.layerContext
    ).pipe(Layer.provide(Layer.succeed(World.World, world)))
  )
  const app = yield* Effect.provide(HttpApiBuilder.httpApp, context)
  const request = HttpServerRequest.fromWeb(new Request(`http://emulator${path}`, { headers: { "x-api-key": "any" } }))
  return app.pipe(
    Effect.scoped,
    Effect.provide(context),
    Effect.provideService(HttpServerRequest.HttpServerRequest, request)
  )
})

/** Reads the text of a response through the emulator's in-process client. */
const doorOf = (options: Emulator.Options) =>
  Effect.map(
    Layer.build(Layer.provide(Emulator.layerHttpClient, Emulator.layer(options))),
    (context) => (path: string) =>
      Effect.flatMap(HttpClient.HttpClient, (client) =>
        client.get(`http://emulator${path}`, { headers: { "x-api-key": "any" } })
      ).pipe(
        Effect.flatMap(({ text }) => text),
        Effect.provide(context)
      )
  )

/** The SDK's `retrieve` on any client. */
const retrieveOn = (client: Layer.Layer<HttpClient.HttpClient, Emulator.InvalidOptions>) =>
  Effect.map(Layer.build(Stigg.layer({ apiKey: Redacted.make("any") }).pipe(Layer.provide(client))), (context) =>
    Effect.flatMap(Customers.Customers, (customers) => customers.retrieve(id)).pipe(Effect.provide(context))
  )

/** A client that returns a prepared response, so that only the cost of the SDK is measured. */
const fromMemory = (text: string) =>
  Layer.succeed(
    HttpClient.HttpClient,
    InProcess.client(HttpServerResponse.text(text, { contentType: "application/json" }))
  )

const times = <A, E, R>(self: Effect.Effect<A, E, R>, count: number) => Effect.repeatN(self, count - 1)

/** The cost of a way to `retrieve` compared with the bare handler. */
const inProcess = Effect.gen(function* () {
  const bare = times(yield* bareHandler, calls)
  const get = yield* doorOf({ seed: Seed.demo })
  const onEmulator = yield* retrieveOn(Layer.provide(Emulator.layerHttpClient, Emulator.layer({ seed: Seed.demo })))
  const onResponses = yield* retrieveOn(fromMemory(yield* get(path)))
  const ways: ReadonlyArray<Way<unknown, never>> = [
    { way: "the bare `HttpApi` handler", run: bare },
    { way: "the emulator's client", run: times(get(path), calls), bound: 2 },
    { way: "the SDK on that client", run: times(onEmulator, calls) },
    { way: "the SDK on prepared responses", run: times(onResponses, calls) }
  ]
  const measured = yield* race({ what: "retrieve in process", unit: "a call", units: calls, ways })
  // Long enough for the optimizing compiler, as in a test suite.
  const [warm] = yield* race({
    ...{ what: "a warm call in process", unit: "a call", units: 20 * calls },
    ways: [{ way: "the emulator's client", run: times(get(path), 20 * calls) }]
  })
  return [
    ...rows(measured),
    ...(warm === undefined
      ? []
      : [
          {
            name: "a warm call in process, the emulator's client",
            value: `${time(warm.cpu.median)} (promised ${time(mostPerCall)})`,
            isKept: warm.cpu.median <= mostPerCall
          }
        ])
  ]
})

/** The first page of a long list compared with the last. */
const pages = Effect.gen(function* () {
  const get = yield* doorOf({ seed: Seed.random({ customers: 100_000, seed: 42 }) })
  const page = (after: string) => get(`/api/v1/customers?limit=100${after}`)
  const cursors = [""]
  for (;;) {
    const { pagination } = JSON.parse(yield* page(cursors.at(-1) ?? "")) as Page
    if (pagination.next === null) break
    cursors.push(`&after=${pagination.next}`)
  }
  const [first = "", last = ""] = [cursors[0], cursors.at(-2)]
  const ways: ReadonlyArray<Way<unknown, never>> = [
    { way: "the first page", run: times(page(first), 50) },
    { way: `a page at the end of ${cursors.length}`, run: times(page(last), 50), bound: 2 }
  ]
  return rows(yield* race({ what: "list of 100,000", unit: "a page", units: 50, ways }))
})

interface Page {
  readonly pagination: { readonly next: string | null }
}

/** All but the baseline. Ratios of CPU time, because nothing here waits: other load on the machine changes it little. */
const rows = ([, ...ways]: ReadonlyArray<Measured>): ReadonlyArray<Row> =>
  ways.map(({ bound, cpu, cpuRatio, way, what }) => ({
    name: `${what}, ${way}`,
    value: `${time(cpu.median)}, ${cpuRatio.toFixed(2)} times the baseline${bound === null ? "" : ` (promised ${bound})`}`,
    isKept: bound === null || cpuRatio <= bound
  }))

/** What a call in process may take, in milliseconds. */
const mostPerCall = 0.15

interface Server {
  readonly port: number
  /** CPU time in milliseconds of the first `StiggTest.layer` in that process. */
  readonly firstBuild: number
  /** CPU time in milliseconds of all threads of the process. */
  readonly cpu: Effect.Effect<number>
}

const server: Effect.Effect<Server, Error, Scope.Scope> = Effect.gen(function* () {
  const { ask, told } = yield* serverOf("emulator-server.ts")
  const started = yield* told<Omit<Server, "cpu">>()
  return { ...started, cpu: Effect.orDie(ask<number>("cpu")) }
})

const retrieve = requestOf("GET", path)

const overHttp = Effect.gen(function* () {
  const { cpu, firstBuild, port } = yield* server
  const rounds: Array<{ readonly ofCpu: number; readonly ofWall: number }> = []
  for (let round = -1; round < 5; round++) {
    const [before, start] = [yield* cpu, performance.now()]
    yield* Effect.promise(() => load({ port, count: 4000, status: 200, request: () => retrieve }))
    const ofWall = 4000 / ((performance.now() - start) / 1000)
    if (round >= 0) rounds.push({ ofCpu: 4000 / (((yield* cpu) - before) / 1000), ofWall })
  }
  const median = (of: "ofCpu" | "ofWall") => rounds.map((round) => round[of]).toSorted((a, b) => a - b)[2] ?? 0
  return { firstBuild, perCpuSecond: median("ofCpu"), perSecond: median("ofWall") }
})

/** The rows that the bench prints for the emulator. */
export const emulator: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.gen(function* () {
  const retrieves = yield* inProcess
  const [build] = yield* race({
    what: "`StiggTest.layer`",
    unit: "a layer",
    units: 20,
    ways: [
      { way: "with the demo's seed", run: times(Effect.scoped(Layer.build(StiggTest.layer({ seed: Seed.demo }))), 20) }
    ]
  })
  const buildTime = build?.cpu.median ?? Number.NaN
  const longList = yield* pages
  const { firstBuild, perCpuSecond, perSecond } = yield* overHttp
  return [
    ...retrieves,
    {
      name: "retrieve over HTTP",
      value: `${perSecond.toFixed(0)} per second (promised 4000), ${perCpuSecond.toFixed(0)} per CPU second`,
      isKept: perSecond >= 4000
    },
    ...longList,
    {
      name: "`StiggTest.layer`, with the demo's seed",
      value: `${time(buildTime)} (promised 20), ${firstBuild.toFixed(0)} ms as the first work of a program`,
      isKept: buildTime < 20
    }
  ]
}).pipe(Effect.scoped)
