import * as Schema from "effect/Schema"
import type { Column as ColumnName } from "../../../CustomerCsv.js"
import type { Customer } from "../../../schemas/Customer.js"

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
