/**
 * The state of an emulator that was saved, to be loaded again.
 *
 * @module
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * A record of a save. What it holds besides `type` may change with the version of the format, which the first record
 * states. Pass a save on as it is.
 *
 * @example
 * import type { Saved } from "effect-stigg/testing"
 *
 * const isCustomer = ({ type }: Saved.Record) => type === "customer"
 *
 * @category models
 * @since 0.1.0
 */
export interface Record {
  readonly type: "world" | "customer" | "answer" | "end"
  readonly [field: string]: unknown
}

/**
 * The whole state of one world as plain JSON: the catalogue, customers with everything of theirs, idempotency keys,
 * windows of rate limits, faults, and the time. A loaded world has the same lists, cursors and ids. It holds no API
 * key. A file of it is a JSON array with a record in each line.
 *
 * @example
 * import type { Saved } from "effect-stigg/testing"
 *
 * const customers = (saved: Saved.Saved) => saved.filter(({ type }) => type === "customer").length
 *
 * @category models
 * @since 0.1.0
 */
export type Saved = ReadonlyArray<Record>

/**
 * A save cannot be loaded. `path` locates the first invalid value, and `message` starts with it. The world is as it was.
 *
 * @example
 * import { Effect } from "effect"
 * import { Emulator } from "effect-stigg/testing"
 *
 * const loaded = Emulator.load([]).pipe(
 *   Effect.catchTag("StiggInvalidSaveError", ({ message }) => Effect.log(message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidSave extends Data.TaggedError("StiggInvalidSaveError")<{
  /** The number of the record and the path in it, such as `3.customer.createdAt`; empty for the whole. */
  readonly path: string
  readonly message: string
}> {}
