import * as Schema from "effect/Schema"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ImportSourceError, Row } from "../../../CustomerImport.js"

/** A place in a source where a reader can start: the row there, and how to find it. */
export const SourcePosition = Schema.Struct({
  /** The number of the row that starts here, counted from 1. */
  row: Schema.Int,
  /** Of a file: the line and the byte offset where the row starts. */
  line: Schema.NullOr(Schema.Int),
  byte: Schema.NullOr(Schema.Int),
  /** Of a file with rows that start within a line: the column, counted from 1. */
  column: Schema.optional(Schema.Int),
  /** Of rows in key order: the key of the row before, as JSON; null at the first. */
  key: Schema.NullOr(Schema.String)
})

export type SourcePosition = typeof SourcePosition.Type

/** A row, and the position where a reader can start with it; null if it cannot, for example at a malformed row. */
export interface LocatedRow {
  readonly row: Row
  readonly position: SourcePosition | null
}

/**
 * A source that each runner can read, as a whole or from a position. It stays at the version that it had at first: a later
 * read or `version` fails with `Changed` if it finds another one.
 */
export interface OpenSource {
  /** Changes when the source changes: of a file, its length and modification time or ETag; null if the source has none. */
  readonly version: Effect.Effect<string | null, ImportSourceError>
  /**
   * The rows from a position, or from the start. They end before the position `until`, if there is one, or else at the
   * end. Row numbers, lines and bytes are those in the whole source.
   */
  readonly rows: (
    from: SourcePosition | null,
    until?: SourcePosition | null
  ) => Stream.Stream<LocatedRow, ImportSourceError>
}
