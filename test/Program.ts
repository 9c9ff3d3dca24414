import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { existsSync, readFileSync, statSync } from "node:fs"
import { mkdir, rename, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

const folder = `${root}node_modules/.cache/effect-stigg/`

/** A program to run in separate processes. */
export interface Program {
  readonly file: string
  /** The packages that the sources of this repository import, directly. */
  readonly packages: ReadonlySet<string>
}

/** What the last line of a bundle tells: when it was begun, from which files, and the packages that these import. */
const Origin = Schema.parseJson(
  Schema.Struct({ begun: Schema.Number, inputs: Schema.Array(Schema.String), packages: Schema.Array(Schema.String) })
)

/** Reads what an existing bundle was made from, unless one of these files has changed since. */
const current = (file: string): typeof Origin.Type | null => {
  if (!existsSync(file)) return null
  const text = readFileSync(file, "utf8")
  const origin = Schema.decodeSync(Origin)(text.slice(text.lastIndexOf("\n//") + 3))
  // An installed package has the times of its publication. Only `ctime` tells when it was installed.
  const isOlder = (input: string) =>
    (statSync(root + input, { throwIfNoEntry: false })?.ctimeMs ?? Infinity) < origin.begun
  return origin.inputs.every(isOlder) ? origin : null
}

/** Makes a bundle. Other processes can read it, or make the same one, at the same time. */
const bundle = async (path: string, file: string, external: ReadonlyArray<string>): Promise<typeof Origin.Type> => {
  const begun = Date.now()
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile: file,
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    external: [...external],
    // With its packages: loading their many files takes twice as long as all else that a start does.
    banner: {
      js: 'import * as nodeModule from "node:module"\nconst require = nodeModule.createRequire(import.meta.url)'
    },
    // Resolves the package's own imports to the sources, as in the tests.
    tsconfig: "tsconfig.json",
    metafile: true
  })
  const imported = Object.entries(metafile.inputs)
    .filter(([input]) => !input.startsWith("node_modules/"))
    .flatMap(([, { imports }]) => imports.map((one) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(one.path)?.[1]))
  const origin = {
    begun,
    inputs: [...Object.keys(metafile.inputs), "test/Program.ts", "package.json", "package-lock.json", "tsconfig.json"],
    packages: [...new Set(imported.filter((name) => name !== undefined))]
  }
  const text = outputFiles.map(({ text }) => text).join("")
  const written = `${file}.${randomUUID()}`
  await mkdir(folder, { recursive: true })
  await writeFile(written, `${text}\n//${Schema.encodeSync(Origin)(origin)}`)
  await rename(written, file)
  return origin
}

/**
 * Bundles a program of this repository into one JavaScript file, because it is started many times and compiling it
 * each time would take most of a test. With `external`, its packages are not in it: one may have a native part. The
 * bundle is kept until one of its files changes.
 */
export const make = (
  path: string,
  options: {
    /** Packages that cannot be bundled, because they load a binary. */
    readonly external?: ReadonlyArray<string>
  } = {}
): Effect.Effect<Program> =>
  Effect.promise(async () => {
    const file = `${folder}${path.replaceAll("/", "-")}.mjs`
    const { packages } = current(file) ?? (await bundle(path, file, options.external ?? []))
    return { file, packages: new Set(packages) }
  })

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
