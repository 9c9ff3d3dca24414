/**
 * Exports every customer to a file, 8 windows at a time, and shows the progress:
 * `npx tsx examples/export-customers.ts [folder] [customers]`. The folder is `effect-stigg-export` in the temporary folder
 * by default, and the number of customers is 50,000.
 *
 * After Ctrl-C, or even `kill -9`, the next run resumes. The account is on an emulator with a latency of 20 ms. To export
 * your own, remove `StiggOnEmulator` and provide `Stigg.layerEnv`.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Runtime from "@effect/platform/Runtime"
import { Array as Arr, Console, Duration, Effect, Exit, Layer, Redacted, Stream } from "effect"
import { CustomerExport, Stigg } from "effect-stigg"
import { Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import { tmpdir } from "node:os"

const folder = process.argv[2] ?? `${tmpdir()}/effect-stigg-export`
const path = `${folder}/customers.ndjson`
const expected = Number(process.argv[3] ?? 50_000)

const line = ({ elapsed, exported, rate, windows }: CustomerExport.Progress): string =>
  `${exported} customers, ${Math.round(rate)} per second, ${Duration.toSeconds(elapsed).toFixed(1)} s, ` +
  `${windows.done} windows done, ${windows.open} known to be left`

/** Short, because a line that wraps cannot be overwritten. */
const bar = ({ exported, rate, windows }: CustomerExport.Progress): string => {
  const full = Math.min(30, Math.round((30 * exported) / expected))
  const text = `${exported} of ${expected}, ${Math.round(rate)} per second, ${windows.open} windows left`
  return `\r\x1b[K[${"#".repeat(full)}${".".repeat(30 - full)}] ${text}`
}

/** A progress bar on a terminal, or one line per second if the output is piped. */
const show = <E, R>(progress: Stream.Stream<CustomerExport.Progress, E, R>) =>
  process.stdout.isTTY
    ? Stream.tap(progress, (one) => Effect.sync(() => process.stdout.write(bar(one))))
    : progress.pipe(
        Stream.changesWith((a, b) => secondsOf(a) === secondsOf(b)),
        Stream.tap((one) => Console.log(line(one)))
      )

const secondsOf = ({ elapsed }: CustomerExport.Progress): number => Math.floor(Duration.toSeconds(elapsed))

const program = CustomerExport.toFileResumable(path, { partitions: 8, overwrite: true }).pipe(
  show,
  Stream.runDrain,
  Effect.zipRight(Console.log(`\nComplete: ${path}`)),
  Effect.onInterrupt(() => Console.log(`\nStopped. Run it again to resume: ${path}.partial holds the customers so far`))
)

const start = Date.parse("2024-01-01T00:00:00.000Z")

/** The services of the SDK against an emulator with an account that is two years old. */
const StiggOnEmulator = Layer.unwrapEffect(
  Effect.map(EmulatorServer.EmulatorServer, ({ url }) => Stigg.layer({ apiKey: Redacted.make("any"), baseUrl: url }))
).pipe(
  Layer.provide(
    EmulatorServer.layer({
      seed: {
        customers: Arr.makeBy(expected, (i) => ({
          id: `customer-${i}`,
          email: `billing@${i}.example`,
          createdAt: new Date(start + i * 1_260_000).toISOString()
        }))
      },
      faults: [{ operation: "customers.list", fault: Faults.latency("20 millis") }]
    })
  )
)

/** Exits with 130 after Ctrl-C, as shells expect. */
const teardown: Runtime.Teardown = (exit, onExit) =>
  Exit.isInterrupted(exit) ? onExit(130) : Runtime.defaultTeardown(exit, onExit)

/** Stores the progress in files. */
const ProgressLive = KeyValueStore.layerFileSystem(`${folder}/progress`).pipe(
  Layer.provideMerge(Layer.merge(NodeFileSystem.layer, NodePath.layer))
)

Effect.flatMap(FileSystem.FileSystem, (files) => files.makeDirectory(folder, { recursive: true })).pipe(
  Effect.zipRight(program),
  Effect.provide(StiggOnEmulator),
  Effect.provide(ProgressLive),
  Effect.provide(UndiciHttpClient.layer),
  NodeRuntime.runMain({ teardown })
)
