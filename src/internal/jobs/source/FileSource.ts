import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import type { JobFormat } from "../../../CustomerCsv.js"
import type { ImportSourceError, Row } from "../../../CustomerImport.js"
import type { LocatedRow, OpenSource, SourcePosition } from "../../../jobs/Source.js"
import * as SourceError from "../../import/SourceError.js"
import type * as Start from "../../import/Start.js"
import type { Format, ReadPart } from "./Format.js"
import * as JsonFormats from "./JsonFormats.js"

/** A file in one version. */
export interface Snapshot {
  readonly version: string
  /** In bytes. */
  readonly size: number
  /**
   * The bytes from one offset to another; null for the end of the file. Fails with `Changed` if the file has another
   * version.
   */
  readonly read: (from: number, until: number | null) => Stream.Stream<Uint8Array, ImportSourceError>
}

/** How to read a format. Fails if the runner has no reader for it. The readers of JSON formats are always there. */
export const reading = (
  format: Format,
  formats: ReadonlyArray<JobFormat>
): Effect.Effect<ReadPart, ImportSourceError> => {
  switch (format._tag) {
    case "Ndjson":
      return Effect.succeed(JsonFormats.ndjson)
    case "Bulk":
      return Effect.succeed(JsonFormats.bulk)
    case "Csv": {
      const [csv] = formats
      return csv === undefined ? Effect.fail(SourceError.at("Invalid", noCsv)) : Effect.succeed(csv.read(format))
    }
  }
}

const noCsv = "source.format: This runner has no reader for Csv. Give it one, such as `CustomerCsv.jobFormat`"

/**
 * Opens a file.
 *
 * @param name the path or URL in errors
 * @param snapshot looks up the version that the file has now
 */
export const make = (
  name: string,
  snapshot: Effect.Effect<Snapshot, ImportSourceError>,
  read: ReadPart
): Effect.Effect<OpenSource> =>
  Effect.map(Ref.make<Snapshot | null>(null), (pinned): OpenSource => {
    const pin = (now: Snapshot) => Ref.modify(pinned, (before) => [before ?? now, before ?? now])
    return {
      version: Effect.gen(function* () {
        const now = yield* snapshot
        const first = yield* pin(now)
        return now.version === first.version ? now.version : yield* SourceError.changed(name)
      }),
      rows: (from, until = null) =>
        Ref.get(pinned).pipe(
          Effect.flatMap((before) => (before === null ? Effect.flatMap(snapshot, pin) : Effect.succeed(before))),
          Effect.map((file) =>
            read({ from: toStart(from), until: until?.byte ?? null, size: file.size, bytes: file.read })
          ),
          Stream.unwrap,
          Stream.mapBoth({ onFailure: SourceError.within(name), onSuccess: locate })
        )
    }
  })

const toStart = (from: SourcePosition | null): Start.Start | null =>
  from === null ? null : { row: from.row, line: from.line ?? 1, column: from.column ?? 1, byte: from.byte ?? 0 }

/** A row with a problem has the position of the problem, so no reader can start there. */
const locate = (row: Row): LocatedRow => ({ row, position: row.problem === null ? toPosition(row) : null })

const toPosition = ({ byte, column, line, number }: Row): SourcePosition => ({
  ...{ row: number, line, byte, key: null },
  ...(column === null || column === 1 ? {} : { column })
})
