#!/usr/bin/env node
/// <reference types="node" />
import * as Runtime from "@effect/platform/Runtime"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import * as Caller from "../internal/access/Caller.js"
import * as ControlApi from "./internal/control/ControlApi.js"
import * as ControlHelp from "./internal/control/ControlHelp.js"
import * as Cors from "./internal/http/Cors.js"
import * as EmulatorServer from "./EmulatorServer.js"
import * as Faults from "./Faults.js"
import * as Endpoint from "./internal/webhooks/Endpoint.js"
import * as NamedSeed from "./internal/seed/NamedSeed.js"
import * as Nearest from "./internal/contract/Nearest.js"
import type * as Seed from "./Seed.js"

const defaultPort = 4010

/** The options, from which the command line is parsed and the help is made. */
const declared = {
  port: {
    type: "string",
    default: String(defaultPort),
    value: "<number>",
    does: `the port to listen on (default ${defaultPort}; 0 picks a free port)`
  },
  host: {
    type: "string",
    default: "127.0.0.1",
    value: "<address>",
    does: "the address to listen on (default 127.0.0.1)"
  },
  "control-host": {
    type: "string",
    multiple: true,
    value: "<host>",
    does: `an extra host that ${ControlApi.prefix} accepts in the Host header, such as emulator; can be repeated`
  },
  "cors-origin": {
    type: "string",
    multiple: true,
    value: "<origin>",
    does: "an origin whose web pages may call the API routes, such as http://localhost:3000, or *; can be repeated"
  },
  seed: {
    type: "string",
    value: "<seed>",
    does: `the initial state: ${NamedSeed.names}, or a JSON file (default empty)`
  },
  data: {
    type: "string",
    value: "<file>",
    does: "a file that keeps the state: loaded at the start if it exists, in place of the seed, and replaced on exit"
  },
  worlds: {
    type: "string",
    default: "one",
    value: "<one|by-key>",
    does: "one world for all, or one for each API key, made from the seed on first use (default one)"
  },
  fault: {
    type: "string",
    multiple: true,
    value: "<rule>",
    does: "a fault from the start, such as customers.list:status=503,times=2 or latency=500; can be repeated"
  },
  scenario: {
    type: "string",
    multiple: true,
    value: "<name>",
    does: `faults from the start by name: ${Object.keys(Faults.scenario).join(", ")}; can be repeated`
  },
  limits: {
    type: "boolean",
    default: false,
    value: "",
    does: "enforce the API's rate limits, such as 30 changes per customer and minute, with 429 responses"
  },
  webhook: {
    type: "string",
    multiple: true,
    value: "<url>",
    does: "a URL to send the events of all worlds to, such as entitlements.updated; can be repeated"
  },
  "webhook-secret": {
    type: "string",
    value: "<secret>",
    does: "the header Stigg-Webhooks-Secret of each event; required with --webhook, and refused without"
  },
  "api-key": { type: "string", value: "<key>", does: "the only API key to accept (default any)" },
  strict: {
    type: "boolean",
    default: false,
    value: "",
    does: "refuse after together with before, which the Ruby client sends, with 400"
  },
  journal: { type: "string", value: "<number>", does: "the number of requests that the journal keeps (default 1000)" },
  quiet: { type: "boolean", default: false, value: "", does: "do not log requests" },
  help: { type: "boolean", default: false, value: "", does: "show this help" }
} as const

const examples = [
  "effect-stigg-emulator --seed demo",
  "effect-stigg-emulator --port 0 --data emulator.json --quiet",
  "effect-stigg-emulator --seed demo --worlds by-key",
  "effect-stigg-emulator --seed demo --webhook http://127.0.0.1:3000/webhooks/stigg --webhook-secret any",
  "effect-stigg-emulator --seed demo --scenario flaky --fault customers.list:status=503,times=2"
]

const optionLines = (): string => {
  const rows = Object.entries(declared).map(([name, { does, value }]) => [`--${name} ${value}`.trim(), does] as const)
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, does]) => `  ${left.padEnd(width)}  ${does}`).join("\n")
}

const usage = (): string => `effect-stigg-emulator: an in-memory emulator of the Stigg API over HTTP

${optionLines()}

Examples:

${examples.map((example) => `  ${example}`).join("\n")}

It prints "listening on <url>" when it is ready. It exits with 2 if an option is wrong, and with 1 if it cannot listen or
cannot read or write the file of --data.

Routes that control it, on the same port, for programs in any language. With --worlds by-key they are about the world of
the key in X-API-KEY, or of the name in ?world=:

${ControlHelp.help(`http://127.0.0.1:${defaultPort}`)}`

class CommandLineError extends Data.TaggedError("CommandLineError")<{ readonly message: string }> {}

const commandLine = Effect.try({
  try: () => parseArgs({ options: declared }).values,
  catch: (cause) =>
    new CommandLineError({ message: `${cause instanceof Error ? cause.message : String(cause)}. See --help` })
})

const portOf = (text: string) => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity
  return port > 65535
    ? new CommandLineError({ message: `--port: expected a number from 0 to 65535, got ${text}` })
    : Effect.succeed(port)
}

const nonEmpty = (option: string, text: string | undefined) =>
  text === "" ? new CommandLineError({ message: `--${option}: expected a non-empty value` }) : Effect.succeed(text)

const apiKeyOf = (text: string | undefined) =>
  text === ""
    ? new CommandLineError({ message: "--api-key: expected a non-empty key; omit --api-key to accept any key" })
    : Effect.succeed(text)

const controlHostsOf = Effect.forEach((host: string) =>
  Caller.allowedHostName(host) === null
    ? new CommandLineError({ message: `--control-host: expected ${Caller.allowedHost}, got ${host}` })
    : Effect.succeed(host)
)

const corsOriginsOf = Effect.forEach((origin: string) =>
  Cors.isOrigin(origin)
    ? Effect.succeed(origin)
    : new CommandLineError({ message: `--cors-origin: expected ${Cors.expectedOrigin}, got ${origin}` })
)

const worldsOf = (text: string) => {
  if (text === "one") return Effect.succeed("one" as const)
  if (text === "by-key") return Effect.succeed("byKey" as const)
  return new CommandLineError({ message: `--worlds: expected one or by-key, got ${text}` })
}

const journalOf = (text: string | undefined) =>
  text === undefined || (/^\d{1,7}$/.test(text) && Number(text) <= 1_000_000)
    ? Effect.succeed(text === undefined ? undefined : Number(text))
    : new CommandLineError({ message: `--journal: expected a number from 0 to 1000000, got ${text}` })

const faultsOf = Effect.forEach((text: string) =>
  Effect.mapError(Faults.parse(text), ({ message }) => new CommandLineError({ message: `--fault ${text}: ${message}` }))
)

const scenarios: Readonly<Record<string, ReadonlyArray<Faults.Rule>>> = Faults.scenario

const scenariosOf = Effect.forEach((name: string) =>
  Object.hasOwn(scenarios, name)
    ? Effect.succeed(scenarios[name] ?? [])
    : new CommandLineError({ message: `--scenario: ${Nearest.refusal("scenario", name, Object.keys(scenarios))}` })
)

const webhooksOf = (urls: ReadonlyArray<string>, secret: string | undefined) => {
  if (urls.length === 0) {
    return secret === undefined
      ? Effect.succeed([])
      : new CommandLineError({ message: "--webhook-secret: expected --webhook too" })
  }
  if (secret === undefined) return new CommandLineError({ message: "--webhook-secret: required with --webhook" })
  const endpoints = urls.map((url) => ({ url, secret: Redacted.make(secret) }))
  return Effect.forEach(endpoints, (endpoint) =>
    Effect.mapError(
      Endpoint.decode(endpoint),
      ({ message }) =>
        new CommandLineError({
          message: message.replace(/^secret: /, "--webhook-secret: ").replace(/^url: /, "--webhook: ")
        })
    )
  )
}

const seedOf = (text: string | undefined) => {
  if (text === undefined) return Effect.succeed<Seed.Input>({})
  if (NamedSeed.isName(text)) {
    return Either.mapLeft(NamedSeed.of(text), (problem) => new CommandLineError({ message: `--seed: ${problem}` }))
  }
  return Effect.tryPromise({
    try: () => readFile(text, "utf8"),
    catch: () => `cannot read the file ${text}; the built-in seeds are ${NamedSeed.names}`
  }).pipe(
    Effect.tryMap({ try: (json): unknown => JSON.parse(json), catch: (problem) => `${text}: ${String(problem)}` }),
    // The emulator decodes it, whatever it is. To check a large file here too would double the time of the start.
    Effect.map((json) => json as Seed.Input),
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
        `  OpenAPI  ${url}${ControlApi.paths.openapi}`,
        `  docs     ${url}${ControlApi.paths.docs}`,
        `  faults   ${url}${ControlApi.paths.faults}`,
        `  client   STIGG_BASE_URL=${url} STIGG_API_KEY=${apiKey === undefined ? "any" : "<the key>"}`
      ].join("\n")
    )
  )

/** Keeps the server running when the reader of its log exits, as `head -1` does, or when its terminal is closed. */
const ignoreClosedOutput = Effect.sync(() => {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
})

const main = Effect.gen(function* () {
  yield* ignoreClosedOutput
  const options = yield* commandLine
  if (options.help) return yield* Console.log(usage())
  const port = yield* portOf(options.port)
  const controlHosts = yield* controlHostsOf(options["control-host"] ?? [])
  const seed = yield* seedOf(options.seed)
  const apiKey = yield* apiKeyOf(options["api-key"])
  const worlds = yield* worldsOf(options.worlds)
  if (worlds === "byKey" && options.data !== undefined) {
    return yield* new CommandLineError({
      message: "--data: keeps one world, so it cannot be used with --worlds by-key"
    })
  }
  const faults = [...(yield* faultsOf(options.fault ?? [])), ...(yield* scenariosOf(options.scenario ?? [])).flat()]
  const server = EmulatorServer.layer({
    port,
    host: yield* nonEmpty("host", options.host),
    controlHosts,
    corsOrigins: yield* corsOriginsOf(options["cors-origin"] ?? []),
    strict: options.strict,
    seed,
    data: yield* nonEmpty("data", options.data),
    worlds,
    faults,
    journal: yield* journalOf(options.journal),
    webhooks: yield* webhooksOf(options.webhook ?? [], options["webhook-secret"]),
    limits: options.limits,
    apiKey: apiKey === undefined ? undefined : Redacted.make(apiKey),
    onExchange: options.quiet ? undefined : log
  })
  yield* Layer.launch(Layer.effectDiscard(greet(apiKey)).pipe(Layer.provide(server))).pipe(
    Effect.catchTag(
      "StiggInvalidSeedError",
      ({ message }) => new CommandLineError({ message: `--seed: ${options.seed ?? ""}: ${message}` })
    )
  )
}).pipe(Effect.tapError(({ message }) => Console.error(message)))

/** How long a further signal is taken for the first one. Who started this may pass on what the terminal sent to both. */
const oneSignal = 500

/** Interrupts the program on the first signal and exits when cleanup is done, or at once if it is asked again later. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  // Mutable: when the first signal came.
  let asked: number | undefined
  const interrupt = () => {
    if (asked !== undefined && performance.now() - asked > oneSignal) process.exit(1)
    if (asked === undefined) fiber.unsafeInterruptAsFork(fiber.id())
    asked ??= performance.now()
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt)
  fiber.addObserver((exit) => {
    for (const problem of unsaved(exit)) process.stderr.write(`${problem.message}\n`)
    teardown(exit, (code) => process.exit(isWrongOption(exit) ? 2 : code))
  })
})

const isWrongOption = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Option.exists(Cause.failureOption(exit.cause), (error) => error instanceof CommandLineError)

/** Why the state could not be saved. */
const unsaved = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<EmulatorServer.DataFileError> =>
  Exit.isFailure(exit)
    ? Array.from(Cause.defects(exit.cause)).filter((defect) => defect instanceof EmulatorServer.DataFileError)
    : []

runMain(main, { disableErrorReporting: true, disablePrettyLogger: true })
