/** A test of your own program, with vitest: the program is real, Stigg is in memory, and the test controls the clock. */
import { expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { Customers } from "effect-stigg"
import { Emulator, Faults, StiggTest } from "effect-stigg/testing"

/** The program under test: a sign-up, and a gate in front of a feature. */
const signUp = (id: string, email: string) =>
  Effect.flatMap(Customers.Customers, (customers) => customers.ensure({ id, email }))

const mayAddSeats = (id: string, seats: number) =>
  Customers.Customers.pipe(
    Effect.flatMap((it) => it.checkEntitlement(id, { featureId: "feature-seats", requestedUsage: seats })),
    Effect.map(({ accessDeniedReason }) => accessDeniedReason ?? "yes")
  )

const StiggEmulated = StiggTest.layer({
  seed: {
    features: [{ id: "feature-seats", type: "NUMBER" }],
    plans: [{ id: "plan-pro", features: [{ featureId: "feature-seats", usageLimit: 10 }] }],
    customers: [
      { id: "customer-acme", plan: "plan-pro", usage: [{ of: "feature-seats", used: 8 }] },
      { id: "customer-trial", subscriptions: [{ planId: "plan-pro", endDate: { in: "14 days" } }] }
    ]
  }
})

it.effect("signs a customer up once, even when called twice", () =>
  Effect.gen(function* () {
    yield* signUp("customer-new", "hello@new.example")
    yield* signUp("customer-new", "hello@new.example")
    const { customers } = yield* Emulator.snapshot
    expect(customers.filter(({ id }) => id === "customer-new")).toHaveLength(1)
  }).pipe(Effect.provide(StiggEmulated))
)

it.effect("allows usage up to the limit of the plan", () =>
  Effect.gen(function* () {
    expect(yield* mayAddSeats("customer-acme", 2)).toBe("yes")
    expect(yield* mayAddSeats("customer-acme", 3)).toBe("RequestedUsageExceedingLimit")
  }).pipe(Effect.provide(StiggEmulated))
)

it.effect("denies a trial from the day it expires", () =>
  Effect.gen(function* () {
    expect(yield* mayAddSeats("customer-trial", 1)).toBe("yes")
    yield* TestClock.adjust("14 days")
    expect(yield* mayAddSeats("customer-trial", 1)).toBe("NoActiveSubscription")
  }).pipe(Effect.provide(StiggEmulated))
)

it.effect("retries through an outage", () =>
  Effect.gen(function* () {
    yield* Emulator.inject({ operation: "customers.checkEntitlement", fault: Faults.status(503), times: 2 })
    const answer = yield* Effect.fork(mayAddSeats("customer-acme", 2))
    yield* TestClock.adjust("10 seconds")
    expect(yield* Fiber.join(answer)).toBe("yes")
  }).pipe(Effect.provide(StiggEmulated))
)
