import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Customers from "../Customers.js"
import * as RetryPolicy from "../RetryPolicy.js"
import type { CheckEntitlement } from "../schemas/Entitlement.js"
import type { StiggError } from "../StiggError.js"
import { APITimeoutError } from "../StiggError.js"
import type { Breaker } from "./Breaker.js"
import * as Known from "./Known.js"
import type { Settings } from "./Settings.js"

/** What the API says, in the time that a program has, and as the breaker lets it. */
export interface Api {
  readonly state: (customerId: string, resourceId: string | undefined) => Effect.Effect<Known.KnownState, StiggError>
  readonly check: (customerId: string, params: CheckEntitlement) => Effect.Effect<Known.KnownCheck, StiggError>
}

export const make = (settings: Settings, customers: Customers.Service, breaker: Breaker): Api => {
  const timeout = Duration.millis(settings.timeout)

  // A program that waits for an answer does not wait for a minute, whatever the client's own timeout and retries are.
  const bounded = <A>(operation: string, path: string, call: Effect.Effect<A, StiggError>) =>
    call.pipe(
      RetryPolicy.locally({ retryAfterCap: timeout }),
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () =>
          new APITimeoutError({
            operation: `customers.${operation}`,
            method: "GET",
            url: path,
            attempts: 1,
            message: `${operation} took longer than ${Duration.format(timeout)}, retries included`,
            timeout
          })
      })
    )

  return {
    state: (customerId, resourceId) =>
      Effect.flatMap(Clock.currentTimeMillis, (fetchedAt) =>
        bounded(
          "retrieveEntitlements",
          "/api/v1/customers/{id}/entitlements",
          customers.retrieveEntitlements(customerId, resourceId === undefined ? {} : { resourceId })
        ).pipe(
          Effect.map((state) => Known.state(settings, state, fetchedAt)),
          Effect.catchTag("StiggNotFoundError", () => Effect.succeed(Known.nobody(settings, fetchedAt))),
          breaker.guard
        )
      ),

    check: (customerId, params) =>
      Effect.flatMap(Clock.currentTimeMillis, (fetchedAt) =>
        bounded(
          "checkEntitlement",
          "/api/v1/customers/{id}/entitlements/check",
          customers.checkEntitlement(customerId, params)
        ).pipe(
          Effect.map((entitlement) => Known.check(settings, entitlement, fetchedAt)),
          Effect.catchTag("StiggNotFoundError", () => Effect.succeed(Known.nobodysCheck(settings, fetchedAt))),
          breaker.guard
        )
      )
  }
}
