import { describe, expect, it } from "@effect/vitest"
import { Customers, Schemas } from "effect-stigg"
import type { StiggError } from "effect-stigg"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { sample } from "../schemas/document.js"
import * as ScriptedClient from "../transport/ScriptedClient.js"
import { documented } from "./document.js"

/** A call of an operation as a program makes it, and the expected request. */
interface Call {
  readonly run: (customers: Customers.Service, body: unknown) => Effect.Effect<unknown, StiggError.StiggError>
  readonly query?: Readonly<Record<string, string>>
  /** The schema that decodes the `data` of the response. */
  readonly data: Schema.Schema.AnyNoContext
}

const id = "a/b c"
const integrationId = "stripe/eu"
const featureId = "feature-sso"

const moment = DateTime.unsafeMake("2026-01-01T00:00:00.000Z")
const iso = "2026-01-01T00:00:00.000Z"
const range = { gt: moment, gte: moment, lt: moment, lte: moment }
const rangeOnTheWire = Object.fromEntries(["gt", "gte", "lt", "lte"].map((name) => [`createdAt[${name}]`, iso]))

const forwards = { after: "cursor", limit: 50 }
const forwardsOnTheWire = { after: "cursor", limit: "50" }
const backwards = { before: "cursor" }

/** The value of a request whose JSON the document gives. */
const from = <A, I>(schema: Schema.Schema<A, I>, json: unknown): A => Schema.decodeUnknownSync(schema)(json)

/** At least one call per operation of the document, with everything that it documents. */
const calls: Readonly<Record<string, ReadonlyArray<Call>>> = {
  "customers.provision": [
    { run: (customers, body) => customers.provision(from(Schemas.ProvisionCustomer, body)), data: Schemas.Customer }
  ],
  "customers.retrieve": [{ run: (customers) => customers.retrieve(id), data: Schemas.Customer }],
  "customers.update": [
    { run: (customers, body) => customers.update(id, from(Schemas.UpdateCustomer, body)), data: Schemas.Customer }
  ],
  "customers.archive": [{ run: (customers) => customers.archive(id), data: Schemas.Customer }],
  "customers.unarchive": [{ run: (customers) => customers.unarchive(id), data: Schemas.Customer }],
  "customers.import": [
    { run: (customers, body) => customers.import(from(Schemas.ImportCustomers, body)), data: Schemas.ImportResult }
  ],
  "customers.list": [
    {
      run: (customers) =>
        customers.listPage({ ...forwards, createdAt: range, email: "billing@acme.com", name: "Acme & Co" }),
      query: { ...forwardsOnTheWire, ...rangeOnTheWire, email: "billing@acme.com", name: "Acme & Co" },
      data: Schema.Array(Schemas.Customer)
    },
    {
      run: (customers) => customers.listPage(backwards),
      query: backwards,
      data: Schema.Array(Schemas.Customer)
    }
  ],
  "customers.retrieveEntitlements": [
    {
      run: (customers) => customers.retrieveEntitlements(id, { resourceId: "site-1" }),
      query: { resourceId: "site-1" },
      data: Schemas.EntitlementsState
    },
    { run: (customers) => customers.retrieveEntitlements(id), data: Schemas.EntitlementsState }
  ],
  "customers.checkEntitlement": [
    {
      run: (customers) =>
        customers.checkEntitlement(id, {
          featureId,
          requestedUsage: 0,
          requestedValues: ["a", "b"],
          resourceId: "site-1"
        }),
      query: { featureId, requestedUsage: "0", requestedValues: "a,b", resourceId: "site-1" },
      data: Schemas.Entitlement
    },
    {
      run: (customers) =>
        customers.checkEntitlement(id, { currencyId: "credits", requestedUsage: 5, resourceId: "site-1" }),
      query: { currencyId: "credits", requestedUsage: "5", resourceId: "site-1" },
      data: Schemas.Entitlement
    }
  ],
  "customers.listContracts": [
    { run: (customers) => customers.listContracts(id), data: Schema.Array(Schemas.Contract) }
  ],
  "customers.listInvoices": [
    {
      run: (customers) =>
        customers.listInvoicesPage(id, {
          ...forwards,
          contractExternalId: "contract-1",
          issuedAfter: moment,
          issuedBefore: moment,
          orderBy: "dueDate",
          orderDir: "DESC",
          stateIn: ["OPEN", "PAID"]
        }),
      query: {
        ...forwardsOnTheWire,
        contractExternalId: "contract-1",
        issuedAfter: iso,
        issuedBefore: iso,
        orderBy: "dueDate",
        orderDir: "DESC",
        stateIn: "OPEN,PAID"
      },
      data: Schema.Array(Schemas.Invoice)
    },
    {
      run: (customers) => customers.listInvoicesPage(id, backwards),
      query: backwards,
      data: Schema.Array(Schemas.Invoice)
    }
  ],
  "customers.listResources": [
    {
      run: (customers) => customers.listResourcesPage(id, forwards),
      query: forwardsOnTheWire,
      data: Schema.Array(Schemas.CustomerResource)
    },
    {
      run: (customers) => customers.listResourcesPage(id, backwards),
      query: backwards,
      data: Schema.Array(Schemas.CustomerResource)
    }
  ],
  "customers.paymentMethod.attach": [
    {
      run: (customers, body) => customers.paymentMethod.attach(id, from(Schemas.AttachPaymentMethod, body)),
      data: Schemas.Customer
    }
  ],
  "customers.paymentMethod.detach": [
    { run: (customers) => customers.paymentMethod.detach(id), data: Schemas.Customer }
  ],
  "customers.promotionalEntitlements.create": [
    {
      run: (customers, body) =>
        customers.promotionalEntitlements.create(
          id,
          from(Schemas.GrantPromotionalEntitlements, body).promotionalEntitlements
        ),
      data: Schema.Array(Schemas.PromotionalEntitlement)
    }
  ],
  "customers.promotionalEntitlements.list": [
    {
      run: (customers) =>
        customers.promotionalEntitlements.listPage(id, { ...forwards, createdAt: range, status: ["Active", "Paused"] }),
      query: { ...forwardsOnTheWire, ...rangeOnTheWire, status: "Active,Paused" },
      data: Schema.Array(Schemas.PromotionalEntitlement)
    },
    {
      run: (customers) => customers.promotionalEntitlements.listPage(id, backwards),
      query: backwards,
      data: Schema.Array(Schemas.PromotionalEntitlement)
    }
  ],
  "customers.promotionalEntitlements.revoke": [
    {
      run: (customers) => customers.promotionalEntitlements.revoke(id, featureId),
      data: Schemas.PromotionalEntitlement
    }
  ],
  "customers.integrations.list": [
    {
      run: (customers) => customers.integrations.listPage(id, { ...forwards, vendorIdentifier: ["STRIPE", "HUBSPOT"] }),
      query: { ...forwardsOnTheWire, vendorIdentifier: "STRIPE,HUBSPOT" },
      data: Schema.Array(Schemas.Integration)
    },
    {
      run: (customers) => customers.integrations.listPage(id, backwards),
      query: backwards,
      data: Schema.Array(Schemas.Integration)
    }
  ],
  "customers.integrations.link": [
    {
      run: (customers, body) => customers.integrations.link(id, from(Schemas.LinkIntegration, body)),
      data: Schemas.Integration
    }
  ],
  "customers.integrations.retrieve": [
    { run: (customers) => customers.integrations.retrieve(id, integrationId), data: Schemas.Integration }
  ],
  "customers.integrations.update": [
    {
      run: (customers, body) => customers.integrations.update(id, integrationId, from(Schemas.UpdateIntegration, body)),
      data: Schemas.Integration
    }
  ],
  "customers.integrations.unlink": [
    { run: (customers) => customers.integrations.unlink(id, integrationId), data: Schemas.Integration }
  ]
}

const Envelope = Schema.Struct({
  data: Schema.Unknown,
  pagination: Schema.optional(Schema.Struct({ next: Schema.String, prev: Schema.String }))
})

it("each operation of the document has a call in this test", () => {
  expect(documented.map((operation) => operation.id).sort()).toEqual(Object.keys(calls).sort())
})

describe.each(documented)("$id", (operation) => {
  const path = operation.path
    .replace("{id}", "a%2Fb%20c")
    .replace("{integrationId}", "stripe%2Feu")
    .replace("{featureId}", featureId)
  const body = operation.body === null ? undefined : sample(operation.body)
  const json = sample(operation.response ?? {})

  const exchanges = Effect.forEach(calls[operation.id] ?? [], (call) => {
    const scripted = ScriptedClient.sequence(ScriptedClient.answer(operation.status, json))
    return Effect.flatMap(Customers.Customers, (customers) => call.run(customers, body)).pipe(
      Effect.provide(ScriptedClient.services(scripted)),
      Effect.map((result) => ({ call, result, sent: scripted.sent }))
    )
  })

  it.effect("is sent as documented: method, path, query, and body", () =>
    Effect.gen(function* () {
      for (const { call, sent } of yield* exchanges) {
        expect(sent).toHaveLength(1)
        const { body: text = "", headers = {}, method, url } = sent[0] ?? {}
        expect({ method, path: url?.pathname }).toEqual({ method: operation.method, path })
        expect(Object.fromEntries(url?.searchParams ?? [])).toEqual(call.query ?? {})
        if (operation.method === "GET" || operation.method === "DELETE") expect(text).toBe("")
        else expect(JSON.parse(text)).toEqual(body ?? {})
        expect(headers["content-type"]).toBe(text === "" ? undefined : "application/json")
        expect("idempotency-key" in headers).toBe(operation.method === "POST")
      }
    })
  )

  it.effect("has every documented query parameter and no other", () =>
    Effect.gen(function* () {
      const names = new Set((yield* exchanges).flatMap(({ sent }) => [...(sent[0]?.url.searchParams.keys() ?? [])]))
      expect([...names].sort()).toEqual([...operation.query].sort())
    })
  )

  it.effect("returns the decoded response without its envelope", () =>
    Effect.gen(function* () {
      const { data, pagination } = Schema.decodeUnknownSync(Envelope)(json)
      for (const { call, result } of yield* exchanges) {
        const decoded: unknown = Schema.decodeUnknownSync(call.data)(data)
        expect(result).toEqual(pagination === undefined ? decoded : { data: decoded, pagination })
      }
    })
  )
})
