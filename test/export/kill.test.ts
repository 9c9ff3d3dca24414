import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { chance } from "./Account.js"

const exporter = fileURLToPath(new URL("exporter.ts", import.meta.url))
const root = fileURLToPath(new URL("../..", import.meta.url))

/**
 * The exporter as one file of JavaScript, for it is started two dozen times: compiling it at each start would take most of
 * the test. It lies where the packages that it imports are found.
 */
const bundle = Effect.acquireRelease(
  Effect.promise(async () => {
    const outfile = `${root}node_modules/.cache/effect-stigg/exporter-${process.pid}.mjs`
    await build({
      entryPoints: [exporter],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      alias: { "effect-stigg": `${root}src/index.ts` }
    })
    return outfile
  }),
  (outfile) => Effect.promise(() => rm(outfile))
)

const start = (program: string, ...args: ReadonlyArray<string>) =>
  spawn(process.execPath, [program, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] })

/** Runs the exporter until it was killed, some pages after it began its work, or came to its end. */
const run = (program: string, args: ReadonlyArray<string>, pages: number) =>
  Effect.promise(async () => {
    const child = start(program, ...args)
    let written = 0
    child.stdout.on("data", (bytes: Buffer) => {
      written += bytes.toString().split("\n").length - 1
      if (written >= pages) child.kill("SIGKILL")
    })
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null]
    return { isKilled: signal === "SIGKILL", code }
  })

const customers = Array.from({ length: 12_000 }, (_, i) => ({
  id: `customer-${i}`,
  createdAt: new Date(Date.parse("2025-01-01") + Math.floor(chance(i) ** 4 * 3e10)).toISOString()
}))

it.live(
  "an export whose process is killed at 20 random moments holds each customer once, as one that is not killed",
  () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const program = yield* bundle
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const lines = (name: string) =>
        Effect.map(files.readFileString(`${folder}/${name}`), (text) => text.trimEnd().split("\n").toSorted())
      const argsOf = (name: string) => [url, `${folder}/${name}`, `${folder}/${name}.progress`]

      const undisturbed = yield* Effect.fork(run(program, argsOf("undisturbed"), Infinity))
      // Two at once, ten times each: most of the time goes into starting a process.
      const kills = yield* Effect.forEach(
        ["one", "two"],
        (name, lane) =>
          Effect.forEach(Array.from({ length: 10 }), (_, i) =>
            run(program, argsOf(name), 1 + Math.floor(chance(lane * 10 + i) * 12))
          ).pipe(Effect.zipLeft(run(program, argsOf(name), Infinity))),
        { concurrency: 2 }
      )
      expect(kills.flat().every(({ isKilled }) => isKilled)).toBe(true)
      expect(yield* undisturbed).toEqual({ isKilled: false, code: 0 })
      const whole = yield* lines("undisturbed")
      expect(new Set(whole).size).toBe(customers.length)
      expect(yield* lines("one")).toEqual(whole)
      expect(yield* lines("two")).toEqual(whole)
    }).pipe(
      Effect.scoped,
      Effect.provide(EmulatorServer.layer({ seed: { customers }, faults: [{ fault: Faults.latency("5 millis") }] })),
      Effect.provide(NodeFileSystem.layer)
    ),
  240_000
)
