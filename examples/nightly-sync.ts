/**
 * Every night at three, the customers that are new since the night before, each in one night's file:
 * `npx tsx examples/nightly-sync.ts --daemon`, with `--cron "30 4 * * *"` for another time. Without `--daemon` it does one
 * sync at once, and ends.
 *
 * Where a night ends is told by the data, and not by this machine's clock: a watermark that is kept once the night's file
 * is complete. A sync that fails is done again the next night, from the same watermark on.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { Console, Cron, DateTime, Effect, Equal, Layer, Option, Redacted, Schedule, Stream } from "effect"
import { CustomerExport, Stigg } from "effect-stigg"
import { EmulatorServer } from "effect-stigg/testing/node"
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
    return yield* Console.log(`Nobody is new since ${nameOf(since)}`)
  }
  const path = `${folder}/${since === undefined ? "beginning" : nameOf(since)}--${nameOf(upTo)}.ndjson`
  const last = yield* CustomerExport.toFile(path, { since, upTo, partitions: 4, overwrite: true }).pipe(Stream.runLast)
  yield* store.set("watermark", upTo)
  yield* Console.log(`${Option.match(last, { onNone: () => 0, onSome: ({ exported }) => exported })} new: ${path}`)
})

const nameOf = ({ createdAt }: CustomerExport.Watermark) => DateTime.formatIso(createdAt).replaceAll(":", "-")

/** First when its time has come; an outage costs that night, and not those after it. */
const nightly = Effect.flatMap(Cron.parse(values.cron), (cron) =>
  sync.pipe(
    Effect.catchAllCause((cause) => Effect.logError("The sync failed, the next one makes up for it", cause)),
    Effect.schedule(Schedule.cron(cron)),
    Effect.onInterrupt(() => Console.log("Stopped"))
  )
)

/** The services of the SDK, on an emulator; `Stigg.layerEnv` in its place is for your own account. */
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
  Effect.provide(NodeHttpClient.layerUndici),
  NodeRuntime.runMain
)
