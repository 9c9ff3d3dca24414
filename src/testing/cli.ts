#!/usr/bin/env node
/// <reference types="node" />
import * as Runtime from "@effect/platform/Runtime"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import * as Caller from "../internal/access/Caller.js"
import * as Controls from "./internal/middleware/Controls.js"
import * as EmulatorServer from "./EmulatorServer.js"
import * as Seed from "./Seed.js"

const defaultPort = 4010

const usage = `effect-stigg-emulator: an in-memory emulator of the Stigg API over HTTP

  --port <number>   the port to listen on (default ${defaultPort}; 0 picks a free port)
  --host <address>  the address to listen on (default 127.0.0.1)
  --control-host <host>
                    an extra host that ${Controls.prefix} accepts in the Host header, such as emulator; can be repeated
  --seed <seed>     the initial state: demo, random:<customers>[:<seed>], or a JSON file (default empty)
  --limits          enforce the API's rate limits, such as 30 changes per customer and minute, with 429 responses
  --api-key <key>   the only API key to accept (default any)
  --quiet           do not log requests
  --help            show this help

Routes that control it, on the same port, for programs in any language:

${Controls.help(`http://127.0.0.1:${defaultPort}`)}`

class CommandLineError extends Data.TaggedError("CommandLineError")<{ readonly message: string }> {}

const commandLine = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string", default: String(defaultPort) },
        host: { type: "string", default: "127.0.0.1" },
        "control-host": { type: "string", multiple: true },
        seed: { type: "string" },
        limits: { type: "boolean", default: false },
        "api-key": { type: "string" },
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false }
      }
    }).values,
  catch: (cause) =>
    new CommandLineError({ message: `${cause instanceof Error ? cause.message : String(cause)}. See --help` })
})

const portOf = (text: string) => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity
  return port > 65535
    ? new CommandLineError({ message: `--port: expected a number from 0 to 65535, got ${text}` })
    : Effect.succeed(port)
}

const apiKeyOf = (text: string | undefined) =>
  text === ""
    ? new CommandLineError({ message: "--api-key: expected a non-empty key; omit --api-key to accept any key" })
    : Effect.succeed(text)

const controlHostsOf = Effect.forEach((host: string) =>
  Caller.allowedHostName(host) === null
    ? new CommandLineError({ message: `--control-host: expected ${Caller.allowedHost}, got ${host}` })
    : Effect.succeed(host)
)

const seedOf = (text: string | undefined) => {
  if (text === undefined) return Effect.succeed<Seed.Input>({})
  if (text === "demo") return Effect.succeed(Seed.demo)
  const random = /^random:(\d{1,7})(?::(\d{1,9}))?$/.exec(text)
  if (random !== null) {
    return Effect.sync(() => Seed.random({ customers: Number(random[1]), seed: Number(random[2] ?? 0) }))
  }
  return Effect.tryPromise({
    try: () => readFile(text, "utf8"),
    catch: () => `cannot read the file ${text}; the built-in seeds are demo and random:<customers>`
  }).pipe(
    Effect.tryMap({ try: (json): unknown => JSON.parse(json), catch: (problem) => `${text}: ${String(problem)}` }),
    Effect.flatMap((json) => Effect.mapError(Seed.validate(json), ({ message }) => `${text}: ${message}`)),
    Effect.mapError((problem) => new CommandLineError({ message: `--seed: ${problem}` }))
  )
}

const log = ({ millis, method, status, url }: EmulatorServer.Exchange) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const time = new Date(now).toISOString().slice(11, 23)
    return Console.log(`${time}  ${status ?? "---"}  ${method.padEnd(6)} ${url}  ${millis.toFixed(1)} ms`)
  })

const greet = (apiKey: string | undefined) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ url }) =>
    Console.log(
      [
        `listening on ${url}`,
        `  OpenAPI  ${url}${Controls.paths.openapi}`,
        `  docs     ${url}${Controls.paths.docs}`,
        `  faults   ${url}${Controls.paths.faults}`,
        `  client   STIGG_BASE_URL=${url} STIGG_API_KEY=${apiKey === undefined ? "any" : "<the key>"}`
      ].join("\n")
    )
  )

/** Keeps the server running when the reader of its log exits, as `head -1` does. */
const ignoreClosedStdout = Effect.sync(() => process.stdout.on("error", () => {}))

const main = Effect.gen(function* () {
  yield* ignoreClosedStdout
  const options = yield* commandLine
  if (options.help) return yield* Console.log(usage)
  const port = yield* portOf(options.port)
  const controlHosts = yield* controlHostsOf(options["control-host"] ?? [])
  const seed = yield* seedOf(options.seed)
  const apiKey = yield* apiKeyOf(options["api-key"])
  const server = EmulatorServer.layer({
    port,
    host: options.host,
    controlHosts,
    seed,
    limits: options.limits,
    apiKey: apiKey === undefined ? undefined : Redacted.make(apiKey),
    onExchange: options.quiet ? undefined : log
  })
  yield* Layer.launch(Layer.effectDiscard(greet(apiKey)).pipe(Layer.provide(server)))
}).pipe(Effect.tapError(({ message }) => Console.error(message)))

/** Interrupts the program on the first signal and exits when cleanup is done. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  const interrupt = () => fiber.unsafeInterruptAsFork(fiber.id())
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt)
  fiber.addObserver((exit) => teardown(exit, (code) => process.exit(code)))
})

runMain(main, { disableErrorReporting: true, disablePrettyLogger: true })
