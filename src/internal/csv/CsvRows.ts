import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { DecodeOptions } from "../../CustomerCsv.js"
import type { Row } from "../../CustomerImport.js"
import * as Lines from "../import/Lines.js"
import type { ImportSourceError } from "../import/SourceError.js"
import * as SourceError from "../import/SourceError.js"
import type * as Start from "../import/Start.js"
import type { CsvRecord } from "./CsvRecord.js"
import * as CsvRecords from "./CsvRecord.js"
import * as Mapping from "./Mapping.js"

/** Reads a whole CSV. */
export const parse =
  (options: DecodeOptions) =>
  (sourceBytes: number | undefined) =>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Row, E | ImportSourceError, R> =>
    Stream.suspend(() => {
      // Mutable: the first record makes the mapping, and the others are counted.
      let mapping: Mapping.Mapping | null = null
      let number = 0
      return records(options, bytes).pipe(
        Stream.mapChunksEffect((records) =>
          Effect.gen(function* () {
            const rows: Array<Row> = []
            for (const record of records) {
              if (mapping !== null) rows.push(mapping((number += 1), record))
              else mapping = yield* toMapping(options, sourceBytes)(record)
            }
            return Chunk.unsafeFromArray(rows)
          })
        ),
        Stream.concat(Stream.suspend(() => (mapping === null ? Stream.fail(noHeader()) : Stream.empty)))
      )
    })

/** Reads the rows from `start`, from the bytes there. The header is read from `head`, the bytes of the whole CSV. */
export const parseFrom =
  (options: DecodeOptions, start: Start.Start, sourceBytes: number | undefined) =>
  <E, R>(
    head: Stream.Stream<Uint8Array, E, R>,
    bytes: Stream.Stream<Uint8Array, E, R>
  ): Stream.Stream<Row, E | ImportSourceError, R> =>
    Stream.unwrap(
      records(options, head).pipe(
        Stream.runHead,
        Effect.flatMap(
          Option.match({ onNone: () => Effect.fail(noHeader()), onSome: toMapping(options, sourceBytes) })
        ),
        Effect.map((mapping) =>
          Stream.mapAccum(records(options, bytes, start), start.row, (number, record) => [
            number + 1,
            mapping(number, record)
          ])
        )
      )
    )

const records = <E, R>(
  { delimiter = "," }: DecodeOptions,
  bytes: Stream.Stream<Uint8Array, E, R>,
  start?: Start.Start
): Stream.Stream<CsvRecord, E | ImportSourceError, R> => CsvRecords.fromLines(delimiter)(Lines.split(bytes, start))

const toMapping =
  ({ columns = {}, delimiter = ",", neutralizeFormulas = true }: DecodeOptions, sourceBytes: number | undefined) =>
  (header: CsvRecord): Effect.Effect<Mapping.Mapping, ImportSourceError> =>
    Mapping.make(header, { columns, delimiter, restore: neutralizeFormulas, sourceBytes })

const noHeader = (): ImportSourceError =>
  SourceError.at("Header", "There is no header row", { line: 1, column: 1, byte: 0 })
