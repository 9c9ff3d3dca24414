import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as WalkPlan from "./WalkPlan.js"

/**
 * The progress of an export that was kept cannot be used.
 *
 * - `OtherExport`: it is that of an export with other options. Run it with the options it was begun with, or give this one
 *   a `key` of its own.
 * - `FileShorter`: the `.partial` file is missing, or shorter than what was written to it.
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
  /** The later of two has the higher one. */
  sequence: Schema.Number,
  /** What was exported, and where to, so that no other export takes it up. */
  identity: Schema.String,
  /** Whether everything is written, and only the file's name is missing. */
  isComplete: Schema.Boolean,
  bytes: Schema.Number,
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

/** How far an export has come: the plan, and the length of the file that belongs to it. */
export interface ExportCheckpoint {
  readonly isComplete: boolean
  readonly bytes: number
  readonly exported: number
  readonly pages: number
  readonly plan: WalkPlan.WalkPlan
}

/** Where the checkpoints of one export are kept. */
export interface ExportCheckpointStore<E> {
  /** The latest, if the file that was found can be its file; null when there is none. */
  readonly load: (file: {
    readonly path: string
    readonly written: number | null
  }) => Effect.Effect<ExportCheckpoint | null, E>
  readonly save: (checkpoint: ExportCheckpoint) => Effect.Effect<void, E>
  readonly clear: Effect.Effect<void, E>
}

/** For an export that no other goes on with. */
export const none: ExportCheckpointStore<never> = {
  load: () => Effect.succeed(null),
  save: () => Effect.void,
  clear: Effect.void
}

const decode = Schema.decodeUnknownOption(Schema.parseJson(StoredCheckpoint))

/**
 * ExportCheckpointStore under a key of the store. They are written to two places in turn, for a store of files empties one before it
 * fills it, and a process can be killed in between.
 */
export const make = (
  store: KeyValueStore.KeyValueStore,
  { identity, key, workers }: { readonly key: string; readonly identity: string; readonly workers: number }
): ExportCheckpointStore<ExportCheckpointError> => {
  const places = [`${key}.0`, `${key}.1`] as const
  // Mutable: one writer counts its own writes.
  let sequence = 0

  const failed = (cause: unknown) =>
    new ExportCheckpointError({ reason: "StoreFailed", key, message: `The progress under ${key}: ${cause}`, cause })

  const load: ExportCheckpointStore<ExportCheckpointError>["load"] = ({ path, written }) =>
    Effect.gen(function* () {
      const texts = yield* Effect.mapError(Effect.forEach(places, store.get), failed)
      const found = texts
        .flatMap((text) => Option.toArray(Option.flatMap(text, decode)))
        .toSorted((a, b) => b.sequence - a.sequence)
        .at(0)
      if (found === undefined) return null
      if (found.identity !== identity) {
        return yield* new ExportCheckpointError({
          reason: "OtherExport",
          key,
          message: `The progress under ${key} is that of another export: ${found.identity}, and not ${identity}`
        })
      }
      if (!found.isComplete && (written ?? -1) < found.bytes) {
        return yield* new ExportCheckpointError({
          reason: "FileShorter",
          key,
          message: `${path}.partial holds ${written ?? 0} of the ${found.bytes} bytes that were written to it`
        })
      }
      sequence = found.sequence + 1
      return { ...found, plan: { ...found.plan, workers, walking: new Map() } }
    })

  const save = ({ bytes, exported, isComplete, pages, plan }: ExportCheckpoint) =>
    Effect.suspend(() => {
      const { done, nextRegion, now, pageSize, regions } = plan
      const checkpoint: typeof StoredCheckpoint.Encoded = {
        ...{ version: 1, sequence, identity, isComplete, bytes, exported, pages },
        plan: { pageSize, now, regions, waiting: WalkPlan.unfinished(plan), done, nextRegion }
      }
      return Effect.map(store.set(places[sequence % 2 === 0 ? 0 : 1], JSON.stringify(checkpoint)), () => {
        // Not before: what failed may have emptied its place, and the next try must not empty the other as well.
        sequence += 1
      })
    }).pipe(Effect.mapError(failed))

  const remove = (place: string) => Effect.whenEffect(store.remove(place), store.has(place))

  return { load, save, clear: Effect.mapError(Effect.forEach(places, remove, { discard: true }), failed) }
}
