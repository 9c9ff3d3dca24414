/**
 * The controls of one world of an emulator: its state, its time, its faults, and the requests that it received.
 *
 * @module
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { InvalidOptionsError } from "../StiggError.js"
import type * as Act from "./Act.js"
import type * as Faults from "./Faults.js"
import type * as Inspection from "./Inspection.js"
import type * as Journal from "./Journal.js"
import type * as Saved from "./Saved.js"
import type * as Seed from "./Seed.js"
import type * as Snapshot from "./Snapshot.js"
import type * as Webhooks from "./Webhooks.js"

/**
 * The time of a world.
 *
 * @example
 * import { DateTime } from "effect"
 * import type { Controls } from "effect-stigg/testing"
 *
 * const show = ({ isPaused, now }: Controls.Time) => `${DateTime.formatIso(now)}${isPaused ? " (paused)" : ""}`
 *
 * @category models
 * @since 0.1.0
 */
export interface Time {
  readonly now: DateTime.Utc
  /** Whether it stands still. Otherwise it passes as the program's `Clock` does. */
  readonly isPaused: boolean
}

/**
 * The controls of one world. The service `Emulator` has them for its first world, and `Emulator.world` returns those of
 * another.
 *
 * @example
 * import { Effect } from "effect"
 * import { type Controls, Emulator } from "effect-stigg/testing"
 *
 * const afterTwoWeeks = (world: Controls.Controls) => Effect.zipRight(world.advanceTime("14 days"), world.snapshot)
 * const snapshot = Effect.flatMap(Emulator.Emulator, afterTwoWeeks)
 *
 * @category models
 * @since 0.1.0
 */
export interface Controls {
  /** `"default"`, or with `worlds: "byKey"` a fingerprint of the API key, from which the key cannot be read. */
  readonly name: string
  /** Returns the current state as plain JSON. */
  readonly snapshot: Effect.Effect<Snapshot.Snapshot>
  /** The JSON of a snapshot in pieces, for a large state. What changes meanwhile may be in it or not. */
  readonly snapshotText: Stream.Stream<string>

  /** Makes the world as it was at the start: seed, faults, time, no requests received and no idempotency keys. */
  readonly reset: Effect.Effect<void>
  /**
   * Replaces the catalogue and all customers, and forgets idempotency keys and windows of rate limits. If the seed is
   * invalid, nothing changes.
   */
  readonly seed: (seed: Seed.Input) => Effect.Effect<void, Seed.InvalidSeed>
  /** Returns the whole state, to be loaded again, also by another process. */
  readonly save: Effect.Effect<Saved.Saved>
  /** The text of a save in pieces, for a large state. What changes meanwhile may be in it or not. */
  readonly saveText: Stream.Stream<string>
  /** Replaces the whole state by a saved one. If it is invalid, nothing changes. The journal stays. */
  readonly load: (saved: Saved.Saved) => Effect.Effect<void, Saved.InvalidSave>
  /** Like `load`, from the bytes of a save's text. */
  readonly loadText: <E>(bytes: Stream.Stream<Uint8Array, E>) => Effect.Effect<void, E | Saved.InvalidSave>

  /** Looks for customers: what the page at `/_emulator` lists. */
  readonly findCustomers: (search?: Inspection.CustomerSearch) => Effect.Effect<Inspection.CustomerPage>
  /**
   * Checks every feature and currency for a customer, or for one of its resources, and says why each is granted or
   * denied.
   */
  readonly explain: (
    customerId: string,
    resourceId?: string | null
  ) => Effect.Effect<ReadonlyArray<Inspection.ExplainedEntitlement>>

  readonly time: Effect.Effect<Time>
  /** Sets the time, also back. Fails if it is not a time of the years 0 to 9999. */
  readonly setTime: (time: DateTime.DateTime.Input) => Effect.Effect<void, InvalidOptionsError>
  /** Moves the time forward. Fails if it would pass the year 9999. */
  readonly advanceTime: (duration: Duration.DurationInput) => Effect.Effect<void, InvalidOptionsError>
  /** Makes the time stand still until it is resumed, or set or advanced by hand. */
  readonly pauseTime: Effect.Effect<void>
  /** Lets the time pass again, from where it stands. */
  readonly resumeTime: Effect.Effect<void>

  /**
   * Adds a rule after the active ones. If several rules match a request, their latencies add up and the first other
   * fault applies.
   */
  readonly inject: (rule: Faults.Rule) => Effect.Effect<void, Faults.InvalidFault>
  /** Removes all rules. */
  readonly clearFaults: Effect.Effect<void>
  /** The active rules. `times` is the number of requests left. */
  readonly activeFaults: Effect.Effect<ReadonlyArray<Faults.Rule>>

  /** The last requests received that a filter selects, oldest first; of them the last `limit`, by default all. */
  readonly received: (
    filter?: Journal.Filter,
    options?: { readonly limit?: number | undefined }
  ) => Effect.Effect<ReadonlyArray<Journal.Received>>
  /** Forgets the requests received. */
  readonly clearReceived: Effect.Effect<void>
  /** Checks that the requests received are the expected ones, and returns how many matched. */
  readonly verify: (expectation: Journal.Expectation) => Effect.Effect<number, Journal.VerificationError>

  /** Performs a change from outside of the API. If it is invalid, nothing changes. */
  readonly act: (act: Act.Act) => Effect.Effect<void, Act.InvalidAct>
  /** The webhooks of this world. Who subscribes to those of the first world gets the events of all worlds. */
  readonly webhooks: Webhooks.Webhooks
}
