import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as http from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as ControlHelp from "../../src/testing/internal/control/ControlHelp.js"
import * as Program from "../Program.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

// Mutable: set from the sources once for all tests. `layer` of @effect/vitest would change the `it` of other files
// too.
let file = ""
let packages: ReadonlySet<string> = new Set()
const scope = Effect.runSync(Scope.make())
beforeAll(async () => {
  ;({ file, packages } = await Effect.runPromise(Scope.extend(Program.make("src/testing/cli.ts"), scope)))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** The running command. It stops with the scope. */
const command = (...args: ReadonlyArray<string>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [file, ...args], { cwd: root })),
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

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-stigg-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

describe("the command effect-stigg-emulator", { timeout: 60_000 }, () => {
  it("imports only packages that are installed with this one, so that npx can run it", () => {
    expect(packages).toEqual(new Set(["effect", "@effect/platform"]))
  })

  it.scopedLive.each([
    ["SIGINT", "demo", "customer-acme"],
    ["SIGTERM", "random:5:1", "customer-000005"]
  ] as const)("serves, logs, and stops cleanly on %s, with the seed %s", ([signal, seed, id]) =>
    Effect.gen(function* () {
      const { child, exit, saysA } = yield* command("--port", "0", "--seed", seed, "--limits", "--api-key", "key")
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const send = (key: string, method = "GET") =>
        Effect.promise(() =>
          fetch(`${url}/api/v1/customers/${id}`, {
            method,
            headers: { "x-api-key": key, "content-type": "application/json" },
            body: method === "PATCH" ? "{}" : null
          })
        )
      expect([(yield* send("key")).status, (yield* send("other")).status]).toEqual([200, 401])
      const changes = yield* Effect.replicateEffect(send("key", "PATCH"), 31)
      expect(changes.map(({ status }) => status)).toEqual([...Array.from({ length: 30 }, () => 200), 429])
      yield* saysA(new RegExp(`200 {2}GET +/api/v1/customers/${id} {2}[\\d.]+ ms`))
      yield* saysA(/OpenAPI +http\S+openapi\.json/)
      child.kill(signal)
      expect(yield* exit).toBe(0)
    })
  )

  it.scopedLive("stops at once despite a kept-alive connection or a request that is never answered", () =>
    Effect.gen(function* () {
      const { child, exit, saysA } = yield* command("--port", "0")
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const send = (path: string, init: RequestInit = {}) =>
        fetch(`${url}${path}`, { headers: { "x-api-key": "any" }, ...init })
      const fault = JSON.stringify({ fault: { type: "stall" }, times: 1 })
      const headers = { "content-type": "application/json" }
      yield* Effect.promise(() => send("/_emulator/faults", { method: "POST", body: fault, headers }))
      const stalled = yield* Effect.fork(Effect.tryPromise(() => send("/api/v1/customers")))
      yield* saysA(/--- {2}GET +\/api\/v1\/customers/)
      child.kill("SIGTERM")
      expect(yield* Effect.timeoutOption(exit, "5 seconds")).toMatchObject({ _tag: "Some", value: 0 })
      expect((yield* Fiber.await(stalled))._tag).toBe("Failure")
    })
  )

  it.scopedLive("continues when the reader of its log is gone", () =>
    Effect.gen(function* () {
      const { child, saysA } = yield* command("--port", "0")
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      child.stdout.destroy()
      const get = Effect.promise(() => fetch(`${url}/api/v1/customers`, { headers: { "x-api-key": "any" } }))
      const statuses = yield* Effect.replicateEffect(
        Effect.map(get, ({ status }) => status),
        3
      )
      expect(statuses).toEqual([200, 200, 200])
    })
  )

  it.scopedLive("sends events to --webhook, with the secret, which it never logs", () =>
    Effect.gen(function* () {
      const got: Array<http.IncomingHttpHeaders> = []
      const receiver = yield* Effect.acquireRelease(
        Effect.sync(() =>
          http.createServer(({ headers }, response) => {
            got.push(headers)
            response.writeHead(500).end()
          })
        ),
        (server) => Effect.sync(() => server.close())
      )
      yield* Effect.async<void>((resume) => void receiver.listen(0, "127.0.0.1", () => resume(Effect.void)))
      const address = receiver.address()
      const port = typeof address === "object" ? address?.port : 0
      const webhook = ["--webhook", `http://127.0.0.1:${port}/`, "--webhook-secret", "secret-of-the-test"]
      const { child, exit, said, saysA } = yield* command("--port", "0", ...webhook)
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const headers = { "x-api-key": "any", "content-type": "application/json" }
      yield* Effect.promise(() => fetch(`${url}/api/v1/customers`, { method: "POST", body: '{"id":"new"}', headers }))
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => got.length === 4 })
      expect(got[0]?.["stigg-webhooks-secret"]).toBe("secret-of-the-test")
      child.kill("SIGTERM")
      expect(yield* exit).toBe(0)
      expect(yield* said).not.toContain("secret-of-the-test")
    })
  )

  it.scopedLive("logs nothing with --quiet and never logs a key", () =>
    Effect.gen(function* () {
      const { said, saysA } = yield* command("--port", "0", "--quiet", "--api-key", "key-of-the-test")
      const url = (yield* saysA(/listening on (\S+)[^]*client   .*\n/))[1] ?? ""
      yield* Effect.promise(() => fetch(`${url}/api/v1/customers`))
      expect(yield* said).not.toMatch(/GET|key-of-the-test/)
    })
  )

  it.scopedLive.each([
    [["--nonsense"], /^Unknown option '--nonsense'\. See --help\n$/],
    [["--port", "http"], /--port: expected a number from 0 to 65535, got http/],
    [["--cors-origin", "localhost:3000"], /--cors-origin: expected "\*" or an origin such as http:\/\/localhost:3000/],
    [["--control-host", "http://emulator"], /--control-host: expected a host without scheme, port or path/],
    [["--api-key", ""], /--api-key: expected a non-empty key/],
    [["--host", ""], /--host: expected a non-empty value/],
    [["--data", ""], /--data: expected a non-empty value/],
    [
      ["--seed", "nothing.json"],
      /--seed: cannot read the file nothing\.json; the built-in seeds are demo or random:<customers>/
    ],
    [["--seed", "random:x"], /^--seed: expected a number of customers from 0 to 9999999 after random:, got x\n$/],
    [["--seed", "random:5:x"], /^--seed: expected a seed from 0 to 999999999 after random:5:, got x\n$/],
    [["--seed", "README.md"], /--seed: README\.md: SyntaxError: /],
    [["--seed", "package.json"], /--seed: package\.json: name: /],
    [["--worlds", "many"], /--worlds: expected one or by-key, got many/],
    [["--worlds", "by-key", "--data", "state.json"], /--data: keeps one world/],
    [["--journal", "all"], /--journal: expected a number from 0 to 1000000, got all/],
    [
      ["--fault", "customers.lst:status=503"],
      /--fault customers\.lst:status=503: operation: .*Near it: "customers\.list"/
    ],
    [["--scenario", "outrage"], /--scenario: Unknown scenario "outrage"\. Near it: "outage"/],
    [["--webhook", "http://127.0.0.1:1"], /--webhook-secret: required with --webhook/],
    [["--webhook-secret", "x"], /^--webhook-secret: expected --webhook too\n$/],
    [["--webhook", "http://a:hidden@127.0.0.1", "--webhook-secret", "x"], /^--webhook: Expected an http or https URL/],
    [["--webhook", "http://127.0.0.1:1", "--webhook-secret", ""], /^--webhook-secret: Expected a non-empty string/]
  ] as const)("exits with 2 and reports what is wrong with %j", ([args, expected]) =>
    Effect.gen(function* () {
      const { exit, said } = yield* command(...args)
      expect(yield* exit).toBe(2)
      expect(yield* said).toMatch(expected)
    })
  )

  it.scopedLive.each([
    [["--host", "192.0.2.1"], /Port 4010 on 192\.0\.2\.1 is not available \(EADDRNOTAVAIL\)/],
    [["--data", "no/such/folder/state.json"], /data: no\/such\/folder\/state\.json: ENOENT/],
    [["--data", "package.json"], /data: package\.json: .*record/]
  ] as const)("exits with 1 and reports that it cannot serve with %j", ([args, expected]) =>
    Effect.gen(function* () {
      const { exit, said } = yield* command(...args)
      expect(yield* exit).toBe(1)
      expect(yield* said).toMatch(expected)
    })
  )

  it.scopedLive("keeps its state in the file of --data, from one run to the next", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const file = join(folder, "state.json")
      const times: Array<number> = []
      const run = (key: string) =>
        Effect.gen(function* () {
          const { child, exit, saysA } = yield* command("--port", "0", "--data", file)
          const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
          const answer = yield* Effect.promise(async () => {
            const response = await fetch(`${url}/api/v1/customers`, {
              method: "POST",
              headers: { "x-api-key": "any", "content-type": "application/json", "idempotency-key": key },
              body: JSON.stringify({ id: "customer-kept" })
            })
            return [response.status, await response.text()]
          })
          const [time, code] = yield* Effect.timed(
            Effect.zipRight(
              Effect.sync(() => child.kill("SIGTERM")),
              exit
            )
          )
          expect(code).toBe(0)
          times.push(Duration.toMillis(time))
          return answer
        })
      const first = yield* run("key-1")
      expect(first[0]).toBe(201)
      expect(yield* run("key-1")).toEqual(first)
      expect((yield* run("key-2"))[0]).toBe(409)
      // Each stops before the 5 seconds that a connection is kept, and within one second unless the machine is busy.
      expect(Math.max(...times)).toBeLessThan(4000)
      expect(Math.min(...times)).toBeLessThan(1000)
      expect(readdirSync(folder)).toEqual(["state.json"])
    })
  )

  it.scopedLive.each([["SIGHUP"], ["SIGINT", "SIGINT"]] as const)(
    "saves its state on %s, also if the signal is repeated",
    (signals) =>
      Effect.gen(function* () {
        const folder = yield* temporary
        const { child, exit, saysA } = yield* command("--port", "0", "--data", join(folder, "state.json"))
        yield* saysA(/listening on/)
        for (const signal of signals) {
          child.kill(signal)
          yield* Effect.sleep("2 millis")
        }
        expect(yield* exit).toBe(0)
        expect(readdirSync(folder)).toEqual(["state.json"])
      })
  )

  it.scopedLive("keeps every customer that it confirmed before SIGTERM, of many at once", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const file = join(folder, "state.json")
      // More than it leaves to write at the end.
      const seeded = ["--seed", "random:9000"]
      const { child, exit, saysA } = yield* command("--port", "0", "--quiet", "--data", file, ...seeded)
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^state\.json\..+\.\d+\.[0-9a-f]{8}\.tmp$/)])
      const confirmed: Array<string> = []
      const provision = (id: string) =>
        Effect.tryPromise(async () => {
          const headers = { "x-api-key": "any", "content-type": "application/json" }
          const { status } = await fetch(`${url}/api/v1/customers`, { method: "POST", headers, body: `{"id":"${id}"}` })
          if (status === 201) confirmed.push(id)
        })
      const clients = yield* Effect.forEach([1, 2, 3, 4], (client) =>
        Effect.fork(
          Effect.iterate(0, { while: () => true, body: (i) => Effect.as(provision(`new-${client}-${i}`), i + 1) })
        )
      )
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => confirmed.length > 500 })
      child.kill("SIGTERM")
      expect(yield* exit).toBe(0)
      yield* Effect.forEach(clients, Fiber.await)
      expect(readdirSync(folder)).toEqual(["state.json"])
      const text = readFileSync(file, "utf8")
      expect(confirmed.filter((id) => !text.includes(`"id":"${id}"`))).toEqual([])
      const next = yield* command("--port", "0", "--quiet", "--data", file)
      yield* next.saysA(/listening on/)
    })
  )

  it.scopedLive("leaves the file as it was when it is killed, and the next run removes its draft", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const file = join(folder, "state.json")
      const run = (...args: ReadonlyArray<string>) =>
        Effect.tap(command("--port", "0", "--quiet", "--data", file, ...args), ({ saysA }) => saysA(/listening on/))
      const killed = yield* run("--seed", "random:9000")
      killed.child.kill("SIGKILL")
      yield* killed.exit
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^state\.json\..+\.\d+\.[0-9a-f]{8}\.tmp$/)])
      const next = yield* run("--seed", "demo")
      expect(readdirSync(folder)).toEqual([])
      next.child.kill("SIGTERM")
      expect(yield* next.exit).toBe(0)
      expect(readdirSync(folder)).toEqual(["state.json"])
    })
  )

  it.scopedLive("exits with 1 and says why if its state cannot be saved", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const { child, exit, said, saysA } = yield* command("--port", "0", "--data", join(folder, "state.json"))
      yield* saysA(/client/)
      rmSync(folder, { recursive: true })
      child.kill("SIGTERM")
      expect(yield* exit).toBe(1)
      expect(yield* said).toMatch(/\ndata: .*state\.json: ENOENT.*\n$/)
    })
  )

  it.scopedLive("starts with the faults of --fault and --scenario", () =>
    Effect.gen(function* () {
      const faults = ["--fault", "customers.list:status=418,times=1", "--scenario", "outage"]
      const { saysA } = yield* command("--port", "0", ...faults)
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const get = Effect.promise(() => fetch(`${url}/api/v1/customers`, { headers: { "x-api-key": "any" } }))
      const statuses = yield* Effect.replicateEffect(
        Effect.map(get, ({ status }) => status),
        2
      )
      expect(statuses).toEqual([418, 503])
    })
  )

  it.scopedLive("answers at /_emulator for the hosts of --control-host and documents it in --help", () =>
    Effect.gen(function* () {
      const { saysA } = yield* command("--port", "0", "--control-host", "emulator", "--control-host", "stigg.internal")
      const port = (yield* saysA(/listening on http:\/\/127\.0\.0\.1:(\d+)/))[1] ?? ""
      const statusBy = (host: string) =>
        Effect.async<number | undefined>((resume) => {
          const options = { port, path: "/_emulator/snapshot", headers: { host } }
          http.get(options, ({ statusCode }) => resume(Effect.succeed(statusCode)))
        })
      const hosts = [`emulator:${port}`, "stigg.internal", "evil.example"]
      expect(yield* Effect.forEach(hosts, statusBy)).toEqual([200, 200, 403])
      expect((yield* (yield* command("--help")).saysA(/--control-host <host>\s+(.*)/))[1]).toContain("/_emulator")
    })
  )

  it.scopedLive("allows the origins of --cors-origin, and with --strict refuses after with before", () =>
    Effect.gen(function* () {
      const origin = "http://localhost:3000"
      const { saysA } = yield* command("--port", "0", "--cors-origin", origin, "--strict")
      const url = (yield* saysA(/listening on (http:\/\/\S+)/))[1] ?? ""
      const answer = yield* Effect.promise(() =>
        fetch(`${url}/api/v1/customers?after=a&before=b`, { headers: { origin, "x-api-key": "any" } })
      )
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([400, origin])
      expect(yield* Effect.promise(() => answer.json())).toMatchObject({
        message: "before: after and before are mutually exclusive"
      })
    })
  )

  it.scopedLive("lists every control route in --help, with a curl command that works", () =>
    Effect.gen(function* () {
      const { exit, said } = yield* command("--help")
      expect(yield* exit).toBe(0)
      const help = yield* said
      for (const { does, method, path } of ControlHelp.routes) {
        expect(help).toMatch(new RegExp(`^  ${method} +${path}  +${does}$`, "m"))
      }
      const commands = [
        ...help.matchAll(
          /^ {2}curl (?:-X (\S+) )?(?<q>'?)http:\/\/127\.0\.0\.1:4010([^\s']+)\k<q>(?: -H '(\S+): (\S+)' -d '(.*)')?$/gm
        )
      ]
      const { saysA } = yield* command("--port", "0", "--seed", "demo")
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const answered = yield* Effect.forEach(commands, ([, method, , path = "", name, value, body]) =>
        Effect.promise(async () => {
          const headers = name === undefined || value === undefined ? {} : { [name]: value }
          const verb = method ?? (body === undefined ? "GET" : "POST")
          // The file that the command before it saves.
          const sent = body === "@save.json" ? await (await fetch(`${url}/_emulator/save`)).text() : (body ?? null)
          const response = await fetch(url + path, { method: verb, headers, body: sent })
          return [verb, path.replace(/\?.*/, ""), response.ok]
        })
      )
      expect(answered).toEqual(ControlHelp.routes.map(({ method, path }) => [method, path, true]))
    })
  )

  it.scopedLive("reads a seed from a file", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-stigg-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      writeFileSync(join(folder, "seed.json"), '{"customers":[{"id":"customer-of-a-file"}]}')
      const { saysA } = yield* command("--port", "0", "--seed", join(folder, "seed.json"))
      const url = (yield* saysA(/listening on (\S+)/))[1] ?? ""
      const found = yield* Effect.promise(() =>
        fetch(`${url}/api/v1/customers/customer-of-a-file`, { headers: { "x-api-key": "any" } })
      )
      expect(found.status).toBe(200)
    })
  )

  it.scopedLive("reports a port that is in use", () =>
    Effect.gen(function* () {
      const first = yield* command("--port", "0")
      const port = (yield* first.saysA(/listening on http:\/\/127\.0\.0\.1:(\d+)/))[1] ?? ""
      const second = yield* command("--port", port)
      expect(yield* second.exit).toBe(1)
      expect(yield* second.said).toContain(`Port ${port} on 127.0.0.1 is in use`)
    })
  )
})
