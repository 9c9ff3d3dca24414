/** The process that the test kills. It exports an emulator's customers to two files or resumes the export. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as CustomerCsv from "../../src/CustomerCsv.js"
import * as CustomerExport from "../../src/CustomerExport.js"
import * as Stigg from "../../src/Stigg.js"

const [baseUrl = "", path = "", progress = ""] = process.argv.slice(2)

const formats = {
  [path]: CustomerExport.ndjson,
  [`${path}.csv`]: CustomerCsv.format({ columns: ["id", "createdAt"] })
}

void CustomerExport.toFilesResumable(formats, { partitions: 4, checkpointEvery: "15 millis" }).pipe(
  // Reports that work has started, so that the kill does not hit the start-up.
  Stream.tap(({ exported }) => Effect.sync(() => process.stdout.write(`${exported}\n`))),
  Stream.runDrain,
  Effect.provide([
    Stigg.layer({ apiKey: Redacted.make("key"), baseUrl }).pipe(Layer.provide(FetchHttpClient.layer)),
    KeyValueStore.layerFileSystem(progress).pipe(Layer.provideMerge(Layer.merge(NodeFileSystem.layer, Path.layer)))
  ]),
  Effect.runPromise
)
