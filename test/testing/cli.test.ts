import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The command, as it runs from the sources; it is stopped with the scope. */
const command = (...args: ReadonlyArray<string>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, ["--import", "tsx", "src/testing/cli.ts", ...args], { cwd: root })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => {
      let said = ""
      child.stdout.on("data", (data) => (said += String(data)))
      child.stderr.on("data", (data) => (said += String(data)))
      const saysA = (pattern: RegExp) =>
        Effect.async<RegExpExecArray>((resume) => {
          const look = () => {
            const found = pattern.exec(said)
            if (found !== null) resume(Effect.succeed(found))
          }
          child.stdout.on("data", look)
          child.stderr.on("data", look)
          look()
        })
      const exit = Effect.async<number | null>((resume) => {
        if (child.exitCode !== null) resume(Effect.succeed(child.exitCode))
        child.on("close", (code) => resume(Effect.succeed(code)))
      })
      return { child, exit, saysA, said: Effect.sync(() => said) }
    }
  )

describe("the command effect-stigg-emulator", { timeout: 60_000 }, () => {
  it.scopedLive.each(["SIGINT", "SIGTERM"] as const)("serves, logs, and stops cleanly on %s", (signal) =>
    Effect.gen(function* () {
      const { child, exit, saysA } = yield* command("--port", "0", "--seed", "demo", "--limits", "--api-key", "key")
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const get = (key: string) =>
        Effect.promise(() => fetch(`${url}/api/v1/customers/customer-acme`, { headers: { "x-api-key": key } }))
      expect([(yield* get("key")).status, (yield* get("other")).status]).toEqual([200, 401])
      yield* saysA(/200 {2}GET +\/api\/v1\/customers\/customer-acme {2}[\d.]+ ms/)
      yield* saysA(/document +http\S+openapi\.json/)
      child.kill(signal)
      expect(yield* exit).toBe(0)
    })
  )

  it.scopedLive.each([
    [["--nonsense"], /Unknown option '--nonsense'[\s\S]*--port <number>/],
    [["--port", "http"], /--port: a number from 0 to 65535 is expected, not http/],
    [["--seed", "nothing.json"], /--seed: there is no file nothing\.json/],
    [["--seed", "package.json"], /--seed: package\.json: name: /]
  ] as const)("says what is wrong with %j", ([args, expected]) =>
    Effect.gen(function* () {
      const { exit, said } = yield* command(...args)
      expect(yield* exit).toBe(1)
      expect(yield* said).toMatch(expected)
    })
  )

  it.scopedLive("says that a port is taken", () =>
    Effect.gen(function* () {
      const first = yield* command("--port", "0")
      const port = (yield* first.saysA(/listening on http:\/\/127\.0\.0\.1:(\d+)/))[1] ?? ""
      const second = yield* command("--port", port)
      expect(yield* second.exit).toBe(1)
      expect(yield* second.said).toContain(`Port ${port} of 127.0.0.1 is taken`)
    })
  )
})
