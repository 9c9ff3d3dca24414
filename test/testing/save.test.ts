import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Act, Emulator, Faults, type Saved, Seed } from "effect-stigg/testing"
import { customers, emulated, get, patch, post, provisioned, remove } from "./exchange.js"

const key = (key: string) => ({ headers: { "idempotency-key": key } })

/** Everything of the state that can be lost: a grant of each state, an unlinked integration, a replayed key. */
const eventful = Effect.gen(function* () {
  yield* provisioned("b", {
    name: "B",
    metadata: { "2": "two", "1": "one" },
    passthrough: { stripe: { customerName: "B" } }
  })
  yield* Emulator.setTime("2026-03-01T00:00:00.123Z")
  yield* provisioned("a", { email: "a@example.com" })
  yield* post(`${customers}/a/archive`)
  const link = (id: string) => ({ id, syncedEntityId: id, vendorIdentifier: "STRIPE" })
  for (const id of ["one", "two", "three"]) yield* post(`${customers}/b/integrations`, link(id))
  yield* remove(`${customers}/b/integrations/two`)
  const grant = (featureId: string) => ({ promotionalEntitlements: [{ featureId, period: "1 month" }] })
  for (const featureId of ["feature-sso", "feature-sso", "feature-audit-log"]) {
    yield* post(`${customers}/b/promotional-entitlements`, grant(featureId))
  }
  yield* remove(`${customers}/b/promotional-entitlements/feature-audit-log`)
  yield* provisioned("trial")
  yield* Emulator.act(
    Act.subscribe({ customerId: "trial", planId: "plan-pro", endDate: { in: "1 day" }, isTrial: true })
  )
  yield* Emulator.act(Act.reportUsage({ customerId: "trial", of: "feature-seats", value: 2 }))
  yield* post(customers, { id: "keyed" }, key("key-1"))
  yield* Effect.replicateEffect(patch(`${customers}/keyed`, { name: "changed" }), 3)
  yield* Emulator.inject({ fault: Faults.status(500), operation: "customers.archive", times: 3 })
  yield* Emulator.inject({ fault: Faults.status(429), operation: "customers.unarchive", probability: 0.5 })
  yield* post(`${customers}/keyed/archive`)
  yield* Effect.replicateEffect(post(`${customers}/a/unarchive`), 3)
})

/** What a client can see, with a page that a cursor leads to. */
const seen = (cursor: string) =>
  Effect.gen(function* () {
    const answers = [
      yield* get(`${customers}?limit=3`),
      yield* get(`${customers}?limit=3&after=${cursor}`),
      yield* get(`${customers}/b/integrations`),
      yield* get(`${customers}/b/promotional-entitlements`),
      yield* get(`${customers}/b/entitlements`),
      yield* get(`${customers}/customer-acme/entitlements`),
      yield* get(`${customers}/customer-acme/invoices?limit=1`),
      yield* get(`${customers}/customer-acme/contracts`),
      yield* get(`${customers}/customer-sites/resources`),
      yield* get(`${customers}/customer-synced/integrations`),
      yield* get(`${customers}/customer-synced/entitlements`),
      yield* get(`${customers}/trial/entitlements`),
      yield* post(customers, { id: "keyed" }, key("key-1")),
      yield* post(`${customers}/keyed/archive`)
    ]
    const sampled = yield* Effect.replicateEffect(post(`${customers}/a/unarchive`), 10)
    return [...answers.map(({ body, status }) => ({ body, status })), sampled.map(({ status }) => status)]
  })

const cursorOf = Effect.map(get(`${customers}?limit=3`), ({ next }) => String(next))

/** The demo, and a customer with what only a seed can give. */
const seed: Seed.Input = {
  ...Seed.demo,
  customers: [
    ...(Seed.demo.customers ?? []),
    {
      id: "customer-synced",
      defaultPaymentMethod: {
        billingId: null,
        type: "BANK",
        cardLast4Digits: null,
        cardExpiryMonth: null,
        cardExpiryYear: null
      },
      passthrough: { zuora: { currency: "eur", metadata: { "1": "one" } } },
      integrations: [
        { id: "known", vendorIdentifier: "STRIPE", syncData: { billingId: "b", billingLinkUrl: "https://b.example" } },
        { id: "market", vendorIdentifier: "STRIPE", syncData: { dimensions: "d" } }
      ],
      credits: [{ currencyId: "currency-ai-credits", amount: 5, endDate: { in: "1 day" } }]
    }
  ]
}

const options: Emulator.Options = { seed, limits: true, idSeed: 7 }

const elsewhere = <A, E>(
  effect: Effect.Effect<A, E, Emulator.Emulator | Layer.Layer.Success<ReturnType<typeof emulated>>>
) => Effect.provide(effect, Layer.fresh(emulated({ limits: true })))

describe("a saved emulator", () => {
  it.effect("is the same in another process: lists, cursors, ids, keys, faults, limits and time", () =>
    Effect.gen(function* () {
      yield* eventful
      const cursor = yield* cursorOf
      const text = JSON.stringify(yield* Emulator.save)
      const copy = yield* elsewhere(
        Effect.gen(function* () {
          // What `load` must decode.
          const saved = JSON.parse(text) as Saved.Saved
          yield* Emulator.load(saved)
          expect(yield* Emulator.save).toEqual(saved)
          expect((yield* Emulator.time).now).toEqual((yield* Emulator.time).now)
          const answers = yield* seen(cursor)
          const added = yield* provisioned("added")
          return { answers, added, after: yield* Emulator.save, snapshot: yield* Emulator.snapshot }
        })
      )
      expect(yield* seen(cursor)).toEqual(copy.answers)
      expect(yield* provisioned("added")).toEqual(copy.added)
      expect(yield* Emulator.save).toEqual(copy.after)
      expect(yield* Emulator.snapshot).toEqual(copy.snapshot)
    }).pipe(Effect.provide(emulated(options)))
  )

  it.effect("holds no API key", () =>
    Effect.gen(function* () {
      yield* post(customers, { id: "acme" }, { headers: { "x-api-key": "key-of-the-test", "idempotency-key": "one" } })
      expect(JSON.stringify(yield* Emulator.save)).not.toContain("key-of-the-test")
    }).pipe(Effect.provide(emulated()))
  )

  it.effect("can be written as text, in pieces, and read again", () =>
    Effect.gen(function* () {
      yield* eventful
      const emulator = yield* Emulator.Emulator
      const saved = yield* emulator.save
      const text = yield* Stream.mkString(emulator.saveText)
      expect(JSON.parse(text)).toEqual(saved)
      expect(text.split("\n")).toHaveLength(saved.length + 3)
      const bytes = Stream.encodeText(Stream.fromIterable(text))
      const oneLine = Stream.encodeText(Stream.make(JSON.stringify(saved)))
      const formatted = ["\t", 2].map((space) => Stream.encodeText(Stream.make(JSON.stringify(saved, null, space))))
      for (const source of [bytes, oneLine, ...formatted]) {
        yield* emulator.seed({})
        yield* emulator.loadText(source)
        expect(yield* emulator.save).toEqual(saved)
      }
    }).pipe(Effect.provide(emulated(options)))
  )

  it.effect("has the text of a snapshot that is the snapshot", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const text = yield* Stream.mkString(emulator.snapshotText)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(yield* emulator.snapshot)))
    }).pipe(Effect.provide(emulated({ seed: Seed.random({ customers: 250, seed: 1 }) })))
  )
})

type Change = (saved: ReadonlyArray<Record<string, unknown>>) => ReadonlyArray<unknown>

const last = -1
const changed =
  (index: number, change: Record<string, unknown>): Change =>
  (saved) => {
    const at = index < 0 ? saved.length + index : index
    return saved.map((record, i) => (i === at ? { ...record, ...change } : record))
  }

describe("an invalid save", () => {
  it.effect.each<[what: string, change: Change, path: string]>([
    ["nothing", () => [], ""],
    ["a cut one", (saved) => saved.slice(0, -1), ""],
    ["one without its first record", (saved) => saved.slice(1), "0.type"],
    ["another version", changed(0, { version: 2 }), "0.version"],
    [
      "a fault that is none",
      changed(0, { faults: { rules: [{ fault: { type: "none" } }], random: [0, 0, 0, 1] } }),
      "0.faults.rules.0"
    ],
    ["an unknown field", changed(1, { nonsense: 1 }), "1.nonsense"],
    ["a customer without an id", changed(1, { customer: {} }), "1.customer.id"],
    [
      "a plan that is unknown",
      changed(2, { subscriptions: [{ planId: "plan-x", resourceId: null, startDate: 0, endDate: null }] }),
      "2.subscriptions.0.planId"
    ],
    ["a customer twice", ([first, one, ...rest]) => [first, one, one, ...rest], "2.customer.id"],
    ["a lost customer", ([first, , ...rest]) => [first, ...rest], "7.customers"],
    ["a record after the end", (saved) => [...saved, saved[1]], "9"],
    ["an unknown record", changed(last, { type: "nonsense" }), "8.type"]
  ])("is refused with the path, and changes nothing: %s", ([, change, path]) =>
    Effect.gen(function* () {
      const { load, save } = yield* Emulator.Emulator
      const before = yield* save
      // A change makes it what the type does not allow.
      const refused = yield* Effect.flip(load(change(before) as Saved.Saved))
      expect(refused._tag).toBe("StiggInvalidSaveError")
      expect(refused.path.startsWith(path), refused.message).toBe(true)
      expect(refused.path === "" || refused.message.startsWith(`${refused.path}: `)).toBe(true)
      expect(yield* save).toEqual(before)
    }).pipe(Effect.provide(emulated({ seed: Seed.demo })))
  )
})
