import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** A folder that is deleted after the test, and a store in memory. */
export const inFolder = <A, E, R>(body: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return yield* body(yield* files.makeTempDirectoryScoped())
  }).pipe(Effect.scoped, Effect.provide([NodeFileSystem.layer, KeyValueStore.layerMemory]))

export const read = (path: string) => Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path))

const decodeLine = Schema.decodeSync(Schema.parseJson(Schema.Struct({ id: Schema.String })))

/** The ids in an export file, in order. */
export const idsOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => decodeLine(line).id)
    .toSorted()
