import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Customer } from "../schemas/Customer.js"
import { ExportFormat } from "../internal/jobs/export/ExportFormat.js"
import type { ExportManifest, ExportedFile } from "./ExportManifest.js"
import { RelativePath } from "../internal/jobs/export/RelativePath.js"

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

/** Where the customers of an export job go. */
export const Target = Schema.Union(Folder, Http, Rows)

export type Target = typeof Target.Type

/** A target cannot be written. `Refused` does not pass by itself: no other attempt would have another end. */
export class TargetError extends Data.TaggedError("TargetError")<{
  readonly reason: "Refused" | "Unavailable"
  readonly message: string
}> {}

/** A run of a part. */
export interface PartRun {
  /** The instance of the job. */
  readonly instance: string
  readonly part: number
  /** Differs in each run of the part. */
  readonly owner: string
}

/** A target of one job, as each runner can write it. */
export interface OpenTarget {
  /** Fails if no export of this job can go there. Called before anything is written. */
  readonly check: (instance: string) => Effect.Effect<void, TargetError>
  /**
   * Writes the customers of a part, pages at a time, and returns the files. What it does in a run whose files are not in
   * the manifest changes nothing that the manifest names.
   */
  readonly write: <E>(
    run: PartRun,
    pages: Stream.Stream<ReadonlyArray<Customer>, E>
  ) => Effect.Effect<PartOutput, E | TargetError>
  /** Removes what other runs of the parts left, and writes the manifest, last. Returns its name; null if it has none. */
  readonly finish: (manifest: ExportManifest) => Effect.Effect<string | null, TargetError>
  /** Removes the files of an export that ended without a result. A target that cannot list its files does nothing. */
  readonly discard: (instance: string) => Effect.Effect<void, TargetError>
}

/** What a run of a part wrote. */
export interface PartOutput {
  readonly rows: number
  readonly files: ReadonlyArray<ExportedFile>
}

/** Opens the targets of a kind. A runner has a list of them. */
export interface TargetOpener<R> {
  readonly _tag: Target["_tag"]
  /** Of an opener for one name only: the name. */
  readonly name: string | null
  /** Null if the target is of another kind. */
  readonly open: (target: Target, options: WriteOptions) => Effect.Effect<OpenTarget, TargetError, R> | null
}

export interface WriteOptions {
  /** About the most bytes in a file. */
  readonly maxFileBytes: number
}

/** What the openers of a list need. */
export type TargetRequirements<O> = O extends TargetOpener<infer R> ? R : never

/** Opens a target with the first of the openers that takes it. Fails with `Refused` if none does. */
export const openers =
  <O extends TargetOpener<unknown>>(list: ReadonlyArray<O>) =>
  (target: Target, options: WriteOptions): Effect.Effect<OpenTarget, TargetError, TargetRequirements<O>> => {
    for (const opener of list) {
      const opening = opener.open(target, options)
      // The compiler cannot infer a union of requirements from a list, so `TargetOpener<unknown>` stands for it.
      if (opening !== null) return opening as Effect.Effect<OpenTarget, TargetError, TargetRequirements<O>>
    }
    const known = list.map(({ _tag, name }) => (name === null ? _tag : `${_tag} ${name}`)).join(", ")
    const found = target._tag === "Rows" ? `Rows ${target.name}` : target._tag
    return refuse(`target: Expected a target that this runner opens (${known === "" ? "none" : known}), found ${found}`)
  }

export const refuse = (message: string): Effect.Effect<never, TargetError> =>
  Effect.fail(new TargetError({ reason: "Refused", message }))
