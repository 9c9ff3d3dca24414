/** The command with `--data`: how long it takes to end after SIGTERM, right after much was changed, and to start again. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Program from "../Program.js"
import type { Row } from "./export.js"
import { load, requestOf } from "./load.js"
import { isShort } from "./measure.js"

const counts = isShort ? [10_000] : [100_000, 1_000_000]
const provisions = 20_000

/** Starts the command, provisions customers, and ends it. */
const run = async (command: string, file: string, prefix: string, args: ReadonlyArray<string> = []) => {
  const began = performance.now()
  const child = spawn(process.execPath, [command, "--port", "0", "--quiet", "--data", file, ...args])
  let said = ""
  const url = await new Promise<URL>((resolve, reject) => {
    child.stdout.on("data", (text) => {
      said += String(text)
      const found = /listening on (\S+)/.exec(said)?.[1]
      if (found !== undefined) resolve(new URL(found))
    })
    child.stderr.on("data", (text) => (said += String(text)))
    child.on("exit", () => reject(new Error(said)))
  })
  const start = performance.now() - began
  await load({
    port: Number(url.port),
    count: provisions,
    status: 201,
    request: (index) => requestOf("POST", "/api/v1/customers", JSON.stringify({ id: `${prefix}-${index}` }))
  })
  const asked = performance.now()
  child.kill("SIGTERM")
  await once(child, "exit")
  const end = performance.now() - asked
  if (child.exitCode !== 0) throw new Error(said)
  return { start, end }
}

const measured = (command: string, count: number) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-stigg-"))),
    (folder) =>
      Effect.promise(async (): Promise<Row> => {
        const file = join(folder, "state.json")
        const first = await run(command, file, "first", ["--seed", `random:${count}`])
        const second = await run(command, file, "second")
        const ends = Math.max(first.end, second.end)
        return {
          name: `${count.toLocaleString("en")} customers and ${provisions.toLocaleString("en")} new ones in the file of --data`,
          value:
            `the end ${first.end.toFixed(0)} and, after a start from the file, ${second.end.toFixed(0)} ms (promised 1,000); ` +
            `start ${(first.start / 1000).toFixed(1)} s, from the file ${(second.start / 1000).toFixed(1)} s; ` +
            `${(statSync(file).size / 1e6).toFixed(0)} MB`,
          isKept: ends <= 1000
        }
      }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

/** The rows that the bench prints for an emulator whose state is kept in a file. */
export const emulatorData: Effect.Effect<ReadonlyArray<Row>, unknown> = Effect.scoped(
  Effect.flatMap(Program.make("src/testing/cli.ts"), ({ file }) =>
    Effect.forEach(counts, (count) => measured(file, count))
  )
)
