import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { EntitlementsState } from "../../../schemas/Entitlement.js"

/** Identifies the state of a customer, or of one of its resources. */
export interface Key {
  readonly customerId: string
  readonly resourceId: string | undefined
}

/** A state from the store. */
export interface Stored {
  readonly state: EntitlementsState
  /** When the request to the API was sent, by this process's clock; in milliseconds since the epoch. */
  readonly fetchedAt: number
}

/**
 * The version of a customer; every change replaces it. A state has the version that was current before its request was
 * sent, and is valid only while that is still current. Null if no change is known.
 */
export type Version = string | null

/** The result of a read. */
export interface Reading {
  /** Undefined if there is no state of the customer's current version. */
  readonly stored: Stored | undefined
  /** Undefined if it could not be read. */
  readonly version: Version | undefined
}

/** Tells a process that needs a state what to do. */
export type Claim =
  /** Use this state. */
  | { readonly _tag: "Stored"; readonly stored: Stored }
  /** Load it. A state that is loaded for an undefined version must not be stored. */
  | { readonly _tag: "Load"; readonly version: Version | undefined; readonly lock: string | null }
  /** Another process is loading it: claim again after `awaitRelease`. `until` is in milliseconds since the epoch. */
  | { readonly _tag: "Wait"; readonly version: Version; readonly awaitRelease: (until: number) => Effect.Effect<void> }

/** The right to load and store a state. */
export type Load = Extract<Claim, { readonly _tag: "Load" }>

/** A store of states. Its methods never fail and return quickly: a store that is down acts like an empty one. */
export interface Service {
  readonly get: (key: Key) => Effect.Effect<Reading>
  /**
   * Returns a state younger than `maxAge` milliseconds, or the right to load one, after `get` found none. If the store
   * has locks, only one of the processes that claim a state loads it; the lock expires after a few hundred
   * milliseconds.
   */
  readonly claim: (key: Key, maxAge: number, reading: Reading) => Effect.Effect<Claim>
  /** Stores a loaded state, unless the customer has changed meanwhile, and releases the claim. */
  readonly set: (key: Key, load: Load, stored: Stored) => Effect.Effect<void>
  /** Releases a claim without storing a state. */
  readonly release: (key: Key, load: Load) => Effect.Effect<void>
  /** Replaces the version of the customers, so that states fetched up to now are no longer valid. */
  readonly invalidate: (customerIds: ReadonlyArray<string>) => Effect.Effect<void>
}

/** An optional second-tier cache of states, behind the one in memory. */
export class StateStore extends Context.Tag("effect-stigg/entitlements/StateStore")<StateStore, Service>() {}
