import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Customers, Schemas, Stigg } from "effect-stigg"
import * as Endpoint from "../../src/internal/transport/Endpoint.js"
import { listed, oneId, pageCount, pageSize } from "./customers.js"
import { forked } from "./forked.js"
import type { Comparison } from "./measure.js"
import { compare } from "./measure.js"

const concurrency = 16
const calls = 4000
const decodes = 60

/** As long as a real one: what looks for it in spans is part of the price. */
const apiKey = "server-0123456789abcdef0123456789abcdef"

const headers = { accept: "application/json", "x-api-key": apiKey }

/**
 * Beside bare undici: `retrieve`, `list`, and the decode of a page. Of the first two, what lies between: the platform's
 * client alone, which the SDK cannot be cheaper than, and with the decode for a list.
 */
export const client: Effect.Effect<ReadonlyArray<Comparison>, unknown> = Effect.gen(function* () {
  const baseUrl = yield* forked("server.ts")
  const bare = yield* makeBare
  const StiggLive = Stigg.layer({ apiKey: Redacted.make(apiKey), baseUrl }).pipe(
    Layer.provideMerge(NodeHttpClient.layerUndici)
  )
  return yield* Effect.gen(function* () {
    const customers = yield* Customers.Customers
    const platform = platformGet(yield* HttpClient.HttpClient)
    const retrieve = beside(`\`retrieve\`, ${concurrency} at once`, "a call", calls, bareCalls(baseUrl, bare))
    const list = beside(`\`list\`, ${pageCount} pages of ${pageSize}`, "a page", pageCount, barePages(baseUrl, bare))
    return [
      yield* retrieve("", 2.5, inFibers(customers.retrieve(oneId))),
      yield* retrieve(", the platform's client alone", Infinity, inFibers(platform(customerUrl(baseUrl)))),
      yield* list("", 1.8, counted(customers.list())),
      yield* list(", the platform's client and the decode alone", Infinity, platformPages(baseUrl, platform)),
      yield* decode
    ]
  }).pipe(Effect.provide(StiggLive))
}).pipe(Effect.scoped)

const beside =
  <E, R>(name: string, unit: string, units: number, bare: Effect.Effect<unknown, E, R>) =>
  <E2, R2>(what: string, bound: number, sdk: Effect.Effect<unknown, E2, R2>) =>
    compare<E | E2, R | R2>({ name: name + what, unit, units, bound, bare, sdk })

const customerUrl = (baseUrl: string) => `${baseUrl}/api/v1/customers/${oneId}`

const pageUrl = (baseUrl: string, after: string | null) =>
  `${baseUrl}/api/v1/customers?limit=${pageSize}${after === null ? "" : `&after=${after}`}`

type Bare = (url: string) => Promise<unknown>

/** The least that a program without the SDK would write. It believes what comes. */
const makeBare = Effect.acquireRelease(
  Effect.sync(() => new Undici.Agent()),
  (agent) => Effect.promise(() => agent.destroy())
).pipe(
  Effect.map((dispatcher): Bare => async (url) => {
    const { body } = await Undici.request(url, { dispatcher, headers })
    return JSON.parse(await body.text()) as unknown
  })
)

const bareCalls = (baseUrl: string, bare: Bare) =>
  Effect.promise(async () => {
    let left = calls
    const worker = async () => {
      while (left-- > 0) await bare(customerUrl(baseUrl))
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  })

const inFibers = <A, E, R>(call: Effect.Effect<A, E, R>) =>
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

const barePages = (baseUrl: string, bare: Bare) =>
  Effect.promise(async () => {
    let count = 0
    let after: string | null = null
    do {
      const page = (await bare(pageUrl(baseUrl, after))) as Page
      for (const { id } of page.data) count += id === "" ? 0 : 1
      after = page.pagination.next
    } while (after !== null)
    return count
  }).pipe(Effect.flatMap(all))

const counted = <E, R>(customers: Stream.Stream<Schemas.Customer, E, R>) =>
  customers.pipe(
    Stream.runFold(0, (count, { id }) => count + (id === "" ? 0 : 1)),
    Effect.flatMap(all)
  )

const all = (count: number) =>
  count === pageCount * pageSize ? Effect.void : Effect.fail(new Error(`${count} customers came`))

/** Without the span, for the SDK has one of its own in its place. */
const platformGet = (client: HttpClient.HttpClient) => {
  const untraced = HttpClient.withTracerDisabledWhen(client, () => true)
  return (url: string) =>
    untraced.execute(HttpClientRequest.get(url, { headers })).pipe(
      Effect.flatMap(({ text }) => text),
      Effect.map((text): unknown => JSON.parse(text))
    )
}

const platformPages = (baseUrl: string, get: ReturnType<typeof platformGet>) => {
  const decodePage = Endpoint.page(Schemas.Customer)
  return Effect.gen(function* () {
    let count = 0
    let after: string | null = null
    do {
      const { data, pagination }: Page = yield* decodePage(yield* get(pageUrl(baseUrl, after)), unexpected)
      for (const { id } of data) count += id === "" ? 0 : 1
      after = pagination.next
    } while (after !== null)
    yield* all(count)
  })
}

const decode = Effect.suspend(() => {
  const text = listed(1)
  const decodePage = Endpoint.page(Schemas.Customer)
  // Parsed afresh for each run, as in a program: no page is decoded twice.
  let parsed: Array<unknown> = []
  return compare({
    name: `decode of a page of ${pageSize}, beside \`JSON.parse\` of it`,
    unit: "a page",
    units: decodes,
    bound: 2.5,
    bare: Effect.sync(() => {
      for (let i = 0; i < decodes; i++) JSON.parse(text)
    }),
    sdk: Effect.sync(() => {
      for (const page of parsed) Either.getOrThrow(decodePage(page, unexpected))
    }),
    before: Effect.sync(() => {
      parsed = Array.from({ length: decodes }, (): unknown => JSON.parse(text))
    })
  })
})

const unexpected = () => {
  throw new Error("A page was not decoded")
}
