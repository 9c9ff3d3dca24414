import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Customers from "../../../Customers.js"
import type { CheckEntitlement } from "../../../schemas/Entitlement.js"
import type { StiggError } from "../../../StiggError.js"
import { APITimeoutError } from "../../../StiggError.js"
import { customers } from "../../operations/CustomerOperations.js"
import * as Deadline from "../../transport/Deadline.js"
import * as Retry from "../../options/Retry.js"
import type { Breaker } from "./Breaker.js"
import type { Timer } from "./Flight.js"
import * as Known from "../memory/Known.js"
import type { Settings } from "../Settings.js"
import type { Key } from "../store/StateStore.js"

/** The requests to the API, each with the timeout of the settings, and only while the circuit breaker admits them. */
export interface Api {
  readonly state: (timer: Timer<StiggError>, key: Key) => Effect.Effect<Known.KnownState, StiggError>
  readonly check: (
    timer: Timer<StiggError>,
    customerId: string,
    params: CheckEntitlement
  ) => Effect.Effect<Known.KnownCheck, StiggError>
}

export const make = (settings: Settings, service: Customers.Service, breaker: Breaker): Api => {
  const timeout = Duration.millis(settings.timeout)

  /** Makes a call. A 404 is a valid response: the customer does not exist. */
  const request = <A, B>(
    operation: (typeof customers.operations)["retrieveEntitlements" | "checkEntitlement"],
    timer: Timer<StiggError>,
    call: Effect.Effect<A, StiggError>,
    fromResponse: (settings: Settings, response: A, fetchedAt: number, random: number) => B,
    fromNotFound: (settings: Settings, fetchedAt: number) => B
  ): Effect.Effect<B, StiggError> =>
    Effect.clockWith((clock) => {
      const fetchedAt = clock.unsafeCurrentTimeMillis()
      const admission = breaker.admit(fetchedAt)
      if ("refusal" in admission) return Effect.fail(admission.refusal)
      const response = Effect.mapInputContext(call, withinTimeout).pipe(
        Effect.zipWith(Random.next, (response, random) => fromResponse(settings, response, fetchedAt, random)),
        Effect.catchTag("StiggNotFoundError", () => Effect.succeed(fromNotFound(settings, fetchedAt)))
      )
      return timer.within(response, {
        millis: settings.timeout,
        onTimeout: () =>
          new APITimeoutError({
            operation: operation.name,
            method: operation.method,
            url: operation.path,
            attempts: 1,
            message: `${operation.name} took longer than ${Duration.format(timeout)}, retries included`,
            timeout
          }),
        record: admission.record
      })
    })

  // A check must not wait as long as the client's own timeout and `retryAfterCap` allow, a minute by default.
  const withinTimeout = (context: Context.Context<never>): Context.Context<never> =>
    context.pipe(
      Context.add(Retry.Current, Retry.merge(Context.get(context, Retry.Current), { retryAfterCap: timeout })),
      Context.add(Deadline.Outer, settings.timeout)
    )

  return {
    state: (timer, { customerId, resourceId }) =>
      request(
        customers.operations.retrieveEntitlements,
        timer,
        service.retrieveEntitlements(customerId, resourceId === undefined ? {} : { resourceId }),
        Known.state,
        Known.missingCustomer
      ),

    check: (timer, customerId, params) =>
      request(
        customers.operations.checkEntitlement,
        timer,
        service.checkEntitlement(customerId, params),
        Known.check,
        Known.missingCustomerCheck
      )
  }
}
