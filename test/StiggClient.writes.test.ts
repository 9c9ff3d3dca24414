import { describe, expect, it } from "@effect/vitest"
import type { StiggError } from "effect-stigg"
import { Customers, RequestOptions, RetryPolicy, StiggClient } from "effect-stigg"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as ScriptedClient from "./transport/ScriptedClient.js"

const { answer, customer, ok, refusal, reset } = ScriptedClient

const acme = ok(customer("customer-acme"))

const archive = Effect.flatMap(Customers.Customers, (customers) => customers.archive("customer-acme"))

describe("onWrite", () => {
  /** Runs a call with a listener. Returns what the listener received before the call ended. */
  const hear = <A, E>(
    self: Effect.Effect<A, E, Customers.Customers | StiggClient.StiggClient>,
    ...answers: Parameters<typeof ScriptedClient.sequence>
  ) =>
    Effect.gen(function* () {
      const heard: Array<StiggClient.Write> = []
      const client = yield* StiggClient.StiggClient
      yield* client.onWrite((write) => Effect.sync(() => heard.push(write)))
      const exit = yield* Effect.exit(self)
      return { heard, exit }
    }).pipe(
      Effect.scoped,
      RetryPolicy.locally({ schedule: Schedule.forever }),
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(...answers)))
    )

  const outcome = (outcome: "success" | "unknown") => [
    { operation: "customers.archive", customerIds: ["customer-acme"], outcome }
  ]

  it.effect("reports a success with the operation and the customer", () =>
    Effect.gen(function* () {
      expect((yield* hear(archive, acme)).heard).toEqual(outcome("success"))
    })
  )

  it.effect("reports before the caller gets the result", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      yield* Effect.gen(function* () {
        const client = yield* StiggClient.StiggClient
        yield* client.onWrite(() =>
          Effect.andThen(
            Effect.sleep("5 seconds"),
            Effect.sync(() => order.push("listener"))
          )
        )
        const fiber = yield* Effect.fork(Effect.tap(archive, () => order.push("caller")))
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(fiber)
      }).pipe(Effect.scoped, Effect.provide(ScriptedClient.services(ScriptedClient.sequence(acme))))
      expect(order).toEqual(["listener", "caller"])
    })
  )

  it.effect.each<readonly [string, ScriptedClient.Answer]>([
    ["a reset", reset],
    ["a 500", refusal(500)],
    ["a 408", refusal(408)],
    ["a body that cannot be decoded", ok({ id: 12 })],
    ["a body that is not JSON", answer(200, "")]
  ])("reports an unknown outcome after %s", ([, failure]) =>
    Effect.gen(function* () {
      expect((yield* hear(archive.pipe(RetryPolicy.locally({ maxRetries: 0 })), failure)).heard).toEqual(
        outcome("unknown")
      )
    })
  )

  it.effect("reports an unknown outcome after a timeout", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(
        hear(archive.pipe(RequestOptions.locally({ timeout: "1 second" })), Effect.never)
      )
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.join(fiber)).heard).toEqual(outcome("unknown"))
    })
  )

  it.effect("reports an unknown outcome after an interruption", () =>
    Effect.gen(function* () {
      const interrupted = Effect.gen(function* () {
        const fiber = yield* Effect.fork(archive)
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
      })
      expect((yield* hear(interrupted, Effect.never)).heard).toEqual(outcome("unknown"))
    })
  )

  it.effect("reports an unknown outcome when an error response follows a lost response", () =>
    Effect.gen(function* () {
      expect((yield* hear(archive, reset, refusal(404))).heard).toEqual(outcome("unknown"))
    })
  )

  it.effect("reports a retried call once", () =>
    Effect.gen(function* () {
      expect((yield* hear(archive, refusal(503), acme)).heard).toEqual(outcome("success"))
    })
  )

  it.effect.each([400, 401, 403, 404, 409, 422, 302])("does not report a plain %d", (status) =>
    Effect.gen(function* () {
      expect((yield* hear(archive, refusal(status, "Refused"))).heard).toEqual([])
    })
  )

  it.effect("does not report a read or a call that was never sent", () =>
    Effect.gen(function* () {
      const calls = Effect.flatMap(Customers.Customers, (customers) =>
        Effect.all([Effect.either(customers.retrieve("customer-acme")), Effect.either(customers.archive(".."))])
      )
      expect((yield* hear(calls, refusal(500))).heard).toEqual([])
    })
  )

  it.effect("reports every write with the ids of all its customers", () =>
    Effect.gen(function* () {
      const row = { email: null, name: null }
      const writes = Effect.flatMap(Customers.Customers, (customers) =>
        Effect.forEach(
          [
            customers.provision({ id: "new" }),
            customers.update("a", {}),
            customers.archive("a"),
            customers.unarchive("a"),
            customers.import({
              customers: [
                { id: "x", ...row },
                { id: "y", ...row }
              ]
            }),
            customers.paymentMethod.attach("a", {
              integrationId: "i",
              paymentMethodId: "p",
              vendorIdentifier: "STRIPE"
            }),
            customers.paymentMethod.detach("a"),
            customers.promotionalEntitlements.create("a", [{ featureId: "f", period: "1 week" }]),
            customers.promotionalEntitlements.revoke("a", "f"),
            customers.integrations.link("a", { id: "i", syncedEntityId: "s", vendorIdentifier: "STRIPE" }),
            customers.integrations.update("a", "i", { syncedEntityId: null }),
            customers.integrations.unlink("a", "i")
          ] as ReadonlyArray<Effect.Effect<unknown, StiggError.StiggError>>,
          Effect.either
        )
      )
      // One response that matches no schema: unknown outcomes are reported, too.
      const { heard } = yield* hear(writes, ok(null))
      expect(heard.map(({ customerIds, operation }) => [operation, ...customerIds])).toEqual([
        ["customers.provision", "new"],
        ["customers.update", "a"],
        ["customers.archive", "a"],
        ["customers.unarchive", "a"],
        ["customers.import", "x", "y"],
        ["customers.paymentMethod.attach", "a"],
        ["customers.paymentMethod.detach", "a"],
        ["customers.promotionalEntitlements.create", "a"],
        ["customers.promotionalEntitlements.revoke", "a"],
        ["customers.integrations.link", "a"],
        ["customers.integrations.update", "a"],
        ["customers.integrations.unlink", "a"]
      ])
    })
  )

  it.effect("reports a raw request that changes something, with the customers that it names", () =>
    Effect.gen(function* () {
      const requests = Effect.all([
        StiggClient.request({
          method: "POST",
          path: "/api/v1/usage",
          customerIds: ["a", "b"],
          operation: "usage.report"
        }),
        StiggClient.request({ method: "DELETE", path: "/api/v1/coupons" }),
        StiggClient.request({ method: "GET", path: "/api/v1/coupons" })
      ])
      expect((yield* hear(requests, ok(null))).heard).toEqual([
        { operation: "usage.report", customerIds: ["a", "b"], outcome: "success" },
        { operation: "DELETE /api/v1/coupons", customerIds: [], outcome: "success" }
      ])
    })
  )

  const client = <A, E>(self: (client: StiggClient.Service) => Effect.Effect<A, E, Customers.Customers>) =>
    Effect.flatMap(StiggClient.StiggClient, self).pipe(
      Effect.provide(ScriptedClient.services(ScriptedClient.sequence(acme)))
    )

  it.effect("stops when its scope closes", () =>
    client((client) =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        const scope = yield* Scope.make()
        yield* client.onWrite(() => Effect.sync(() => heard.push("gone"))).pipe(Scope.extend(scope))
        yield* archive
        yield* Scope.close(scope, Exit.void)
        yield* archive
        expect(heard).toEqual(["gone"])
      })
    )
  )

  it.effect("with one listener in two scopes stops only the one whose scope closes", () =>
    client((client) =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        const listener = () => Effect.sync(() => heard.push("heard"))
        const [first, second] = [yield* Scope.make(), yield* Scope.make()]
        yield* client.onWrite(listener).pipe(Scope.extend(first))
        yield* client.onWrite(listener).pipe(Scope.extend(second))
        yield* Scope.close(first, Exit.void)
        yield* archive
        expect(heard).toEqual(["heard"])
      })
    )
  )

  it.effect.each<readonly [string, () => Effect.Effect<void>]>([
    ["dies", () => Effect.die("broken")],
    [
      "throws before it is an effect",
      () => {
        throw new Error("broken")
      }
    ],
    ["interrupts itself", () => Effect.interrupt]
  ])("a listener that %s affects neither the caller nor other listeners", ([, broken]) =>
    client((client) =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        yield* client.onWrite(broken)
        yield* client.onWrite(() => Effect.sync(() => heard.push("the other")))
        expect((yield* archive).id).toBe("customer-acme")
        expect(heard).toEqual(["the other"])
      }).pipe(Effect.scoped)
    )
  )
})
