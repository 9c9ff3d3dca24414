/**
 * Runs the tests on the runtimes of `package.json` in this folder, and the checks of this folder in a browser too. Needs
 * `npm run build`: the checks use the package as it is published.
 *
 * Usage: npm run test:runtimes [-- RUNTIME...]
 */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { EmulatorServer } from "effect-stigg/testing/node"
import { isDeepStrictEqual } from "node:util"
import * as binaries from "./binaries.js"
import * as bundle from "./bundle.js"
import type { Check, Outcome } from "./Check.js"
import { seed } from "./checks/world.js"
import * as Peer from "./Peer.js"
import * as portable from "./portable.js"
import * as inProcesses from "./process.js"
import * as run from "./run.js"
import * as vitest from "./vitest.js"

const chromium = process.env["STIGG_TEST_CHROMIUM"] ?? ""

/** What is wrong with the outcomes: a line for each check that failed, did not run or is unknown. */
const problems = (checks: ReadonlyArray<Check>, outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> => [
  ...checks.flatMap(({ expected, name }) => {
    const found = outcomes.filter((outcome) => outcome.name === name)
    const [outcome] = found
    if (outcome === undefined) return [`did not run: ${name}`]
    if (found.length > 1) return [`ran ${found.length} times: ${name}`]
    if (outcome.failure !== undefined) return [`failed: ${name}\n${outcome.failure}`]
    return isDeepStrictEqual(outcome.seen, expected)
      ? []
      : [`failed: ${name}\n  expected ${JSON.stringify(expected)}\n  seen     ${JSON.stringify(outcome.seen)}`]
  }),
  ...outcomes.filter(({ name }) => !checks.some((check) => check.name === name)).map(({ name }) => `unknown: ${name}`)
]

const page = '<!doctype html><meta charset="utf-8"><title>Checks</title><script type="module" src="/page.js"></script>'

const main = Effect.gen(function* () {
  const selected = process.argv.slice(2)
  const [worker, pageScript, program, sdk] = yield* Effect.all(
    [bundle.forBrowsers("worker"), bundle.forBrowsers("page"), bundle.forProcesses, bundle.sizeOfSdk, binaries.install],
    { concurrency: "unbounded" }
  )
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`
  yield* Console.log(
    `bundle for browsers, minified: ${kilobytes(sdk.bytes)}, ${kilobytes(sdk.gzipped)} compressed; ` +
      `with the emulator and the checks: ${kilobytes(worker.length)}`
  )

  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped()
  const project = `${folder}/project`
  yield* files.makeDirectory(project)
  run.prepareProject(project, program)

  const servers = Effect.gen(function* () {
    const { url: emulator } = Context.get(
      yield* Layer.build(Layer.fresh(EmulatorServer.layer({ seed }))),
      EmulatorServer.EmulatorServer
    )
    const peer = yield* Peer.make({
      emulator,
      files: {
        "/": { type: "text/html", content: page },
        "/page.js": { type: "text/javascript", content: pageScript }
      }
    })
    return { api: emulator, peer: peer.url }
  })

  /** The checks on a runtime: how many passed. */
  const passing = <E, R>(
    checks: ReadonlyArray<Check>,
    on: (addresses: Effect.Effect.Success<typeof servers>) => Effect.Effect<ReadonlyArray<Outcome>, E, R>
  ) =>
    Effect.gen(function* () {
      const outcomes = yield* Effect.flatMap(servers, on)
      const found = problems(checks, outcomes)
      return found.length === 0 ? `${checks.length} checks` : yield* Effect.fail(new Error(found.join("\n")))
    }).pipe(Effect.scoped, Effect.timeout("2 minutes"))

  const inProcess = (...command: readonly [string, ...ReadonlyArray<string>]) =>
    passing(inProcesses.checks, (addresses) => run.inProcess(project, command, addresses))

  const node = (name: "node-22" | "node-24") =>
    Effect.zipWith(inProcess(binaries.path(name)), vitest.on(binaries.path(name), folder), (a, b) => `${a}, ${b}`)

  const runtimes = {
    "node-20": inProcess(process.execPath),
    "node-22": node("node-22"),
    "node-24": node("node-24"),
    bun: inProcess(binaries.path("bun"), "--no-install"),
    deno: inProcess(binaries.path("deno"), "run", "--quiet", "--allow-all", "--node-modules-dir=manual"),
    workerd: passing([...portable.checks, run.timesOutLater], (addresses) => run.inWorkerd(folder, worker, addresses)),
    chromium: passing(portable.checks, (addresses) => run.inChromium(chromium, addresses))
  }

  let failed = selected.filter((name) => !Object.hasOwn(runtimes, name)).length
  if (failed > 0) yield* Console.error(`Expected ${Object.keys(runtimes).join(", ")}`)
  for (const [name, passes] of Object.entries(runtimes)) {
    if (selected.length > 0 && !selected.includes(name)) continue
    if (name === "chromium" && chromium === "" && process.env["CI"] !== "true") {
      yield* Console.warn("skipped  chromium: set STIGG_TEST_CHROMIUM, such as /usr/bin/chromium")
      continue
    }
    const [time, exit] = yield* Effect.timed(Effect.exit(passes))
    const seconds = `${(Duration.toMillis(time) / 1000).toFixed(1)} s`
    if (Exit.isSuccess(exit)) yield* Console.log(`ok      ${name}: ${exit.value} in ${seconds}`)
    else {
      failed++
      const lines = Cause.pretty(exit.cause)
        .split("\n")
        .map((line) => `${name}: ${line}`)
      yield* Console.error(`not ok  ${name}, after ${seconds}\n${lines.join("\n")}`)
    }
  }
  if (failed > 0) yield* Effect.sync(() => void (process.exitCode = 1))
}).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

NodeRuntime.runMain(main)
