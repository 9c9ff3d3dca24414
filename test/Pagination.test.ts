import { describe, expect, it } from "@effect/vitest"
import { Customers, Pagination, RetryPolicy } from "effect-stigg"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, refusal } = ScriptedClient

interface Page {
  readonly ids: ReadonlyArray<string>
  readonly next?: string | null
  readonly prev?: string | null
}

const page = ({ ids, next = null, prev = null }: Page) =>
  answer(200, { data: ids.map(customer), pagination: { next, prev } })

/** A list of customers whose pages are named by their cursors. "" is the first page. */
const list = (pages: Readonly<Record<string, Page>>) =>
  ScriptedClient.make(({ url }) => {
    const { searchParams } = url
    const found = pages[searchParams.get("after") ?? searchParams.get("before") ?? ""]
    return found === undefined ? refusal(400) : page(found)
  })

const three = {
  "": { ids: ["a", "b"], next: "2" },
  "2": { ids: ["c", "d"], next: "3", prev: "2p" },
  "3": { ids: ["e"], next: null, prev: "3p" }
}

const withCustomers = <A, E>(
  scripted: ReturnType<typeof ScriptedClient.make>,
  use: (customers: Customers.Service) => Effect.Effect<A, E>
) => Effect.flatMap(Customers.Customers, use).pipe(Effect.provide(ScriptedClient.services(scripted)))

const ids = <E>(stream: Stream.Stream<{ readonly id: string }, E>) =>
  Effect.map(Stream.runCollect(stream), (items) => Chunk.toReadonlyArray(items).map(({ id }) => id))

const targets = (scripted: ReturnType<typeof ScriptedClient.make>) => scripted.sent.map(({ url }) => url.search)

/** The exact number of scheduler turns does not matter: a thousand are enough for anything pending to happen. */
const settled = Effect.repeatN(Effect.yieldNow(), 1000)

describe("following the cursors", () => {
  it.effect("continues until next is null, in the API's order", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      expect(yield* withCustomers(scripted, (customers) => ids(customers.list()))).toEqual(["a", "b", "c", "d", "e"])
      expect(scripted.sent).toHaveLength(3)
    })
  )

  it.effect.each<readonly [string, unknown]>([
    ["next is missing", { pagination: {} }],
    ["pagination is missing", {}],
    ["pagination is null", { pagination: null }],
    ["next is an empty string", { pagination: { next: "" } }]
  ])("stops where %s", ([, more]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(answer(200, { data: [customer("a")], ...(more as object) }))
      expect(yield* withCustomers(scripted, (customers) => ids(customers.list()))).toEqual(["a"])
      expect(scripted.sent).toHaveLength(1)
    })
  )

  it.effect("skips empty pages", () =>
    Effect.gen(function* () {
      const scripted = list({
        "": { ids: [], next: "2" },
        "2": { ids: [], next: "3" },
        "3": { ids: ["a"], next: "4" },
        "4": { ids: [] }
      })
      expect(yield* withCustomers(scripted, (customers) => ids(customers.list()))).toEqual(["a"])
    })
  )

  it.effect("emits the page that repeats a cursor and then fails instead of looping", () =>
    Effect.gen(function* () {
      const scripted = list({ ...three, "3": { ids: ["e"], next: "2" } })
      const seen: Array<string> = []
      const error = yield* withCustomers(scripted, (customers) =>
        customers.list().pipe(
          // Stops a loop so that the test ends.
          Stream.take(20),
          Stream.runForEach(({ id }) => Effect.sync(() => seen.push(id))),
          Effect.flip
        )
      )
      expect(seen).toEqual(["a", "b", "c", "d", "e"])
      expect(error).toMatchObject({ _tag: "StiggResponseDecodeError", operation: "customers.list", path: "pagination" })
      // The message omits the cursor: it comes from a server, which can echo a key.
      expect(error.message).toBe("The API returned a repeated cursor, so pagination would never end")
      expect(scripted.sent).toHaveLength(3)
    })
  )

  it.effect("counts the starting cursor as seen", () =>
    Effect.gen(function* () {
      const scripted = list({ "2": { ids: ["c"], next: "2" } })
      const error = yield* withCustomers(scripted, (customers) =>
        Effect.flip(Stream.runDrain(customers.list({ after: "2" }).pipe(Stream.take(20))))
      )
      expect(error._tag).toBe("StiggResponseDecodeError")
      expect(scripted.sent).toHaveLength(1)
    })
  )

  it.effect("starts after `after`", () =>
    Effect.gen(function* () {
      expect(yield* withCustomers(list(three), (customers) => ids(customers.list({ after: "2" })))).toEqual([
        "c",
        "d",
        "e"
      ])
    })
  )

  it.effect("walks prev with `before`: pages go backwards and keep their inner order", () =>
    Effect.gen(function* () {
      const scripted = list({
        "5": { ids: ["c", "d"], prev: "3", next: "5" },
        "3": { ids: ["a", "b"], prev: null, next: "3" }
      })
      expect(yield* withCustomers(scripted, (customers) => ids(customers.list({ before: "5" })))).toEqual([
        "c",
        "d",
        "a",
        "b"
      ])
      expect(targets(scripted)).toEqual(["?before=5&limit=100", "?before=3&limit=100"])
    })
  )

  it.effect("rejects both directions at once in all three forms before anything is sent", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      const both = { after: "2", before: "3" }
      const errors = yield* withCustomers(scripted, (customers) =>
        Effect.all([
          Effect.flip(Stream.runDrain(customers.list(both))),
          Effect.flip(Stream.runDrain(customers.listPages(both))),
          Effect.flip(customers.listPage(both))
        ])
      )
      for (const error of errors) expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field: "before" })
      expect(scripted.sent).toEqual([])
    })
  )
})

describe("the pages of a stream", () => {
  it.effect("have 100 items and keep the params of the list", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      yield* withCustomers(scripted, (customers) => Stream.runDrain(customers.list({ email: "billing@acme.com" })))
      expect(scripted.sent.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
        { email: "billing@acme.com", limit: "100" },
        { email: "billing@acme.com", limit: "100", after: "2" },
        { email: "billing@acme.com", limit: "100", after: "3" }
      ])
    })
  )

  it.effect("have another size if the caller sets a limit", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      yield* withCustomers(scripted, (customers) => Stream.runDrain(customers.list({ limit: 7 })))
      expect(scripted.sent.map(({ url }) => url.searchParams.get("limit"))).toEqual(["7", "7", "7"])
    })
  )

  it.effect("are emitted by listPages with their cursors", () =>
    Effect.gen(function* () {
      const pages = yield* withCustomers(list(three), (customers) => Stream.runCollect(customers.listPages()))
      expect(Chunk.toReadonlyArray(pages).map(({ data, pagination }) => [data.length, pagination])).toEqual([
        [2, { next: "2", prev: null }],
        [2, { next: "3", prev: "2p" }],
        [1, { next: null, prev: "3p" }]
      ])
    })
  )

  it.effect("have the API's default of 20 for a single page: no limit is sent", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      const first = yield* withCustomers(scripted, (customers) => customers.listPage())
      const next = yield* withCustomers(scripted, (customers) => customers.listPage({ after: "2" }))
      expect([first.data.length, first.pagination.next, next.pagination.prev]).toEqual([2, "2", "2p"])
      expect(targets(scripted)).toEqual(["", "?after=2"])
    })
  )

  it.effect("are requested again when the stream runs again", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      const twice = yield* withCustomers(scripted, (customers) => {
        const stream = customers.list()
        return Effect.all([ids(stream), ids(stream)])
      })
      expect(twice[0]).toEqual(twice[1])
      expect(scripted.sent).toHaveLength(6)
    })
  )
})

describe("reading ahead", () => {
  it.effect("requests the next page while the current one is consumed, at most one ahead", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.make((_, index) => page({ ids: [`${index}`], next: `${index + 1}` }))
      const counts: Array<number> = []
      yield* withCustomers(scripted, (customers) =>
        customers.listPages().pipe(
          Stream.take(5),
          Stream.runForEach(() =>
            Effect.andThen(
              settled,
              Effect.sync(() => counts.push(scripted.sent.length))
            )
          )
        )
      )
      expect(counts).toEqual([2, 3, 4, 5, 6])
    })
  )

  it.effect("take(10) requests at most two pages and interrupts the second", () =>
    Effect.gen(function* () {
      const full = Array.from({ length: 100 }, (_, index) => `customer-${index}`)
      const scripted = ScriptedClient.make((_, index) => (index === 0 ? page({ ids: full, next: "2" }) : Effect.never))
      const taken = yield* withCustomers(scripted, (customers) =>
        ids(
          customers.list().pipe(
            Stream.tap(() => settled),
            Stream.take(10)
          )
        )
      )
      expect(taken).toEqual(full.slice(0, 10))
      expect(scripted.sent).toHaveLength(2)
      expect(scripted.interrupted).toEqual([1])
    })
  )

  it.effect("an interrupted consumer interrupts the page in flight", () =>
    Effect.gen(function* () {
      for (const pages of [0, 1]) {
        const scripted = ScriptedClient.make((_, index) =>
          index < pages ? page({ ids: ["a"], next: "2" }) : Effect.never
        )
        const fiber = yield* Effect.fork(withCustomers(scripted, (customers) => Stream.runDrain(customers.list())))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
        expect(scripted.interrupted).toEqual([pages])
      }
    })
  )

  it.effect("also stops in an uninterruptible region, such as a finalizer, with the page in flight", () =>
    Effect.gen(function* () {
      expect(yield* withCustomers(list(three), (customers) => Effect.uninterruptible(ids(customers.list())))).toEqual([
        "a",
        "b",
        "c",
        "d",
        "e"
      ])
      const scripted = ScriptedClient.make((_, index) => (index === 0 ? page({ ids: ["a"], next: "2" }) : Effect.never))
      const first = (customers: Customers.Service) =>
        customers.list().pipe(
          Stream.tap(() => settled),
          Stream.take(1)
        )
      expect(yield* withCustomers(scripted, (customers) => Effect.uninterruptible(ids(first(customers))))).toEqual([
        "a"
      ])
      expect(scripted.interrupted).toEqual([1])
    })
  )

  it.effect("nothing is requested before the stream runs", () =>
    Effect.gen(function* () {
      const scripted = list(three)
      yield* withCustomers(scripted, (customers) => Effect.zipRight(Effect.succeed(customers.list()), settled))
      expect(scripted.sent).toEqual([])
    })
  )

  it.effect("a page that fails while reading ahead fails the stream after the items before it", () =>
    Effect.gen(function* () {
      const scripted = list({ "": { ids: ["a", "b"], next: "gone" } })
      const seen: Array<string> = []
      const error = yield* withCustomers(scripted, (customers) =>
        customers.list().pipe(
          Stream.tap(({ id }) =>
            Effect.andThen(
              settled,
              Effect.sync(() => seen.push(id))
            )
          ),
          Stream.runDrain,
          Effect.flip
        )
      )
      expect(seen).toEqual(["a", "b"])
      expect(error._tag).toBe("StiggBadRequestError")
    })
  )

  it.effect("two concurrent runs of a stream are independent", () =>
    Effect.gen(function* () {
      const both = yield* withCustomers(list(three), (customers) =>
        Effect.all([ids(customers.list()), ids(customers.list())], { concurrency: 2 })
      )
      expect(both[0]).toEqual(["a", "b", "c", "d", "e"])
      expect(both[1]).toEqual(both[0])
    })
  )
})

it.effect("each page is retried on its own: no item is lost or repeated", () =>
  Effect.gen(function* () {
    const pages = [three[""], three["2"], three["3"]]
    // Each page fails twice before it succeeds.
    const scripted = ScriptedClient.make((_, index) => {
      const found = pages[Math.floor(index / 3)]
      if (index % 3 === 0) return refusal(503)
      if (index % 3 === 1) return ScriptedClient.reset
      return found === undefined ? refusal(400) : page(found)
    })
    const all = yield* withCustomers(scripted, (customers) =>
      ids(customers.list().pipe(RetryPolicy.locally({ schedule: Schedule.forever })))
    )
    expect(all).toEqual(["a", "b", "c", "d", "e"])
    expect(scripted.sent.map(({ url }) => url.searchParams.get("after"))).toEqual([
      ...[null, null, null],
      ...["2", "2", "2"],
      ...["3", "3", "3"]
    ])
  })
)

describe("Pagination.pages", () => {
  it.effect("works with any paginated source", () =>
    Effect.gen(function* () {
      const fetch = ({ after = "0" }: { readonly after?: string | undefined }) =>
        Effect.succeed({
          data: [Number(after)],
          pagination: { next: after === "3" ? null : `${Number(after) + 1}`, prev: null }
        })
      const all = yield* Pagination.pages(fetch, {}, (cursor) => cursor).pipe(Pagination.items, Stream.runCollect)
      expect(Chunk.toReadonlyArray(all)).toEqual([0, 1, 2, 3])
    })
  )

  it.effect("emits a page before the next one arrives", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const fetch = ({ after }: { readonly after?: string | undefined }) =>
        after === undefined
          ? Effect.succeed({ data: [1], pagination: { next: "2", prev: null } })
          : Effect.as(Deferred.await(gate), { data: [2], pagination: { next: null, prev: null } })
      const all = yield* Pagination.pages(fetch, {}, (cursor) => cursor).pipe(
        Pagination.items,
        // The second page arrives only after the first item is consumed.
        Stream.tap(() => Deferred.succeed(gate, undefined)),
        Stream.runCollect
      )
      expect(Chunk.toReadonlyArray(all)).toEqual([1, 2])
    })
  )
})
