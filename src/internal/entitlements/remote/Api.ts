import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Customers from "../../../Customers.js"
import type { CheckEntitlement } from "../../../schemas/Entitlement.js"
import type { StiggError } from "../../../StiggError.js"
import { APITimeoutError } from "../../../StiggError.js"
import * as Deadline from "../../transport/Deadline.js"
import * as Retry from "../../options/Retry.js"
import type { Breaker } from "./Breaker.js"
import type { Timer } from "./Flight.js"
import * as Known from "../memory/Known.js"
import type { Settings } from "../Settings.js"
import type { Key } from "../store/StateStore.js"

/** What the API says, in the time that a program has, and as the breaker lets it. */
export interface Api {
  readonly state: (timer: Timer<StiggError>, key: Key) => Effect.Effect<Known.KnownState, StiggError>
  readonly check: (
    timer: Timer<StiggError>,
    customerId: string,
    params: CheckEntitlement
  ) => Effect.Effect<Known.KnownCheck, StiggError>
}

export const make = (settings: Settings, customers: Customers.Service, breaker: Breaker): Api => {
  const timeout = Duration.millis(settings.timeout)

  /** A call in the time that a program has. A 404 is an answer: there is no such customer. */
  const ask = <A, B>(
    operation: string,
    path: string,
    timer: Timer<StiggError>,
    call: Effect.Effect<A, StiggError>,
    known: (settings: Settings, answer: A, fetchedAt: number, random: number) => B,
    unknown: (settings: Settings, fetchedAt: number) => B
  ): Effect.Effect<B, StiggError> =>
    Effect.clockWith((clock) => {
      const fetchedAt = clock.unsafeCurrentTimeMillis()
      const admission = breaker.admit(fetchedAt)
      if ("refusal" in admission) return Effect.fail(admission.refusal)
      const answer = Effect.mapInputContext(call, within).pipe(
        Effect.zipWith(Random.next, (answer, random) => known(settings, answer, fetchedAt, random)),
        Effect.catchTag("StiggNotFoundError", () => Effect.succeed(unknown(settings, fetchedAt)))
      )
      return timer.within(answer, {
        millis: settings.timeout,
        onTimeout: () =>
          new APITimeoutError({
            operation: `customers.${operation}`,
            method: "GET",
            url: path,
            attempts: 1,
            message: `${operation} took longer than ${Duration.format(timeout)}, retries included`,
            timeout
          }),
        learn: admission.learn
      })
    })

  // A program that waits for an answer does not wait for a minute, whatever the client's own timeout and retries are.
  const within = (context: Context.Context<never>): Context.Context<never> =>
    context.pipe(
      Context.add(Retry.Current, Retry.merge(Context.get(context, Retry.Current), { retryAfterCap: timeout })),
      Context.add(Deadline.Outer, settings.timeout)
    )

  return {
    state: (timer, { customerId, resourceId }) =>
      ask(
        "retrieveEntitlements",
        "/api/v1/customers/{id}/entitlements",
        timer,
        customers.retrieveEntitlements(customerId, resourceId === undefined ? {} : { resourceId }),
        Known.state,
        Known.nobody
      ),

    check: (timer, customerId, params) =>
      ask(
        "checkEntitlement",
        "/api/v1/customers/{id}/entitlements/check",
        timer,
        customers.checkEntitlement(customerId, params),
        Known.check,
        Known.nobodysCheck
      )
  }
}
