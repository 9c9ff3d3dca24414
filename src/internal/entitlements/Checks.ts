import type * as Effect from "effect/Effect"
import type { CheckEntitlement, RetrieveEntitlements } from "../../schemas/Entitlement.js"
import type { StiggError } from "../../StiggError.js"
import type { Answer, State } from "./Answer.js"
import type { PrefetchOptions, PrefetchProgress } from "./remote/Prefetch.js"

/** What answers about entitlements. */
export interface Checks {
  readonly check: (customerId: string, params: CheckEntitlement) => Effect.Effect<Answer, StiggError>
  readonly state: (customerId: string, params?: RetrieveEntitlements) => Effect.Effect<State, StiggError>
  readonly prefetch: (
    customerIds: Iterable<string>,
    options?: PrefetchOptions
  ) => Effect.Effect<PrefetchProgress, StiggError>
  readonly invalidate: (customerId: string) => Effect.Effect<void>
}
