import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Seed } from "effect-stigg/testing"
import { Operation } from "effect-stigg/testing"
import { json, list, theirs } from "./document.js"
import type { Answer, Options } from "./exchange.js"
import { customers, emulated, failure, send } from "./exchange.js"

/** `send` compares each value with the known values of the vendor's document, and fails for any other. */

const day = (n: number) => `1970-01-${String(n).padStart(2, "0")}T00:00:00.000Z`

const seed: Seed.Input = {
  features: [
    { id: "sso", type: "BOOLEAN" },
    { id: "seats", type: "NUMBER", status: "SUSPENDED" },
    { id: "region", type: "ENUM", status: "NEW" },
    { id: "calls", type: "NUMBER" },
    { id: "unsold", type: "BOOLEAN" }
  ],
  currencies: [{ id: "credits" }, { id: "gems" }],
  plans: [
    {
      id: "pro",
      features: [
        { featureId: "sso" },
        { featureId: "seats", usageLimit: 1 },
        { featureId: "region", values: ["eu"] },
        { featureId: "calls", usageLimit: 5, resetPeriod: "MONTH", resetAccordingTo: "StartOfTheMonth" }
      ],
      credits: [{ currencyId: "credits", amount: 1 }]
    }
  ],
  customers: [
    {
      id: "acme",
      plan: "pro",
      resources: [{ id: "site" }],
      integrations: [{ id: "i", vendorIdentifier: "STRIPE" }],
      contracts: [
        { contractId: "c", externalId: "c", state: "ACTIVE", subscriptions: [{ subscriptionId: "s" }] },
        { contractId: "d", externalId: "d", state: "CANCELED" }
      ],
      invoices: [
        { invoiceId: "in_1", issueDate: day(1), state: "PAID", total: 1 },
        { invoiceId: "in_2", issueDate: day(2), state: "OPEN", total: 2 }
      ]
    },
    { id: "nothing" },
    { id: "archived", plan: "pro", archivedAt: day(1) }
  ]
}

const acme = `${customers}/acme`
const grants = `${acme}/promotional-entitlements`
const check = (customer: string, query: string) =>
  ["customers.checkEntitlement", "GET", `${customers}/${customer}/entitlements/check?${query}`] as const
const state = (customer: string, query = "") =>
  ["customers.retrieveEntitlements", "GET", `${customers}/${customer}/entitlements${query}`] as const
const grant = (fields: object) => ({ promotionalEntitlements: [{ featureId: "sso", period: "1 week", ...fields }] })

type Request = readonly [
  operation: Operation.Operation,
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown
]

/** Each operation with each answer that its input can lead to. */
const requests: ReadonlyArray<Request> = [
  ["customers.provision", "POST", customers, { id: "new", billingCurrency: "usd" }],
  ["customers.provision", "POST", customers, { id: "new" }],
  ["customers.provision", "POST", customers, { id: "" }],
  ["customers.list", "GET", customers],
  ["customers.list", "GET", `${customers}?limit=0`],
  [
    "customers.import",
    "POST",
    `${customers}/import`,
    { customers: [{ id: "new", name: null, email: null, salesforceId: "s", paymentMethodId: "p" }] }
  ],
  ["customers.import", "POST", `${customers}/import`, {}],
  ["customers.retrieve", "GET", `${customers}/new`],
  ["customers.retrieve", "GET", `${customers}/nobody`],
  ["customers.retrieve", "GET", `${customers}/${"x".repeat(256)}`],
  ["customers.update", "PATCH", acme, { name: "Acme", passthrough: { stripe: {}, zuora: { currency: "eur" } } }],
  ["customers.update", "PATCH", `${customers}/nobody`, {}],
  ["customers.update", "PATCH", acme, { name: 1 }],
  ["customers.archive", "POST", `${customers}/new/archive`],
  ["customers.archive", "POST", `${customers}/nobody/archive`],
  ["customers.archive", "POST", `${customers}/${"x".repeat(256)}/archive`],
  ["customers.unarchive", "POST", `${customers}/new/unarchive`],
  ["customers.unarchive", "POST", `${customers}/nobody/unarchive`],
  ["customers.unarchive", "POST", `${customers}/${"x".repeat(256)}/unarchive`],
  state("acme"),
  state("acme", "?resourceId=site"),
  state("acme", "?resourceId=unknown"),
  state("nothing"),
  state("archived"),
  state("nobody"),
  state("acme", "?resourceId="),
  check("nobody", "featureId=sso"),
  check("archived", "featureId=sso"),
  check("acme", "featureId=sso&resourceId=unknown"),
  check("nothing", "featureId=sso"),
  check("acme", "featureId=sso"),
  check("acme", "featureId=unsold"),
  check("acme", "featureId=unknown"),
  check("acme", "featureId=seats&requestedUsage=2"),
  check("acme", "featureId=region&requestedValues=us"),
  check("acme", "featureId=sso&requestedUsage=1"),
  check("acme", "featureId=calls"),
  check("acme", "currencyId=credits&requestedUsage=2"),
  check("acme", "currencyId=gems"),
  check("acme", ""),
  ["customers.listContracts", "GET", `${acme}/contracts`],
  ["customers.listContracts", "GET", `${customers}/nobody/contracts`],
  ["customers.listContracts", "GET", `${customers}/${"x".repeat(256)}/contracts`],
  ["customers.listInvoices", "GET", `${acme}/invoices?orderBy=total&orderDir=DESC`],
  ["customers.listInvoices", "GET", `${customers}/nobody/invoices`],
  ["customers.listInvoices", "GET", `${acme}/invoices?orderBy=colour`],
  ["customers.listResources", "GET", `${acme}/resources`],
  ["customers.listResources", "GET", `${customers}/nobody/resources`],
  ["customers.listResources", "GET", `${acme}/resources?limit=x`],
  [
    "customers.paymentMethod.attach",
    "POST",
    `${acme}/payment-method`,
    { integrationId: "i", paymentMethodId: "p", vendorIdentifier: "STRIPE" }
  ],
  [
    "customers.paymentMethod.attach",
    "POST",
    `${customers}/nobody/payment-method`,
    { integrationId: "i", paymentMethodId: "p", vendorIdentifier: "STRIPE" }
  ],
  ["customers.paymentMethod.attach", "POST", `${acme}/payment-method`, {}],
  ["customers.paymentMethod.detach", "DELETE", `${acme}/payment-method`],
  ["customers.paymentMethod.detach", "DELETE", `${customers}/nobody/payment-method`],
  ["customers.paymentMethod.detach", "DELETE", `${customers}/${"x".repeat(256)}/payment-method`],
  ["customers.promotionalEntitlements.create", "POST", grants, grant({})],
  [
    "customers.promotionalEntitlements.create",
    "POST",
    grants,
    grant({
      featureId: "calls",
      period: "custom",
      customEndDate: day(9),
      resetPeriod: "WEEK",
      weeklyResetPeriodConfiguration: { accordingTo: "EverySunday" }
    })
  ],
  ["customers.promotionalEntitlements.create", "POST", grants, grant({ period: "2 weeks" })],
  ["customers.promotionalEntitlements.create", "POST", grants, grant({ featureId: "unknown" })],
  ["customers.promotionalEntitlements.list", "GET", `${grants}?status=Active`],
  ["customers.promotionalEntitlements.list", "GET", `${customers}/nobody/promotional-entitlements`],
  ["customers.promotionalEntitlements.list", "GET", `${grants}?after=x`],
  ["customers.promotionalEntitlements.revoke", "DELETE", `${grants}/sso`],
  ["customers.promotionalEntitlements.revoke", "DELETE", `${grants}/sso`],
  ["customers.promotionalEntitlements.revoke", "DELETE", `${grants}/-`],
  ["customers.promotionalEntitlements.create", "POST", `${customers}/nothing/promotional-entitlements`, grant({})],
  ["customers.promotionalEntitlements.revoke", "DELETE", `${customers}/nothing/promotional-entitlements/sso`],
  check("nothing", "featureId=sso"),
  [
    "customers.integrations.link",
    "POST",
    `${acme}/integrations`,
    { id: "h", syncedEntityId: "e", vendorIdentifier: "HUBSPOT" }
  ],
  [
    "customers.integrations.link",
    "POST",
    `${acme}/integrations`,
    { id: "h", syncedEntityId: "e", vendorIdentifier: "HUBSPOT" }
  ],
  [
    "customers.integrations.link",
    "POST",
    `${customers}/nobody/integrations`,
    { id: "h", syncedEntityId: "e", vendorIdentifier: "HUBSPOT" }
  ],
  ["customers.integrations.link", "POST", `${acme}/integrations`, {}],
  ["customers.integrations.list", "GET", `${acme}/integrations`],
  ["customers.integrations.list", "GET", `${customers}/nobody/integrations`],
  ["customers.integrations.list", "GET", `${acme}/integrations?before=x`],
  ["customers.integrations.retrieve", "GET", `${acme}/integrations/h`],
  ["customers.integrations.retrieve", "GET", `${acme}/integrations/unknown`],
  ["customers.integrations.retrieve", "GET", `${acme}/integrations/${"x".repeat(256)}`],
  ["customers.integrations.update", "PATCH", `${acme}/integrations/h`, { syncedEntityId: null }],
  ["customers.integrations.update", "PATCH", `${acme}/integrations/unknown`, { syncedEntityId: null }],
  ["customers.integrations.update", "PATCH", `${acme}/integrations/h`, {}],
  ["customers.integrations.unlink", "DELETE", `${acme}/integrations/h`],
  ["customers.integrations.unlink", "DELETE", `${acme}/integrations/h`],
  ["customers.integrations.unlink", "DELETE", `${acme}/integrations/${"x".repeat(256)}`]
]

const ask = ([, method, path, body]: Request, options: Options = {}) =>
  send(method, path, { ...(body === undefined ? {} : { body }), ...options })

/** The documented statuses of an operation. */
const documented = (operation: string): ReadonlyArray<string> =>
  Object.values(json(theirs["paths"]))
    .flatMap((path) => Object.values(json(path)).map(json))
    .filter((one) => one["operationId"] === operation)
    .flatMap((one) => Object.keys(json(one["responses"])))

/** Documented statuses that the emulator never answers with. */
const unreached: { readonly [name: string]: ReadonlyArray<string> } = {
  // An unknown customer is a denial here.
  "customers.checkEntitlement": ["404"],
  // It is for a feature of a group, and the emulator has no groups.
  "customers.promotionalEntitlements.create": ["409"]
}

/** The answers to a request, and to the same without a key and with a publishable one. */
const answersTo = (request: Request) =>
  Effect.gen(function* () {
    const plain = yield* ask(request)
    const anonymous = yield* ask(request, { headers: { "x-api-key": "" } })
    const publishable = yield* ask(request, { headers: { "x-api-key": "client-key" } })
    return [plain, anonymous, publishable]
  })

const reasonsIn = (
  answers: ReadonlyArray<readonly [string, Answer]>,
  operation: Operation.Operation
): ReadonlyArray<unknown> =>
  [...new Set(answers.filter(([name]) => name === operation).map(([, { data }]) => data["accessDeniedReason"]))]
    .filter((reason) => reason !== null && reason !== undefined)
    .sort()

const reasons = list(json(json(json(theirs["components"])["schemas"])["EntitlementDeniedReason"])["x-open-enum"]).map(
  String
)

describe("every operation answers with values that the vendor's document knows", () => {
  it.effect("whatever its input leads to", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.forEach(requests, (request) =>
        Effect.map(ask(request), (answer) => [request[0], answer] as const)
      )
      expect([...new Set(answers.map(([operation]) => operation))].sort()).toEqual([...Operation.all].sort())
      // The emulator has no budgets, and always knows the reason.
      const never = ["BudgetExceeded", "Unknown"]
      expect(reasonsIn(answers, "customers.checkEntitlement")).toEqual(
        reasons.filter((reason) => !never.includes(reason)).sort()
      )
      // An unknown customer is a 404 here.
      expect(reasonsIn(answers, "customers.retrieveEntitlements")).toEqual([
        "CustomerIsArchived",
        "NoActiveSubscription"
      ])
    }).pipe(Effect.provide(emulated({ seed })))
  )

  it.effect.each(Operation.all)("and with each documented status: %s", (operation) =>
    Effect.gen(function* () {
      const own = requests.filter(([name]) => name === operation)
      const [first] = own
      if (first === undefined) return expect.fail(`no request of ${operation}`)
      const found = (yield* Effect.forEach(requests, (request) =>
        request[0] === operation ? answersTo(request) : Effect.map(ask(request), () => [])
      )).flat()
      const limits = { reads: 1, writes: 1, imports: 1, revokes: 1, customerChanges: 1 }
      const { status } = yield* Effect.zipRight(ask(first), ask(first)).pipe(Effect.provide(emulated({ seed, limits })))
      // No read is forbidden to any key that the emulator accepts.
      const never = first[1] === "GET" ? ["403", ...(unreached[operation] ?? [])] : (unreached[operation] ?? [])
      const reachable = documented(operation).filter((one) => !never.includes(one))
      const reached = new Set([...found.map((answer) => answer.status), status].map(String))
      expect(reachable.filter((one) => !reached.has(one))).toEqual([])
    }).pipe(Effect.provide(emulated({ seed })))
  )
})

describe("a publishable key", () => {
  const publishable = { headers: { "x-api-key": "client-0123" } }

  it.effect("reads", () =>
    Effect.gen(function* () {
      for (const request of requests.filter(([, method]) => method === "GET")) {
        expect((yield* ask(request, publishable)).status, request[2]).toBe((yield* ask(request)).status)
      }
    }).pipe(Effect.provide(emulated({ seed })))
  )

  it.effect("does not write: each is a 403 that changes nothing", () =>
    Effect.gen(function* () {
      const before = yield* send("GET", customers)
      for (const request of requests.filter(([, method]) => method !== "GET")) {
        expect(failure(yield* ask(request, publishable)), request[2]).toEqual({
          status: 403,
          code: "IdentityForbidden"
        })
      }
      expect(yield* send("GET", customers)).toEqual(before)
    }).pipe(Effect.provide(emulated({ seed })))
  )

  it.effect("is a 401 if another key is configured", () =>
    Effect.gen(function* () {
      expect(failure(yield* send("POST", customers, { body: { id: "a" }, ...publishable }))).toEqual({
        status: 401,
        code: "Unauthenticated"
      })
    }).pipe(Effect.provide(emulated({ apiKey: Redacted.make("server-key") })))
  )
})
