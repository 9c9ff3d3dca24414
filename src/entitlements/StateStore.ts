import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { EntitlementsState } from "../schemas/Entitlement.js"

/** A state as a second tier keeps it. */
export interface Stored {
  readonly fetchedAt: number
  readonly state: EntitlementsState
}

/** What a second tier does. It cannot fail, and takes little time: where it does not work it has nothing. */
export interface Service {
  readonly get: (customerId: string, resourceId: string | undefined) => Effect.Effect<Stored | undefined>
  readonly set: (customerId: string, resourceId: string | undefined, stored: Stored) => Effect.Effect<void>
  /** What was fetched up to now for these customers is not to be found any more. */
  readonly invalidate: (customerIds: ReadonlyArray<string>) => Effect.Effect<void>
}

/** A second tier of states, behind those in memory. Optional: the checks do without. */
export class StateStore extends Context.Tag("effect-stigg/entitlements/StateStore")<StateStore, Service>() {}
