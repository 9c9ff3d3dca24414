import { describe, expect, it } from "@effect/vitest"
import * as Webhooks from "effect-stigg/Webhooks"
import * as WebhooksRedis from "effect-stigg/WebhooksRedis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { randomUUID } from "node:crypto"
import * as Door from "../Door.js"
import { entitlementsUpdated, event, options, send } from "./Sent.js"

const redisUrl = process.env["STIGG_TEST_REDIS_URL"]
const isMissing = redisUrl === undefined || redisUrl === ""
const redis = new URL(isMissing ? "redis://127.0.0.1" : redisUrl)

/** A process that receives webhooks, with one of the fleet's Redis. */
const receiving = (
  seen: Array<string>,
  {
    port = Number(redis.port),
    prefix,
    ...more
  }: { readonly prefix: string; readonly port?: number; readonly fails?: () => boolean }
) =>
  Webhooks.on(["CustomerDeleted", "EntitlementsUpdated"], ({ messageId }) =>
    more.fails?.() === true ? Effect.fail("no") : Effect.sync(() => seen.push(messageId ?? ""))
  ).pipe(
    Layer.provideMerge(Webhooks.layer(options)),
    Layer.provide(WebhooksRedis.layerStore({ redis: { host: redis.hostname, port }, prefix })),
    Layer.provideMerge(Logger.remove(Logger.defaultLogger))
  )

const prefix = () => `test-${randomUUID()}`

describe.skipIf(isMissing)("webhooks on a real Redis (skipped without STIGG_TEST_REDIS_URL)", () => {
  it.live("are handled once by two processes, also if both get them at once", () =>
    Effect.gen(function* () {
      const [one, two]: [Array<string>, Array<string>] = [[], []]
      const shared = { prefix: prefix() }
      const sent = Array.from({ length: 50 }, () => event("customer.deleted", { id: "acme" }))
      const sendAll = Effect.forEach(sent, (each) => send(each), { concurrency: 10 })
      const statuses = yield* Effect.all(
        [Effect.provide(sendAll, receiving(one, shared)), Effect.provide(sendAll, receiving(two, shared))],
        { concurrency: 2 }
      )
      expect(statuses.flat().every((status) => status === 200 || status === 503)).toBe(true)
      expect([...one, ...two].sort()).toEqual(sent.map(({ messageId }) => messageId).sort())
    })
  )

  it.live("come again after a failure, and older news change nothing", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const shared = { prefix: prefix() }
      let failures = 1
      const newer = entitlementsUpdated("acme", "2026-11-13T21:41:05.000Z")
      const older = entitlementsUpdated("acme", "2026-11-13T21:41:04.000Z")
      const first = yield* Effect.provide(
        Effect.all([send(newer), send(newer), send(newer)]),
        receiving(seen, { ...shared, fails: () => failures-- > 0 })
      )
      expect(first).toEqual([500, 200, 200])
      expect(yield* Effect.provide(Effect.all([send(older), send(newer)]), receiving(seen, shared))).toEqual([200, 200])
      expect(seen).toEqual([newer.messageId])
    })
  )

  it.scopedLive("are answered with 500 while Redis is gone, and come again", () =>
    Effect.gen(function* () {
      const door = yield* Door.make({ host: redis.hostname, port: Number(redis.port) })
      const seen: Array<string> = []
      yield* Effect.gen(function* () {
        const sent = event("customer.deleted", { id: "acme" })
        yield* door.shut
        expect(yield* send(sent)).toBe(500)
        yield* door.open
        yield* Effect.repeat(Effect.zipRight(Effect.sleep("50 millis"), send(sent)), {
          until: (status) => status === 200
        })
        expect(seen).toEqual([sent.messageId])
      }).pipe(Effect.provide(receiving(seen, { prefix: prefix(), port: door.port })))
    })
  )
})
