import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import * as binaries from "./binaries.js"
import type { Addresses } from "./Check.js"
import { check, Outcome } from "./Check.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const decodeOutcomes = Schema.decodeUnknown(Schema.Array(Outcome))

/** Runs a command. Its text is the error of one that fails. The process ends with the fiber. */
export const output = (command: Command.Command) =>
  Effect.gen(function* () {
    const running = yield* Command.start(command)
    const [stdout, stderr, code] = yield* Effect.all(
      [
        Stream.mkString(Stream.decodeText(running.stdout)),
        Stream.mkString(Stream.decodeText(running.stderr)),
        running.exitCode
      ],
      { concurrency: "unbounded" }
    )
    return code === 0 ? stdout : yield* Effect.fail(new Error(`exit code ${code}\n${stdout}\n${stderr}`))
  }).pipe(Effect.scoped)

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? ""

const Manifest = Schema.parseJson(
  Schema.Struct({ peerDependencies: Schema.Record({ key: Schema.String, value: Schema.String }) })
)

/** Writes the program to a folder, with the packages as an install places them. */
export const prepareProject = (folder: string, program: string): void => {
  const { peerDependencies } = Schema.decodeUnknownSync(Manifest)(readFileSync(`${root}package.json`, "utf8"))
  writeFileSync(`${folder}/package.json`, '{ "private": true, "type": "module" }\n')
  writeFileSync(`${folder}/program.js`, program)
  const link = (name: string, target: string) => {
    mkdirSync(dirname(`${folder}/node_modules/${name}`), { recursive: true })
    symlinkSync(target, `${folder}/node_modules/${name}`)
  }
  link("effect-stigg", root)
  for (const name of Object.keys(peerDependencies)) link(name, `${root}node_modules/${name}`)
}

/** Runs the program of a project on Node, Bun or Deno. */
export const inProcess = (
  project: string,
  [executable, ...flags]: readonly [executable: string, ...flags: ReadonlyArray<string>],
  { api, peer }: Addresses
) =>
  output(
    Command.make(executable, ...flags, "program.js", api, peer).pipe(
      Command.workingDirectory(project),
      Command.env({ DENO_DIR: `${project}/deno`, DENO_NO_UPDATE_CHECK: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" })
    )
  ).pipe(
    Effect.flatMap((text) => Schema.decodeUnknown(Schema.parseJson())(lastLine(text))),
    Effect.flatMap(decodeOutcomes)
  )

const Listening = Schema.parseJson(Schema.Struct({ event: Schema.Literal("listen"), port: Schema.Int }))

/** Runs the worker in workerd, which tells the free port that it took. */
export const inWorkerd = (folder: string, worker: string, addresses: Addresses) =>
  Effect.gen(function* () {
    writeFileSync(`${folder}/worker.js`, worker)
    copyFileSync(fileURLToPath(new URL("workerd.capnp", import.meta.url)), `${folder}/workerd.capnp`)
    const running = yield* Command.start(
      Command.make(binaries.path("workerd"), "serve", "--control-fd=1", "workerd.capnp").pipe(
        Command.workingDirectory(folder),
        Command.stderr("inherit")
      )
    )
    const line = yield* running.stdout.pipe(Stream.decodeText(), Stream.splitLines, Stream.runHead, Effect.flatten)
    const { port } = yield* Schema.decodeUnknown(Listening)(line)
    const asked = (path: string, abort: ReadonlyArray<AbortSignal> = []) =>
      Effect.tryPromise(async (signal) => {
        const url = `http://127.0.0.1:${port}${path}?${new URLSearchParams({ ...addresses })}`
        const response = await fetch(url, { signal: AbortSignal.any([signal, ...abort]) })
        const text = await response.text()
        if (!response.ok) throw new Error(`workerd responded with ${response.status}: ${text}`)
        return JSON.parse(text) as unknown
      })
    const outcomes = yield* Effect.flatMap(asked("/"), decodeOutcomes)
    // workerd cancels the timers of the first request here. The services of the second one are the same.
    yield* Effect.flip(asked("/stall", [AbortSignal.timeout(100)]))
    return [...outcomes, { name: timesOutLater.name, seen: yield* Effect.timeout(asked("/stall"), "10 seconds") }]
  }).pipe(Effect.scoped)

/** What {@link inWorkerd} adds to the checks. */
export const timesOutLater = check(
  "a call times out after another request was canceled",
  Effect.dieMessage("This check is made of two requests"),
  "StiggAPITimeoutError"
)

/** Opens the page of the peer in Chromium and waits for its outcomes. */
export const inChromium = (executablePath: string, { peer }: Addresses) =>
  Effect.acquireUseRelease(
    Effect.tryPromise(async () =>
      (await import("playwright-core")).chromium.launch({
        executablePath,
        args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
      })
    ),
    (browser) =>
      Effect.tryPromise(async () => {
        const page = await browser.newPage()
        const problems: Array<string> = []
        page.on("pageerror", ({ message }) => problems.push(message))
        await page.goto(peer)
        const outcomes = await page.evaluate((): unknown => Reflect.get(globalThis, "outcomes"))
        if (problems.length > 0) throw new Error(problems.join("\n"))
        return outcomes
      }),
    (browser) => Effect.promise(() => browser.close())
  ).pipe(Effect.flatMap(decodeOutcomes))
