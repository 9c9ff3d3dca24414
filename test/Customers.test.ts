import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import type { Schemas, StiggError } from "effect-stigg"
import { Customers } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, ok, refusal } = ScriptedClient

const use = <A, E>(
  scripted: ReturnType<typeof ScriptedClient.make>,
  self: (customers: Customers.Service) => Effect.Effect<A, E>
) => Effect.flatMap(Customers.Customers, self).pipe(Effect.provide(ScriptedClient.services(scripted)))

describe("ensure", () => {
  it.effect("provisions a customer that does not exist", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(answer(201, { data: customer("acme") }))
      const acme = yield* use(scripted, (customers) => customers.ensure({ id: "acme", name: "Acme" }))
      expect(acme.id).toBe("acme")
      expect(scripted.sent.map(({ body, method }) => [method, body])).toEqual([["POST", '{"id":"acme","name":"Acme"}']])
    })
  )

  it.effect("retrieves the existing customer unchanged", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(
        refusal(409, "DuplicatedEntityNotAllowed"),
        ok({ ...customer("acme"), name: "Older" })
      )
      const acme = yield* use(scripted, (customers) => customers.ensure({ id: "acme", name: "Acme" }))
      expect(acme.name).toBe("Older")
      expect(scripted.sent.map(({ method, target }) => [method, target])).toEqual([
        ["POST", "/api/v1/customers"],
        ["GET", "/api/v1/customers/acme"]
      ])
    })
  )

  it.effect("fails with NotFoundError if the customer is archived", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(
        refusal(409, "DuplicatedEntityNotAllowed"),
        refusal(404, "CustomerNotFound")
      )
      const error = yield* use(scripted, (customers) => Effect.flip(customers.ensure({ id: "acme" })))
      expect(error._tag).toBe("StiggNotFoundError")
    })
  )

  it.effect.each<readonly [string, ScriptedClient.Answer, StiggError.StiggError["_tag"]]>([
    ["another conflict", refusal(409, "EntitlementBelongsToFeatureGroupError"), "StiggConflictError"],
    ["a bad request", refusal(400), "StiggBadRequestError"],
    ["a missing key", refusal(401), "StiggAuthenticationError"]
  ])("fails with %s as provision does", ([, failure, tag]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(failure)
      const error = yield* use(scripted, (customers) => Effect.flip(customers.ensure({ id: "acme" })))
      expect(error._tag).toBe(tag)
      expect(scripted.sent).toHaveLength(1)
    })
  )
})

describe("an invalid call is rejected by field and rule before anything is sent:", () => {
  const row = { email: null, name: null }
  const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `c${index}`, ...row }))
  // Values that the types forbid, as untyped code can pass them.
  const untyped = (params: object) => params as Schemas.CheckEntitlement & Schemas.UpdateCustomer

  it.effect.each<
    readonly [string, (customers: Customers.Service) => Effect.Effect<unknown, StiggError.StiggError>, string, RegExp]
  >([
    ["an empty id", (customers) => customers.retrieve(""), "id", /non-empty/],
    ["an id of .", (customers) => customers.archive("."), "id", /other than "\." and "\.\."/],
    ["an id of ..", (customers) => customers.update("..", {}), "id", /other than/],
    ["an id of 256 characters", (customers) => customers.retrieve("x".repeat(256)), "id", /at most 255/],
    ["a lone surrogate", (customers) => customers.retrieve("\ud800"), "id", /surrogate/],
    ["an empty integration id", (customers) => customers.integrations.retrieve("a", ""), "integrationId", /non-empty/],
    [
      "a feature id of ..",
      (customers) => customers.promotionalEntitlements.revoke("a", ".."),
      "featureId",
      /letter or digit/
    ],
    ["a new id with a space", (customers) => customers.provision({ id: "a b" }), "id", /letter or digit/],
    ["a new id that starts with -", (customers) => customers.ensure({ id: "-a" }), "id", /letter or digit/],
    ["an empty new id", (customers) => customers.provision({ id: "" }), "id", /1 to 255 characters/],
    [
      "a bad new id in an import",
      (customers) =>
        customers.import({
          customers: [
            { id: "ok", ...row },
            { id: "ü", ...row }
          ]
        }),
      "customers[1].id",
      /letter or digit/
    ],
    ["an import of no customers", (customers) => customers.import({ customers: [] }), "customers", /at least 1/],
    [
      "an import of 1,001 customers",
      (customers) => customers.import({ customers: rows(1001) }),
      "customers",
      /at most 1,000/
    ],
    ["a limit of 0", (customers) => customers.listPage({ limit: 0 }), "limit", /1 to 100/],
    ["a limit of 101", (customers) => Stream.runDrain(customers.list({ limit: 101 })), "limit", /1 to 100/],
    [
      "a requested usage of -1",
      (customers) => customers.checkEntitlement("a", { featureId: "f", requestedUsage: -1 }),
      "requestedUsage",
      /whole number from 0/
    ],
    [
      "a requested usage of 1.5",
      (customers) => customers.checkEntitlement("a", { currencyId: "c", requestedUsage: 1.5 }),
      "requestedUsage",
      /integer/
    ],
    [
      "a check for a feature and a currency at once",
      (customers) => customers.checkEntitlement("a", untyped({ featureId: "f", currencyId: "c" })),
      "currencyId",
      /./
    ],
    [
      "a check without a feature or currency",
      (customers) => customers.checkEntitlement("a", untyped({})),
      "featureId",
      /./
    ],
    ["an address without an @", (customers) => customers.update("a", { email: "billing" }), "email", /email address/],
    ["an unknown field", (customers) => customers.update("a", untyped({ emial: "x@y.z" })), "emial", /./],
    [
      "a grant with a custom period and no end",
      (customers) => customers.promotionalEntitlements.create("a", [{ featureId: "f", period: "custom" }]),
      "promotionalEntitlements[0].customEndDate",
      /required/
    ],
    [
      "no grants",
      (customers) => customers.promotionalEntitlements.create("a", []),
      "promotionalEntitlements",
      /at least 1/
    ]
  ])("%s", ([, call, field, rule]) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(refusal(500))
      const error = yield* use(scripted, (customers) => Effect.flip(call(customers)))
      expect(error).toMatchObject({ _tag: "StiggInvalidRequestError", field })
      expect(error).toHaveProperty("rule", expect.stringMatching(rule))
      expect(error.message).toContain(field)
      expect(scripted.sent).toEqual([])
    })
  )

  it.effect("accepts 1,000 customers, a limit of 100, and an old id with any characters", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.make(({ method }) => (method === "POST" ? ok({ newCustomers: [] }) : ok([])))
      yield* use(scripted, (customers) =>
        Effect.all([
          customers.import({ customers: rows(1000) }),
          customers.listPage({ limit: 100 }),
          customers.listResourcesPage("älter: 1/2")
        ])
      )
      expect(scripted.sent).toHaveLength(3)
    })
  )
})

describe("params", () => {
  it.effect("null clears a field, and an absent or undefined field is omitted", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(ok(customer("acme")))
      yield* use(scripted, (customers) =>
        customers.update("acme", { name: null, email: undefined, couponId: "", metadata: {} })
      )
      expect(scripted.sent[0]?.body).toBe('{"name":null,"couponId":"","metadata":{}}')
    })
  )

  it.effect("a denied check is a result, not a failure", () =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(
        ok({ type: "FEATURE", isGranted: false, accessDeniedReason: "CustomerNotFound" })
      )
      const entitlement = yield* use(scripted, (customers) => customers.checkEntitlement("nobody", { featureId: "f" }))
      expect(entitlement).toMatchObject({ isGranted: false, accessDeniedReason: "CustomerNotFound" })
    })
  )
})

it("a check is for a feature or a currency: the types are mutually exclusive", () => {
  type Check = Schemas.CheckEntitlement
  expectTypeOf<{ featureId: string; requestedValues: Array<string> }>().toExtend<Check>()
  expectTypeOf<{ currencyId: string; requestedUsage: number }>().toExtend<Check>()
  expectTypeOf<{ featureId: string; currencyId: string }>().not.toExtend<Check>()
  expectTypeOf<{ currencyId: string; requestedValues: Array<string> }>().not.toExtend<Check>()
  expectTypeOf<{ requestedUsage: number }>().not.toExtend<Check>()
})
