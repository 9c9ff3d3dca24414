import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** A program to be run in processes of its own. */
export interface Program {
  readonly file: string
}

/**
 * A program of this repository as one file of JavaScript, for it is started time and again: compiling it at each start
 * would take most of a test. It lies where the packages that it imports are found.
 */
export const make = (path: string): Effect.Effect<Program, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const file = `${root}node_modules/.cache/effect-stigg/${process.pid}-${path.replaceAll("/", "-")}.mjs`
      await build({
        entryPoints: [`${root}${path}`],
        outfile: file,
        bundle: true,
        format: "esm",
        platform: "node",
        packages: "external",
        // What the package's users import is the source here, as in the tests themselves.
        tsconfig: `${root}tsconfig.json`
      })
      return { file }
    }),
    ({ file }) => Effect.promise(() => rm(file))
  )

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** What is done to a process, by what it has written: a signal, a text that is typed, or nothing. */
export type Watch = (output: string) => { readonly signal: NodeJS.Signals } | { readonly type: string } | null

/** Runs a program to its end; `watch` is asked after each of its outputs, until it does something. */
export const run = (
  { file }: Program,
  args: ReadonlyArray<string>,
  options: {
    readonly watch?: Watch
    readonly env?: Readonly<Record<string, string>>
    /** Whether it has a terminal, which is made by `script` of util-linux, and passes on how the program ended. */
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
