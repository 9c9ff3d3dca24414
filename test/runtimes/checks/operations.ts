import type { Customers } from "effect-stigg"
import type { Operation } from "effect-stigg/testing"
import * as Chunk from "effect/Chunk"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Json } from "../Check.js"

/** A call of an operation on a customer of its own, and what the check keeps of the result. */
interface Call {
  readonly seen: (customers: Customers.Service, id: string) => Effect.Effect<Json, unknown>
  readonly expected: Json
}

const call = (expected: Json, seen: Call["seen"]): Call => ({ seen, expected })

const collected = <A, E, B extends Json>(stream: Stream.Stream<A, E>, keep: (item: A) => B) =>
  Effect.map(Stream.runCollect(stream), (items) => Chunk.toReadonlyArray(items).map(keep))

const paymentMethod = { integrationId: "stripe", paymentMethodId: "pm_1", vendorIdentifier: "STRIPE" }

/** Each operation once. One that is missing does not compile. */
export const operations: { readonly [Name in Operation.Operation]: Call } = {
  "customers.provision": call({ id: "provisioned-1", name: "Näme 🚀", metadata: { tier: "gold" } }, (customers) =>
    Effect.map(
      customers.provision({ id: "provisioned-1", name: "Näme 🚀", metadata: { tier: "gold" } }),
      ({ id, metadata, name }) => ({ id, name, metadata })
    )
  ),
  "customers.retrieve": call("billing@acme.example", (customers, id) =>
    Effect.map(customers.retrieve(id), ({ email }) => email)
  ),
  "customers.update": call(["Renamed", null], (customers, id) =>
    Effect.map(customers.update(id, { name: "Renamed", email: null }), ({ email, name }) => [name, email])
  ),
  "customers.archive": call(["archived", "StiggNotFoundError"], (customers, id) =>
    Effect.gen(function* () {
      const { archivedAt } = yield* customers.archive(id)
      const { _tag } = yield* Effect.flip(customers.retrieve(id))
      return [archivedAt === null ? "active" : "archived", _tag]
    })
  ),
  "customers.unarchive": call("active", (customers, id) =>
    Effect.map(Effect.zipRight(customers.archive(id), customers.unarchive(id)), ({ archivedAt }) =>
      archivedAt === null ? "active" : "archived"
    )
  ),
  "customers.list": call(["walked-000", "walked-001"], (customers) =>
    Effect.map(customers.listPage({ name: "Walked", limit: 2 }), ({ data }) => data.map(({ id }) => id))
  ),
  "customers.import": call(["imported-1"], (customers, id) =>
    Effect.map(
      customers.import({
        customers: [
          { id: "imported-1", email: null, name: "New" },
          { id, email: null, name: "Known" }
        ]
      }),
      ({ newCustomers }) => newCustomers
    )
  ),
  "customers.checkEntitlement": call([true, "RequestedUsageExceedingLimit", true], (customers, id) =>
    Effect.gen(function* () {
      const one = yield* customers.checkEntitlement(id, { featureId: "feature-seats", requestedUsage: 1 })
      const two = yield* customers.checkEntitlement(id, { featureId: "feature-seats", requestedUsage: 2 })
      const credits = yield* customers.checkEntitlement(id, { currencyId: "credits", requestedUsage: 100 })
      return [one.isGranted, two.accessDeniedReason, credits.isGranted]
    })
  ),
  "customers.retrieveEntitlements": call(3, (customers, id) =>
    Effect.map(customers.retrieveEntitlements(id), ({ entitlements }) => entitlements.length)
  ),
  "customers.listResources": call(["site-1", "site-2"], (customers, id) =>
    collected(customers.listResources(id, { limit: 1 }), (resource) => resource.id)
  ),
  "customers.listInvoices": call(["in_2 2026-02-01T00:00:00.000Z", "in_1 2026-01-01T00:00:00.000Z"], (customers, id) =>
    collected(
      customers.listInvoices(id, { orderDir: "DESC", limit: 1 }),
      ({ invoiceId, issueDate }) => `${invoiceId} ${issueDate === null ? "" : DateTime.formatIso(issueDate)}`
    )
  ),
  "customers.listContracts": call(["c1"], (customers, id) =>
    Effect.map(customers.listContracts(id), (contracts) => contracts.map(({ contractId }) => contractId))
  ),
  "customers.paymentMethod.attach": call("pm_1", (customers, id) =>
    Effect.map(
      customers.paymentMethod.attach(id, paymentMethod),
      ({ defaultPaymentMethod }) => defaultPaymentMethod?.billingId ?? ""
    )
  ),
  "customers.paymentMethod.detach": call(true, (customers, id) =>
    Effect.map(
      Effect.zipRight(customers.paymentMethod.attach(id, paymentMethod), customers.paymentMethod.detach(id)),
      ({ defaultPaymentMethod }) => defaultPaymentMethod === null
    )
  ),
  "customers.promotionalEntitlements.create": call([["feature-seats", 5]], (customers, id) =>
    Effect.map(
      customers.promotionalEntitlements.create(id, [{ featureId: "feature-seats", period: "1 month", usageLimit: 5 }]),
      (grants) => grants.map(({ featureId, usageLimit }) => [featureId, usageLimit])
    )
  ),
  "customers.promotionalEntitlements.list": call(["feature-sso"], (customers, id) =>
    collected(customers.promotionalEntitlements.list(id), ({ featureId }) => featureId)
  ),
  "customers.promotionalEntitlements.revoke": call("feature-sso", (customers, id) =>
    Effect.map(customers.promotionalEntitlements.revoke(id, "feature-sso"), ({ featureId }) => featureId)
  ),
  "customers.integrations.list": call(["stripe"], (customers, id) =>
    collected(
      customers.integrations.list(id, { vendorIdentifier: ["STRIPE", "ZUORA"] }),
      (integration) => integration.id
    )
  ),
  "customers.integrations.link": call("cus_2", (customers, id) =>
    Effect.map(
      customers.integrations.link(id, { id: "hubspot", syncedEntityId: "cus_2", vendorIdentifier: "HUBSPOT" }),
      ({ syncedEntityId }) => syncedEntityId
    )
  ),
  "customers.integrations.retrieve": call("cus_1", (customers, id) =>
    Effect.map(customers.integrations.retrieve(id, "stripe"), ({ syncedEntityId }) => syncedEntityId)
  ),
  "customers.integrations.update": call("cus_3", (customers, id) =>
    Effect.map(
      customers.integrations.update(id, "stripe", { syncedEntityId: "cus_3" }),
      ({ syncedEntityId }) => syncedEntityId
    )
  ),
  "customers.integrations.unlink": call(["stripe", 0], (customers, id) =>
    Effect.gen(function* () {
      const unlinked = yield* customers.integrations.unlink(id, "stripe")
      return [unlinked.id, (yield* customers.retrieve(id)).integrations.length]
    })
  )
}
