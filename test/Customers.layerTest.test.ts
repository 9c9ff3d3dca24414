import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Predicate, Stream } from "effect"
import { Customers, Integrations } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"

const died = <A, E>(exit: Exit.Exit<A, E>) => (Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "it succeeded")

it.effect("given methods answer, also those of the nested services", () =>
  Effect.gen(function* () {
    const customers = yield* Customers.Customers
    const integrations = yield* Integrations.Integrations
    expect(yield* customers.listContracts("a")).toEqual([])
    expect(yield* Stream.runCollect(customers.integrations.list("a"))).toHaveLength(0)
    expect(yield* Stream.runCollect(integrations.list("a"))).toHaveLength(0)
  }).pipe(
    Effect.provide(
      Customers.layerTest({
        listContracts: () => Effect.succeed([]),
        integrations: { list: () => Stream.empty }
      })
    )
  )
)

it.effect("a missing method dies with the name of its operation", () =>
  Effect.gen(function* () {
    const customers = yield* Customers.Customers
    expect(died(yield* Effect.exit(customers.retrieve("a")))).toContain("customers.retrieve was called")
    expect(died(yield* Effect.exit(Stream.runDrain(customers.list())))).toContain("customers.list was called")
    expect(died(yield* Effect.exit(customers.integrations.unlink("a", "b")))).toContain(
      "customers.integrations.unlink was called"
    )
  }).pipe(Effect.provide(Customers.layerTest({})))
)

it.effect("a fake has every operation of the real service, and each returns the same kind of value", () =>
  Effect.gen(function* () {
    const real = yield* Effect.provide(Customers.Customers, StiggTest.layer())
    const fake = yield* Effect.provide(Customers.Customers, Customers.layerTest({}))
    const kinds = (service: object) =>
      Object.entries(service)
        .map(([name, operation]): readonly [string, string] => [name, kindOf(operation)])
        .sort(([a], [b]) => a.localeCompare(b))
    expect(kinds(fake)).toEqual(kinds(real))
    expect(kinds(fake.paymentMethod)).toEqual(kinds(real.paymentMethod))
    expect(kinds(fake.promotionalEntitlements)).toEqual(kinds(real.promotionalEntitlements))
    expect(kinds(fake.integrations)).toEqual(kinds(real.integrations))
  })
)

/** What an operation returns. Creating an Effect or a Stream runs nothing. */
const kindOf = (operation: unknown): string => {
  if (!Predicate.isFunction(operation)) return "service"
  const given: unknown = Reflect.apply(operation, undefined, ["a", {}, {}])
  return Effect.isEffect(given) ? "effect" : Predicate.hasProperty(given, Stream.StreamTypeId) ? "stream" : "neither"
}
