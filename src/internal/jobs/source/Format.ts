import * as Schema from "effect/Schema"
import type { JobFormat } from "../../../CustomerCsv.js"
import { Dictionary } from "../../../schemas/Dictionary.js"

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

/** Reads a part of a file. */
export type ReadPart = ReturnType<JobFormat["read"]>
