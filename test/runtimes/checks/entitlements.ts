import { Customers, Entitlements, RetryPolicy } from "effect-stigg"
import { Emulator, Faults, StiggTest } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import type { Check } from "../Check.js"
import { check } from "../Check.js"
import { customerOf, seed } from "./world.js"

const acme = customerOf("customers.checkEntitlement")
const other = customerOf("customers.retrieveEntitlements")
const oneSeat = { featureId: "feature-seats", requestedUsage: 1 }

const cached = Entitlements.layer({ fallbacks: { "feature-seats": true } }).pipe(
  Layer.provideMerge(StiggTest.layer({ seed })),
  Layer.provide(RetryPolicy.none)
)

const inTestTime = Effect.provide(Layer.provideMerge(cached, TestContext.TestContext))

const answered = (customer: string, params: typeof oneSeat | { readonly featureId: string }) =>
  Effect.map(Entitlements.check(customer, params), ({ isGranted, source }) => `${isGranted} from ${source}`)

export const checks: ReadonlyArray<Check> = [
  check(
    "entitlements: the first answer is from the API, the next ones of each feature from the cache",
    Effect.all([answered(acme, oneSeat), answered(acme, oneSeat), answered(acme, { featureId: "feature-sso" })]).pipe(
      inTestTime
    ),
    ["true from api", "true from cache", "true from cache"]
  ),
  check(
    "entitlements: in real time, too",
    Effect.provide(Effect.all([answered(acme, oneSeat), answered(acme, oneSeat)]), cached),
    ["true from api", "true from cache"]
  ),
  check(
    "entitlements: 50 checks at once make one load",
    Effect.gen(function* () {
      const answers = yield* Effect.forEach(Array.from({ length: 50 }), () => answered(acme, oneSeat), {
        concurrency: "unbounded"
      })
      return [...new Set(answers)]
    }).pipe(inTestTime),
    ["true from api"]
  ),
  check(
    "entitlements: require denies with the numbers",
    Entitlements.require(acme, { featureId: "feature-seats", requestedUsage: 2 }).pipe(
      Effect.flip,
      Effect.map((error) =>
        error._tag === "StiggEntitlementDeniedError"
          ? [error.reason, error.currentUsage, error.usageLimit]
          : [error._tag, -1, -1]
      ),
      inTestTime
    ),
    ["RequestedUsageExceedingLimit", 9, 10]
  ),
  check(
    "entitlements: peek answers outside of a fiber once the state is loaded",
    Effect.gen(function* () {
      const { check, peek } = yield* Entitlements.Entitlements
      const before = Option.isSome(peek(acme, oneSeat))
      yield* check(acme, oneSeat)
      return [before, Option.isSome(peek(acme, oneSeat))]
    }).pipe(inTestTime),
    [false, true]
  ),
  check(
    "entitlements: in an outage, the stale state or the fallback answers",
    Effect.gen(function* () {
      yield* answered(acme, oneSeat)
      yield* Emulator.inject({ fault: Faults.reset })
      yield* TestClock.adjust("2 minutes")
      return [yield* answered(acme, oneSeat), yield* answered(other, oneSeat)]
    }).pipe(inTestTime),
    ["true from stale", "true from fallback"]
  ),
  check(
    "entitlements: a write evicts its customer",
    Effect.gen(function* () {
      const customers = yield* Customers.Customers
      yield* answered(acme, oneSeat)
      yield* customers.archive(acme)
      return yield* answered(acme, oneSeat)
    }).pipe(inTestTime),
    "false from api"
  )
]
