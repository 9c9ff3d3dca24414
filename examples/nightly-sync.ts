/**
 * Exports the customers created since the last sync, every night at three, to one file per night:
 * `npx tsx examples/nightly-sync.ts --daemon`, with `--cron "30 4 * * *"` for another time. Without `--daemon`, it syncs
 * once and exits.
 *
 * The end of a night is a watermark from the data, not a time on the clock of this machine. It is stored once the file of
 * the night is complete. After a failed sync, the next one starts from the same watermark.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { Console, Cron, DateTime, Effect, Equal, Layer, Option, Redacted, Schedule, Stream } from "effect"
import { CustomerExport, Stigg } from "effect-stigg"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { tmpdir } from "node:os"
import { parseArgs } from "node:util"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { daemon: { type: "boolean", default: false }, cron: { type: "string", default: "0 3 * * *" } }
})
const folder = positionals[0] ?? `${tmpdir()}/effect-stigg-sync`

const sync = Effect.gen(function* () {
  const store = (yield* KeyValueStore.KeyValueStore).forSchema(CustomerExport.Watermark)
  const since = Option.getOrUndefined(yield* store.get("watermark"))
  const newest = yield* CustomerExport.newest()
  if (Option.isNone(newest)) return yield* Console.log("There are no customers yet")

  const upTo = newest.value
  if (since !== undefined && Equal.equals(since.createdAt, upTo.createdAt) && since.ids.length === upTo.ids.length) {
    return yield* Console.log(`No new customers since ${nameOf(since)}`)
  }
  const path = `${folder}/${since === undefined ? "beginning" : nameOf(since)}--${nameOf(upTo)}.ndjson`
  const last = yield* CustomerExport.toFile(path, { since, upTo, partitions: 4, overwrite: true }).pipe(Stream.runLast)
  yield* store.set("watermark", upTo)
  yield* Console.log(`${Option.match(last, { onNone: () => 0, onSome: ({ exported }) => exported })} new: ${path}`)
})

const nameOf = ({ createdAt }: CustomerExport.Watermark) => DateTime.formatIso(createdAt).replaceAll(":", "-")

/** Waits for the schedule before the first sync. A failed sync costs one night, not those after it. */
const nightly = Effect.flatMap(Cron.parse(values.cron), (cron) =>
  sync.pipe(
    Effect.catchAllCause((cause) => Effect.logError("The sync failed. The next one will catch up", cause)),
    Effect.schedule(Schedule.cron(cron)),
    Effect.onInterrupt(() => Console.log("Stopped"))
  )
)

/** The services of the SDK against an emulator. For your own account, use `Stigg.layerEnv` instead. */
const StiggOnEmulator = Layer.unwrapEffect(
  Effect.map(EmulatorServer.EmulatorServer, ({ url }) => Stigg.layer({ apiKey: Redacted.make("any"), baseUrl: url }))
).pipe(
  Layer.provide(
    EmulatorServer.layer({
      seed: {
        customers: Array.from({ length: 1_000 }, (_, i) => ({
          id: `customer-${i}`,
          createdAt: new Date(Date.parse("2026-01-01T00:00:00.000Z") + i * 3_600_000).toISOString()
        }))
      }
    })
  )
)

const WatermarkLive = KeyValueStore.layerFileSystem(`${folder}/state`).pipe(
  Layer.provideMerge(Layer.merge(NodeFileSystem.layer, NodePath.layer))
)

Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(folder, { recursive: true })
  if (values.daemon) yield* nightly
  else yield* sync
}).pipe(
  Effect.provide(StiggOnEmulator),
  Effect.provide(WatermarkLive),
  Effect.provide(UndiciHttpClient.layer),
  NodeRuntime.runMain
)
