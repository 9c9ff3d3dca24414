import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

let made = 0

/** A program to run in separate processes. */
export interface Program {
  readonly file: string
  /** The packages that the sources of this repository import, directly. */
  readonly packages: ReadonlySet<string>
}

/**
 * Bundles a program of this repository into one JavaScript file, because it is started many times and compiling it
 * each time would take most of a test. With `external`, its packages are not in it: one may have a native part.
 */
export const make = (
  path: string,
  options: {
    /** Packages that cannot be bundled, because they load a binary. */
    readonly external?: ReadonlyArray<string>
  } = {}
): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const name = `${process.pid}-${made++}-${path.replaceAll("/", "-")}.mjs`
      const file = `${root}node_modules/.cache/effect-stigg/${name}`
      const { metafile } = await build({
        entryPoints: [`${root}${path}`],
        outfile: file,
        bundle: true,
        format: "esm",
        platform: "node",
        external: [...(options.external ?? [])],
        // With its packages: loading their many files takes twice as long as all else that a start does.
        banner: {
          js: 'import * as nodeModule from "node:module"\nconst require = nodeModule.createRequire(import.meta.url)'
        },
        // Resolves the package's own imports to the sources, as in the tests.
        tsconfig: `${root}tsconfig.json`,
        metafile: true
      })
      const imported = Object.entries(metafile.inputs)
        .filter(([input]) => !input.startsWith("node_modules/"))
        .flatMap(([, { imports }]) => imports.map((one) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(one.path)?.[1]))
      return { file, packages: new Set(imported.filter((name) => name !== undefined)) }
    }),
    ({ file }) => Effect.promise(() => rm(file))
  )

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** What to do with a process, given its output so far: send a signal, type text, or nothing. */
export type Watch = (output: string) => { readonly signal: NodeJS.Signals } | { readonly type: string } | null

/** Runs a program to its end. Calls `watch` after each output, until it does something. */
export const run = (
  { file }: Program,
  args: ReadonlyArray<string>,
  options: {
    readonly watch?: Watch
    readonly env?: Readonly<Record<string, string>>
    /** Whether it has a terminal. `script` of util-linux creates it and passes the exit code on. */
    readonly isOnTerminal?: boolean
  } = {}
): Effect.Effect<Ended> =>
  Effect.async<Ended>((resume) => {
    const { env = {}, isOnTerminal = false, watch = () => null } = options
    const command = [process.execPath, file, ...args]
    const quoted = command.map((word) => `'${word}'`).join(" ")
    const [name = "", ...rest] = isOnTerminal ? ["script", "-qefc", quoted, "/dev/null"] : command
    const child = spawn(name, rest, { cwd: root, env: { ...process.env, ...env }, stdio: "pipe" })
    let output = ""
    let isDone = false
    const hear = (bytes: Buffer) => {
      output += bytes.toString()
      const action = isDone ? null : watch(output)
      if (action === null) return
      isDone = true
      if ("signal" in action) child.kill(action.signal)
      else child.stdin.write(action.type)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    void once(child, "close").then(([code, signal]) => {
      resume(Effect.succeed({ code: code as Ended["code"], signal: signal as Ended["signal"], output }))
    })
    return Effect.sync(() => child.kill("SIGKILL"))
  })
