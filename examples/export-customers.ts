/**
 * Exports every customer to a file, over 8 windows of time at once. After Ctrl-C, or even `kill -9`, the next run
 * resumes. Run it with `npx tsx examples/export-customers.ts [folder] [customers]`. The account is on the emulator, with
 * a latency of 20 ms; to export your own, provide `Stigg.layerEnv` instead.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Runtime from "@effect/platform/Runtime"
import { Array as Arr, Console, Effect, Exit, Stream } from "effect"
import { CustomerExport } from "effect-stigg"
import { Faults, StiggTest } from "effect-stigg/testing"
import { tmpdir } from "node:os"

const folder = process.argv[2] ?? `${tmpdir()}/effect-stigg-export`
const count = Number(process.argv[3] ?? 10_000)
const path = `${folder}/customers.ndjson`

/** One line on a terminal, overwritten each time. */
const show = ({ exported, rate, windows }: CustomerExport.Progress) =>
  Effect.sync(() => {
    if (!process.stderr.isTTY) return
    const part = Math.min(1, exported / count)
    const bar = "#".repeat(30 * part).padEnd(30, ".")
    process.stderr.write(`\r\x1b[K[${bar}] ${exported}, ${Math.round(rate)} per second, ${windows.open} windows left`)
  })

const program = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(folder, { recursive: true })
  const exported = yield* CustomerExport.toFileResumable(path, { partitions: 8, overwrite: true }).pipe(
    Stream.tap(show),
    Stream.runFold(0, (_, progress) => progress.exported)
  )
  yield* Console.log(`${exported} customers are in ${path}`)
}).pipe(Effect.onInterrupt(() => Console.log(`\nStopped. Run it again to resume ${path}.partial`)))

const StiggEmulated = StiggTest.layer({
  seed: {
    customers: Arr.makeBy(count, (i) => ({
      id: `customer-${i}`,
      createdAt: new Date(Date.UTC(2026, 0, 1, i)).toISOString()
    }))
  },
  faults: [{ operation: "customers.list", fault: Faults.latency("20 millis") }]
})

program.pipe(
  Effect.provide([StiggEmulated, KeyValueStore.layerFileSystem(`${folder}/progress`)]),
  Effect.provide(NodeContext.layer),
  // After Ctrl-C, the exit code is 130, as shells expect.
  NodeRuntime.runMain({
    teardown: (exit, onExit) => (Exit.isInterrupted(exit) ? onExit(130) : Runtime.defaultTeardown(exit, onExit))
  })
)
