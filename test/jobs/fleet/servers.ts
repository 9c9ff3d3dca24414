/** Servers that a measurement starts, stops and starts again. */
import { execFileSync, spawn } from "node:child_process"
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { freePort } from "./Fleet.js"

export interface Server {
  readonly url: string
  readonly start: Effect.Effect<void>
  /** Stops it as a crash would. */
  readonly stop: Effect.Effect<void>
}

/** Postgres refuses to run as root. */
const asUser = (command: string, args: ReadonlyArray<string>) =>
  process.getuid?.() === 0
    ? execFileSync("runuser", ["-u", "postgres", "--", command, ...args], { stdio: ["ignore", "ignore", "inherit"] })
    : execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] })

const idOf = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))

const binaries = (): string => {
  const folder = "/usr/lib/postgresql"
  const [newest] = readdirSync(folder).sort((a, b) => Number(b) - Number(a))
  return `${folder}/${newest ?? ""}/bin`
}

/** A folder that is removed when the scope closes. */
const temporary = (name: string) =>
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(`${tmpdir()}/${name}-`)),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

export const postgres: Effect.Effect<Server, never, Scope.Scope> = Effect.gen(function* () {
  const folder = yield* temporary("postgres")
  const port = yield* freePort
  const bin = binaries()
  if (process.getuid?.() === 0) chownSync(folder, idOf("-u"), idOf("-g"))
  const data = `${folder}/data`
  asUser(`${bin}/initdb`, ["-D", data, "-A", "trust", "-U", "postgres"])
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c max_connections=200`
  const start = Effect.sync(() =>
    asUser(`${bin}/pg_ctl`, ["-D", data, "-w", "-l", `${folder}/log`, "-o", settings, "start"])
  )
  const stop = Effect.sync(() => asUser(`${bin}/pg_ctl`, ["-D", data, "-m", "immediate", "-w", "stop"]))
  yield* Effect.acquireRelease(start, () => Effect.ignore(Effect.try(() => Effect.runSync(stop))))
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: Effect.asVoid(start),
    stop: Effect.asVoid(stop)
  }
})

export const redis: Effect.Effect<Server, never, Scope.Scope> = Effect.gen(function* () {
  const folder = yield* temporary("redis")
  mkdirSync(folder, { recursive: true })
  const port = yield* freePort
  // Mutable: it is stopped and started again.
  let running: ReturnType<typeof spawn> | null = null
  const start = Effect.sync(() => {
    running = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
      { stdio: "ignore" }
    )
  })
  const stop = Effect.sync(() => {
    running?.kill("SIGKILL")
    running = null
  })
  yield* Effect.acquireRelease(start, () => stop)
  return { url: `redis://127.0.0.1:${port}`, start, stop }
})
