/**
 * Exports the customers that are new since the last sync, to a file per sync. A sync ends at a watermark from the data,
 * which is stored once the file is complete: the next sync catches up on a failed one. Run it with
 * `npx tsx examples/nightly-sync.ts [folder]`, or with `"0 3 * * *"` as the next argument to sync every night at three.
 * It calls the emulator; for your account, provide `Stigg.layerEnv` instead.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { Array as Arr, Console, Cron, DateTime, Effect, Equal, Option, Schedule, Stream } from "effect"
import { CustomerExport } from "effect-stigg"
import { StiggTest } from "effect-stigg/testing"
import { tmpdir } from "node:os"

const [folder = `${tmpdir()}/effect-stigg-sync`, cron] = process.argv.slice(2)

const sync = Effect.gen(function* () {
  const store = (yield* KeyValueStore.KeyValueStore).forSchema(CustomerExport.Watermark)
  const since = Option.getOrUndefined(yield* store.get("watermark"))
  const newest = yield* CustomerExport.newest()
  if (Option.isNone(newest)) return yield* Console.log("There are no customers yet")
  const upTo = newest.value
  if (since && Equal.equals(since.createdAt, upTo.createdAt) && since.ids.length === upTo.ids.length)
    return yield* Console.log(`No new customers since ${nameOf(since)}`)
  const path = `${folder}/${since === undefined ? "beginning" : nameOf(since)}--${nameOf(upTo)}.ndjson`
  const exported = yield* CustomerExport.toFile(path, { since, upTo, partitions: 4, overwrite: true }).pipe(
    Stream.runFold(0, (_, progress) => progress.exported)
  )
  yield* store.set("watermark", upTo)
  yield* Console.log(`${exported} new: ${path}`)
})

const nameOf = ({ createdAt }: CustomerExport.Watermark) => DateTime.formatIso(createdAt).replaceAll(":", "-")

const everyNight = (cron: Cron.Cron) =>
  sync.pipe(
    Effect.catchAllCause((cause) => Effect.logError("The sync failed. The next one will catch up", cause)),
    Effect.schedule(Schedule.cron(cron)),
    Effect.onInterrupt(() => Console.log("Stopped"))
  )

const StiggEmulated = StiggTest.layer({
  seed: {
    customers: Arr.makeBy(1_000, (i) => ({
      id: `customer-${i}`,
      createdAt: new Date(Date.UTC(2026, 0, 1, i)).toISOString()
    }))
  }
})

Effect.gen(function* () {
  yield* (yield* FileSystem.FileSystem).makeDirectory(folder, { recursive: true })
  yield* cron === undefined ? sync : Effect.flatMap(Cron.parse(cron), everyNight)
}).pipe(
  Effect.provide([StiggEmulated, KeyValueStore.layerFileSystem(`${folder}/state`)]),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
