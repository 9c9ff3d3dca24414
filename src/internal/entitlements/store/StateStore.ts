import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { EntitlementsState } from "../../../schemas/Entitlement.js"

/** Whose state it is: a customer's, or that of one of its resources. */
export interface Key {
  readonly customerId: string
  readonly resourceId: string | undefined
}

/** A state as a store keeps it. */
export interface Stored {
  readonly state: EntitlementsState
  /** When the API was asked for it, by this process's clock. */
  readonly fetchedAt: number
}

/**
 * The version of a customer: each change replaces it. A state belongs to the version that was there before the API was
 * asked for it, and counts for as long as that is the version. Null where no change is known of.
 */
export type Version = string | null

/** What a store knows of a state. */
export interface Reading {
  /** Undefined where there is none, or none of the customer's version. */
  readonly stored: Stored | undefined
  /** Undefined where it could not be read. */
  readonly version: Version | undefined
}

/** What a process that needs a state is to do. */
export type Claim =
  /** Use this one. */
  | { readonly _tag: "Stored"; readonly stored: Stored }
  /** Load it. What is loaded for an unknown version must not be written. */
  | { readonly _tag: "Load"; readonly version: Version | undefined; readonly lock: string | null }
  /** Another process is loading it: claim again when that is over, or at the time given, in milliseconds of the epoch. */
  | { readonly _tag: "Wait"; readonly version: Version; readonly over: (until: number) => Effect.Effect<void> }

/** The right to load a state, and to write it. */
export type Load = Extract<Claim, { readonly _tag: "Load" }>

/** What a store does. It cannot fail, and takes little time: where it does not work it has nothing. */
export interface Service {
  readonly get: (key: Key) => Effect.Effect<Reading>
  /**
   * A state that is younger than so many milliseconds, or the right to load one, after a reading that had none. Of several
   * processes that claim the same state one loads it, where the store can hold a lock; the lock ends by itself after a
   * few hundred milliseconds.
   */
  readonly claim: (key: Key, maxAge: number, reading: Reading) => Effect.Effect<Claim>
  /** Writes what was loaded, unless the customer was changed meanwhile, and gives the claim back. */
  readonly set: (key: Key, load: Load, stored: Stored) => Effect.Effect<void>
  /** Gives a claim back without a state. */
  readonly release: (key: Key, load: Load) => Effect.Effect<void>
  /** The customers were changed: what was fetched up to now is not to be found any more. */
  readonly invalidate: (customerIds: ReadonlyArray<string>) => Effect.Effect<void>
}

/** A second tier of states, behind those in memory. Optional: the checks do without. */
export class StateStore extends Context.Tag("effect-stigg/entitlements/StateStore")<StateStore, Service>() {}
