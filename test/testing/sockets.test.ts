import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { Emulator, Faults } from "effect-stigg/testing"
import { EmulatorServer } from "effect-stigg/testing/node"
import * as net from "node:net"
import * as NodeServer from "../../src/testing/internal/http/NodeServer.js"
import { customers } from "./exchange.js"

const served = (options: EmulatorServer.Options = {}) =>
  EmulatorServer.layer({
    seed: { customers: [{ id: "acme" }, { id: "slow" }, { id: "stalled" }] },
    timeouts: { headers: "100 millis", request: "200 millis", idle: "150 millis" },
    ...options
  })

/** A raw connection and what it receives. */
const connected = (port: number) =>
  Effect.gen(function* () {
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => net.connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true })),
      (open) => Effect.sync(() => open.destroy())
    )
    let said = ""
    const ended = yield* Deferred.make<string>()
    const end = () =>
      Deferred.unsafeDone(
        ended,
        Effect.sync(() => said)
      )
    socket.on("data", (data) => (said += data.toString("latin1")))
    // A server that rejects a body can reset the connection.
    socket.on("error", () => {})
    socket.on("end", end).on("close", end)
    const write = (text: string) => Effect.sync(() => void socket.write(text))
    const says = (pattern: RegExp) =>
      Effect.async<void>((resume) => {
        const look = () => {
          if (pattern.test(said)) resume(Effect.void)
        }
        socket.on("data", look)
        look()
      }).pipe(Effect.timeout("10 seconds"))
    return {
      socket,
      write,
      /** Keeps writing for as long as the test runs. */
      drip: (piece: string) => Effect.forkScoped(Effect.forever(Effect.delay(write(piece), "10 millis"))),
      says,
      /** Everything received until the server closed its side. */
      ended: Effect.timeout(Deferred.await(ended), "10 seconds")
    }
  })

const toEmulator = Effect.flatMap(EmulatorServer.EmulatorServer, ({ port }) => connected(port))

const head = (method: string, path: string, ...headers: ReadonlyArray<string>) =>
  [`${method} ${path} HTTP/1.1`, "host: localhost", "x-api-key: any", ...headers, "", ""].join("\r\n")
const get = (id: string) => head("GET", `${customers}/${id}`)
const isJson = "content-type: application/json"
const isChunked = "transfer-encoding: chunked"
const provision = (...headers: ReadonlyArray<string>) => head("POST", customers, isJson, ...headers)

const ids = Effect.map(Emulator.snapshot, ({ customers }) => customers.map(({ id }) => id))

describe("the server closes a connection", () => {
  it.scopedLive.each([
    ["that sends nothing", "", ""],
    ["that sends its headers too slowly", "GET /api/v1/customers HTTP/1.1\r\n", "x-a: b\r\n"],
    ["that sends one header too slowly", "GET /api/v1/customers HTTP/1.1\r\nx-a: ", "b"],
    ["that sends its body too slowly", provision("content-length: 1000"), " "],
    ["that sends its chunks too slowly", provision(isChunked), "1\r\n \r\n"],
    ["that sends its trailers too slowly", `${provision(isChunked)}0\r\n`, "x-a: b\r\n"],
    ["that never sends the announced body", provision("content-length: 10", "expect: 100-continue"), ""]
  ] as const)("%s", ([, start, piece]) =>
    Effect.gen(function* () {
      const { drip, ended, write } = yield* toEmulator
      yield* write(start)
      if (piece !== "") yield* drip(piece)
      expect(yield* ended).toContain("HTTP/1.1 408 ")
      expect(yield* ids).toEqual(["acme", "slow", "stalled"])
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive("that is idle after its response or stops inside the next request", () =>
    Effect.gen(function* () {
      for (const rest of ["", "GET / HTTP"]) {
        const { ended, says, write } = yield* toEmulator
        yield* write(get("acme"))
        yield* says(/"id":"acme".*}$/)
        yield* write(rest)
        expect(yield* ended).toMatch(/^HTTP\/1.1 200 OK/)
      }
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive("whose client does not read the response", () =>
    Effect.gen(function* () {
      const size = 64 * 1024 * 1024
      const port = yield* NodeServer.listen(Effect.succeed(HttpServerResponse.uint8Array(new Uint8Array(size))), {
        host: "127.0.0.1",
        port: 0,
        timeouts: { headers: 100, request: 200, idle: 100 },
        middleware: (app) => app
      })
      const { ended, socket, write } = yield* connected(port)
      socket.pause()
      yield* write(get("acme"))
      // Many short waits: if the event loop is late, the server's timer runs between two of them.
      yield* Effect.repeatN(Effect.sleep("50 millis"), 20)
      socket.resume()
      expect((yield* ended).length).toBeLessThan(size)
    })
  )

  it.scopedLive("but not while a request waits for its response", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("700 millis"), times: 2 })
      const { says, write } = yield* toEmulator
      yield* write(get("acme"))
      yield* says(/"id":"acme"/)
      // Also not if another response was sent on the same connection before.
      yield* Emulator.clearFaults
      yield* Emulator.inject({ fault: Faults.latency("700 millis"), customer: "slow" })
      yield* write(get("acme") + get("slow"))
      yield* says(/"id":"slow"/)
    }).pipe(Effect.provide(served()))
  )
})

describe("a client that half-closes the connection", () => {
  it.scopedLive("gets the pending responses", () =>
    Effect.gen(function* () {
      yield* Emulator.inject({ fault: Faults.latency("60 millis") })
      const { ended, socket } = yield* toEmulator
      socket.end(get("acme") + get("slow"))
      expect(yield* ended).toMatch(/^HTTP\/1.1 200 [^]*"id":"acme"[^]*HTTP\/1.1 200 [^]*"id":"slow".*}$/)
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive.each([Faults.stall, Faults.stallInBody, Faults.latency("1 minute")])(
    "is disconnected after the idle timeout at the latest: $type",
    (fault) =>
      Effect.gen(function* () {
        yield* Emulator.inject({ fault })
        const { ended, socket } = yield* toEmulator
        socket.end(get("acme"))
        expect(yield* ended).not.toContain('"createdAt"')
      }).pipe(Effect.provide(served()))
  )

  it.scopedLive.each([1, 2, 12])("leaves none of %i concurrent requests running when it disconnects", (requests) =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const open = { now: 0 }
      const stalled = Effect.async<never>(() => {
        open.now += 1
        if (open.now === requests) Deferred.unsafeDone(started, Effect.void)
        return Effect.sync(() => {
          open.now -= 1
          if (open.now === 0) Deferred.unsafeDone(interrupted, Effect.void)
        })
      })
      const port = yield* NodeServer.listen(stalled, {
        host: "127.0.0.1",
        port: 0,
        timeouts: { headers: 100, request: 200, idle: 50 },
        middleware: (app) => app
      })
      const { socket, write } = yield* connected(port)
      yield* write(get("acme").repeat(requests))
      yield* Effect.timeout(Deferred.await(started), "1 second")
      socket.destroy()
      yield* Effect.timeout(Deferred.await(interrupted), "1 second")
      expect(open.now).toBe(0)
    })
  )
})

describe("a body above the limit gets a 413", () => {
  const limit = 10 * 1024 * 1024
  const megabyte = "x".repeat(1024 * 1024)
  const refused =
    /^HTTP\/1.1 413 [^]*connection: close[^]*\r\n\r\n{"message":"[^"]+","code":"PayloadTooLarge","traceId":"[^"]+"}$/i
  /** The idle timeout does not fire during the test. */
  const patient = served({ timeouts: { idle: "1 second" } })

  it.scopedLive.each([
    ["by its length", `content-length: ${limit + 1}`],
    ["by its length, with Expect: 100-continue", `content-length: ${limit + 1}`, "expect: 100-continue"],
    ["by a length of many digits", "content-length: 9007199254740993"]
  ])("%s, before it is sent", ([, ...headers]) =>
    Effect.gen(function* () {
      const { ended, says, write } = yield* toEmulator
      yield* write(provision(...headers))
      yield* says(refused)
      expect(yield* ended).toMatch(refused)
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive.each([
    ["GET", `${customers}/acme`],
    ["DELETE", `${customers}/acme/payment-method`],
    ["POST", "/_emulator/faults"],
    ["POST", "/nowhere"]
  ] as const)("on every route: %s %s", ([method, path]) =>
    Effect.gen(function* () {
      const { says, write } = yield* toEmulator
      yield* write(head(method, path, isJson, `content-length: ${limit + 1}`))
      yield* says(refused)
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive("also of a save, from a web page that may not load it", () =>
    Effect.gen(function* () {
      const load = (...headers: ReadonlyArray<string>) =>
        head("POST", "/_emulator/load", isJson, `content-length: ${limit + 1}`, ...headers)
      const page = yield* toEmulator
      yield* page.write(load("origin: http://evil.example"))
      yield* page.says(refused)
      const program = yield* toEmulator
      yield* program.write(load("expect: 100-continue"))
      yield* program.says(/^HTTP\/1.1 100 /)
    }).pipe(Effect.provide(served()))
  )

  it.scopedLive.each([
    ["in chunks without a length", isChunked, `100000\r\n${megabyte}\r\n`, "0\r\n\r\n"],
    ["with a length", `content-length: ${11 * megabyte.length}`, megabyte, ""]
  ] as const)("when the client sends all of it before reading: %s", ([, header, piece, last]) =>
    Effect.gen(function* () {
      const { ended, socket, write } = yield* toEmulator
      socket.pause()
      yield* write(provision(header))
      for (let n = 0; n < 11; n++) {
        yield* Effect.async<void>((resume) => void socket.write(piece, () => resume(Effect.void)))
      }
      yield* write(last)
      socket.resume()
      // Closed as soon as the body has arrived, well before the idle timeout.
      expect(yield* Effect.timeout(ended, "700 millis")).toMatch(refused)
      expect(yield* ids).toEqual(["acme", "slow", "stalled"])
    }).pipe(Effect.provide(patient))
  )

  it.scopedLive("when the client never stops sending, and the connection is closed", () =>
    Effect.gen(function* () {
      const { ended, says, socket, write } = yield* toEmulator
      yield* write(provision(isChunked))
      const closed = new Promise((resolve) => socket.on("close", resolve))
      const send = Effect.async<void, Error>((resume) => {
        socket.write(`100000\r\n${megabyte}\r\n`, (error) => resume(error ? Effect.fail(error) : Effect.void))
      })
      yield* Effect.forkScoped(Effect.forever(send))
      yield* says(refused)
      expect(yield* ended).toMatch(refused)
      yield* Effect.timeout(
        Effect.promise(() => closed),
        "2 seconds"
      )
    }).pipe(Effect.provide(served({ timeouts: { idle: "150 millis" } })))
  )

  it.live("with fetch, and the request is logged", () => {
    const exchanges: Array<EmulatorServer.Exchange> = []
    return Effect.gen(function* () {
      const { url } = yield* EmulatorServer.EmulatorServer
      const headers = { "x-api-key": "any", "content-type": "application/json" }
      const body = JSON.stringify({ id: "large", metadata: { a: megabyte.repeat(11) } })
      const response = yield* Effect.promise(() => fetch(url + customers, { method: "POST", headers, body }))
      expect(response.status).toBe(413)
      expect(yield* Effect.promise(() => response.json())).toMatchObject({ code: "PayloadTooLarge" })
      expect(exchanges).toMatchObject([{ method: "POST", url: customers, status: 413 }])
    }).pipe(
      Effect.provide(
        EmulatorServer.layer({ onExchange: (exchange) => Effect.sync(() => void exchanges.push(exchange)) })
      )
    )
  })

  it.scopedLive("but a body at the limit is accepted, after 100 Continue on request", () =>
    Effect.gen(function* () {
      const { says, write } = yield* toEmulator
      const body = `{"id":"large","metadata":{}}`
      yield* write(provision(`content-length: ${limit}`, "expect: 100-continue"))
      yield* says(/^HTTP\/1.1 100 Continue\r\n\r\n$/)
      yield* write(body.padEnd(limit))
      yield* says(/HTTP\/1.1 201 Created\r\n/)
      expect(yield* ids).toContain("large")
    }).pipe(Effect.provide(patient))
  )
})

describe("the timeouts of a server", () => {
  it.live.each([
    [{ idle: "0 millis" }, "timeouts.idle: Expected a duration from 1 millisecond to 1 hour"],
    [{ idle: "2 hours" }, "timeouts.idle: Expected a duration"],
    [{ request: NaN }, "timeouts.request: Expected a duration"],
    [{ request: Infinity }, "timeouts.request: Expected a duration"],
    [{ headers: -1 }, "timeouts.headers: Expected a duration"],
    [{ headers: "nonsense" }, "timeouts.headers: Expected a duration"],
    [{ headers: "31 seconds" }, "timeouts.headers: Expected at most timeouts.request, 30s"]
  ] as const)("are rejected by name if invalid: %j", ([timeouts, message]) =>
    Effect.gen(function* () {
      // Code with a cast can pass any value.
      const layer = EmulatorServer.layer({ timeouts: timeouts as EmulatorServer.Timeouts })
      const error = yield* Effect.flip(Effect.provide(EmulatorServer.EmulatorServer, layer))
      expect(error).toMatchObject({ _tag: "StiggInvalidServerOptionsError" })
      expect(error.message).toContain(message)
    })
  )

  it.scopedLive("keep an idle connection open for 5 seconds", () =>
    Effect.gen(function* () {
      const { says, write } = yield* toEmulator
      yield* write(get("acme"))
      yield* says(/keep-alive: timeout=5\r\n/i)
    }).pipe(Effect.provide(served({ timeouts: {} })))
  )

  it.live("can limit a whole request to less than the default for headers", () =>
    Effect.gen(function* () {
      expect((yield* EmulatorServer.EmulatorServer).port).toBeGreaterThan(0)
    }).pipe(Effect.provide(served({ timeouts: { request: "1 second" } })))
  )
})
