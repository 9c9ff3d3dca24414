/** Runner processes over a database, and what can happen to them. For tests and for the measurements. */
import type { ChildProcess } from "node:child_process"
import { fork } from "node:child_process"
import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Program from "../../Program.js"
import type { Settings } from "./settings.js"
import { Message } from "./settings.js"

/** A port that nothing listens on at the moment. */
export const freePort: Effect.Effect<number> = Effect.async((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** The last lines that each process printed. */
const printed = new WeakMap<ChildProcess, string>()

const received = <A, I>(child: ChildProcess, schema: Schema.Schema<A, I>): Effect.Effect<A> =>
  Effect.async((resume) => {
    child.once("message", (message) => resume(Effect.succeed(Schema.decodeUnknownSync(schema)(message))))
    child.once("close", (code, signal) =>
      resume(Effect.dieMessage(`The process ended with ${code ?? signal}: ${printed.get(child) ?? ""}`))
    )
  })

/** Waits for a message of a runner about its job. */
export const until = (
  child: ChildProcess,
  is: (message: Exclude<typeof Message.Type, "ready">) => boolean
): Effect.Effect<Exclude<typeof Message.Type, "ready">> =>
  Effect.async((resume) => {
    const listen = (sent: unknown) => {
      const message = Schema.decodeUnknownSync(Message)(sent)
      if (message === "ready" || !is(message)) return
      child.off("message", listen)
      resume(Effect.succeed(message))
    }
    child.on("message", listen)
  })

/** A process that is killed when the scope closes. */
const spawn = (file: string, args: ReadonlyArray<string>): Effect.Effect<ChildProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = fork(file, [...args], {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        execArgv: ["--max-old-space-size=8192"]
      })
      const keep = (data: Buffer) => {
        printed.set(child, `${printed.get(child) ?? ""}${data.toString()}`.slice(-5000))
      }
      child.stdout?.on("data", keep)
      child.stderr?.on("data", keep)
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** What the customers of the emulator come to. */
const Found = Schema.Struct({ customers: Schema.Number, stale: Schema.Number, twice: Schema.Number })

export interface Fleet {
  /** The URL of the emulator. */
  readonly stigg: string
  /** Starts a runner, and returns when it is part of the fleet. */
  readonly startRunner: Effect.Effect<ChildProcess, never, Scope.Scope>
  /** Starts three runners on an empty database: the first alone, because it creates the tables. */
  readonly startRunners: Effect.Effect<[ChildProcess, ChildProcess, ChildProcess], never, Scope.Scope>
  /** What the customers of the emulator come to, after an import of this many rows. */
  readonly check: (rows: number) => Effect.Effect<typeof Found.Type>
}

/** An emulator, and runners that work on it. */
export const make = (options: {
  readonly settings: Omit<typeof Settings.Type, "stigg" | "port">
  /** The part of imports that fail. */
  readonly faulty?: number
}): Effect.Effect<Fleet, never, Scope.Scope> =>
  Effect.gen(function* () {
    const runner = yield* Program.make("test/jobs/fleet/runner.ts", { external: ["@libsql/client"] })
    const emulator = yield* spawn((yield* Program.make("test/jobs/fleet/emulator.ts")).file, [
      String(options.faulty ?? 0)
    ])
    const { port } = yield* received(emulator, Schema.Struct({ port: Schema.Number }))
    const stigg = `http://127.0.0.1:${port}`
    const startRunner = Effect.gen(function* () {
      const settings: typeof Settings.Type = { ...options.settings, stigg, port: yield* freePort }
      const child = yield* spawn(runner.file, [JSON.stringify(settings)])
      yield* received(child, Schema.Literal("ready"))
      return child
    })
    return {
      stigg,
      startRunner,
      startRunners: Effect.flatMap(startRunner, (first) =>
        Effect.map(Effect.all([startRunner, startRunner], { concurrency: "unbounded" }), (others) => [first, ...others])
      ),
      check: (rows) =>
        Effect.zipRight(
          Effect.sync(() => emulator.send(rows)),
          received(emulator, Found)
        )
    }
  })
