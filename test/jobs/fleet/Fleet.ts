/** Runner processes over a database, and what can happen to them. For tests and for the measurements. */
import type { ChildProcess } from "node:child_process"
import { fork } from "node:child_process"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const root = fileURLToPath(new URL("../../..", import.meta.url))

/** Bundles a program once: a process then starts in a second instead of five. */
export const bundle = (entry: string, folder: string): Effect.Effect<string> =>
  Effect.promise(async () => {
    const outfile = `${folder}/${entry.replace(/.*\//, "").replace(/\.ts$/, "")}.mjs`
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      packages: "external",
      alias: { "#csv-parse": "csv-parse/sync", "#csv-stringify": "csv-stringify/sync" },
      nodePaths: [`${root}/node_modules`],
      logLevel: "warning"
    })
    return outfile
  })

export const freePort: Effect.Effect<number> = Effect.async((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** A process that tells when it is ready, and is killed when the scope closes. */
export const spawn = (
  file: string,
  args: ReadonlyArray<string>,
  options: { readonly log?: (line: string) => void } = {}
): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<ChildProcess>((resume) => {
      const child = fork(file, args, { cwd: root, stdio: ["ignore", "pipe", "pipe", "ipc"] })
      child.once("message", () => resume(Effect.succeed(child)))
      child.once("exit", (code) => resume(Effect.dieMessage(`${file} ended with ${code}`)))
      const log = (data: Buffer) => options.log?.(data.toString())
      child.stdout?.on("data", log)
      child.stderr?.on("data", log)
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
