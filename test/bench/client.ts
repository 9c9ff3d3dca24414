/** What a call costs: the SDK over each client, beside bare undici, the platform's clients, and a peer if there is one. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StiggClient } from "effect-stigg"
import { Customers, Schemas, Stigg } from "effect-stigg"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Undici from "undici"
import * as Endpoint from "../../src/internal/transport/Endpoint.js"
import { listed, oneId, pageCount, pageSize } from "./customers.js"
import { forked } from "./forked.js"
import type { Measured, Way } from "./measure.js"
import { isShort, race } from "./measure.js"
import { peerOn } from "./peer.js"

// Each run starts with a garbage collection, after which the runtime optimizes some functions again: it has to be long
// compared to that.
const calls = isShort ? 2000 : 8000
const walks = isShort ? 1 : 3
const decodes = isShort ? 60 : 200

/** As long as a real one: looking for it in spans is part of the cost. */
const apiKey = "server-0123456789abcdef0123456789abcdef"

const headers = { accept: "application/json", "x-api-key": apiKey }

const httpClients = {
  UndiciHttpClient: UndiciHttpClient.layer,
  "NodeHttpClient.layerUndici": NodeHttpClient.layerUndici,
  "NodeHttpClient.layer": NodeHttpClient.layer,
  "FetchHttpClient.layer": FetchHttpClient.layer
} as const

type Name = keyof typeof httpClients

const customersOn = (
  http: Name,
  baseUrl: string,
  transformClient?: StiggClient.Options["transformClient"]
): Effect.Effect<Customers.Service, unknown, Scope.Scope> =>
  Layer.build(
    Stigg.layer({ apiKey: Redacted.make(apiKey), baseUrl, transformClient }).pipe(Layer.provide(httpClients[http]))
  ).pipe(Effect.flatMap((context) => Effect.provide(Customers.Customers, context)))

const clientOf = (http: Name) =>
  Layer.build(httpClients[http]).pipe(Effect.flatMap((context) => Effect.provide(HttpClient.HttpClient, context)))

type Ways = ReadonlyArray<Way<unknown, never>>

/** The bounds are what was measured, with some room. `src/docs/speed.md` says what was aimed at and not reached. */
const retrieve = (baseUrl: string) =>
  Effect.gen(function* () {
    const url = `${baseUrl}/api/v1/customers/${oneId}`
    const bare = yield* makeBare
    const peer = yield* peerOn(baseUrl, apiKey)
    const sdk = (http: Name, options: { readonly bound?: number; readonly boundOfPeer?: number } = {}) =>
      Effect.map(customersOn(http, baseUrl), (customers) => ({
        way: `the SDK on \`${http}\``,
        run: inFibers(16, customers.retrieve(oneId)),
        ...options
      }))
    const wrapped = yield* customersOn("UndiciHttpClient", baseUrl, HttpClient.mapRequest(identity))
    const ways: Ways = [
      { way: "undici and `JSON.parse`", run: inPromises(16, () => bare(url)) },
      ...(peer === null ? [] : [{ way: "peer", run: inPromises(16, () => peer.retrieve(oneId)) }]),
      ...(yield* Effect.forEach(["NodeHttpClient.layerUndici", "UndiciHttpClient"] as const, (http) =>
        Effect.map(clientOf(http), (client) => ({
          way: `\`${http}\` alone`,
          run: inFibers(16, get(client)(url)),
          ...(http === "UndiciHttpClient" ? { bound: 2 } : {})
        }))
      )),
      yield* sdk("UndiciHttpClient", { bound: 2, boundOfPeer: 0.5 }),
      { way: "the same with `transformClient`", run: inFibers(16, wrapped.retrieve(oneId)) },
      yield* sdk("NodeHttpClient.layerUndici"),
      yield* sdk("NodeHttpClient.layer"),
      yield* sdk("FetchHttpClient.layer")
    ]
    return yield* race({ what: "`retrieve`, 16 at once", unit: "a call", units: calls, ways })
  })

const retrieveSlowly = (baseUrl: string) =>
  Effect.gen(function* () {
    const bare = yield* makeBare
    const customers = yield* customersOn("UndiciHttpClient", baseUrl)
    const ways: Ways = [
      { way: "undici and `JSON.parse`", run: inPromises(64, () => bare(`${baseUrl}/api/v1/customers/${oneId}`)) },
      { way: "the SDK on `UndiciHttpClient`", run: inFibers(64, customers.retrieve(oneId)), bound: 1.6 }
    ]
    return yield* race({ what: "`retrieve`, 64 at once, server at 5 ms", unit: "a call", units: calls, ways })
  })

const list = (what: string, baseUrl: string, https: ReadonlyArray<Name>, bound: number) =>
  Effect.gen(function* () {
    const bare = yield* makeBare
    const peer = yield* peerOn(baseUrl, apiKey)
    const bareUrl = (after: string | null) =>
      `${baseUrl}/api/v1/customers?limit=${pageSize}${after === null ? "" : `&after=${after}`}`
    const ways: Ways = [
      { way: "undici and `JSON.parse`", run: repeated(pages((after) => bare(bareUrl(after)))) },
      ...(peer === null ? [] : [{ way: "peer", run: repeated(pages(peer.listPage)) }]),
      ...(yield* Effect.forEach(https, (http) =>
        Effect.map(customersOn(http, baseUrl), (customers) => ({
          way: `the SDK on \`${http}\``,
          run: repeated(counted(customers.list())),
          ...(http === "UndiciHttpClient" ? { bound, boundOfPeer: 1 } : {})
        }))
      ))
    ]
    return yield* race({ what, unit: "a page", units: pageCount * walks, ways })
  })

const decode = Effect.suspend(() => {
  const text = listed(1)
  const decodePage = Endpoint.page(Schemas.Customer)
  // Parsed again for each run, as in a program: no page is decoded twice.
  let parsed: Array<unknown> = []
  return race({
    what: `decode of a page of ${pageSize} (${Math.round(text.length / 1000)} kB)`,
    unit: "a page",
    units: decodes,
    ways: [
      {
        way: "`JSON.parse`",
        run: Effect.sync(() => {
          for (let i = 0; i < decodes; i++) JSON.parse(text)
        })
      },
      {
        way: "the SDK's decoder, after it",
        run: Effect.sync(() => {
          for (const page of parsed) Either.getOrThrow(decodePage(page, unexpected))
        }),
        bound: 0.75,
        boundOf: "cpu"
      }
    ],
    before: Effect.sync(() => {
      parsed = Array.from({ length: decodes }, (): unknown => JSON.parse(text))
    })
  })
})

const unexpected = () => {
  throw new Error("A page was not decoded")
}

export const client: Effect.Effect<ReadonlyArray<Measured>, unknown> = Effect.scoped(
  Effect.gen(function* () {
    const baseUrl = yield* forked("server.ts")
    const all = Object.keys(httpClients) as ReadonlyArray<Name>
    return [
      ...(yield* retrieve(baseUrl)),
      ...(yield* retrieveSlowly(`${baseUrl}/slow`)),
      ...(yield* list("`list`, pages of 100 (61 kB)", `${baseUrl}/usual`, all, 1.84)),
      ...(yield* list("`list`, pages of 100 (143 kB)", baseUrl, ["UndiciHttpClient"], 1.84)),
      ...(yield* decode)
    ]
  })
)

const repeated = <E>(walk: Effect.Effect<void, E>) => Effect.repeatN(walk, walks - 1)

type Bare = (url: string) => Promise<unknown>

/** The least code that a program without the SDK would write. It checks nothing. */
const makeBare: Effect.Effect<Bare, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => new Undici.Agent()),
  (agent) => Effect.promise(() => agent.destroy())
).pipe(
  Effect.map((dispatcher) => async (url) => {
    const { body } = await Undici.request(url, { dispatcher, headers })
    return JSON.parse(await body.text()) as unknown
  })
)

const inPromises = (concurrency: number, call: () => Promise<unknown>) =>
  Effect.promise(async () => {
    let left = calls
    const worker = async () => {
      while (left-- > 0) await call()
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  })

const inFibers = <A, E>(concurrency: number, call: Effect.Effect<A, E>) =>
  Effect.suspend(() => {
    let left = calls
    const worker = Effect.whileLoop({ while: () => left-- > 0, body: () => call, step: () => {} })
    return Effect.all(
      Array.from({ length: concurrency }, () => worker),
      { concurrency: "unbounded", discard: true }
    )
  })

interface Page {
  readonly data: ReadonlyArray<{ readonly id: string }>
  readonly pagination: { readonly next: string | null }
}

const pages = (fetch: (after: string | null) => Promise<unknown>) =>
  Effect.promise(async () => {
    let count = 0
    let after: string | null = null
    do {
      const page = (await fetch(after)) as Page
      for (const { id } of page.data) count += id === "" ? 0 : 1
      after = page.pagination.next
    } while (after !== null)
    return count
  }).pipe(Effect.flatMap(all))

const counted = <E>(customers: Stream.Stream<Schemas.Customer, E>) =>
  customers.pipe(
    Stream.runFold(0, (count, { id }) => count + (id === "" ? 0 : 1)),
    Effect.flatMap(all)
  )

const all = (count: number) =>
  count === pageCount * pageSize ? Effect.void : Effect.fail(new Error(`${count} customers came`))

/** Without the span, because the SDK has its own instead. */
const get = (client: HttpClient.HttpClient) => {
  const untraced = HttpClient.withTracerDisabledWhen(client, () => true)
  return (url: string) =>
    untraced.execute(HttpClientRequest.get(url, { headers })).pipe(
      Effect.flatMap(({ text }) => text),
      Effect.map((text): unknown => JSON.parse(text))
    )
}
