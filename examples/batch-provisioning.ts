/**
 * Provisions many customers, at most 8 at once and 250 a minute, and lists those that failed. Run it with
 * `npx tsx examples/batch-provisioning.ts`. It calls the emulator; for your account, provide `Stigg.layerEnv` instead.
 * For more than a few thousand customers, `import-customers.ts` needs one request per thousand.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Array as Arr, Console, Effect, RateLimiter } from "effect"
import { Customers } from "effect-stigg"
import { Faults, StiggTest } from "effect-stigg/testing"

interface Account {
  readonly id: string
  readonly email: string
}

const provisionAll = (accounts: ReadonlyArray<Account>) =>
  Effect.gen(function* () {
    const customers = yield* Customers.Customers
    // The limit of the API. Without it, a 429 is retried after its `Retry-After`.
    const paced = yield* RateLimiter.make({ limit: 250, interval: "1 minute" })
    return yield* Effect.partition(
      accounts,
      (account) =>
        customers.provision(account).pipe(
          paced,
          Effect.mapError((error) => ({ account, error }))
        ),
      { concurrency: 8 }
    )
  }).pipe(Effect.scoped)

/** Email 42 is invalid. */
const accounts = Arr.makeBy(100, (i) => ({ id: `account-${i}`, email: i === 42 ? "unknown" : `billing@${i}.example` }))

/** With the rate limits of the API. One account exists already. */
const StiggEmulated = StiggTest.layer({
  limits: true,
  seed: { customers: [{ id: "account-7" }] },
  faults: [{ fault: Faults.latency("20 millis") }]
})

Effect.gen(function* () {
  const [failed, provisioned] = yield* provisionAll(accounts)
  yield* Console.log(`${provisioned.length} provisioned, ${failed.length} failed`)
  yield* Effect.forEach(failed, ({ account, error }) => Console.log(`${account.id}: ${error._tag}: ${error.message}`))
}).pipe(Effect.provide(StiggEmulated), NodeRuntime.runMain)
