/** The process that the test kills. It imports a file to an emulator or resumes the import, and writes the rejected rows. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as CustomerImport from "../../src/CustomerImport.js"
import * as Stigg from "../../src/Stigg.js"

const [baseUrl = "", path = "", folder = ""] = process.argv.slice(2)

void Effect.gen(function* () {
  const store = yield* KeyValueStore.KeyValueStore
  const options = { batchSize: 50, concurrency: 3, rateLimit: false, progress: { store, key: "customers" } } as const
  // Reports each batch, and the summary at the end.
  yield* CustomerImport.run(CustomerImport.readNdjson(path), options).pipe(
    CustomerImport.writeRejects(`${path}.rejected`),
    Stream.runForEach((event) => Effect.sync(() => process.stdout.write(`${JSON.stringify(event)}\n`)))
  )
}).pipe(
  Effect.provide([
    Stigg.layer({ apiKey: Redacted.make("key"), baseUrl }).pipe(Layer.provide(FetchHttpClient.layer)),
    KeyValueStore.layerFileSystem(folder).pipe(Layer.provideMerge(Layer.merge(NodeFileSystem.layer, Path.layer)))
  ]),
  Effect.runPromise
)
