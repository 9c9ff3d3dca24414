import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as net from "node:net"
import { customers, failure, get, post } from "./exchange.js"

const served = (options: EmulatorServer.Options = {}) =>
  Layer.merge(EmulatorServer.layer(options), FetchHttpClient.layer)
const at = Effect.map(EmulatorServer.EmulatorServer, ({ url }) => ({ baseUrl: url }))

const raw = (path: string) =>
  Effect.gen(function* () {
    const { url } = yield* EmulatorServer.EmulatorServer
    const client = yield* HttpClient.HttpClient
    return yield* client.get(`${url}${path}`, { headers: { "x-api-key": "any" } })
  })

/** What a server responds to bytes that need not be valid HTTP. */
const speak = (bytes: string) =>
  Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) =>
    Effect.async<string>((resume) => {
      const socket = net.connect(port, "127.0.0.1")
      let said = ""
      socket.on("data", (data) => (said += data.toString()))
      socket.on("error", () => {})
      socket.on("close", () => resume(Effect.succeed(said)))
      socket.end(bytes)
    })
  )

describe("an emulator over HTTP", () => {
  it.live("behaves like the in-process emulator", () =>
    Effect.gen(function* () {
      const options = yield* at
      const headers = { "idempotency-key": "k" }
      const made = yield* post(customers, { id: "a/b".replace("/", "-"), name: "Acmé" }, { ...options, headers })
      expect(made.status).toBe(201)
      expect(made.headers["content-type"]).toBe("application/json")
      expect(yield* post(customers, { id: "x" }, { ...options, headers })).toMatchObject({ body: made.body })
      expect((yield* get(`${customers}/a-b`, options)).data["name"]).toBe("Acmé")
      expect(failure(yield* get(`${customers}/nobody`, options))).toEqual({ status: 404, code: "CustomerNotFound" })
      expect(failure(yield* get(`${customers}?limit=0`, options))).toEqual({ status: 400, code: "BadUserInput" })
      expect(failure(yield* get("/nowhere", options))).toEqual({ status: 404, code: "RouteNotFound" })
      expect((yield* post(customers, undefined, { ...options, text: "{" })).status).toBe(400)
    }).pipe(Effect.provide(served()))
  )

  it.live("listens on a free loopback port until its scope closes", () =>
    Effect.gen(function* () {
      const url = yield* Effect.provide(
        Effect.map(EmulatorServer.EmulatorServer, ({ url }) => url),
        served()
      )
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      const error = yield* Effect.flip(
        Effect.flatMap(HttpClient.HttpClient, (client) => client.get(url)).pipe(Effect.provide(FetchHttpClient.layer))
      )
      expect(error._tag).toBe("RequestError")
    })
  )

  it.live("reports a port that is in use", () =>
    Effect.gen(function* () {
      const { port } = yield* EmulatorServer.EmulatorServer
      const error = yield* Effect.flip(Effect.provide(EmulatorServer.EmulatorServer, Layer.fresh(served({ port }))))
      expect(error).toMatchObject({ _tag: "StiggListenError", code: "EADDRINUSE" })
      expect(error.message).toContain(`Port ${port} on 127.0.0.1 is in use`)
    }).pipe(Effect.provide(served()))
  )

  it.live.each([-1, 1.5, 65_536])("reports an invalid port: %s", (port) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(EmulatorServer.EmulatorServer, served({ port })))
      expect(error).toMatchObject({ _tag: "StiggListenError", code: null })
      expect(error.message).toBe(`Port ${port} is invalid: expected an integer from 0 to 65535`)
    })
  )

  it.live.each([
    ["reset", Faults.reset],
    ["answerLost", Faults.answerLost]
  ] as const)("closes the connection without a response: %s", ([, fault]) =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault, times: 1 })
      expect(yield* Effect.flip(raw(customers))).toMatchObject({ _tag: "RequestError" })
      expect((yield* raw(customers)).status).toBe(200)
    }).pipe(Effect.provide(served()))
  )

  it.live.each([
    ["reset", Faults.reset],
    ["answerLost", Faults.answerLost]
  ] as const)("resets the connection, which a client can distinguish from a close: %s", ([, fault]) =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault, times: 1 })
      const { port } = yield* EmulatorServer.EmulatorServer
      const code = yield* Effect.async<string | undefined>((resume) => {
        const socket = net.connect(port, "127.0.0.1")
        socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code)))
        socket.on("close", () => resume(Effect.succeed("closed")))
        socket.resume()
        socket.write(`GET ${customers} HTTP/1.1\r\nhost: x\r\nx-api-key: any\r\n\r\n`)
      })
      expect(code).toBe("ECONNRESET")
    }).pipe(Effect.provide(served()))
  )

  it.live("sends half of the body before it stalls", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.stallInBody, times: 1 })
      const { port } = yield* EmulatorServer.EmulatorServer
      const half = yield* Effect.async<string>((resume) => {
        const socket = net.connect(port, "127.0.0.1")
        let said = ""
        socket.on("data", (data) => {
          said += data.toString()
          const [, body = ""] = said.split("\r\n\r\n")
          if (body !== "")
            resume(
              Effect.as(
                Effect.sync(() => socket.destroy()),
                body
              )
            )
        })
        socket.write(`GET ${customers} HTTP/1.1\r\nhost: x\r\nx-api-key: any\r\n\r\n`)
      })
      const whole = yield* Effect.flatMap(raw(customers), ({ text }) => text)
      expect(half).toBe(whole.slice(0, whole.length >> 1))
    }).pipe(Effect.provide(served()))
  )

  it.live("resets the connection of a pipelined request", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("50 millis"), customer: "slow", times: 1 })
      yield* Emulator.inject({ fault: Faults.reset, customer: "broken", times: 1 })
      const { port } = yield* EmulatorServer.EmulatorServer
      const code = yield* Effect.async<string | undefined>((resume) => {
        const socket = net.connect(port, "127.0.0.1")
        socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code)))
        for (const id of ["slow", "broken"]) {
          socket.write(`GET ${customers}/${id} HTTP/1.1\r\nhost: x\r\nx-api-key: any\r\n\r\n`)
        }
        return Effect.sync(() => socket.destroy())
      }).pipe(Effect.timeout("1 second"))
      expect(code).toBe("ECONNRESET")
    }).pipe(Effect.provide(served()))
  )

  it.live("closes the connection inside the body", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.resetInBody, times: 1 })
      const response = yield* raw(customers)
      expect(response.status).toBe(200)
      expect(yield* Effect.flip(response.text)).toMatchObject({ _tag: "ResponseError" })
    }).pipe(Effect.provide(served()))
  )

  it.live.each([
    ["before the headers", Faults.stall],
    ["inside the body", Faults.stallInBody]
  ] as const)("stalls %s and still shuts down", ([, fault]) =>
    Effect.gen(function* () {
      const outcome = yield* Effect.gen(function* () {
        yield* Emulator.inject({ fault, times: 1 })
        return yield* Effect.timeoutOption(
          Effect.flatMap(raw(customers), ({ text }) => text),
          "100 millis"
        )
      }).pipe(Effect.provide(served()))
      expect(outcome._tag).toBe("None")
    })
  )

  it.live.each([
    "nonsense\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET http:// HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET //// HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET * HTTP/1.1\r\nhost: x\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
    "GET /api/v1/customers/%zz HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\n\r\n",
    "GET /api/v1/customers/%E0%A4%A HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\n\r\n",
    "POST /api/v1/customers HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-length: 5\r\n\r\n{",
    "POST /api/v1/customers HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "POST /api/v1/customers HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\ncontent-type: multipart/form-data\r\ncontent-length: 2\r\n\r\n{}",
    "GET /api/v1/customers HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"
  ])("survives %j", (bytes) =>
    Effect.gen(function* () {
      yield* Effect.timeoutOption(speak(bytes), "100 millis")
      expect((yield* raw(customers)).status).toBe(200)
    }).pipe(Effect.provide(served()))
  )
})
