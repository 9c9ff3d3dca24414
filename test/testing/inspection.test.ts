import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator, Seed, type Inspection } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { emulated, patch, post, customers } from "./exchange.js"

const found = (search?: Inspection.CustomerSearch) => Emulator.findCustomers(search)
const foundIds = (search?: Inspection.CustomerSearch) =>
  Effect.map(found(search), ({ data }) => data.map(({ id }) => id))
const explained = (customerId: string, resourceId?: string) =>
  Effect.map(Emulator.explain(customerId, resourceId), (all) =>
    Object.fromEntries(all.map(({ id, isGranted, reason }) => [id, `${isGranted ? "yes" : "no"}, ${reason}`]))
  )

const demo = emulated({ seed: Seed.demo })
const numbered = (count: number) =>
  emulated({ seed: { customers: Array.from({ length: count }, (_, index) => ({ id: `customer-${index}` })) } })

describe("finding customers", () => {
  it.effect("finds a part of the id, name or email, in upper or lower case, also of archived customers", () =>
    Effect.gen(function* () {
      expect(yield* foundIds({ search: "HOOLI" })).toEqual(["customer-trial"])
      expect(yield* foundIds({ search: "corp" })).toEqual(["customer-acme"])
      expect(yield* foundIds({ search: "e.e" })).toEqual([])
      expect(yield* foundIds({ search: "archived" })).toEqual(["customer-archived"])
      yield* patch(`${customers}/customer-new`, { name: "Acme (old)" })
      expect(yield* foundIds({ search: "acme (" })).toEqual(["customer-new"])
    }).pipe(Effect.provide(demo))
  )

  it.effect("pages from the newest to the oldest, also while customers are added", () =>
    Effect.gen(function* () {
      const first = yield* found({ limit: 3 })
      yield* post(customers, { id: "customer-later" })
      const second = yield* found({ limit: 3, after: first.next ?? 0 })
      const all = [...first.data, ...second.data].map(({ id }) => id)
      expect(all).toEqual((yield* foundIds()).slice(1))
      expect([all.length, second.next]).toEqual([5, null])
    }).pipe(Effect.provide(numbered(5)))
  )

  it.effect("puts the customer with exactly this id first, and finds it once", () =>
    Effect.gen(function* () {
      const ids = yield* foundIds({ search: "customer-1" })
      expect(ids[0]).toBe("customer-1")
      expect([...ids].sort()).toEqual(["customer-1", ...Array.from({ length: 10 }, (_, i) => `customer-1${i}`)].sort())
    }).pipe(Effect.provide(numbered(20)))
  )

  it.live(
    "looks at 50,000 customers at once",
    () =>
      Effect.gen(function* () {
        const first = yield* found({ search: "nobody" })
        expect(first).toEqual({ data: [], next: 1 })
        expect(yield* found({ search: "nobody", after: first.next ?? 0 })).toEqual({ data: [], next: null })
      }).pipe(Effect.provide(numbered(50_001))),
    60_000
  )
})

describe("the explanation of entitlements", () => {
  it.effect("says what grants each feature, or why it is denied", () =>
    Effect.gen(function* () {
      yield* post(`${customers}/customer-acme/promotional-entitlements`, {
        promotionalEntitlements: [{ featureId: "feature-audit-log", period: "1 month" }]
      })
      expect(yield* explained("customer-acme")).toEqual({
        "feature-sso": "yes, plan plan-pro",
        "feature-audit-log": "yes, promotional entitlement",
        "feature-seats": "yes, plan plan-pro",
        "feature-api-calls": "yes, plan plan-pro",
        "feature-storage-gb": "yes, plan plan-pro",
        "feature-regions": "yes, plan plan-pro",
        "currency-ai-credits": "yes, plan plan-pro"
      })
      expect(yield* explained("customer-initech")).toMatchObject({
        "feature-sso": "no, NoFeatureEntitlementInSubscription",
        "feature-seats": "yes, plan plan-free"
      })
      expect(yield* explained("customer-sites")).toMatchObject({ "feature-sso": "no, NoActiveSubscription" })
      expect(yield* explained("customer-sites", "site-berlin")).toMatchObject({ "feature-sso": "yes, plan plan-pro" })
      expect(yield* explained("nobody")).toMatchObject({ "feature-sso": "no, CustomerNotFound" })
    }).pipe(Effect.provide(demo))
  )
})

describe("/_emulator", () => {
  const ask = (path: string, accept: string) =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const client = yield* HttpClient.HttpClient
      const { headers, status, text } = yield* client.get(url + path, { headers: { accept } })
      return { status, type: headers["content-type"], policy: headers["content-security-policy"], text: yield* text }
    })
  const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
  const served = Layer.merge(EmulatorServer.layer(), FetchHttpClient.layer)

  it.live("is a page for a browser, whose script and styles are in files of their own", () =>
    Effect.gen(function* () {
      const page = yield* ask("/_emulator", browser)
      expect([page.status, page.type]).toEqual([200, "text/html; charset=utf-8"])
      expect(page.policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(page.text).not.toMatch(/<script>|<style|style=| on[a-z]+=/)
      for (const path of page.text.matchAll(/(?:href|src)="(\/_emulator\/[^"]*)"/g)) {
        expect([path[1], (yield* ask(path[1] ?? "", "*/*")).status]).toEqual([path[1], 200])
      }
      expect((yield* ask("/_emulator/page.js", "*/*")).text).not.toMatch(/innerHTML|insertAdjacent|document\.write/)
    }).pipe(Effect.provide(served))
  )

  it.live("is the paths of the routes for any other client", () =>
    Effect.gen(function* () {
      const { status, text } = yield* ask("/_emulator", "*/*")
      expect([status, JSON.parse(text)]).toMatchObject([200, { health: "/_emulator/health" }])
    }).pipe(Effect.provide(served))
  )

  it.live("refuses a search that is not one, and names the field", () =>
    Effect.gen(function* () {
      for (const [query, message] of [
        ["customers?limit=0", /"message":"limit: /],
        ["customers?after=-1", /"message":"after: /],
        ["customers?name=acme", /"message":"name: /],
        ["entitlements", /"message":"customerId: /]
      ] as const) {
        const { status, text } = yield* ask(`/_emulator/${query}`, "*/*")
        expect([query, status]).toEqual([query, 400])
        expect(text).toMatch(message)
      }
    }).pipe(Effect.provide(served))
  )
})
