import type * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as JsonText from "./JsonText.js"
import type { Line } from "./Lines.js"
import * as Lines from "./Lines.js"
import type { Row } from "../../CustomerImport.js"
import type { ImportSourceError } from "./SourceError.js"
import * as SourceFile from "./SourceFile.js"
import * as Start from "./Start.js"

/**
 * Reads rows from NDJSON: one JSON object per line, in UTF-8. A line that is malformed, not UTF-8 or longer than 1 MiB
 * becomes one row with a `problem`, and reading continues. Blank lines are skipped.
 *
 * Fails with `StiggImportSourceError` for UTF-16.
 *
 * @example
 * import { Stream } from "effect"
 * import { CustomerImport } from "effect-stigg"
 *
 * const bytes = Stream.make(new TextEncoder().encode('{"id":"customer-acme","name":"Acme","email":null}\n'))
 * const rows = CustomerImport.fromNdjson(bytes)
 *
 * @category readers
 * @since 0.1.0
 */
export const fromNdjson = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<Row, E | ImportSourceError, R> => parse(undefined)(bytes)

/**
 * Reads rows from an NDJSON file, like {@link fromNdjson}. Each run of the stream opens the file again and reads it as
 * it is consumed.
 *
 * @example
 * import { CustomerImport } from "effect-stigg"
 *
 * const program = CustomerImport.summarize(CustomerImport.run(CustomerImport.readNdjson("customers.ndjson")))
 *
 * @category readers
 * @since 0.1.0
 */
export const readNdjson = (path: string): Stream.Stream<Row, ImportSourceError, FileSystem.FileSystem> =>
  SourceFile.read(path, parse)

/** Reads the rows from `start`, from the bytes there. */
export const parse =
  (sourceBytes: number | undefined, start: Start.Start = Start.first) =>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Row, E | ImportSourceError, R> =>
    Stream.suspend(() => {
      // Mutable: the count continues from chunk to chunk.
      let number = start.row - 1
      return Stream.mapChunks(Lines.split(bytes, start), (lines) => {
        const rows: Array<Row> = []
        for (const line of lines) {
          if (line.problem === null && isBlank(line.text)) continue
          number += 1
          rows.push(toRow(number, line, sourceBytes))
        }
        return Chunk.unsafeFromArray(rows)
      })
    })

const isBlank = (text: string): boolean => text === "" || /^\s*$/.test(text)

const toRow = (number: number, line: Line, sourceBytes: number | undefined): Row => {
  const original = { _tag: "Text", text: line.text } as const
  const malformed = (problem: string, column: number | null, byte: number): Row => ({
    ...{ number, line: line.number, column, byte, value: line.text.slice(0, 200), problem, original, sourceBytes }
  })
  if (line.problem !== null) return malformed(line.problem.message, line.problem.column, line.problem.byte)
  const parsed = JsonText.parse(line.text)
  if (Either.isLeft(parsed)) {
    const { message, offset } = parsed.left
    const byte = line.byte + new TextEncoder().encode(line.text.slice(0, offset)).length
    return malformed(message, offset + 1, byte)
  }
  const value = parsed.right
  if (!Predicate.isRecord(value)) return malformed("Expected an object", 1, line.byte)
  return { number, line: line.number, column: 1, byte: line.byte, value, problem: null, original, sourceBytes }
}
