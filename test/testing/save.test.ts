import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { Emulator, type Saved, Seed } from "effect-stigg/testing"
import { eventful, key, seed } from "./eventful.js"
import { customers, emulated, get, patch, post, provisioned } from "./exchange.js"

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

describe("a save that was added to", () => {
  it.effect("has the newest state of each customer and of the world, in the order of the customers", () =>
    Effect.gen(function* () {
      const { load, save } = yield* Emulator.Emulator
      yield* post(customers, { id: "one", name: "One" }, key("key-1"))
      yield* post(customers, { id: "two" }, key("key-2"))
      const before = yield* save
      yield* Emulator.advanceTime("23 hours")
      yield* patch(`${customers}/one`, { name: "Changed" })
      yield* post(customers, { id: "three" }, key("key-3"))
      yield* Emulator.advanceTime("1 hour")
      // What has expired is forgotten when a key is used.
      yield* post(customers, { id: "four" }, key("key-4"))
      const after = yield* save
      const of = (id: string) => after.filter(({ customer }) => Predicate.isRecord(customer) && customer["id"] === id)
      const keys = after.filter(({ type }) => type === "answer")
      expect(keys.map((record) => String(record["key"]).split(" ").at(-1))).toEqual(["key-3", "key-4"])
      const [world, end] = [after.slice(0, 1), after.slice(-1)]
      const changed = of("one").map((record) => ({ ...record, replaces: true }))
      yield* load([...before, ...keys, ...changed, ...of("three"), ...of("four"), ...world, ...end])
      expect(yield* save).toEqual(after)
    }).pipe(Effect.provide(emulated()))
  )
})

it.effect("a text that is cut off after an earlier end is refused", () =>
  Effect.gen(function* () {
    const { loadText, save, saveText } = yield* Emulator.Emulator
    const before = yield* save
    const whole = yield* Stream.mkString(saveText)
    const cut = whole.slice(0, whole.lastIndexOf("}") + 1)
    for (const text of [cut, `${cut},`, `${cut},\n`]) {
      const refused = yield* Effect.flip(loadText(Stream.encodeText(Stream.make(text))))
      expect(refused.message).toBe("the save is empty or cut off: its end is missing")
    }
    expect(yield* save).toEqual(before)
  }).pipe(Effect.provide(emulated({ seed: Seed.demo })))
)

it.effect("a save has only the windows of rate limits that have not ended", () =>
  Effect.gen(function* () {
    yield* provisioned("one")
    const windows = Effect.map(Emulator.save, ([world]) => world?.["windows"])
    expect(yield* windows).toMatchObject([{ used: 1 }, { used: 1 }])
    yield* Emulator.advanceTime("1 minute")
    expect(yield* windows).toEqual([])
  }).pipe(Effect.provide(emulated({ limits: true })))
)

describe("an invalid save", () => {
  it.effect.each<[what: string, change: Change, path: string]>([
    ["nothing", () => [], ""],
    ["a cut one", (saved) => saved.slice(0, -1), ""],
    ["one without its first record", (saved) => saved.slice(1), "0.type"],
    ["another version", changed(0, { version: 1 }), "0.version"],
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
    ["a record after the end", (saved) => [...saved, { ...saved[1], replaces: true }], ""],
    ["a customer twice, after the end", (saved) => [...saved, saved[1]], "9.customer.id"],
    ["a newer state of an unknown customer", changed(1, { replaces: true }), "1.customer.id"],
    ["more answers than there are", changed(last, { answers: 1 }), "8.answers"],
    ["another world", (saved) => [...saved, { ...saved[0], idSeed: 1 }], "9.idSeed"],
    ["a world without a plan of before", (saved) => [...saved, { ...saved[0], plans: [] }], "9.plans"],
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
