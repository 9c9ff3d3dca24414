import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Act from "../../Act.js"
import type { Controls } from "../../Controls.js"
import type { Delivery } from "../../Webhooks.js"
import { RuleSchema as WebhookRule } from "../webhooks/Fault.js"
import { AddedWebhooks } from "./AddedWebhooks.js"
import * as ControlApi from "./ControlApi.js"
import { bodyOf, done, json, jsonBody, refused, worldOf } from "./ControlHandlers.js"

const acts = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.acts", (handlers) =>
  handlers.handleRaw("act", (request) =>
    Effect.gen(function* () {
      const world = yield* worldOf(request)
      const body = yield* jsonBody
      // `decode` succeeds only for the encoded type.
      const act = Effect.as(Act.decode(body), body as Act.Act)
      yield* Effect.flatMap(act, world.act).pipe(
        Effect.catchTag("StiggInvalidActError", ({ message }) => refused(message, "InvalidAct"))
      )
      return done
    })
  )
)

/** The messages whose last try, to whichever endpoint, failed for good or was not made. */
const undelivered = (deliveries: ReadonlyArray<Delivery>): ReadonlyArray<string> => {
  const last = new Map(deliveries.map(({ messageId, outcome }) => [messageId, outcome]))
  return Array.from(last).flatMap(([messageId, outcome]) =>
    outcome === "failed" || outcome === "dropped" ? [messageId] : []
  )
}

const endpoints = ({ webhooks }: Controls, status?: number) =>
  Effect.map(webhooks.endpoints, (data) => json({ data }, status))

const rules = ({ webhooks }: Controls, status?: number) =>
  Effect.map(webhooks.activeFaults, (data) => json({ data }, status))

const webhooks = HttpApiBuilder.group(ControlApi.ControlApi, "emulator.webhooks", (handlers) =>
  handlers
    .handle("list", (request) => Effect.flatMap(worldOf(request), (world) => endpoints(world)))
    .handleRaw("add", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        const { events, secret, url } = yield* bodyOf(ControlApi.NewWebhook)
        const { add } = yield* AddedWebhooks
        yield* add(world, { url, events, secret: Redacted.make(secret) }).pipe(
          Effect.catchTag("StiggInvalidWebhookError", ({ message }) => refused(message, "InvalidWebhook"))
        )
        return yield* endpoints(world, 201)
      })
    )
    .handle("remove", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        const { remove } = yield* AddedWebhooks
        yield* remove(world)
        return yield* endpoints(world)
      })
    )
    .handle("messages", (request) =>
      Effect.flatMap(worldOf(request), ({ webhooks }) => Effect.map(webhooks.messages, (data) => json({ data })))
    )
    .handle("deliveries", (request) =>
      Effect.flatMap(worldOf(request), ({ webhooks }) => Effect.map(webhooks.deliveries, (data) => json({ data })))
    )
    .handleRaw("resend", (request) =>
      Effect.gen(function* () {
        const { webhooks } = yield* worldOf(request)
        const { messageId } = yield* bodyOf(ControlApi.Resend)
        const ids = messageId === undefined ? undelivered(yield* webhooks.deliveries) : [messageId]
        yield* Effect.forEach(ids, webhooks.resend, { discard: true }).pipe(
          Effect.catchTag("StiggUnknownMessageError", ({ message }) => refused(`messageId: ${message}`))
        )
        return done
      })
    )
    .handle("faults", (request) => Effect.flatMap(worldOf(request), (world) => rules(world)))
    .handleRaw("inject", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        yield* Effect.flatMap(bodyOf(WebhookRule), world.webhooks.inject).pipe(
          Effect.catchTag("StiggInvalidWebhookError", ({ message }) => refused(message, "InvalidWebhook"))
        )
        return yield* rules(world, 201)
      })
    )
    .handle("clear", (request) =>
      Effect.gen(function* () {
        const world = yield* worldOf(request)
        yield* world.webhooks.clearFaults
        return yield* rules(world)
      })
    )
)

/** The handlers of the control routes of acts and webhooks. */
export const layer = Layer.mergeAll(acts, webhooks)
