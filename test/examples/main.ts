/**
 * Runs the examples and compares what they print with the files beside this one: `npm run examples`. With a folder, runs
 * what `tsc` made of them there, with the packages of that folder. With `--update`, writes the files instead.
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import { Console, Data, Effect, Stream } from "effect"
import { build } from "esbuild"
import { rm } from "node:fs/promises"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { servers } from "./servers.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { update: { type: "boolean", default: false } }
})
const folder = positionals[0] === undefined ? undefined : path.resolve(positionals[0])

class Failed extends Data.TaggedError("Failed")<{ readonly message: string }> {}

/** Replaces what differs in each run: the temporary folder, and free ports. */
const normalize = (output: string, temporary: string): string =>
  output.replaceAll(temporary, "<tmp>").replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")

const namesIn = (folder: string, pattern: RegExp) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.map(files.readDirectory(folder), (names) => names.flatMap((name) => pattern.exec(name)?.[1] ?? []).sort())
  )

const text = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Stream.mkString(Stream.decodeText(bytes))

/** Bundles the examples with the sources, because compiling these in each process takes four times as long as all else. */
const bundled = (names: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      // The packages are not in the bundles, and this folder resolves them.
      const outdir = path.join(root, `node_modules/.cache/effect-stigg/${process.pid}-examples`)
      await build({
        absWorkingDir: root,
        entryPoints: names.map((name) => `examples/${name}.ts`),
        outdir,
        bundle: true,
        splitting: true,
        format: "esm",
        platform: "node",
        packages: "external",
        tsconfig: path.join(root, "tsconfig.json")
      })
      return outdir
    }),
    (outdir) => Effect.promise(() => rm(outdir, { recursive: true }))
  )

/** How to start an example. */
const starter = (names: ReadonlyArray<string>) =>
  Effect.map(
    folder === undefined ? bundled(names) : Effect.succeed(folder),
    (compiled) => (name: string) => Command.make(process.execPath, path.join(compiled, `${name}.js`))
  )

/** Runs an example, and returns what it printed. */
const run = (start: Command.Command, temporary: string) =>
  Effect.gen(function* () {
    const command = start.pipe(Command.workingDirectory(folder ?? root), Command.env({ TMPDIR: temporary }))
    const running = yield* Command.start(command)
    const [output, errors, code] = yield* Effect.all([text(running.stdout), text(running.stderr), running.exitCode], {
      concurrency: "unbounded"
    })
    if (code !== 0) return yield* new Failed({ message: `exited with ${code}\n${output}${errors}` })
    return normalize(output, temporary)
  }).pipe(
    Effect.scoped,
    Effect.timeoutFail({ duration: "2 minutes", onTimeout: () => new Failed({ message: "did not end in 2 minutes" }) })
  )

const check = (start: (name: string) => Command.Command, temporary: string) => (name: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const expectedPath = path.join(root, "test/examples", `${name}.txt`)
    const output = yield* run(start(name), temporary)
    if (values.update) return yield* files.writeFileString(expectedPath, output)
    if (!(yield* files.exists(expectedPath))) {
      return yield* new Failed({ message: `has no expected output. Run: npm run examples -- --update` })
    }
    const expected = yield* files.readFileString(expectedPath)
    if (output !== expected) return yield* new Failed({ message: `printed\n${output}\nexpected\n${expected}` })
  }).pipe(
    Effect.zipRight(Console.log(`ok ${name}`)),
    Effect.as(true),
    Effect.catchAll(({ message }) => Effect.as(Console.error(`FAILED ${name}: ${message}`), false))
  )

const main = Effect.gen(function* () {
  const all = yield* namesIn(path.join(root, "examples"), /^([^.]+)\.ts$/)
  const names = all.filter((name) => !servers.includes(name))
  const expected = yield* namesIn(path.join(root, "test/examples"), /^([^.]+)\.txt$/)
  // Empty, so that no example resumes an earlier run.
  const temporary = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const start = yield* starter(names)
  const results = yield* Effect.forEach(names, check(start, temporary), { concurrency: 2 })
  const orphans = expected.filter((name) => !names.includes(name))
  for (const name of orphans) yield* Console.error(`FAILED test/examples/${name}.txt: there is no such example`)
  if (names.length === 0 || results.includes(false) || orphans.length > 0) process.exitCode = 1
})

main.pipe(Effect.scoped, Effect.provide(NodeContext.layer), NodeRuntime.runMain)
