import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { ImportSourceError, Row } from "../../../CustomerImport.js"
import { Dictionary } from "../../../schemas/Dictionary.js"
import type * as Start from "../../import/Start.js"

/** One JSON object per line. */
export const Ndjson = Schema.TaggedStruct("Ndjson", {}).annotations({ title: "Ndjson" })

/** The JSON format of Stigg's own bulk import tool. */
export const Bulk = Schema.TaggedStruct("Bulk", {}).annotations({ title: "Bulk" })

const column = Schema.optional(Schema.NullOr(Schema.String))

/** CSV with a header row. The fields are the options of `CustomerCsv.decode`. */
export const Csv = Schema.TaggedStruct("Csv", {
  columns: Schema.optional(
    Schema.Struct({
      id: Schema.optional(Schema.String),
      email: column,
      name: column,
      billingId: column,
      paymentMethodId: column,
      salesforceId: column,
      updatedAt: column,
      metadata: Schema.optional(Dictionary)
    })
  ),
  delimiter: Schema.optional(Schema.NonEmptyString),
  neutralizeFormulas: Schema.optional(Schema.Boolean)
}).annotations({ title: "Csv" })

/** How the rows of a file are written. */
export const Format = Schema.Union(Ndjson, Bulk, Csv).annotations({ title: "Format" })

export type Format = typeof Format.Type

/** The part of a file to read. */
export interface Part {
  /** Null for the start of the file. */
  readonly from: Start.Start | null
  /** The offset where a row starts; null for the end of the file. */
  readonly until: number | null
  /** The size of the whole file in bytes. */
  readonly size: number
  /** The bytes of the whole file from one offset to another; null for its end. */
  readonly bytes: (from: number, until: number | null) => Stream.Stream<Uint8Array, ImportSourceError>
}

export type ReadPart = (part: Part) => Stream.Stream<Row, ImportSourceError>

/** Reads files of a format. A value, so that only programs with CSV jobs load the CSV library. */
export interface FormatReader {
  readonly _tag: Format["_tag"]
  /** Null if the reader is for another format. */
  readonly reading: (format: Format) => ReadPart | null
}
