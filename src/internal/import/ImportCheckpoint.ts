import type { PlatformError } from "@effect/platform/Error"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * The progress of an import cannot be read from its store or written to it.
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

/** How far an import has come: every row up to `rows` has been processed. */
export const ImportCheckpoint = Schema.Struct({
  /** The id of the import, from its first run to its last; null if it has not begun. */
  importId: Schema.NullOr(Schema.String),
  /** Incremented on each write. */
  sequence: count,
  rows: count,
  /** The id of the last of these rows, to detect another source; null if that row has no id. */
  lastId: Schema.NullOr(Schema.String),
  /** Rows in the source; null if it was not read in advance. */
  total: Schema.NullOr(count),
  created: count,
  updated: count,
  updatedOrSkipped: count,
  rejected: count
})

export type ImportCheckpoint = typeof ImportCheckpoint.Type

/** The checkpoint of a new import. */
export const start: ImportCheckpoint = {
  importId: null,
  sequence: 0,
  rows: 0,
  lastId: null,
  total: null,
  created: 0,
  updated: 0,
  updatedOrSkipped: 0,
  rejected: 0
}

/** Begins an import. */
export const begin = (checkpoint: ImportCheckpoint): ImportCheckpoint => ({
  ...checkpoint,
  importId: crypto.randomUUID(),
  sequence: checkpoint.sequence + 1
})

/** Loads and saves the checkpoint of one import. */
export interface ImportCheckpointStore {
  readonly load: Effect.Effect<ImportCheckpoint, ImportProgressError>
  readonly save: (checkpoint: ImportCheckpoint) => Effect.Effect<void, ImportProgressError>
  readonly remove: Effect.Effect<void, ImportProgressError>
}

/** Saves nothing: each run starts at the first row. */
export const none: ImportCheckpointStore = { load: Effect.succeed(start), save: () => Effect.void, remove: Effect.void }

const json = Schema.parseJson(ImportCheckpoint)
const encode = Schema.encodeSync(json)
const decode = Schema.decodeUnknownEither(json)

/**
 * Saves checkpoints under two keys in turn. If the process is killed during a write, it spoils one of them; the other
 * is one batch older.
 */
export const make = (store: KeyValueStore.KeyValueStore, key: string): ImportCheckpointStore => {
  const slots = [`${key}.0`, `${key}.1`] as const
  const failed = (error: PlatformError) =>
    new ImportProgressError({
      key,
      message: `Cannot read or write the progress under ${key}: ${error.message}`,
      cause: error
    })
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
    // Uninterruptible: a file that is half written would cost a finished batch on each Ctrl-C.
    save: (checkpoint) =>
      store
        .set(slots[checkpoint.sequence % 2 === 0 ? 0 : 1], encode(checkpoint))
        .pipe(Effect.mapError(failed), Effect.uninterruptible),
    // The file system store fails to remove a key that it does not have.
    remove: Effect.forEach(slots, (slot) => Effect.whenEffect(store.remove(slot), store.has(slot)), {
      discard: true
    }).pipe(Effect.mapError(failed))
  }
}
