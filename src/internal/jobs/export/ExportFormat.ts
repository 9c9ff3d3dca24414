import * as Schema from "effect/Schema"
import type { Column as ColumnName } from "../../../CustomerCsv.js"
import type { Format } from "../../../CustomerExport.js"
import type { Customer } from "../../../schemas/Customer.js"
import { ndjson } from "../../export/Writing.js"

/** One JSON object per line, as `CustomerExport.ndjson` writes it. */
export const Ndjson = Schema.TaggedStruct("Ndjson", {})

const fields: ReadonlyArray<string> = [
  "id",
  "email",
  "name",
  "billingId",
  "billingCurrency",
  "couponId",
  "integrations",
  "language",
  "metadata",
  "passthrough",
  "timezone",
  "defaultPaymentMethod",
  "createdAt",
  "updatedAt",
  "archivedAt"
] satisfies ReadonlyArray<keyof Customer>

/** A field of a customer, or a path into one that is an object or a list. */
export const Column = Schema.String.pipe(
  Schema.filter(
    (text): text is ColumnName =>
      fields.includes(text) || /^(metadata|integrations|passthrough|defaultPaymentMethod)\../.test(text),
    { message: () => "Expected a field of a customer, such as email or metadata.plan" }
  )
)

/** CSV with a header row in each file. The fields are the options of `CustomerCsv.format`. */
export const Csv = Schema.TaggedStruct("Csv", {
  /** A field of a customer, or of its metadata, such as `metadata.plan`. Default: `CustomerCsv.defaultColumns`. */
  columns: Schema.optional(Schema.NonEmptyArray(Column)),
  delimiter: Schema.optional(Schema.NonEmptyString),
  neutralizeFormulas: Schema.optional(Schema.Boolean)
})

/** How the files of an export are written. */
export const ExportFormat = Schema.Union(Ndjson, Csv)

export type ExportFormat = typeof ExportFormat.Type

/** Writes files of a format. A value, so that only programs with CSV jobs load the CSV library. */
export interface FormatWriter {
  readonly _tag: ExportFormat["_tag"]
  /** The extension of its files, without a dot. */
  readonly extension: string
  /** Null if the writer is for another format. */
  readonly writing: (format: ExportFormat) => Format | null
}

const ndjsonWriter: FormatWriter = {
  _tag: "Ndjson",
  extension: "ndjson",
  writing: (format) => (format._tag === "Ndjson" ? ndjson : null)
}

/** A format with the extension of its files; null if none of the writers is for it. */
export const find = (
  format: ExportFormat,
  writers: ReadonlyArray<FormatWriter>
): { readonly extension: string; readonly format: Format } | null => {
  for (const writer of [ndjsonWriter, ...writers]) {
    const found = writer.writing(format)
    if (found !== null) return { extension: writer.extension, format: found }
  }
  return null
}
