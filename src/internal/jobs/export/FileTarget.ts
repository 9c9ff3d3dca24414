import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { JobFormat } from "../../../CustomerCsv.js"
import type { Format } from "../../../CustomerExport.js"
import type { Customer } from "../../../schemas/Customer.js"
import * as Bytes from "../../export/Bytes.js"
import { ndjson } from "../../export/Writing.js"
import type { ExportFormat } from "./ExportFormat.js"
import type { ExportedFile } from "../../../jobs/ExportManifest.js"
import { ExportManifest } from "../../../jobs/ExportManifest.js"
import type { OpenTarget, TargetError } from "../../../jobs/Target.js"
import type { WriteOptions } from "./TargetOpeners.js"
import { refuse } from "./TargetOpeners.js"

/** Where files can be put, at one path. */
export interface FileStore {
  /** The path for messages, without secrets. */
  readonly name: string
  /** Puts a whole file. Nobody sees a part of it under its name. `owner` is of the run that puts it. */
  readonly put: (file: {
    readonly name: string
    readonly bytes: Uint8Array
    readonly owner: string
  }) => Effect.Effect<void, TargetError>
  /** The text of a file; none if there is none, or if the store cannot be read. */
  readonly read: (name: string) => Effect.Effect<Option.Option<string>, TargetError>
  /** Removes the files whose names start so, except some. A store that cannot list its files does nothing. */
  readonly removeOthers: (prefix: string, keep: ReadonlySet<string>) => Effect.Effect<void, TargetError>
  readonly remove: (name: string) => Effect.Effect<void, TargetError>
}

export const manifestName = "manifest.json"

/** The files of a format. */
export interface Files {
  /** The extension of their names, without a dot. */
  readonly extension: string
  readonly format: Format
}

export const ndjsonFiles: Files = { extension: "ndjson", format: ndjson }

/** How files of a format are written. Fails if the runner has no writer for it. The one of NDJSON is always there. */
export const writing = (format: ExportFormat, formats: ReadonlyArray<JobFormat>): Effect.Effect<Files, TargetError> => {
  if (format._tag === "Ndjson") return Effect.succeed(ndjsonFiles)
  const { columns, delimiter, neutralizeFormulas } = format
  const [csv] = formats
  return csv === undefined
    ? refuse("target.format: This runner has no writer for Csv. Give it one, such as `CustomerCsv.jobFormat`")
    : Effect.succeed({ extension: "csv", format: csv.write({ columns, delimiter, neutralizeFormulas }) })
}

const encodeManifest = Schema.encode(Schema.parseJson(ExportManifest, { space: 2 }))
const decodeInstance = Schema.decodeOption(
  Schema.parseJson(Schema.Struct({ job: Schema.Struct({ instance: Schema.String }) }))
)

/**
 * Writes the parts of an export as files, and a manifest. A file is made in memory and put as a whole, so that its hash
 * and length are known before. A part that is larger than `maxFileBytes` becomes several files.
 */
export const make = (store: FileStore, { extension, format, maxFileBytes }: WriteOptions & Files): OpenTarget => {
  /** Whose manifest there is. */
  const found = (instance: string) =>
    Effect.map(store.read(manifestName), (manifest): "None" | "Own" | "Other" => {
      if (Option.isNone(manifest)) return "None"
      return Option.exists(decodeInstance(manifest.value), ({ job }) => job.instance === instance) ? "Own" : "Other"
    })

  /** The manifest of another export stays: an export that is complete never changes. */
  const check = (instance: string) =>
    Effect.flatMap(found(instance), (manifest) =>
      manifest === "Other"
        ? refuse(`${store.name} has the ${manifestName} of another export. Choose another path`)
        : Effect.void
    )

  return {
    check,
    write: (run, pages) =>
      Effect.gen(function* () {
        // Mutable: one fiber writes a part. The bytes and rows of the file that is being made.
        let pieces: Array<Uint8Array> = []
        let size = 0
        let rows = 0
        let rowsBefore = 0
        const files: Array<ExportedFile> = []

        const put = Effect.gen(function* () {
          const bytes = Bytes.join(pieces)
          const part = String(run.part + 1).padStart(5, "0")
          const name = `${prefixOf(run.instance)}${part}-${short(run.owner)}-${files.length + 1}.${extension}`
          yield* store.put({ name, bytes, owner: run.owner })
          files.push({ name, rows, bytes: bytes.length, sha256: yield* sha256(bytes) })
          rowsBefore += rows
          pieces = []
          size = 0
          rows = 0
        })

        const add = (customers: ReadonlyArray<Customer>) =>
          Effect.gen(function* () {
            if (customers.length === 0) return
            const encoded = yield* Bytes.collect(format.rows(Stream.fromIterable(customers)))
            if (size > 0 && size + encoded.length > maxFileBytes) yield* put
            if (size === 0 && format.header !== null) pieces.push(Bytes.of(format.header))
            pieces.push(encoded)
            size += encoded.length
            rows += customers.length
          })

        yield* Stream.runForEach(pages, add)
        if (size > 0) yield* put
        return { rows: rowsBefore, files }
      }),
    finish: (manifest) =>
      Effect.gen(function* () {
        const { instance } = manifest.job
        yield* check(instance)
        yield* store.removeOthers(prefixOf(instance), new Set(manifest.parts.map(({ name }) => name)))
        const text = yield* Effect.orElse(encodeManifest(manifest), () => refuse("The manifest cannot be encoded"))
        const owner = `${instance}.${crypto.randomUUID()}`
        yield* store.put({ name: manifestName, bytes: Bytes.of(`${text}\n`), owner })
        return manifestName
      }),
    discard: (instance) =>
      Effect.gen(function* () {
        // First, so that no manifest names files that are gone. An attempt to finish can have left one.
        if ((yield* found(instance)) === "Own") yield* store.remove(manifestName)
        yield* store.removeOthers(`${manifestName}.${instance}.`, new Set())
        yield* store.removeOthers(prefixOf(instance), new Set())
      })
  }
}

/** How the names of all files of a job start, but for its manifest. */
export const prefixOf = (instance: string): string => `part-${short(instance)}-`

/** Enough of a random UUID to tell apart the jobs in a folder, and the runs of a part. */
const short = (uuid: string): string => uuid.replaceAll("-", "").slice(0, 16)

const sha256 = (bytes: Uint8Array<ArrayBuffer>): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", bytes)),
    (digest) => Encoding.encodeHex(new Uint8Array(digest))
  )
