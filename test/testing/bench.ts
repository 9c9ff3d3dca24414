/**
 * What the emulator costs: `npx tsx test/testing/bench.ts` prints it as a Markdown table, medians of 7 in CPU time of
 * this process, so that a busy machine changes little.
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import { Customers } from "effect-stigg"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Emulator, Seed, StiggApi, StiggTest } from "effect-stigg/testing"
import * as CustomersApi from "../../src/testing/CustomersApi.js"
import * as Ids from "../../src/testing/Ids.js"
import * as IntegrationsApi from "../../src/testing/IntegrationsApi.js"
import * as PaymentMethodApi from "../../src/testing/PaymentMethodApi.js"
import { plant } from "../../src/testing/Planting.js"
import * as PromotionalEntitlementsApi from "../../src/testing/PromotionalEntitlementsApi.js"
import * as World from "../../src/testing/World.js"
import { json, list } from "./document.js"

const headers = { "x-api-key": "any" }
const path = "/api/v1/customers/customer-acme"

const cpuMillis = Effect.sync(() => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
})

const median = (numbers: ReadonlyArray<number>) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

/** Milliseconds of one run, after a warm-up. */
const cost = <A, E, R>(self: Effect.Effect<A, E, R>, times: number) =>
  Effect.gen(function* () {
    const runs: Array<number> = []
    for (let i = 0; i < 8; i++) {
      const before = yield* cpuMillis
      for (let n = 0; n < times; n++) yield* self
      runs.push(((yield* cpuMillis) - before) / times)
    }
    return median(runs.slice(1))
  })

/** The contract's handlers as `HttpApi` alone runs them: no faults, keys or error bodies, and no client. */
const bareHandler = Effect.gen(function* () {
  const world = yield* plant(yield* Seed.decode(Seed.demo), Ids.make(0), yield* DateTime.now)
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
  const request = HttpServerRequest.fromWeb(new Request(`http://emulator${path}`, { headers }))
  return app.pipe(
    Effect.scoped,
    Effect.provide(context),
    Effect.provideService(HttpServerRequest.HttpServerRequest, request)
  )
})

const doorOf = (options: Emulator.Options) =>
  Effect.map(
    Layer.build(Layer.provide(Emulator.layerHttpClient, Emulator.layer(options))),
    (context) => (path: string) =>
      Effect.flatMap(HttpClient.HttpClient, (client) => client.get(`http://emulator${path}`, { headers })).pipe(
        Effect.flatMap(({ text }) => text),
        Effect.provide(context)
      )
  )

/** The cost of a page at the start and at the end of a long list. */
const listing = Effect.gen(function* () {
  const get = yield* doorOf({ seed: Seed.random({ customers: 100_000, seed: 42 }) })
  const cursors: Array<string> = []
  for (let cursor: unknown = ""; typeof cursor === "string";) {
    cursors.push(cursor)
    const body: unknown = JSON.parse(
      yield* get(`/api/v1/customers?limit=100${cursor === "" ? "" : `&after=${cursor}`}`)
    )
    if (list(json(body)["data"]).length === 0) break
    cursor = json(json(body)["pagination"])["next"]
  }
  const page = (cursor: string | undefined) => cost(get(`/api/v1/customers?limit=100&after=${cursor ?? ""}`), 50)
  return { pages: cursors.length, first: yield* page(cursors[1]), last: yield* page(cursors.at(-2)) }
})

const main = Effect.gen(function* () {
  const bare = yield* cost(yield* bareHandler, 2000)
  const get = yield* doorOf({ seed: Seed.demo })
  const door = yield* cost(get(path), 2000)
  const context = yield* Layer.build(StiggTest.layer({ seed: Seed.demo }))
  const customers = yield* Effect.provide(Customers.Customers, context)
  const retrieve = yield* cost(customers.retrieve("customer-acme"), 1000)
  const build = yield* cost(Effect.scoped(Layer.build(StiggTest.layer({ seed: Seed.demo }))), 20)
  const pages = yield* listing
  const us = (millis: number) => `${(millis * 1000).toFixed(0)} µs`
  yield* Console.log(
    [
      "| what | cost | ratio | aim |",
      "| --- | --- | --- | --- |",
      `| retrieve, the bare \`HttpApi\` handler | ${us(bare)} | 1 | |`,
      `| retrieve, the emulator's client in process | ${us(door)} | ${(door / bare).toFixed(2)} | 1.5 |`,
      `| retrieve, the SDK on it | ${us(retrieve)} | ${(retrieve / bare).toFixed(2)} | |`,
      `| building \`StiggTest.layer\` | ${build.toFixed(1)} ms | | 20 ms |`,
      `| the first of ${pages.pages} pages of 100 | ${us(pages.first)} | 1 | |`,
      `| the last of them | ${us(pages.last)} | ${(pages.last / pages.first).toFixed(2)} | 2 |`
    ].join("\n")
  )
})

void Effect.runPromise(Effect.scoped(main))
