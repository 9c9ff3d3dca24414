import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { JobFormat } from "../../../CustomerCsv.js"
import type { FileStore } from "./FileTarget.js"
import * as FileTarget from "./FileTarget.js"
import type { TargetOpener } from "../../../jobs/Target.js"
import { TargetError } from "../../../jobs/Target.js"

/**
 * A target of exports: files under a folder that all runners share, such as a network mount. Folders below it are made.
 * Symbolic links are followed: whoever can create one in the folder decides where a job may write.
 *
 * A file is written under a name that begins with a dot and contains the owner of the part, brought to the disk, and
 * then renamed. A runner that hangs and comes back can leave a file that the manifest does not name. It never changes
 * one that the manifest names. The files of a job that fails or is cancelled are removed.
 *
 * @example
 * import * as CustomerCsv from "effect-stigg/CustomerCsv"
 * import * as CustomerJobs from "effect-stigg/CustomerJobs"
 *
 * const targets = [CustomerJobs.toFolder("/mnt/exports", { formats: [CustomerCsv.jobFormat] })]
 * console.log(targets.length)
 *
 * @category targets
 * @since 0.1.0
 */
export const toFolder = (
  root: string,
  options: { readonly formats?: ReadonlyArray<JobFormat> | undefined } = {}
): TargetOpener<FileSystem.FileSystem | Path.Path> => ({
  _tag: "Folder",
  name: null,
  open: (target, { maxFileBytes }) =>
    target._tag !== "Folder"
      ? null
      : Effect.gen(function* () {
          const found = yield* FileTarget.writing(target.format ?? { _tag: "Ndjson" }, options.formats ?? [])
          return FileTarget.make(yield* store(root, target.path), { ...found, maxFileBytes })
        })
})

/** The files of a folder below a root. */
export const store = (
  root: string,
  relative: string
): Effect.Effect<FileStore, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = path.join(root, ...relative.split("/"))

    /** What a folder holds is safe only once the folder itself is on the disk. Not every system can do that. */
    const syncFolder = Effect.ignore(
      Effect.scoped(Effect.flatMap(files.open(folder, { flag: "r" }), ({ sync }) => sync))
    )

    return {
      name: folder,
      put: ({ bytes, name, owner }) => {
        const temporary = path.join(folder, `.${name}.${owner}.partial`)
        return Effect.gen(function* () {
          yield* files.makeDirectory(folder, { recursive: true })
          yield* Effect.scoped(
            Effect.gen(function* () {
              const file = yield* files.open(temporary, { flag: "w" })
              yield* file.writeAll(bytes)
              yield* file.sync
            })
          )
          yield* files.rename(temporary, path.join(folder, name))
          yield* syncFolder
        }).pipe(
          Effect.onError(() => Effect.ignore(files.remove(temporary, { force: true }))),
          Effect.mapError(unavailable(folder))
        )
      },
      read: (name) =>
        files.readFileString(path.join(folder, name)).pipe(
          Effect.asSome,
          Effect.catchIf(isMissing, () => Effect.succeed(Option.none<string>())),
          Effect.mapError(unavailable(folder))
        ),
      removeOthers: (prefix, keep) =>
        files.readDirectory(folder).pipe(
          Effect.catchIf(isMissing, () => Effect.succeed<Array<string>>([])),
          Effect.map((names) =>
            names.filter((name) => (name.startsWith(prefix) || name.startsWith(`.${prefix}`)) && !keep.has(name))
          ),
          Effect.flatMap((names) =>
            Effect.forEach(names, (name) => files.remove(path.join(folder, name), { force: true }), { discard: true })
          ),
          Effect.mapError(unavailable(folder))
        ),
      remove: (name) => Effect.mapError(files.remove(path.join(folder, name), { force: true }), unavailable(folder))
    }
  })

const isMissing = (error: PlatformError): boolean => error._tag === "SystemError" && error.reason === "NotFound"

const unavailable =
  (folder: string) =>
  (error: PlatformError): TargetError =>
    new TargetError({ reason: "Unavailable", message: `${folder} cannot be used: ${error.message}` })
