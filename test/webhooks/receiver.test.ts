import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Webhooks from "effect-stigg/Webhooks"
import { InvalidOptionsError } from "effect-stigg/StiggError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestServices from "effect/TestServices"
import { ask, entitlementsUpdated, event, options, request, secret, send, statusOf } from "./Sent.js"

const customer = { id: "customer-acme" }
const deleted = () => event("customer.deleted", customer)

const quiet = Logger.remove(Logger.defaultLogger)

const handling = (
  handle: (event: Webhooks.Event) => Effect.Effect<void, unknown>,
  more: Partial<Webhooks.Options> = {}
) =>
  Webhooks.on(["CustomerDeleted", "EntitlementsUpdated", "Unknown"], handle).pipe(
    Layer.provideMerge(Webhooks.layer({ ...options, ...more })),
    Layer.provideMerge(quiet)
  )

/** Handlers that write down what they get. */
const recording = (seen: Array<string>, more: Partial<Webhooks.Options> = {}) =>
  handling((event) => Effect.sync(() => seen.push(event.messageId ?? event.type)), more)

/** Lets a request begin: its secret is hashed outside of the test's clock. */
const begun = TestServices.provideLive(Effect.sleep("50 millis"))

const metric = (name: keyof typeof Webhooks.metricNames) =>
  Effect.map(Metric.snapshot, (pairs) => {
    const state = pairs.find(({ metricKey }) => metricKey.name === Webhooks.metricNames[name])?.metricState
    return state !== undefined && "count" in state ? Number(state.count) : 0
  })

describe("the secret", () => {
  const cases: ReadonlyArray<readonly [string, string | null, number]> = [
    ["that is right", secret, 200],
    ["that is missing", null, 401],
    ["that is empty", "", 401],
    ["that is another one", "whsec-2", 401],
    ["that begins with the right one", `${secret}1`, 401],
    ["that is the begin of the right one", secret.slice(0, -1), 401]
  ]
  it.live.each(cases)("%s is answered as it should be", ([, sent, status]) => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      expect(yield* send(deleted(), { headers: { "stigg-webhooks-secret": sent } })).toBe(status)
      expect(seen).toHaveLength(status === 200 ? 1 : 0)
    }).pipe(Effect.provide(recording(seen)))
  })

  it.live("may be one of two while one is replaced", () =>
    Effect.gen(function* () {
      const statuses = yield* Effect.forEach(["new", "old", "older"], (sent) =>
        send(deleted(), { headers: { "stigg-webhooks-secret": sent } })
      )
      expect(statuses).toEqual([200, 200, 401])
    }).pipe(Effect.provide(recording([], { secrets: [Redacted.make("new"), Redacted.make("old")] })))
  )

  it.live("is looked at before anything of the body is read", () =>
    Effect.gen(function* () {
      let reads = 0
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            reads++
            controller.enqueue(new Uint8Array(1000))
          }
        },
        { highWaterMark: 0 }
      )
      const forged = new Request("http://localhost/", {
        ...{ method: "POST", body, duplex: "half" },
        headers: { "content-type": "text/plain", "stigg-webhooks-secret": "wrong" }
      })
      expect((yield* ask(forged)).status).toBe(401)
      expect(reads).toBe(0)
    }).pipe(Effect.provide(recording([])))
  )

  it.effect("is in no answer, and the options name what is wrong", () =>
    Effect.gen(function* () {
      const { body } = yield* ask(request(deleted(), { headers: { "stigg-webhooks-secret": "wrong" } }))
      expect(JSON.stringify(body)).not.toContain(secret)
      for (const [wrong, field] of [
        [{ secrets: [] }, "secrets"],
        [{}, "secrets"],
        [{ secrets: [Redacted.make("ok"), Redacted.make("")] }, "secrets.1"],
        [{ secrets: [Redacted.make("a\nb")] }, "secrets.0"],
        [{ ...options, verifier: () => Effect.void }, "secrets"],
        [{ ...options, maxBodySize: 0 }, "maxBodySize"],
        [{ ...options, handlerTimeout: -1 }, "handlerTimeout"],
        [{ ...options, handlerTimeout: "19 seconds" }, "handlerTimeout"],
        [{ ...options, streamCapacity: 0.5 }, "streamCapacity"]
      ] as ReadonlyArray<readonly [Webhooks.Options, string]>) {
        const error = yield* Effect.flip(Effect.scoped(Layer.build(Webhooks.layer(wrong))))
        expect(error).toBeInstanceOf(InvalidOptionsError)
        expect(error.field).toBe(field)
        expect(error.message).not.toContain(secret)
      }
    }).pipe(Effect.provide(recording([])))
  )

  it.live("can be replaced by another verifier, which can read the body", () =>
    Effect.gen(function* () {
      expect(yield* send(deleted(), { headers: { "x-length": "wrong" } })).toBe(401)
      const body = JSON.stringify(deleted())
      expect(yield* send(body, { headers: { "x-length": String(body.length) } })).toBe(200)
    }).pipe(
      Effect.provide(
        Webhooks.layer({
          verifier: ({ body, headers }) =>
            Effect.flatMap(body, (bytes) =>
              headers["x-length"] === String(bytes.length)
                ? Effect.void
                : Effect.fail(new Webhooks.WebhookRefusedError({ reason: "Secret", message: "Wrong length" }))
            )
        })
      )
    )
  )
})

describe("a request", () => {
  const deep = (levels: number) => `{"type":"x","a":${"[".repeat(levels)}${"]".repeat(levels)}}`
  const cases: ReadonlyArray<readonly [string, Request, number]> = [
    ["with another method", request("", { method: "GET" }), 405],
    ["with another content type", request(deleted(), { headers: { "content-type": "text/plain" } }), 415],
    ["with a charset", request(deleted(), { headers: { "content-type": "application/json; charset=utf-8" } }), 200],
    ["without JSON", request("{"), 400],
    ["without a body", request(""), 400],
    ["with bytes that are no UTF-8", request(new Uint8Array([0x22, 0xff, 0x22])), 400],
    ["with a list", request([deleted()]), 400],
    ["with null", request("null"), 400],
    ["without a type", request({ ...deleted(), type: undefined }), 400],
    ["with a type that is no text", request({ ...deleted(), type: 5 }), 400],
    ["of an unknown type", request(event("quota.paused")), 200],
    ["that is nested 60 levels", request(deep(60)), 200],
    ["that is nested 100,000 levels", request(deep(100_000)), 400],
    ["that is larger than the limit", request(event("x", { a: "a".repeat(2 * 1024 * 1024) })), 413]
  ]
  it.live.each(cases)("%s is answered as it should be", ([, sent, status]) =>
    Effect.gen(function* () {
      const answer = yield* ask(sent)
      expect(answer.status).toBe(status)
      expect(JSON.stringify(answer.body).length).toBeLessThan(200)
    }).pipe(Effect.provide(recording([])))
  )

  it.live("without a length is read up to the limit, and no further", () =>
    Effect.gen(function* () {
      let sent = 0
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            sent += 65_536
            controller.enqueue(new Uint8Array(65_536).fill(0x20))
            // Far more than the limit: without one, the test fails and does not hang.
            if (sent > 64 * 1024 * 1024) controller.close()
          }
        },
        { highWaterMark: 0 }
      )
      const { headers } = request({})
      const long = new Request("http://localhost/", { method: "POST", body, headers, ...{ duplex: "half" } })
      expect((yield* ask(long)).status).toBe(413)
      expect(sent).toBeLessThan(1.3 * 1024 * 1024)
    }).pipe(Effect.provide(recording([])))
  )

  it.effect("that does not go on is given up after 8 seconds", () =>
    Effect.gen(function* () {
      const { headers } = request({})
      const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array([0x7b])) })
      const slow = new Request("http://localhost/", { method: "POST", body, headers, ...{ duplex: "half" } })
      const answer = yield* Effect.fork(statusOf(slow))
      yield* begun
      yield* TestClock.adjust("7 seconds")
      expect(answer.unsafePoll()).toBe(null)
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(answer)).toBe(408)
    }).pipe(Effect.provide(recording([])))
  )
})

describe("a message", () => {
  const stores: ReadonlyArray<readonly [string, Layer.Layer<Webhooks.WebhookStore>]> = [
    ["memory", Webhooks.layerStoreMemory()],
    ["a KeyValueStore", Webhooks.layerStoreKeyValue().pipe(Layer.provide(KeyValueStore.layerMemory))]
  ]
  it.live.each(stores)("is handled once, remembered in %s", ([, store]) => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const sent = deleted()
      const before = yield* metric("repeated")
      const statuses = yield* Effect.replicateEffect(send(sent), 3)
      expect(statuses).toEqual([200, 200, 200])
      expect(seen).toEqual([sent.messageId])
      expect((yield* metric("repeated")) - before).toBe(2)
    }).pipe(Effect.provide(recording(seen).pipe(Layer.provide(store))))
  })

  it.live("in hand of another request is answered with 503, so that it comes again", () =>
    Effect.gen(function* () {
      const open = yield* Deferred.make<void>()
      const [first, second] = yield* Effect.gen(function* () {
        const sent = deleted()
        const first = yield* Effect.fork(send(sent))
        yield* Effect.sleep("50 millis")
        const second = yield* send(sent)
        yield* Deferred.succeed(open, undefined)
        return [yield* Fiber.join(first), second]
      }).pipe(Effect.provide(handling(() => Deferred.await(open))))
      expect([first, second]).toEqual([200, 503])
    })
  )

  it.live.each(stores)("whose handler failed is not done, remembered in %s", ([, store]) => {
    let failures = 2
    return Effect.gen(function* () {
      const sent = deleted()
      const statuses = yield* Effect.replicateEffect(send(sent), 4)
      expect(statuses).toEqual([500, 500, 200, 200])
    }).pipe(
      Effect.provide(handling(() => (failures-- > 0 ? Effect.fail("no") : Effect.void)).pipe(Layer.provide(store)))
    )
  })

  it.live("whose handler dies is answered with 500, and nothing of the defect is told", () =>
    Effect.gen(function* () {
      const { body, status } = yield* ask(request(deleted()))
      expect([status, body]).toEqual([500, { outcome: "failed" }])
    }).pipe(Effect.provide(handling(() => Effect.die(new Error("hidden")))))
  )

  it.effect("whose handler takes too long is answered in time, and its handler is interrupted", () => {
    let interrupted = 0
    return Effect.gen(function* () {
      const answer = yield* Effect.fork(statusOf(request(deleted())))
      yield* begun
      yield* TestClock.adjust("15 seconds")
      expect(yield* Fiber.join(answer)).toBe(500)
      expect(interrupted).toBe(1)
    }).pipe(
      Effect.provide(
        handling(() =>
          Effect.onInterrupt(Effect.never, () =>
            Effect.sync(() => {
              interrupted++
            })
          )
        )
      )
    )
  })

  it.effect("is answered in time although the store hangs", () => {
    const hanging: Webhooks.WebhookStoreService = {
      ...{ claim: () => Effect.never, done: () => Effect.never, release: () => Effect.never },
      ...{ isNews: () => Effect.never, known: () => Effect.never }
    }
    return Effect.gen(function* () {
      const answer = yield* Effect.fork(statusOf(request(deleted())))
      yield* begun
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(answer)).toBe(500)
    }).pipe(Effect.provide(recording([]).pipe(Layer.provide(Layer.succeed(Webhooks.WebhookStore, hanging)))))
  })

  it.live("whose request is interrupted is released", () => {
    let runs = 0
    return Effect.gen(function* () {
      const sent = deleted()
      const interrupted = yield* Effect.fork(statusOf(request(sent)))
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => runs === 1 })
      yield* Fiber.interrupt(interrupted)
      expect(yield* send(sent)).toBe(200)
      expect(runs).toBe(2)
    }).pipe(Effect.provide(handling(() => Effect.suspend(() => (++runs === 1 ? Effect.never : Effect.void)))))
  })

  it.effect("is remembered for as long as was asked, and no more than were asked", () => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const [one, two, three] = [deleted(), deleted(), deleted()]
      yield* send(one)
      yield* TestClock.adjust("59 minutes")
      yield* send(one)
      expect(seen).toHaveLength(1)
      yield* TestClock.adjust("1 minute")
      yield* send(one)
      expect(seen).toHaveLength(2)
      yield* send(two)
      yield* send(three)
      yield* send(one)
      expect(seen).toHaveLength(5)
    }).pipe(
      Effect.provide(recording(seen).pipe(Layer.provide(Webhooks.layerStoreMemory({ keepFor: "1 hour", capacity: 2 }))))
    )
  })

  it.live("without an id is handled each time", () => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const { messageId: _, ...sent } = deleted()
      yield* Effect.replicateEffect(send(sent), 2)
      expect(seen).toEqual(["customer.deleted", "customer.deleted"])
    }).pipe(Effect.provide(recording(seen)))
  })
})

describe("news", () => {
  it.live("older than what is known of the customer and resource change nothing, whatever the order", () => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const at = (second: number) => `2026-11-13T21:41:0${second}.000Z`
      const sent = [
        entitlementsUpdated("acme", at(5)),
        entitlementsUpdated("acme", at(3)),
        entitlementsUpdated("acme", at(3), { resource: { id: "site" } }),
        entitlementsUpdated("globex", at(1)),
        entitlementsUpdated("acme", at(6))
      ]
      expect(yield* Effect.forEach(sent, (one) => send(one))).toEqual([200, 200, 200, 200, 200])
      expect(seen).toEqual([0, 2, 3, 4].map((index) => sent[index]?.messageId))
    }).pipe(Effect.provide(recording(seen)))
  })

  it.live("whose handler failed are not known", () => {
    let failures = 1
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const sent = entitlementsUpdated("acme", "2026-11-13T21:41:05.000Z")
      expect([yield* send(sent), yield* send(sent)]).toEqual([500, 200])
      expect(seen).toEqual([sent.messageId])
    }).pipe(
      Effect.provide(
        handling((event) => (failures-- > 0 ? Effect.fail("no") : Effect.sync(() => seen.push(event.messageId ?? ""))))
      )
    )
  })
})

describe("the stream", () => {
  it.live("has each event once", () =>
    Effect.gen(function* () {
      const read = yield* Effect.fork(Stream.runCollect(Stream.take(Webhooks.stream, 2)))
      yield* Effect.sleep("20 millis")
      const [one, two] = [deleted(), event("quota.paused")]
      yield* Effect.forEach([one, one, two], (sent) => send(sent))
      expect(Array.from(yield* Fiber.join(read), ({ messageId }) => messageId)).toEqual([one.messageId, two.messageId])
    }).pipe(Effect.provide(Webhooks.layer(options)))
  )
})

describe("a web handler", () => {
  it.live("answers web-standard requests, and ends with `dispose`", () =>
    Effect.gen(function* () {
      let ended = 0
      const seen: Array<string> = []
      const { dispose, handler } = Webhooks.toWebHandler(
        Layer.merge(recording(seen), Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => ended++))))
      )
      const sent = deleted()
      const statuses = yield* Effect.promise(async () => [
        (await handler(request(sent))).status,
        (await handler(request(sent, { headers: { "stigg-webhooks-secret": null } }))).status
      ])
      expect([statuses, seen]).toEqual([[200, 401], [sent.messageId]])
      yield* Effect.promise(dispose)
      expect(ended).toBe(1)
    })
  )
})

describe("the metrics", () => {
  it.live("count what was received, refused, unknown, failed and outdated, and how old it was", () =>
    Effect.gen(function* () {
      const names = ["received", "refused", "unknown", "failed", "outdated", "age"] as const
      const before = yield* Effect.forEach(names, metric)
      yield* send(event("quota.paused"))
      yield* send("{")
      yield* send(entitlementsUpdated("acme", "2026-11-13T21:41:05.000Z"))
      yield* send(entitlementsUpdated("acme", "2026-11-13T21:41:04.000Z"))
      yield* send(deleted())
      const after = yield* Effect.forEach(names, metric)
      expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([4, 1, 1, 1, 1, 4])
    }).pipe(Effect.provide(handling((event) => (event._tag === "CustomerDeleted" ? Effect.fail("no") : Effect.void))))
  )
})

describe("the span", () => {
  it.live("of the handlers says which message it is about", () => {
    const seen: Array<unknown> = []
    return Effect.gen(function* () {
      const sent = deleted()
      yield* send(sent)
      expect(seen).toEqual([
        [
          Webhooks.spanNames.handle,
          {
            "stigg.webhook.type": "customer.deleted",
            "stigg.webhook.message_id": sent.messageId,
            "stigg.webhook.trace_id": "trace-1"
          }
        ]
      ])
    }).pipe(
      Effect.provide(
        handling(() =>
          Effect.map(Effect.currentSpan, ({ attributes, name }) => seen.push([name, Object.fromEntries(attributes)]))
        )
      )
    )
  })
})
