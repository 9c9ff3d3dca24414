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
import type { Flying } from "./Flight.js"
import * as Known from "../memory/Known.js"
import type { Settings } from "../Settings.js"
import type { Key } from "../store/StateStore.js"

/** The requests to the API, each with the timeout of the settings, and only while the circuit breaker admits them. */
export interface Api {
  /** The context that the requests must run in. */
  readonly inContext: (context: Context.Context<never>) => Context.Context<never>
  readonly state: (flying: Flying<StiggError>, key: Key) => Effect.Effect<Known.KnownState, StiggError>
  readonly check: (
    flying: Flying<StiggError>,
    customerId: string,
    params: CheckEntitlement
  ) => Effect.Effect<Known.KnownCheck, StiggError>
}

export const make = (settings: Settings, service: Customers.Service, breaker: Breaker): Api => {
  const timeout = Duration.millis(settings.timeout)

  /** Makes a call. A 404 is a valid response: the customer does not exist. */
  const request = <A, B>(
    operation: (typeof customers.operations)["retrieveEntitlements" | "checkEntitlement"],
    flying: Flying<StiggError>,
    call: Effect.Effect<A, StiggError>,
    fromResponse: (settings: Settings, response: A, fetchedAt: number, random: number) => B,
    fromNotFound: (settings: Settings, fetchedAt: number) => B
  ): Effect.Effect<B, StiggError> =>
    Effect.clockWith((clock) => {
      const fetchedAt = clock.unsafeCurrentTimeMillis()
      const admission = breaker.admit(fetchedAt)
      if ("refusal" in admission) return Effect.fail(admission.refusal)
      const cancelTimer = flying.startTimer(
        clock,
        settings.timeout,
        () =>
          new APITimeoutError({
            operation: operation.name,
            method: operation.method,
            url: operation.path,
            attempts: 1,
            message: `${operation.name} took longer than ${Duration.format(timeout)}, retries included`,
            timeout
          })
      )
      const response = Effect.matchEffect(call, {
        onSuccess: (response) =>
          Effect.map(Random.next, (random) => fromResponse(settings, response, fetchedAt, random)),
        onFailure: (error) =>
          error._tag === "StiggNotFoundError" ? Effect.succeed(fromNotFound(settings, fetchedAt)) : Effect.fail(error)
      })
      return flying.onExit(response, (exit) => {
        cancelTimer()
        return admission.record(exit, clock.unsafeCurrentTimeMillis())
      })
    })

  return {
    // A check must not wait as long as the client's own timeout and `retryAfterCap` allow, a minute by default.
    inContext: (context) =>
      context.pipe(
        Context.add(Retry.Current, Retry.merge(Context.get(context, Retry.Current), { retryAfterCap: timeout })),
        Context.add(Deadline.Outer, settings.timeout)
      ),

    state: (flying, { customerId, resourceId }) =>
      request(
        customers.operations.retrieveEntitlements,
        flying,
        service.retrieveEntitlements(customerId, resourceId === undefined ? {} : { resourceId }),
        (settings, state, fetchedAt, random) => Known.state(settings, state, { fetchedAt }, random),
        Known.missingCustomer
      ),

    check: (flying, customerId, params) =>
      request(
        customers.operations.checkEntitlement,
        flying,
        service.checkEntitlement(customerId, params),
        Known.check,
        Known.missingCustomerCheck
      )
  }
}
