import type { PlatformError } from "@effect/platform/Error"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * The store of the progress cannot be read or written.
 *
 * @example
 * import { Effect } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.summarize(CustomerImport.run(CustomerImport.readNdjson("customers.ndjson"))).pipe(
 *   Effect.catchTag("StiggImportProgressError", (error) => Effect.logError(error.message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ImportProgressError extends Schema.TaggedError<ImportProgressError>("effect-stigg/ImportProgressError")(
  "StiggImportProgressError",
  { key: Schema.String, message: Schema.String, cause: Schema.optional(Schema.Defect) }
) {}

const count = Schema.Int.pipe(Schema.nonNegative())

/** How far an import came: every row up to `rows` is accounted for. */
export const ImportCheckpoint = Schema.Struct({
  /** Counts the times that it was written. */
  sequence: count,
  rows: count,
  /** The id of the last of them, as it was read, to notice another source; null when it has none. */
  lastId: Schema.NullOr(Schema.String),
  /** How many rows the source has; null when it was not read through. */
  total: Schema.NullOr(count),
  created: count,
  updatedOrSkipped: count,
  rejected: count
})

/** How far an import came. */
export type ImportCheckpoint = typeof ImportCheckpoint.Type

/** Where an import that has just begun is. */
export const start: ImportCheckpoint = {
  sequence: 0,
  rows: 0,
  lastId: null,
  total: null,
  created: 0,
  updatedOrSkipped: 0,
  rejected: 0
}

/** Where progress is kept, and under which name. */
export interface ImportCheckpointStore {
  readonly load: Effect.Effect<ImportCheckpoint, ImportProgressError>
  readonly save: (checkpoint: ImportCheckpoint) => Effect.Effect<void, ImportProgressError>
  readonly remove: Effect.Effect<void, ImportProgressError>
}

/** Keeps nothing. */
export const none: ImportCheckpointStore = { load: Effect.succeed(start), save: () => Effect.void, remove: Effect.void }

const json = Schema.parseJson(ImportCheckpoint)
const encode = Schema.encodeSync(json)
const decode = Schema.decodeUnknownEither(json)

/**
 * Keeps progress in a store, in turn under two keys: a process that is killed while it writes spoils one of them, and
 * what the other holds is one batch older.
 */
export const make = (store: KeyValueStore.KeyValueStore, key: string): ImportCheckpointStore => {
  const slots = [`${key}.0`, `${key}.1`] as const
  const failed = (error: PlatformError) =>
    new ImportProgressError({ key, message: `The progress ${key} cannot be kept: ${error.message}`, cause: error })
  return {
    load: Effect.forEach(slots, (slot) => store.get(slot)).pipe(
      Effect.map((texts) =>
        texts
          .flatMap(Option.toArray)
          .flatMap((text) => Option.toArray(Either.getRight(decode(text))))
          .reduce((newest, one) => (one.sequence > newest.sequence ? one : newest), start)
      ),
      Effect.mapError(failed)
    ),
    // Not to be interrupted: a file that is half written would cost a batch that was done, each time a key is pressed.
    save: (checkpoint) =>
      store
        .set(slots[checkpoint.sequence % 2 === 0 ? 0 : 1], encode(checkpoint))
        .pipe(Effect.mapError(failed), Effect.uninterruptible),
    // The store of the file system fails to remove what it does not hold.
    remove: Effect.forEach(slots, (slot) => Effect.whenEffect(store.remove(slot), store.has(slot)), {
      discard: true
    }).pipe(Effect.mapError(failed))
  }
}
