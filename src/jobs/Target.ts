import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Column, JobFormat } from "../CustomerCsv.js"
import { ExportFormat } from "../internal/jobs/export/ExportFormat.js"
import { RelativePath } from "../internal/jobs/export/RelativePath.js"
import type { Customer } from "../schemas/Customer.js"
import type { ExportManifest, ExportedFile } from "./ExportManifest.js"

const files = {
  /** Relative to what the runner was told. Without `..`, and with `/` between its parts. */
  path: RelativePath,
  /** Default: NDJSON. */
  format: Schema.optional(ExportFormat)
}

/** Files in the folder that all runners share. */
export const Folder = Schema.TaggedStruct("Folder", files)

/** Files behind an HTTP(S) URL, such as a bucket of object storage. The URL is told to each runner. */
export const Http = Schema.TaggedStruct("Http", files)

/** Rows of a table. Which table it is is told to each runner under this name. */
export const Rows = Schema.TaggedStruct("Rows", { name: Schema.String })

/**
 * Where the customers of an export job go: files in the folder that all runners share, files behind an HTTP(S) URL, or
 * the rows of a table under a name. A runner writes it if it has a {@link TargetOpener} for it.
 *
 * @example
 * import { Schema } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const target = Schema.decodeUnknownSync(CustomerJobs.Target)({ _tag: "Folder", path: "exports/2026-06-13" })
 * console.log(target._tag) // Folder
 *
 * @category targets
 * @since 0.1.0
 */
export const Target = Schema.Union(Folder, Http, Rows)

/**
 * A target in the payload of an export.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const target: CustomerJobs.Target = {
 *   _tag: "Http",
 *   path: "exports/2026-06-13",
 *   format: { _tag: "Csv", columns: ["id", "email", "metadata.plan"] }
 * }
 * console.log(target.path) // exports/2026-06-13
 *
 * @category targets
 * @since 0.1.0
 */
export type Target = typeof Target.Type

/**
 * A target cannot be written. With the reason `Refused`, the job fails: no other attempt would have another end. With
 * `Unavailable` it pauses, with `message` as its `problem`.
 *
 * @example
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const full = new CustomerJobs.TargetError({ reason: "Unavailable", message: "The disk of /mnt/exports is full" })
 * console.log(full.reason) // Unavailable
 *
 * @category targets
 * @since 0.1.0
 */
export class TargetError extends Data.TaggedError("StiggTargetError")<{
  readonly reason: "Refused" | "Unavailable"
  readonly message: string
}> {}

/**
 * A target of one job, as each runner can write it.
 *
 * @example
 * import { Effect, Stream } from "effect"
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const counted: CustomerJobs.OpenTarget = {
 *   check: () => Effect.void,
 *   write: (_, pages) =>
 *     Stream.runFold(pages, 0, (rows, page) => rows + page.length).pipe(Effect.map((rows) => ({ rows, files: [] }))),
 *   finish: () => Effect.succeed(null),
 *   discard: () => Effect.void
 * }
 * console.log(counted)
 *
 * @category targets
 * @since 0.1.0
 */
export interface OpenTarget {
  /** Fails if no export of this job can go there. Called before anything is written. */
  readonly check: (instance: string) => Effect.Effect<void, TargetError>
  /**
   * Writes the customers of a part, pages at a time, and returns the files. What it does in a run whose files are not in
   * the manifest changes nothing that the manifest names.
   */
  readonly write: <E>(
    run: {
      /** The instance of the job. */
      readonly instance: string
      /** The number of the part, counted from 0. */
      readonly part: number
      /** Differs in each run of the part. */
      readonly owner: string
    },
    pages: Stream.Stream<ReadonlyArray<Customer>, E>
  ) => Effect.Effect<{ readonly rows: number; readonly files: ReadonlyArray<ExportedFile> }, E | TargetError>
  /** Removes what other runs of the parts left, and writes the manifest, last. Returns its name; null if it has none. */
  readonly finish: (manifest: ExportManifest) => Effect.Effect<string | null, TargetError>
  /** Removes the files of an export that ended without a result. A target that cannot list its files does nothing. */
  readonly discard: (instance: string) => Effect.Effect<void, TargetError>
}

/**
 * Opens the targets of a kind. A runner has a list of them: made by {@link toFolder}, {@link toHttp} and {@link toRows},
 * or by you, for a target that these cannot write.
 *
 * @example
 * import { Effect } from "effect"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const closed: CustomerJobs.TargetOpener<never> = {
 *   _tag: "Rows",
 *   name: "warehouse",
 *   open: (target) =>
 *     target._tag === "Rows" && target.name === "warehouse"
 *       ? Effect.fail(new CustomerJobs.TargetError({ reason: "Unavailable", message: "The warehouse is closed" }))
 *       : null
 * }
 * const JobsLive = CustomerJobs.layerMemory({ targets: [closed] })
 * console.log(JobsLive)
 *
 * @category targets
 * @since 0.1.0
 */
export interface TargetOpener<R> {
  readonly _tag: Target["_tag"]
  /** Of an opener for one name only: the name. */
  readonly name: string | null
  /** Null if the target is of another kind. */
  readonly open: (
    target: Target,
    options: {
      /** About the most bytes in a file. */
      readonly maxFileBytes: number
    }
  ) => Effect.Effect<OpenTarget, TargetError, R> | null
}

/**
 * Where an HTTP(S) target is, and how to write it.
 *
 * @example
 * import { Redacted } from "effect"
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const bucket: CustomerJobs.HttpTargetOptions = {
 *   url: "https://storage.example.com/exports",
 *   headers: { authorization: Redacted.make("Bearer token") }
 * }
 * console.log(bucket.url)
 *
 * @category targets
 * @since 0.1.0
 */
export interface HttpTargetOptions {
  /** Without a query. A file goes to this URL, followed by the path of the job and the name of the file. */
  readonly url: string
  /** Sent with each request. */
  readonly headers?: { readonly [name: string]: Redacted.Redacted } | undefined
  /** Formats that this runner writes besides `Ndjson`. Default: none. */
  readonly formats?: ReadonlyArray<JobFormat> | undefined
  /** How long a request may take. Default: 5 minutes. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * A table of exports.
 *
 * @example
 * import type * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const table: CustomerJobs.RowsTargetOptions = {
 *   name: "warehouse",
 *   table: "stigg_customers",
 *   columns: { customer_id: "id", email: "email", plan: "metadata.plan", changed_at: "updatedAt" },
 *   key: "customer_id",
 *   changedAt: "changed_at"
 * }
 * console.log(table.name)
 *
 * @category targets
 * @since 0.1.0
 */
export interface RowsTargetOptions {
  /** The `name` in the payload of a job. */
  readonly name: string
  readonly table: string
  /**
   * Which column of the table gets which field. Timestamps are RFC 3339 text, objects and lists are JSON text, and a
   * missing value is null.
   */
  readonly columns: { readonly [column: string]: Column }
  /** The column with the id of the customer. It must be unique in the table. */
  readonly key: string
  /**
   * The column with the `updatedAt` of the customer. With it, a row that changed later in the table stays, so that a
   * runner that hangs and comes back cannot bring an old row back.
   */
  readonly changedAt?: string | undefined
}
