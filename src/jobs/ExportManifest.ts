import * as Schema from "effect/Schema"
import { Watermark } from "../CustomerExport.js"
import { Timestamp } from "../schemas/Timestamp.js"
import { ExportFormat } from "../internal/jobs/export/ExportFormat.js"

const count = Schema.Int.pipe(Schema.nonNegative())

/**
 * The schema of a file of an export.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const files = Schema.decodeUnknown(Schema.Array(CustomerJobs.ExportedFile))
 * console.log(files)
 *
 * @category models
 * @since 0.1.0
 */
export const ExportedFile = Schema.Struct({
  /** Beside the manifest. */
  name: Schema.String,
  rows: count,
  bytes: count,
  sha256: Schema.String
})

/**
 * A file of an export. `sha256` is in hexadecimal digits.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const bytesOf = (files: ReadonlyArray<CustomerJobs.ExportedFile>) => files.reduce((sum, { bytes }) => sum + bytes, 0)
 * console.log(bytesOf([])) // 0
 *
 * @category models
 * @since 0.1.0
 */
export type ExportedFile = typeof ExportedFile.Type

const Moment = Schema.Union(Watermark, Timestamp)

/** Which customers an export has: the options of `CustomerExport` that can be stored. */
export const Selected = Schema.Struct({
  /** Only customers created at or after this time. */
  from: Schema.optional(Timestamp),
  /** Only customers created before this time. */
  until: Schema.optional(Timestamp),
  /** Only customers created after this time, or after a watermark. */
  since: Schema.optional(Moment),
  /** Only customers that this watermark covers. */
  upTo: Schema.optional(Watermark),
  /** Only customers changed after this time, or after the `updatedAt` of a watermark. */
  changedSince: Schema.optional(Moment),
  /** Only customers with exactly this email or name. */
  filter: Schema.optional(
    Schema.Struct({ email: Schema.optional(Schema.String), name: Schema.optional(Schema.String) })
  )
})

export type Selected = typeof Selected.Type

/**
 * The content of `manifest.json`, which is written last: an export with a manifest is complete. Files that it does not
 * name are no part of the export.
 *
 * @example
 * import { FileSystem } from "@effect/platform"
 * import { Effect, Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const files = Effect.gen(function* () {
 *   const text = yield* (yield* FileSystem.FileSystem).readFileString("/mnt/exports/2026-06-13/manifest.json")
 *   const manifest = yield* Schema.decode(Schema.parseJson(CustomerJobs.ExportManifest))(text)
 *   return manifest.parts.map(({ name }) => name)
 * })
 *
 * @category models
 * @since 0.1.0
 */
export const ExportManifest = Schema.Struct({
  version: Schema.Literal(1),
  job: Schema.Struct({ id: Schema.String, instance: Schema.String }),
  format: Schema.NullOr(ExportFormat),
  selection: Selected,
  rows: count,
  parts: Schema.Array(ExportedFile),
  /** For the `changedSince` of the next export; null if there were no customers. */
  watermark: Schema.NullOr(Watermark)
})

/**
 * The content of `manifest.json`, decoded.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const checksums = ({ parts }: CustomerJobs.ExportManifest): string =>
 *   parts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("")
 * console.log(checksums)
 *
 * @category models
 * @since 0.1.0
 */
export type ExportManifest = typeof ExportManifest.Type
