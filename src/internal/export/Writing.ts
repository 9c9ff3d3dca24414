import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Batch, FileOptions, Format } from "../../CustomerExport.js"
import type * as Schemas from "../../Schemas.js"
import type { Position } from "./ExportBatches.js"
import { batchesFrom, beginPlan, checkOptions, progressOf } from "./ExportBatches.js"
import type { ExportCheckpoint, ExportCheckpointStore } from "./ExportCheckpoint.js"
import * as ExportFile from "./ExportFile.js"

/**
 * One customer per line, as JSON with the field names and timestamps of the API. A field that the API leaves out is
 * null.
 *
 * @example
 * import { CustomerExport } from "effect-stigg"
 *
 * const program = CustomerExport.toFile("customers.ndjson", { format: CustomerExport.ndjson })
 * console.log(CustomerExport.ndjson.header) // null
 *
 * @category files
 * @since 0.1.0
 */
export const ndjson: Format = { header: null, rows: Stream.map((customer) => `${JSON.stringify(customer)}\n`) }

const encoder = new TextEncoder()

/** Writes the file of an export and emits the progress after each page. */
export const write = <E, R, E2>(
  path: string,
  options: FileOptions<E, R> & { readonly checkpointEvery?: Duration.DurationInput | undefined },
  checkpoints: ExportCheckpointStore<E2>
) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      yield* checkOptions(options)
      const written = yield* ExportFile.lengthOf(path)
      const before = yield* checkpoints.load({ path, written })
      if (before !== null && before.isComplete) {
        // The last run ended after the file was complete, but before it was renamed or the checkpoint removed.
        if (written !== null) yield* ExportFile.publish(path, before.bytes)
        yield* checkpoints.clear
        return Stream.succeed(progressOf(before, 0, before.exported))
      }
      yield* ExportFile.checkTarget(path, options.overwrite ?? false)
      const start = before ?? { plan: yield* beginPlan(options), exported: 0, pages: 0, bytes: 0, isComplete: false }
      const file = yield* ExportFile.open(path, start.bytes)
      const format: Format<E, R> = options.format ?? ndjson
      const startedAt = yield* Clock.currentTimeMillis
      const interval = Duration.toMillis(options.checkpointEvery ?? "1 second")
      // Mutable: a single fiber writes the file. This always describes what the file contains in full.
      let now: ExportCheckpoint = start
      let savedAt = startedAt

      const save = (checkpoint: ExportCheckpoint) =>
        Effect.uninterruptible(Effect.zipRight(file.sync, checkpoints.save(checkpoint)))

      // The header belongs to the first bytes of the file, so a resumed export with some bytes has it already.
      const encode = (customers: ReadonlyArray<Schemas.Customer>) =>
        Stream.concat(
          now.bytes === 0 && format.header !== null ? Stream.make(format.header) : Stream.empty,
          customers.length === 0 ? Stream.empty : format.rows(Stream.fromIterable(customers))
        ).pipe(
          Stream.runFold<ReadonlyArray<Uint8Array>, string | Uint8Array>([], (all, piece) => [
            ...all,
            typeof piece === "string" ? encoder.encode(piece) : piece
          ]),
          Effect.map(joined)
        )

      const add = ({ customers, exported, pages, plan, progress }: Batch & Position) =>
        Effect.gen(function* () {
          const bytes = customers.length === 0 ? new Uint8Array() : yield* encode(customers)
          yield* (bytes.length === 0 ? Effect.succeed(now.bytes) : file.write(bytes)).pipe(
            Effect.map((length) => {
              now = { plan, exported, pages, bytes: length, isComplete: false }
            }),
            Effect.uninterruptible
          )
          const time = yield* Clock.currentTimeMillis
          if (time - savedAt >= interval) {
            savedAt = time
            yield* save(now)
          }
          return progress
        })

      const finish = Effect.gen(function* () {
        if (now.bytes === 0) {
          const bytes = yield* encode([])
          if (bytes.length > 0) now = { ...now, bytes: yield* file.write(bytes) }
        }
        now = { ...now, isComplete: true }
        yield* save(now)
        yield* file.publish
        yield* checkpoints.clear
        return progressOf(now, (yield* Clock.currentTimeMillis) - startedAt, start.exported)
      }).pipe(Effect.uninterruptible)

      // An interruption or a full disk must not cost what was written since the last save.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => (now.isComplete || now === start ? Effect.void : Effect.ignore(save(now))))
      )
      return batchesFrom(start, options).pipe(Stream.mapEffect(add), Stream.concat(Stream.fromEffect(finish)))
    })
  )

const joined = (pieces: ReadonlyArray<Uint8Array>): Uint8Array => {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  const all = new Uint8Array(pieces.reduce((length, { length: more }) => length + more, 0))
  pieces.reduce((offset, piece) => {
    all.set(piece, offset)
    return offset + piece.length
  }, 0)
  return all
}
