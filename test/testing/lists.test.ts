import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import type { Json } from "./document.js"
import { json, list } from "./document.js"
import type { Answer } from "./exchange.js"
import { customers, emulated, failure, get, patch, post, provisioned, remove } from "./exchange.js"

/** Every page of a list, in walking order. */
const pages = (path: string, direction: "next" | "prev", from: Answer) =>
  Effect.gen(function* () {
    const found = [from.ids]
    let page = from
    for (;;) {
      const cursor = page[direction]
      if (typeof cursor !== "string") return found
      const parameter = direction === "next" ? "after" : "before"
      page = yield* get(`${path}${path.includes("?") ? "&" : "?"}${parameter}=${encodeURIComponent(cursor)}`)
      found.push(page.ids)
    }
  })

const day = (n: number) => `2026-01-${String(n).padStart(2, "0")}T00:00:00.000Z`

/** Five customers, created on days of January. c and b were created at the same moment. */
const january = emulated({
  seed: {
    customers: [
      { id: "e", createdAt: day(4), name: "Same", email: "e@example.com" },
      { id: "c", createdAt: day(2), name: "Same", email: "c@example.com" },
      { id: "a", createdAt: day(5), name: "A", email: "a@example.com" },
      { id: "b", createdAt: day(2), name: "B", email: "b@example.com" },
      { id: "d", createdAt: day(3), name: "D", email: "d@example.com" }
    ]
  }
})

describe("a list", () => {
  it.effect("is ordered by creation time, then by id", () =>
    Effect.gen(function* () {
      const { ids, next, prev } = yield* get(customers)
      expect(ids).toEqual(["b", "c", "d", "e", "a"])
      expect([next, prev]).toEqual([null, null])
    }).pipe(Effect.provide(january))
  )

  it.effect("keeps that order whenever its items are created", () =>
    Effect.gen(function* () {
      for (const id of ["m", "z", "a"]) yield* provisioned(id)
      yield* TestClock.adjust("1 second")
      yield* provisioned("0")
      yield* post(`${customers}/import`, {
        customers: ["y", "b"].map((id) => ({ id, name: null, email: null }))
      })
      expect((yield* get(customers)).ids).toEqual(["a", "m", "z", "0", "b", "y"])
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("has 20 items per page by default and at most 100", () =>
    Effect.gen(function* () {
      expect((yield* get(customers)).ids).toHaveLength(20)
      expect((yield* get(`${customers}?limit=100`)).ids).toHaveLength(100)
    }).pipe(
      Effect.provide(
        emulated({ seed: { customers: Array.from({ length: 101 }, (_, i) => ({ id: `customer-${i}` })) } })
      )
    )
  )

  it.effect("is walked forwards by next", () =>
    Effect.gen(function* () {
      const path = `${customers}?limit=2`
      expect(yield* pages(path, "next", yield* get(path))).toEqual([["b", "c"], ["d", "e"], ["a"]])
    }).pipe(Effect.provide(january))
  )

  it.effect("is walked backwards by prev, each page in the list's order", () =>
    Effect.gen(function* () {
      const path = `${customers}?limit=2`
      const second = yield* get(`${path}&after=${String((yield* get(path)).next)}`)
      const last = yield* get(`${path}&after=${String(second.next)}`)
      expect(yield* pages(path, "prev", last)).toEqual([["a"], ["d", "e"], ["b", "c"]])
    }).pipe(Effect.provide(january))
  )

  it.effect("continues after an item that was removed", () =>
    Effect.gen(function* () {
      const { next } = yield* get(`${customers}?limit=2`)
      yield* post(`${customers}/c/archive`)
      expect((yield* get(`${customers}?after=${String(next)}`)).ids).toEqual(["d", "e", "a"])
    }).pipe(Effect.provide(january))
  )

  it.effect("has the same cursors for the same seed and other cursors for another", () =>
    Effect.gen(function* () {
      const cursor = (idSeed: number) =>
        Effect.map(get(`${customers}?limit=1`), ({ next }) => next).pipe(
          Effect.provide(emulated({ idSeed, seed: { customers: [{ id: "a" }, { id: "b" }] } }))
        )
      const [one, again, other] = [yield* cursor(1), yield* cursor(1), yield* cursor(2)]
      expect(again).toBe(one)
      expect(other).not.toBe(one)
    })
  )

  it.effect.each([
    ["after", "after=nonsense"],
    ["before", "before=nonsense"],
    ["after", "after=00000000-0000-4000-8000-000000000000"],
    ["after", "after="],
    ["limit", "limit=0"],
    ["limit", "limit=101"],
    ["limit", "limit=1.5"],
    ["limit", "limit=ten"],
    ["limit", "limit=1&limit=2"],
    ["createdAt[gt]", "createdAt[gt]=yesterday"],
    ["createdAt[lte]", "createdAt%5Blte%5D=2026-01-01"],
    ["name", `name=${"x".repeat(256)}`]
  ])("responds with 400 naming %s to ?%s", ([field, query]) =>
    Effect.gen(function* () {
      const answer = yield* get(`${customers}?${query}`)
      expect(failure(answer)).toEqual({ status: 400, code: "BadUserInput" })
      expect(answer.body["message"]).toContain(`${field}: `)
    }).pipe(Effect.provide(january))
  )

  it.effect("responds with 400 to a before that is not later than its after, and to the cursor of another list", () =>
    Effect.gen(function* () {
      const { next } = yield* get(`${customers}?limit=1`)
      const both = yield* get(`${customers}?after=${String(next)}&before=${String(next)}`)
      expect(both.body).toEqual({ code: "BadUserInput", message: "before: after and before are mutually exclusive" })
      const other = yield* get(`${customers}/a/integrations?after=${String(next)}`)
      expect(failure(other)).toEqual({ status: 400, code: "BadUserInput" })
    }).pipe(Effect.provide(january))
  )

  it.effect("ignores an unknown query parameter", () =>
    Effect.gen(function* () {
      expect((yield* get(`${customers}?unknown=1&__proto__=2&toString=3`)).ids).toHaveLength(5)
    }).pipe(Effect.provide(january))
  )
})

describe("customers can be filtered", () => {
  it.effect.each([
    ["email=c@example.com", ["c"]],
    ["email=C@example.com", []],
    ["email=example.com", []],
    ["name=Same", ["c", "e"]],
    ["name=Same&email=e%40example.com", ["e"]],
    [`createdAt[gt]=${day(3)}`, ["e", "a"]],
    [`createdAt[gte]=${day(3)}`, ["d", "e", "a"]],
    [`createdAt[lt]=${day(3)}`, ["b", "c"]],
    [`createdAt[lte]=${day(3)}`, ["b", "c", "d"]],
    [
      `createdAt%5Bgte%5D=${encodeURIComponent(day(2))}&createdAt%5Blt%5D=${encodeURIComponent(day(4))}`,
      ["b", "c", "d"]
    ]
  ] as const)("by %s", ([query, ids]) =>
    Effect.gen(function* () {
      expect((yield* get(`${customers}?${query}`)).ids).toEqual(ids)
    }).pipe(Effect.provide(january))
  )

  it.effect("page by page", () =>
    Effect.gen(function* () {
      const path = `${customers}?limit=1&name=Same`
      expect(yield* pages(path, "next", yield* get(path))).toEqual([["c"], ["e"]])
    }).pipe(Effect.provide(january))
  )
})

describe("customers are found by what they are now", () => {
  const words = ["A", "B", "C", null]
  const email = FastCheck.constantFrom("a@x.io", "b@x.io", "c@x.io", null)
  const id = FastCheck.integer({ min: 0, max: 8 }).map((n) => `customer-${n}`)
  const step = FastCheck.oneof(
    FastCheck.record({ do: FastCheck.constant("put" as const), id, name: FastCheck.constantFrom(...words), email }),
    FastCheck.record({ do: FastCheck.constantFrom("archive" as const, "unarchive" as const), id }),
    FastCheck.record({ do: FastCheck.constant("import" as const), id, name: FastCheck.constantFrom(...words), email })
  )

  it.effect("after any changes, by email, by name, and by time", () =>
    Effect.gen(function* () {
      for (const [i, one] of FastCheck.sample(step, { numRuns: 120, seed: 3 }).entries()) {
        yield* TestClock.adjust(i % 3 === 0 ? "1 second" : 0)
        const { id, ...fields } = one
        if (!("name" in one)) yield* post(`${customers}/${id}/${one.do}`)
        else {
          const body = { name: one.name, email: one.email }
          if (one.do === "import") yield* post(`${customers}/import`, { customers: [{ id, ...body }] })
          else if ((yield* post(customers, { id, ...body })).status === 409) yield* patch(`${customers}/${id}`, body)
        }
        if (i % 10 > 0) continue
        const all = list((yield* get(`${customers}?limit=100`)).body["data"]).map(json)
        const expected = (keep: (customer: Json) => boolean) => all.filter(keep).map((customer) => customer["id"])
        const asked = JSON.stringify(fields)
        for (const value of ["A", "B", "C"]) {
          expect((yield* get(`${customers}?name=${value}`)).ids, asked).toEqual(expected(({ name }) => name === value))
        }
        for (const value of ["a@x.io", "b@x.io"]) {
          const path = `${customers}?limit=1&email=${value}`
          const found = yield* pages(path, "next", yield* get(path))
          expect(found.flat(), asked).toEqual(expected((customer) => customer["email"] === value))
          expect((yield* get(`${customers}?email=${value}&name=A`)).ids).toEqual(
            expected((customer) => customer["email"] === value && customer["name"] === "A")
          )
        }
        const from = new Date(i * 100).toISOString()
        const path = `${customers}?limit=2&createdAt[gte]=${from}`
        expect((yield* pages(path, "next", yield* get(path))).flat()).toEqual(
          expected((customer) => String(customer["createdAt"]) >= from)
        )
      }
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("and a cursor to one that no longer matches stays valid", () =>
    Effect.gen(function* () {
      const { next } = yield* get(`${customers}?limit=1&name=Same`)
      yield* patch(`${customers}/c`, { name: "Other" })
      expect((yield* get(`${customers}?name=Same&after=${String(next)}`)).ids).toEqual(["e"])
      expect((yield* get(`${customers}?name=Same&before=${String(next)}`)).ids).toEqual([])
    }).pipe(Effect.provide(january))
  )
})

describe("the lists of a customer include", () => {
  const acme = `${customers}/acme`
  const links = ["STRIPE", "HUBSPOT", "STRIPE", "ZUORA"].map((vendorIdentifier, i) => ({
    id: `i${i}`,
    vendorIdentifier
  }))
  const seeded = emulated({
    seed: {
      features: ["f1", "f2", "f3"].map((id) => ({ id, type: "BOOLEAN" as const })),
      customers: [
        {
          id: "acme",
          createdAt: day(1),
          integrations: links,
          resources: [
            { id: "site-2", createdAt: day(2) },
            { id: "site-1", createdAt: day(1) }
          ],
          grants: [
            { grant: { featureId: "f1", period: "1 week", ...nulls() }, startDate: day(1) },
            { grant: { featureId: "f2", period: "lifetime", ...nulls() }, startDate: day(2), isPaused: true },
            { grant: { featureId: "f3", period: "1 year", ...nulls() }, startDate: day(3) }
          ]
        },
        { id: "empty" }
      ]
    }
  })

  it.effect("resources", () =>
    Effect.gen(function* () {
      const path = `${acme}/resources?limit=1`
      expect(yield* pages(path, "next", yield* get(path))).toEqual([["site-1"], ["site-2"]])
      expect((yield* get(`${customers}/empty/resources`)).ids).toEqual([])
    }).pipe(Effect.provide(seeded))
  )

  it.effect("integrations, filtered by vendors, and never one that is unlinked", () =>
    Effect.gen(function* () {
      expect((yield* get(`${acme}/integrations?vendorIdentifier=STRIPE,ZUORA`)).ids).toEqual(["i0", "i2", "i3"])
      expect((yield* get(`${acme}/integrations?vendorIdentifier=AUTH0`)).ids).toEqual([])
      yield* remove(`${acme}/integrations/i0`)
      expect((yield* get(`${acme}/integrations`)).ids).toEqual(["i1", "i2", "i3"])
    }).pipe(Effect.provide(seeded))
  )

  it.effect("grants, filtered by status and by creation time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse(day(9)))
      const features = (query: string) =>
        Effect.map(get(`${acme}/promotional-entitlements${query}`), ({ body }) =>
          (Array.isArray(body["data"]) ? body["data"] : []).map((grant: { featureId: string }) => grant.featureId)
        )
      expect(yield* features("")).toEqual(["f1", "f2", "f3"])
      expect(yield* features("?status=Expired")).toEqual(["f1"])
      expect(yield* features("?status=Paused,Active")).toEqual(["f2", "f3"])
      expect(yield* features(`?createdAt[gt]=${day(1)}&createdAt[lte]=${day(2)}`)).toEqual(["f2"])
    }).pipe(Effect.provide(seeded))
  )
})

function nulls() {
  return {
    customEndDate: null,
    enumValues: null,
    hasSoftLimit: null,
    hasUnlimitedUsage: null,
    isVisible: null,
    monthlyResetPeriodConfiguration: null,
    weeklyResetPeriodConfiguration: null,
    yearlyResetPeriodConfiguration: null,
    resetPeriod: null,
    usageLimit: null
  }
}
