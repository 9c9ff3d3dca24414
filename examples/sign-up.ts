/**
 * A sign-up that may come twice, and that succeeds while Stigg is down: the customer is then provisioned later. Run it
 * with `npx tsx examples/sign-up.ts`. It calls the emulator; for your account, provide `Stigg.layerEnv` instead.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Chunk, Console, Effect, Queue, Stream } from "effect"
import { Customers, RequestOptions, RetryPolicy, StiggError } from "effect-stigg"
import { Emulator, Faults, StiggTest } from "effect-stigg/testing"

interface Account {
  readonly id: string
  readonly email: string
}

/** Provisions a customer with one trial. Repeating it changes nothing, also after the trial. */
const provision = ({ email, id }: Account) =>
  Effect.gen(function* () {
    const customers = yield* Customers.Customers
    yield* customers.ensure({ id, email, metadata: { source: "sign-up" } })
    const grants = yield* Stream.runCollect(customers.promotionalEntitlements.list(id))
    if (Chunk.isNonEmpty(grants)) return "has had its trial"
    yield* customers.promotionalEntitlements.create(id, [{ featureId: "feature-reports", period: "1 month" }])
    return "has a trial of a month"
  })

/** A person who signs up does not wait for retries: the queue does. A real queue survives this process. */
const signUp = (account: Account, later: Queue.Enqueue<Account>) =>
  provision(account).pipe(
    RetryPolicy.locally({ maxRetries: 0 }),
    RequestOptions.locally({ timeout: "2 seconds" }),
    Effect.catchTags(
      StiggError.unavailable(({ _tag }) =>
        Effect.as(Queue.offer(later, account), `will be provisioned later (${_tag})`)
      )
    ),
    Effect.tap((result) => Console.log(`${account.id} ${result}`))
  )

const StiggEmulated = StiggTest.layer({ seed: { features: [{ id: "feature-reports", type: "BOOLEAN" }] } })

Effect.gen(function* () {
  const later = yield* Queue.unbounded<Account>()
  const acme = { id: "customer-acme", email: "billing@acme.example" }
  yield* signUp(acme, later)
  yield* signUp(acme, later)

  yield* Emulator.inject({ fault: Faults.status(503) })
  yield* signUp({ id: "customer-globex", email: "billing@globex.example" }, later)

  yield* Emulator.clearFaults
  const waiting = yield* Queue.takeAll(later)
  yield* Effect.forEach(waiting, (account) =>
    Effect.tap(provision(account), (result) => Console.log(`${account.id}, from the queue: ${result}`))
  )
}).pipe(Effect.provide(StiggEmulated), NodeRuntime.runMain)
