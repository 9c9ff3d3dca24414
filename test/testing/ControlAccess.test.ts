import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as net from "node:net"
import { json } from "./document.js"
import { customers } from "./exchange.js"

const snapshot = "/_emulator/snapshot"
const faults = "/_emulator/faults"
const rule = JSON.stringify({ fault: { type: "reset" } })

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly version?: "1.0" | "1.1"
  readonly headers?: ReadonlyArray<string>
  readonly body?: string
}

/** A raw HTTP exchange, because no HTTP client would send most of these headers. `{port}` stands for the port. */
const ask = ({ body = "", headers = [], method = "GET", path = snapshot, version = "1.1" }: Asked) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) =>
    Effect.async<{ readonly status: number; readonly head: string; readonly body: string }>((resume) => {
      const lines = [...headers, ...(body === "" ? [] : [`content-length: ${Buffer.byteLength(body)}`])]
      const head = [`${method} ${path} HTTP/${version}`, ...lines, "connection: close", "", ""].join("\r\n")
      const socket = net.connect(port, "127.0.0.1")
      let said = ""
      socket.on("data", (data) => (said += data.toString()))
      socket.on("close", () => {
        const [head = "", ...rest] = said.split("\r\n\r\n")
        resume(Effect.succeed({ status: Number(head.split(" ")[1]), head, body: rest.join("\r\n\r\n") }))
      })
      socket.write(head.replaceAll("{port}", String(port)) + body)
    })
  )

const refusal = (asked: Asked) =>
  Effect.map(ask(asked), ({ body, head, status }) => {
    const { code, message, traceId, ...rest } = json(JSON.parse(body))
    expect(head.toLowerCase()).toContain(`x-trace-id: ${String(traceId)}`)
    return { status, code, message: typeof message, rest }
  })

const forbiddenHost = { status: 403, code: "ForbiddenHost", message: "string", rest: {} }
const forbiddenOrigin = { status: 403, code: "ForbiddenOrigin", message: "string", rest: {} }
const unsupported = { status: 415, code: "UnsupportedMediaType", message: "string", rest: {} }

const activeFaults = Effect.flatMap(Emulator.Emulator, ({ activeFaults }) => activeFaults)
const world = EmulatorServer.layer({ seed: { customers: [{ id: "acme" }] } })
const isJson = "content-type: application/json"

describe("the control routes", () => {
  it.live.each([
    "localhost",
    "localhost:{port}",
    "LocalHost:{port}",
    "localhost.:{port}",
    "127.0.0.1",
    "127.0.0.1:{port}",
    "127.0.0.1:1",
    "127.255.255.255",
    "[::1]",
    "[::1]:{port}"
  ])("accept the loopback host %s", (host) =>
    Effect.gen(function* () {
      const { body, status } = yield* ask({ headers: [`host: ${host}`] })
      expect([status, body]).toEqual([200, expect.stringContaining("acme")])
    }).pipe(Effect.provide(world))
  )

  it.live.each([
    "evil.example",
    "evil.example:{port}",
    "evil.example.",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1.evil.example:{port}",
    "evil-127.0.0.1",
    "evil.localhost",
    "localhost..",
    ".localhost",
    "127.0.0.256",
    "127.0.0.1.1",
    "127.0.0.01",
    "127.1",
    "2130706433",
    "0x7f000001",
    "128.0.0.1",
    "0.0.0.0:{port}",
    "192.168.0.1",
    "[::ffff:127.0.0.1]:{port}",
    "[::ffff:7f00:1]",
    "[::2]",
    "[::]",
    "::1",
    "[::1",
    "[::1]evil",
    "[::1]:1:2",
    "evil.example@127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1:{port}@evil.example",
    "localhost:x",
    "localhost:123456",
    "localhost, evil.example",
    "localhost evil.example",
    "localhost/evil.example",
    "localhost#evil.example",
    "localhost?evil.example",
    "localhost\\evil.example",
    "l\xbacalhost",
    ""
  ])("reject the host %j", (host) =>
    Effect.gen(function* () {
      expect(yield* refusal({ headers: [`host: ${host}`] })).toEqual(forbiddenHost)
    }).pipe(Effect.provide(world))
  )

  it.live("reject a request without a host, which HTTP/1.0 allows", () =>
    Effect.gen(function* () {
      expect(yield* refusal({ version: "1.0" })).toEqual(forbiddenHost)
    }).pipe(Effect.provide(world))
  )

  it.live.each([
    ["localhost", "evil.example"],
    ["evil.example", "localhost"],
    ["localhost", "localhost"]
  ])("reject two hosts: %s", (hosts) =>
    Effect.gen(function* () {
      expect(yield* refusal({ headers: hosts.map((host) => `host: ${host}`) })).toEqual(forbiddenHost)
    }).pipe(Effect.provide(world))
  )

  it.live.each(["http://localhost/_emulator/snapshot", "//localhost/_emulator/snapshot", "/%5Femulator/snapshot"])(
    "do not match other spellings of their paths: %s",
    (path) =>
      Effect.gen(function* () {
        const answer = yield* ask({ path, headers: ["host: evil.example", "x-api-key: any"] })
        expect([answer.status, answer.body]).toEqual([404, expect.not.stringContaining("acme")])
      }).pipe(Effect.provide(world))
  )

  it.live.each(["", "/", "/docs", "/openapi.json", "/snapshot", "/faults", "/nothing"])(
    "reject a foreign host and a foreign origin at /_emulator%s",
    (route) =>
      Effect.gen(function* () {
        const path = `/_emulator${route}`
        expect(yield* refusal({ path, headers: ["host: evil.example"] })).toEqual(forbiddenHost)
        expect(yield* refusal({ path, headers: ["host: localhost", "origin: http://evil.example"] })).toEqual(
          forbiddenOrigin
        )
      }).pipe(Effect.provide(world))
  )

  it.live("accept the configured hosts, whatever the port and case", () =>
    Effect.gen(function* () {
      for (const host of ["emulator", "Emulator:4010", "stigg.internal.", "[fd00::1]:1"]) {
        expect((yield* ask({ headers: [`host: ${host}`] })).status, host).toBe(200)
      }
      for (const host of ["emulator.evil.example", "evil.example", "[fd00::2]"]) {
        expect(yield* refusal({ headers: [`host: ${host}`] }), host).toEqual(forbiddenHost)
      }
    }).pipe(Effect.provide(EmulatorServer.layer({ controlHosts: ["emulator", "STIGG.internal", "[FD00::1]"] })))
  )

  it.live.each(["", "http://emulator", "emulator:4010", "emulator/", "user@emulator", "fd00::1", "*", "a b"])(
    "cannot be configured with the host %j",
    (host) =>
      Effect.gen(function* () {
        const layer = EmulatorServer.layer({ controlHosts: ["emulator", host] })
        const error = yield* Effect.flip(Effect.provide(EmulatorServer.EmulatorServer, layer))
        expect(error).toMatchObject({ _tag: "StiggInvalidServerOptionsError" })
        expect(error.message).toMatch(/^controlHosts\.1: Expected a host without scheme, port or path/)
      })
  )

  it.live("accept the address that the server listens on", () =>
    Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const status = yield* Effect.promise(() => fetch(url + snapshot).then(({ status }) => status))
      expect([url, status]).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), 200])
      expect((yield* ask({ headers: ["host: 0.0.0.0:{port}"] })).status).toBe(200)
      expect(yield* refusal({ headers: ["host: evil.example"] })).toEqual(forbiddenHost)
    }).pipe(Effect.provide(EmulatorServer.layer({ host: "0.0.0.0" })))
  )

  const injected = (...headers: ReadonlyArray<string>): Asked => ({
    method: "POST",
    path: faults,
    headers: ["host: localhost:{port}", isJson, ...headers],
    body: rule
  })

  it.live.each([
    ["http://localhost:{port}", "none"],
    ["https://localhost:{port}", "none"],
    ["http://localhost:{port}", "same-origin"]
  ] as const)("accept a page of their own origin: %s", ([origin, site]) =>
    Effect.gen(function* () {
      expect((yield* ask(injected(`origin: ${origin}`, `sec-fetch-site: ${site}`))).status).toBe(201)
    }).pipe(Effect.provide(world))
  )

  it.live.each([
    "http://evil.example",
    "http://evil.example:{port}",
    "http://localhost",
    "http://localhost:1",
    "http://localhost:{port}.evil.example",
    "http://localhost:{port}@evil.example",
    "http://127.0.0.1:{port}",
    "localhost:{port}",
    "file://",
    "null",
    "http://localhost:{port}, http://evil.example",
    ""
  ])("reject the origin %j", (origin) =>
    Effect.gen(function* () {
      expect(yield* refusal(injected(`origin: ${origin}`))).toEqual(forbiddenOrigin)
      expect(yield* refusal({ headers: ["host: localhost:{port}", `origin: ${origin}`] })).toEqual(forbiddenOrigin)
      expect(yield* activeFaults).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.live("reject two origins", () =>
    Effect.gen(function* () {
      const own = "origin: http://localhost:{port}"
      expect(yield* refusal(injected(own, "origin: http://evil.example"))).toEqual(forbiddenOrigin)
    }).pipe(Effect.provide(world))
  )

  it.live.each(["cross-site", "same-site", "something-new"])("reject a request that a browser marks as %s", (site) =>
    Effect.gen(function* () {
      expect(yield* refusal(injected(`sec-fetch-site: ${site}`))).toEqual(forbiddenOrigin)
      expect(yield* refusal({ headers: ["host: localhost", `sec-fetch-site: ${site}`] })).toEqual(forbiddenOrigin)
      expect(yield* activeFaults).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.live.each([
    isJson,
    "content-type: Application/JSON",
    "content-type: application/json;charset=utf-8",
    "content-type: application/json ; charset=utf-8"
  ])("accept a body with %s", (type) =>
    Effect.gen(function* () {
      const headers = ["host: localhost", type]
      expect((yield* ask({ method: "POST", path: faults, headers, body: rule })).status).toBe(201)
    }).pipe(Effect.provide(world))
  )

  it.live.each([
    "text/plain",
    "text/plain; application/json",
    "text/plain;charset=application/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/jsonp",
    "application/json-seq",
    "application/vnd.api+json",
    "text/json",
    ";application/json",
    ""
  ])("reject a body with the content type %j", (type) =>
    Effect.gen(function* () {
      const headers = ["host: localhost", `content-type: ${type}`]
      expect(yield* refusal({ method: "POST", path: faults, headers, body: rule })).toEqual(unsupported)
      expect(yield* refusal({ method: "DELETE", path: faults, headers, body: "{}" })).toEqual(unsupported)
      expect(yield* activeFaults).toEqual([])
    }).pipe(Effect.provide(world))
  )

  it.live("reject a body without a content type and a POST without a body", () =>
    Effect.gen(function* () {
      const asked = { method: "POST", path: faults, headers: ["host: localhost"] }
      expect(yield* refusal({ ...asked, body: rule })).toEqual(unsupported)
      expect(yield* refusal(asked)).toEqual(unsupported)
      const chunked = { ...asked, headers: [...asked.headers, "transfer-encoding: chunked\r\n\r\n0"] }
      expect(yield* refusal(chunked)).toEqual(unsupported)
    }).pipe(Effect.provide(world))
  )

  it.live.each(["x-http-method-override", "x-http-method", "x-method-override"])(
    "ignore method overrides by %s",
    (name) =>
      Effect.gen(function* () {
        yield* Emulator.inject({ fault: Faults.reset })
        const headers = ["host: localhost", `${name}: DELETE`]
        expect((yield* ask({ path: faults, headers })).status).toBe(200)
        // No route has this parameter.
        expect((yield* ask({ path: `${faults}?_method=DELETE`, headers })).status).toBe(400)
        expect(yield* activeFaults).toHaveLength(1)
      }).pipe(Effect.provide(world))
  )

  it.live("change nothing on GET or HEAD", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.reset, operation: "customers.list" })
      const before = [yield* activeFaults, yield* Emulator.snapshot]
      for (const route of ["", "/docs", "/openapi.json", "/snapshot", "/faults"]) {
        for (const method of ["GET", "HEAD"]) {
          const asked = { method, path: `/_emulator${route}`, headers: ["host: localhost", isJson], body: rule }
          expect((yield* ask(asked)).status).toBe(200)
        }
      }
      expect([yield* activeFaults, yield* Emulator.snapshot]).toEqual(before)
    }).pipe(Effect.provide(world))
  )

  it.live("allow only their own origin: a preflight is rejected, and no response names an origin", () =>
    Effect.gen(function* () {
      const origin = "origin: http://evil.example"
      const preflight = ["access-control-request-method: POST", "access-control-request-headers: content-type"]
      const asked = [
        { method: "OPTIONS", path: faults, headers: ["host: localhost:{port}", origin, ...preflight] },
        { method: "OPTIONS", path: snapshot, headers: ["host: localhost:{port}", ...preflight] },
        { path: snapshot, headers: ["host: localhost:{port}", origin] },
        { path: snapshot, headers: ["host: localhost:{port}", "origin: http://localhost:{port}"] },
        { method: "OPTIONS", path: customers, headers: ["host: localhost:{port}", origin, ...preflight] }
      ]
      const answers = yield* Effect.forEach(asked, ask)
      expect(answers.map(({ status }) => status)).toEqual([403, 404, 403, 200, 401])
      for (const { head } of answers) expect(head.toLowerCase()).not.toContain("access-control-")
    }).pipe(Effect.provide(world))
  )
})

describe("the routes of the API", () => {
  it.live.each([
    ["host: evil.example"],
    ["host: evil.example", "origin: http://evil.example", "sec-fetch-site: cross-site"],
    ["host: api.stigg.io", "origin: null"],
    ["host: localhost", "host: evil.example"]
  ])("accept any client: %s", (headers) =>
    Effect.gen(function* () {
      const asked = { path: `${customers}/acme`, headers: ["x-api-key: any", ...headers] }
      expect((yield* ask(asked)).status).toBe(200)
      expect((yield* ask({ ...asked, method: "PATCH", headers: [...asked.headers, isJson], body: "{}" })).status).toBe(
        200
      )
    }).pipe(Effect.provide(world))
  )
})
