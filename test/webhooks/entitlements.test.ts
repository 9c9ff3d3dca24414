import { describe, expect, it } from "@effect/vitest"
import { Entitlements, EntitlementsChannel } from "effect-stigg"
import * as Webhooks from "effect-stigg/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { check, layer, sent, switchOff } from "../entitlements/world.js"
import { entitlementsUpdated, event, options, send } from "./Sent.js"

const sso = { featureId: "sso" } as const

const Live = Webhooks.layerEntitlements.pipe(
  Layer.provideMerge(Webhooks.layer(options)),
  Layer.provideMerge(layer({ timeToLive: "1 hour" })),
  Layer.provideMerge(EntitlementsChannel.layerMemory)
)

const sourceOf = (customerId: string, resourceId?: string) =>
  Effect.map(check(customerId, { ...sso, ...(resourceId === undefined ? {} : { resourceId }) }), ({ source }) => source)

/** Events about a customer's entitlements, or about the customer. */
const about: ReadonlyArray<readonly [type: string, fields: object]> = [
  ["customer.deleted", { id: "acme" }],
  ["customer.updated", { id: "acme" }],
  ["promotionalEntitlement.granted", { customer: { id: "acme" } }],
  ["promotional_entitlement.expired", { customer: { id: "acme" } }],
  ["credits.balance.depleted", { customerId: "acme" }],
  ["credit.grant.created", { customer: { id: "acme" } }],
  ["subscription.updated", { customer: { id: "acme" } }],
  ["trial.expired", { customer: { id: "acme" } }]
]

describe("entitlements that take webhooks", () => {
  it.live.each(about)("evict the customer with all resources after %s", ([type, fields]) =>
    Effect.gen(function* () {
      yield* Effect.all([sourceOf("acme"), sourceOf("acme", "site"), sourceOf("globex")])
      expect(yield* send(event(type, fields))).toBe(200)
      expect(yield* Effect.all([sourceOf("acme"), sourceOf("acme", "site"), sourceOf("globex")])).toEqual([
        "api",
        "api",
        "cache"
      ])
    }).pipe(Effect.provide(Live))
  )

  it.live("evict nothing for a forged, repeated, older or unknown event, or one of another customer", () =>
    Effect.gen(function* () {
      const first = entitlementsUpdated("acme", "2026-11-13T21:41:56.500Z")
      yield* send(first)
      yield* sourceOf("acme")
      yield* send(first)
      yield* send(entitlementsUpdated("acme", "2026-11-13T21:41:56.400Z"))
      yield* send(event("customer.deleted", { id: "acme" }), { headers: { "stigg-webhooks-secret": "wrong" } })
      yield* send(event("quota.paused", { customer: { id: "acme" } }))
      yield* send(event("customer.updated", { id: "globex" }))
      expect(yield* sourceOf("acme")).toBe("cache")
    }).pipe(Effect.provide(Live))
  )

  it.live(
    "load nothing for 2,000 events, and one state for a burst about one customer",
    () =>
      Effect.gen(function* () {
        yield* sourceOf("acme")
        yield* sent
        yield* Effect.forEach(
          Array.from({ length: 2000 }, (_, i) => i),
          (i) => send(event("subscription.updated", { customer: { id: `customer-${i % 500}` } })),
          { concurrency: 64, discard: true }
        )
        expect(yield* sent).toEqual([])
        const burst = Effect.forEach(
          Array.from({ length: 100 }, (_, i) => i),
          () => send(event("subscription.updated", { customer: { id: "acme" } })),
          { concurrency: "unbounded", discard: true }
        )
        yield* burst
        yield* Effect.replicateEffect(sourceOf("acme"), 10)
        expect(yield* sent).toEqual(["entitlements"])
      }).pipe(Effect.provide(Live)),
    60_000
  )

  it.live("answer the event and the next check while the API is down", () =>
    Effect.gen(function* () {
      yield* sourceOf("acme")
      yield* switchOff
      expect(yield* send(event("subscription.updated", { customer: { id: "acme" } }))).toBe(200)
      const answer = yield* Effect.either(sourceOf("acme"))
      expect(answer._tag).toBe("Left")
    }).pipe(Effect.provide(Live))
  )

  it.live("tell the channel, so that other processes evict too", () => {
    const told: Array<ReadonlyArray<string>> = []
    const listen = Effect.flatMap(EntitlementsChannel.EntitlementsChannel, (channel) =>
      channel.listen((message) =>
        Effect.sync(() => {
          if (message._tag === "Invalidated") told.push(message.customerIds)
        })
      )
    )
    return Effect.gen(function* () {
      yield* listen
      yield* Effect.all([send(event("trial.expired", { customer: { id: "acme" } })), Entitlements.invalidate("globex")])
      expect(told).toEqual([["acme"], ["globex"]])
    }).pipe(Effect.scoped, Effect.provide(Live))
  })
})
