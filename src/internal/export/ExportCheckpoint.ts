import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as PartialFile from "../files/PartialFile.js"
import * as WalkPlan from "./WalkPlan.js"

/**
 * The stored progress of an export cannot be used.
 *
 * - `OtherExport`: it belongs to an export with other options, files or headers. Use the same as before, or give this
 *   export its own `key`.
 * - `FileShorter`: a `.partial` file is missing, or shorter than what was written to it.
 * - `StoreFailed`: the `KeyValueStore` failed.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.toFileResumable("customers.ndjson").pipe(
 *   Stream.runDrain,
 *   Effect.catchTag("StiggExportCheckpointError", (error) => Effect.log(error.reason, error.message))
 * )
 *
 * @category errors
 * @since 0.1.0
 */
export class ExportCheckpointError extends Data.TaggedError("StiggExportCheckpointError")<{
  readonly reason: "OtherExport" | "FileShorter" | "StoreFailed"
  /** The key in the store. */
  readonly key: string
  readonly message: string
  readonly cause?: unknown
}> {}

const Millis = Schema.NullOr(Schema.Number)

const StoredSeen = Schema.Array(Schema.Tuple(Schema.Number, Schema.String))

const StoredRegion = Schema.Struct({
  id: Schema.Number,
  from: Millis,
  until: Millis,
  perPage: Schema.NullOr(Schema.Number),
  back: Schema.Boolean,
  seen: StoredSeen
})

const StoredPiece = Schema.Struct({
  from: Millis,
  until: Millis,
  isDivisible: Schema.Boolean,
  region: Schema.Number,
  after: Schema.NullOr(Schema.String),
  mark: Schema.NullOr(Schema.String),
  pages: Schema.Number,
  count: Schema.Number,
  low: Schema.Number,
  high: Schema.Number,
  order: Schema.Literal("ascending", "descending", "none"),
  last: Schema.Number,
  sample: Schema.Array(Schema.Number),
  seen: StoredSeen
})

const StoredCheckpoint = Schema.Struct({
  version: Schema.Literal(1),
  /** The later of two checkpoints has the higher one. */
  sequence: Schema.Number,
  /** The files and the options, so that no other export resumes from this checkpoint. */
  identity: Schema.String,
  /** Whether the files are complete and only have to be renamed. */
  isComplete: Schema.Boolean,
  lengths: Schema.Array(Schema.Number),
  exported: Schema.Number,
  pages: Schema.Number,
  plan: Schema.Struct({
    pageSize: Schema.Number,
    now: Schema.Number,
    regions: Schema.Array(StoredRegion),
    waiting: Schema.Array(StoredPiece),
    done: Schema.Number,
    nextRegion: Schema.Number
  })
})

/** How far an export has come: its plan, and the lengths in bytes of the files that match it. */
export interface ExportCheckpoint {
  readonly isComplete: boolean
  readonly lengths: ReadonlyArray<number>
  readonly exported: number
  readonly pages: number
  readonly plan: WalkPlan.WalkPlan
}

/** Loads and saves the checkpoint of one export. */
export interface ExportCheckpointStore<E> {
  /** The latest checkpoint; null if there is none. Fails if the files, of `written` bytes, cannot match it. */
  readonly load: (
    files: ReadonlyArray<{ readonly path: string; readonly written: number | null }>
  ) => Effect.Effect<ExportCheckpoint | null, E>
  readonly save: (checkpoint: ExportCheckpoint) => Effect.Effect<void, E>
  readonly clear: Effect.Effect<void, E>
}

/** Saves nothing: the export cannot be resumed. */
export const none: ExportCheckpointStore<never> = {
  load: () => Effect.succeed(null),
  save: () => Effect.void,
  clear: Effect.void
}

const decode = Schema.decodeUnknownOption(Schema.parseJson(StoredCheckpoint))

/**
 * Saves checkpoints under two keys in turn. A store of files empties a file before it writes to it, and the process can
 * be killed in between.
 */
export const make = (
  store: KeyValueStore.KeyValueStore,
  { identity, key, workers }: { readonly key: string; readonly identity: string; readonly workers: number }
): ExportCheckpointStore<ExportCheckpointError> => {
  const slots = [`${key}.0`, `${key}.1`] as const
  // Mutable: the store has a single writer.
  let sequence = 0

  const failed = (cause: unknown) =>
    new ExportCheckpointError({
      reason: "StoreFailed",
      key,
      message: `Cannot read or write the progress under ${key}: ${cause}`,
      cause
    })

  const load: ExportCheckpointStore<ExportCheckpointError>["load"] = (files) =>
    Effect.gen(function* () {
      const texts = yield* Effect.mapError(Effect.forEach(slots, store.get), failed)
      const found = texts
        .flatMap((text) => Option.toArray(Option.flatMap(text, decode)))
        .toSorted((a, b) => b.sequence - a.sequence)
        .at(0)
      if (found === undefined) return null
      if (found.identity !== identity) {
        return yield* new ExportCheckpointError({
          reason: "OtherExport",
          key,
          message:
            `The progress under ${key} belongs to another export: ${found.identity}, not ${identity}. Use the options of ` +
            "before, set another key, or delete this progress and the .partial files"
        })
      }
      const shorter = files.findIndex(({ written }, i) => (written ?? 0) < (found.lengths[i] ?? 0))
      const file = files[shorter]
      if (!found.isComplete && file !== undefined) {
        return yield* new ExportCheckpointError({
          reason: "FileShorter",
          key,
          message:
            `${PartialFile.partialOf(file.path)} holds ${file.written ?? 0} ` +
            `of the ${found.lengths[shorter] ?? 0} bytes that were written to it`
        })
      }
      sequence = found.sequence + 1
      return { ...found, plan: { ...found.plan, workers, walking: new Map() } }
    })

  const save = ({ exported, isComplete, lengths, pages, plan }: ExportCheckpoint) =>
    Effect.suspend(() => {
      const { done, nextRegion, now, pageSize, regions } = plan
      const checkpoint: typeof StoredCheckpoint.Encoded = {
        ...{ version: 1, sequence, identity, isComplete, lengths, exported, pages },
        plan: { pageSize, now, regions, waiting: WalkPlan.unfinished(plan), done, nextRegion }
      }
      return Effect.map(store.set(slots[sequence % 2 === 0 ? 0 : 1], JSON.stringify(checkpoint)), () => {
        // Only after a success: a failed write may have emptied its slot, and the next one must not empty the other as
        // well.
        sequence += 1
      })
    }).pipe(Effect.mapError(failed))

  const remove = (slot: string) => Effect.whenEffect(store.remove(slot), store.has(slot))

  return { load, save, clear: Effect.mapError(Effect.forEach(slots, remove, { discard: true }), failed) }
}
