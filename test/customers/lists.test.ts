import { describe, expect, it } from "@effect/vitest"
import type { Pagination, StiggError } from "effect-stigg"
import { Customers } from "effect-stigg"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { sample } from "../schemas/document.js"
import * as ScriptedClient from "../transport/ScriptedClient.js"
import { documented } from "./document.js"

type Params = { readonly limit?: number; readonly after?: string; readonly before?: string }

interface List {
  readonly name: string
  readonly items: (customers: Customers.Service, params?: Params) => Stream.Stream<unknown, StiggError.StiggError>
  readonly pages: (
    customers: Customers.Service,
    params?: Params
  ) => Stream.Stream<Pagination.Page<unknown>, StiggError.StiggError>
  readonly page: (
    customers: Customers.Service,
    params?: Params
  ) => Effect.Effect<Pagination.Page<unknown>, StiggError.StiggError>
}

const lists: ReadonlyArray<List> = [
  {
    name: "customers.list",
    items: (customers, params) => customers.list(params),
    pages: (customers, params) => customers.listPages(params),
    page: (customers, params) => customers.listPage(params)
  },
  {
    name: "customers.listResources",
    items: (customers, params) => customers.listResources("acme", params),
    pages: (customers, params) => customers.listResourcesPages("acme", params),
    page: (customers, params) => customers.listResourcesPage("acme", params)
  },
  {
    name: "customers.listInvoices",
    items: (customers, params) => customers.listInvoices("acme", params),
    pages: (customers, params) => customers.listInvoicesPages("acme", params),
    page: (customers, params) => customers.listInvoicesPage("acme", params)
  },
  {
    name: "customers.promotionalEntitlements.list",
    items: (customers, params) => customers.promotionalEntitlements.list("acme", params),
    pages: (customers, params) => customers.promotionalEntitlements.listPages("acme", params),
    page: (customers, params) => customers.promotionalEntitlements.listPage("acme", params)
  },
  {
    name: "customers.integrations.list",
    items: (customers, params) => customers.integrations.list("acme", params),
    pages: (customers, params) => customers.integrations.listPages("acme", params),
    page: (customers, params) => customers.integrations.listPage("acme", params)
  }
]

it("every paginated operation of the document has its three forms in this test", () => {
  const paginated = documented.filter(({ query }) => query.includes("after")).map(({ id }) => id)
  expect(lists.map(({ name }) => name).sort()).toEqual(paginated.sort())
})

describe.each(lists)("$name", ({ items, name, page, pages }) => {
  const operation = documented.find(({ id }) => id === name)
  const answered = sample(operation?.response ?? {}) as object

  /** Two pages with one item each, in either direction. */
  const scripted = () =>
    ScriptedClient.make(({ url }) =>
      ScriptedClient.answer(200, {
        ...answered,
        pagination:
          url.searchParams.has("after") || url.searchParams.get("before") === "0" ? {} : { next: "1", prev: "0" }
      })
    )

  const use = <A, E>(
    client: ReturnType<typeof scripted>,
    self: (customers: Customers.Service) => Effect.Effect<A, E>
  ) => Effect.flatMap(Customers.Customers, self).pipe(Effect.provide(ScriptedClient.services(client)))

  const queries = (client: ReturnType<typeof scripted>) =>
    client.sent.map(({ url }) => Object.fromEntries(url.searchParams))

  it.effect("streams items, 100 per request", () =>
    Effect.gen(function* () {
      const client = scripted()
      const all = yield* use(client, (customers) => Stream.runCollect(items(customers)))
      expect(Chunk.size(all)).toBe(2)
      expect(queries(client)).toEqual([{ limit: "100" }, { limit: "100", after: "1" }])
    })
  )

  it.effect("streams pages, 100 items per request or as many as the limit says", () =>
    Effect.gen(function* () {
      const client = scripted()
      const all = yield* use(client, (customers) => Stream.runCollect(pages(customers, { limit: 3 })))
      expect(Chunk.toReadonlyArray(all).map(({ data }) => data.length)).toEqual([1, 1])
      expect(queries(client)).toEqual([{ limit: "3" }, { limit: "3", after: "1" }])
    })
  )

  it.effect("walks backwards from `before`", () =>
    Effect.gen(function* () {
      const client = scripted()
      yield* use(client, (customers) => Stream.runDrain(items(customers, { before: "9" })))
      expect(queries(client)).toEqual([
        { limit: "100", before: "9" },
        { limit: "100", before: "0" }
      ])
    })
  )

  it.effect("returns a single page in either direction, with the API's default size", () =>
    Effect.gen(function* () {
      const client = scripted()
      const first = yield* use(client, (customers) => page(customers))
      yield* use(client, (customers) => page(customers, { after: first.pagination.next ?? "" }))
      yield* use(client, (customers) => page(customers, { before: first.pagination.prev ?? "" }))
      expect(queries(client)).toEqual([{}, { after: "1" }, { before: "0" }])
    })
  )

  it.effect.each<readonly [Params, string]>([
    [{ limit: 0 }, "limit"],
    [{ limit: 101 }, "limit"],
    [{ limit: 1.5 }, "limit"],
    [{ after: "" }, "after"],
    [{ after: "1", before: "2" }, "before"]
  ])("rejects %j in all three forms before anything is sent", ([params, field]) =>
    Effect.gen(function* () {
      const client = scripted()
      const errors = yield* use(client, (customers) =>
        Effect.all([
          Effect.flip(Stream.runDrain(items(customers, params))),
          Effect.flip(Stream.runDrain(pages(customers, params))),
          Effect.flip(page(customers, params))
        ])
      )
      for (const error of errors) expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      expect(client.sent).toEqual([])
    })
  )
})
