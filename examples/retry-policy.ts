/**
 * Retries: a policy for all calls, an override for one call, and a call that gives up early. Run it with
 * `npx tsx examples/retry-policy.ts`. It calls the emulator; for your account, provide `Stigg.layerEnv` instead.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect, Layer, Schedule } from "effect"
import { Customers, RetryPolicy, type StiggError } from "effect-stigg"
import { Emulator, Faults, StiggTest } from "effect-stigg/testing"

/** At most 5 retries, after 20, 40, 80 ms and so on, each up to 20 % shorter or longer. The default is 2, after 0.5 s. */
const Patient = RetryPolicy.layer({
  maxRetries: 5,
  schedule: Schedule.jittered(Schedule.exponential("20 millis"))
})

const StiggEmulated = StiggTest.layer({ seed: { customers: [{ id: "acme" }] } }).pipe(Layer.provide(Patient))

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("acme"))

/** Lets the next requests fail, makes a call, and shows its result. */
const show = <E extends StiggError.StiggError>(
  title: string,
  fault: Faults.Fault,
  times: number,
  call: Effect.Effect<{ readonly id: string }, E, Customers.Customers>
) =>
  Effect.gen(function* () {
    yield* Emulator.clearFaults
    yield* Emulator.inject({ fault, times })
    const result = yield* call.pipe(
      Effect.map(({ id }) => `retrieved ${id}`),
      Effect.catchAll(({ _tag, attempts, retryAfter }) =>
        Effect.succeed(
          `${_tag} after ${attempts} attempts` +
            (retryAfter === null ? "" : `, retry in ${Duration.format(retryAfter)}`)
        )
      )
    )
    yield* Console.log(`${title}: ${result}`)
  })

Effect.gen(function* () {
  const outage = Faults.status(503)
  yield* show("4 failures, and 5 retries", outage, 4, retrieve)

  yield* show("1 failure, and no retry", outage, 1, RetryPolicy.locally(retrieve, { maxRetries: 0 }))

  const onlyRateLimits = { while: ({ _tag }: StiggError.StiggError) => _tag === "StiggRateLimitError" }
  yield* show("a 503, and retries of 429 only", outage, 1, RetryPolicy.locally(retrieve, onlyRateLimits))

  const inTwoMinutes = Faults.status(429, { headers: { "retry-after": "120" } })
  yield* show("a Retry-After above the cap of a minute", inTwoMinutes, 1, retrieve)

  const inOneSecond = Faults.status(429, { headers: { "retry-after": "1" } })
  yield* show("a Retry-After of a second", inOneSecond, 1, retrieve)
}).pipe(Effect.provide(StiggEmulated), NodeRuntime.runMain)
