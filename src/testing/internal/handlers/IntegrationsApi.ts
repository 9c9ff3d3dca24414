import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Changes from "../webhooks/Changes.js"
import * as Happenings from "../webhooks/Happenings.js"
import * as Envelope from "../world/Envelope.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Links from "./Links.js"
import { StiggApi } from "../../StiggApi.js"
import type * as CustomerEntry from "../world/CustomerEntry.js"
import * as World from "../world/World.js"

const answer = (entry: World.IntegrationEntry) => Envelope.one(Envelope.integration, entry.link)

const linkOf = (customerId: string, integrationId: string) =>
  Effect.flatMap(World.activeCustomer(customerId), (entry) => {
    const link = Links.find(entry, integrationId)
    return link === undefined ? ApiFailure.integrationNotFound(integrationId) : Effect.succeed({ entry, link })
  })

/** A link is part of its customer: a change to it also updates the customer. */
const touch = (entry: CustomerEntry.CustomerEntry, now: DateTime.Utc) =>
  Effect.flatMap(World.World, (world) => {
    entry.change(world, { customer: { ...entry.customer, updatedAt: now } })
    return Changes.tell(Happenings.customer("customer.updated", entry))
  })

/** The handlers of the operations on integrations. */
export const layer = HttpApiBuilder.group(StiggApi, "customers.integrations", (handlers) =>
  handlers
    .handle("list", ({ path, urlParams }) =>
      Effect.flatMap(World.activeCustomer(path.id), (entry) =>
        Envelope.page({
          scope: `integrations of ${entry.serial}`,
          of: entry.integrations,
          query: urlParams,
          keep: ({ link, unlinked }) =>
            !unlinked &&
            (urlParams.vendorIdentifier === undefined || urlParams.vendorIdentifier.includes(link.vendorIdentifier)),
          value: ({ link }) => link,
          write: Envelope.integration
        })
      )
    )
    .handle("link", ({ path, payload }) =>
      Effect.gen(function* () {
        const entry = yield* World.activeCustomer(path.id)
        if (Links.find(entry, payload.id) !== undefined) return yield* ApiFailure.duplicated("Integration", payload.id)
        const now = yield* DateTime.now
        const link = Links.put(yield* World.World, entry, payload, now)
        yield* touch(entry, now)
        return answer(link)
      })
    )
    .handle("retrieve", ({ path }) => Effect.map(linkOf(path.id, path.integrationId), ({ link }) => answer(link)))
    .handle("update", ({ path, payload }) =>
      Effect.gen(function* () {
        const { entry, link } = yield* linkOf(path.id, path.integrationId)
        entry.changeIntegration(yield* World.World, link, {
          link: { ...link.link, syncedEntityId: payload.syncedEntityId }
        })
        yield* touch(entry, yield* DateTime.now)
        return answer(link)
      })
    )
    .handle("unlink", ({ path }) =>
      Effect.gen(function* () {
        const { entry, link } = yield* linkOf(path.id, path.integrationId)
        entry.changeIntegration(yield* World.World, link, { unlinked: true })
        yield* touch(entry, yield* DateTime.now)
        return answer(link)
      })
    )
)
