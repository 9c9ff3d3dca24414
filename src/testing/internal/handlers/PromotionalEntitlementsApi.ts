import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Changes from "../webhooks/Changes.js"
import * as Event from "../webhooks/Event.js"
import * as Happenings from "../webhooks/Happenings.js"
import * as Envelope from "../world/Envelope.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import * as Grants from "../world/Grants.js"
import { StiggApi } from "../../StiggApi.js"
import * as World from "../world/World.js"

/** The handlers of the operations on promotional entitlements. */
export const layer = HttpApiBuilder.group(StiggApi, "customers.promotionalEntitlements", (handlers) =>
  handlers
    .handle("create", ({ path, payload }) =>
      Effect.gen(function* () {
        const world = yield* World.World
        const customer = yield* World.activeCustomer(path.id)
        const now = yield* DateTime.now
        const drafts = yield* Either.all(
          payload.promotionalEntitlements.map((grant, i) =>
            Grants.draft(world, grant, now, `promotionalEntitlements.${i}`)
          )
        )
        const made = drafts.map((draft) => Grants.make(world, customer, draft))
        yield* Changes.tell(
          Event.all(
            ...made.map((grant) => Happenings.granted(customer, grant)),
            Happenings.entitlements(customer, "promotional_entitlement_granted")
          )
        )
        return Envelope.many(Envelope.promotionalEntitlement, made.map(Grants.at(now)))
      })
    )
    .handle("list", ({ path, urlParams }) =>
      Effect.gen(function* () {
        const customer = yield* World.activeCustomer(path.id)
        const at = Grants.at(yield* DateTime.now)
        return yield* Envelope.page({
          scope: `grants of ${customer.serial}`,
          of: customer.grants,
          createdAt: urlParams.createdAt,
          query: urlParams,
          keep: (entry) =>
            entry.state === "granted" &&
            (urlParams.status === undefined || urlParams.status.includes(at(entry).status)),
          value: at,
          write: Envelope.promotionalEntitlement
        })
      })
    )
    .handle("revoke", ({ path }) =>
      Effect.gen(function* () {
        const customer = yield* World.activeCustomer(path.id)
        const entry = customer.grants.all.findLast(
          ({ allowance, state }) => state === "granted" && allowance.featureId === path.featureId
        )
        if (entry === undefined) return yield* ApiFailure.grantNotFound(path.featureId)
        const now = yield* DateTime.now
        customer.changeGrant(yield* World.World, entry, {
          state: "revoked",
          grant: { ...entry.grant, updatedAt: now }
        })
        yield* Changes.tell(
          Event.all(
            Happenings.revoked(customer, entry),
            Happenings.entitlements(customer, "promotional_entitlement_revoked")
          )
        )
        return Envelope.one(Envelope.promotionalEntitlement, Grants.at(now)(entry))
      })
    )
)
