import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import { Customers, Entitlements, RequestOptions, Stigg } from "effect-stigg"
import { Emulator, StiggTest } from "effect-stigg/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { gzipSync } from "node:zlib"
import { httpClients, services } from "./httpClients.js"
import * as ScriptedClient from "./ScriptedClient.js"
import type { Script } from "./ScriptedServer.js"
import * as ScriptedServer from "./ScriptedServer.js"

const { customer } = ScriptedClient

const megabyte = 2 ** 20

const retrieve = Effect.flatMap(Customers.Customers, (customers) => customers.retrieve("customer-acme"))

/** The JSON of a customer with this many bytes. */
const padded = (bytes: number): string => {
  const json = JSON.stringify({ data: { ...customer("customer-acme"), padding: "" } })
  return json.replace('"padding":""', `"padding":"${"x".repeat(bytes - json.length)}"`)
}

const tooLarge = (limit: number, status = 200) => ({ _tag: "StiggResponseTooLargeError", limit, status, attempts: 1 })

/** Chunks for as long as the client reads. */
const endless =
  (status: number, sent: { bytes: number }): Script =>
  (_, response) =>
    Effect.async<void>((resume) => {
      const chunk = Buffer.alloc(64 * 1024, " ")
      response.writeHead(status, { "content-type": "application/json", "x-should-retry": "true", "x-trace-id": "t" })
      const write = () => {
        while (!response.destroyed) {
          sent.bytes += chunk.length
          if (!response.write(chunk)) break
        }
      }
      response.on("drain", write)
      response.on("close", () => resume(Effect.void))
      write()
    })

/** A chunked response without an announced length. */
const chunked =
  (body: string): Script =>
  (_, response) =>
    Effect.sync(() => {
      response.writeHead(200, { "content-type": "application/json" })
      response.write(body.slice(0, body.length >> 1))
      response.end(body.slice(body.length >> 1))
    })

describe.each(httpClients)("over $name", ({ http, name }) => {
  it.live.each([200, 503])("an endless body of a %d fails once, closes its socket, and uses bounded memory", (status) =>
    Effect.gen(function* () {
      const sent = { bytes: 0 }
      const server = yield* ScriptedServer.make(endless(status, sent))
      let most = 0
      const before = process.memoryUsage().arrayBuffers
      const watch = Effect.sync(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      }).pipe(Effect.repeat(Schedule.spaced("2 millis")))
      const error = yield* retrieve.pipe(
        Effect.flip,
        RequestOptions.locally({ timeout: "20 seconds" }),
        // Within the layer's scope: closing it would close all sockets.
        Effect.tap(() => server.closed),
        Effect.provide(services(http, server.url)),
        Effect.raceFirst(watch)
      )
      expect(error).toMatchObject({ ...tooLarge(16 * megabyte, status), traceId: "t", operation: "customers.retrieve" })
      expect(server.received).toHaveLength(1)
      expect(sent.bytes).toBeLessThan(32 * megabyte)
      expect(most).toBeLessThan(100 * megabyte)
    }).pipe(Effect.scoped)
  )

  it.live(
    "a body of exactly the limit is read, with a content-length and in chunks, and one more byte is rejected",
    () =>
      Effect.gen(function* () {
        for (const script of [(body: string) => ScriptedServer.answer(200, body), chunked]) {
          const server = yield* ScriptedServer.sequence(script(padded(5000)), script(padded(5001)))
          const [acme, error] = yield* Effect.all([retrieve, Effect.flip(retrieve)]).pipe(
            RequestOptions.locally({ maxResponseBytes: 5000 }),
            Effect.provide(services(http, server.url))
          )
          expect(acme.id).toBe("customer-acme")
          expect(error).toMatchObject(tooLarge(5000))
          expect(error.message).toContain("5000 bytes")
          expect(error.message).toContain("maxResponseBytes")
        }
      }).pipe(Effect.scoped)
  )

  it.live("a body that announces more than the limit is rejected before its first byte", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make((_, response) =>
        Effect.sync(() => {
          response.writeHead(200, { "content-length": String(600 * 10 ** 6) }).flushHeaders()
        })
      )
      for (const [maxResponseBytes, limit] of [
        [undefined, 16 * megabyte],
        // Not a broken connection, which would be retried: a string of that length cannot exist.
        [0, 2 ** 29 - 24],
        [10 ** 9, 2 ** 29 - 24]
      ] as const) {
        const error = yield* retrieve.pipe(
          Effect.flip,
          RequestOptions.locally({ maxResponseBytes }),
          Effect.tap(() => server.closed),
          Effect.provide(services(http, server.url))
        )
        expect(error).toMatchObject(tooLarge(limit))
      }
      expect(server.received).toHaveLength(3)
    }).pipe(Effect.scoped)
  )

  it.live("0 disables the limit", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(chunked(padded(17 * megabyte)))
      const [acme, error] = yield* Effect.all([
        retrieve.pipe(RequestOptions.locally({ maxResponseBytes: 0 })),
        Effect.flip(retrieve)
      ]).pipe(RequestOptions.locally({ timeout: "20 seconds" }), Effect.provide(services(http, server.url)))
      expect(acme.id).toBe("customer-acme")
      expect(error).toMatchObject(tooLarge(16 * megabyte))
    }).pipe(Effect.scoped)
  )

  it.live("a body that arrives byte by byte is read completely", () =>
    Effect.gen(function* () {
      const text = Buffer.from(JSON.stringify({ data: { ...customer("customer-acme"), name: "é🎉" } }))
      const server = yield* ScriptedServer.make((_, response) =>
        Effect.forEach([...text], (byte) => Effect.sync(() => response.write(Buffer.of(byte))), { discard: true }).pipe(
          Effect.andThen(Effect.sync(() => response.end()))
        )
      )
      const acme = yield* retrieve.pipe(Effect.provide(services(http, server.url)))
      expect(acme.name).toBe("é🎉")
    }).pipe(Effect.scoped)
  )

  it.live("a transformClient that reads the text leaves it to the SDK and is also bounded", () =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.sequence(chunked(padded(5000)), chunked(padded(5001)))
      const read: Array<string> = []
      const transformClient = HttpClient.tap(({ text }) =>
        Effect.match(text, {
          onSuccess: ({ length }) => read.push(`${length}`),
          onFailure: ({ cause }) => read.push(String(cause))
        })
      )
      const [acme, error] = yield* Effect.all([retrieve, Effect.flip(retrieve)]).pipe(
        RequestOptions.locally({ maxResponseBytes: 5000 }),
        Effect.provide(services(http, server.url, { transformClient }))
      )
      expect(acme.id).toBe("customer-acme")
      expect(error).toMatchObject(tooLarge(5000))
      expect(read).toEqual(["5000", "Error: The body is longer than 5000 bytes"])
    }).pipe(Effect.scoped)
  )

  if (name === "fetch") {
    it.live("bytes are counted after decompression", () =>
      Effect.gen(function* () {
        const bomb = gzipSync(padded(4 * megabyte))
        expect(bomb.length).toBeLessThan(10_000)
        const server = yield* ScriptedServer.make((_, response) =>
          Effect.sync(() => {
            response.writeHead(200, { "content-encoding": "gzip", "content-length": String(bomb.length) }).end(bomb)
          })
        )
        const error = yield* retrieve.pipe(
          Effect.flip,
          RequestOptions.locally({ maxResponseBytes: megabyte }),
          Effect.provide(services(http, server.url))
        )
        expect(error).toMatchObject(tooLarge(megabyte))
      }).pipe(Effect.scoped)
    )
  }
})

describe("maxResponseBytes", () => {
  const answered = (self: typeof retrieve, answer: ScriptedClient.Answer, layer?: RequestOptions.Options) =>
    Effect.gen(function* () {
      const scripted = ScriptedClient.sequence(answer)
      const all = ScriptedClient.services(scripted)
      const exit = yield* Effect.either(self).pipe(
        Effect.provide(layer === undefined ? all : Layer.provide(all, RequestOptions.layer(layer)))
      )
      return { exit, sent: scripted.sent }
    })

  it.effect("of a layer applies to each call, and an override wins", () =>
    Effect.gen(function* () {
      const answer = ScriptedClient.answer(200, padded(5000))
      const { exit } = yield* answered(retrieve, answer, { maxResponseBytes: 4999 })
      expect(exit).toMatchObject({ _tag: "Left", left: tooLarge(4999) })
      const wider = retrieve.pipe(RequestOptions.locally({ maxResponseBytes: 5000 }))
      expect((yield* answered(wider, answer, { maxResponseBytes: 4999 })).exit._tag).toBe("Right")
    })
  )

  it.effect("does not trust a content-length that is too short", () =>
    Effect.gen(function* () {
      const answer = ScriptedClient.answer(200, padded(5000), { "content-length": "10" })
      const { exit } = yield* answered(retrieve.pipe(RequestOptions.locally({ maxResponseBytes: 100 })), answer)
      expect(exit).toMatchObject({ _tag: "Left", left: tooLarge(100) })
    })
  )

  it.effect("accepts a 304 with the length of a body that it does not have", () =>
    Effect.gen(function* () {
      const answer = Effect.sync(() => new Response(null, { status: 304, headers: { "content-length": "100000000" } }))
      const { exit } = yield* answered(retrieve, answer)
      expect(exit).toMatchObject({ left: { _tag: "StiggAPIStatusError", status: 304, body: "" } })
    })
  )

  it.effect("applies to a client that transformClient substitutes", () =>
    Effect.gen(function* () {
      const other = ScriptedClient.sequence(ScriptedClient.answer(200, padded(5000)))
      const error = yield* retrieve.pipe(
        Effect.flip,
        RequestOptions.locally({ maxResponseBytes: 100 }),
        Effect.provide(ScriptedClient.services(other, { transformClient: () => other.client }))
      )
      expect(error).toMatchObject(tooLarge(100))
    })
  )

  it.effect("applies in process, with the emulator", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flatMap(Customers.Customers, (customers) => customers.provision({ id: "acme" })).pipe(
        Effect.flip,
        RequestOptions.locally({ maxResponseBytes: 20 })
      )
      expect(error).toMatchObject(tooLarge(20, 201))
    }).pipe(Effect.provide(StiggTest.layer()))
  )

  it.effect.each([Number.NaN, -1, 1.5, Infinity])("%d is rejected by name, and nothing is sent", (maxResponseBytes) =>
    Effect.gen(function* () {
      const { exit, sent } = yield* answered(
        retrieve.pipe(RequestOptions.locally({ maxResponseBytes })),
        ScriptedClient.ok(customer("acme"))
      )
      expect(exit).toMatchObject({ left: { _tag: "StiggInvalidRequestError", field: "maxResponseBytes" } })
      expect(sent).toEqual([])
    })
  )
})

describe("entitlements", () => {
  const check = Entitlements.check("acme", { featureId: "sso" })

  it.effect("count a response that is too large as an API failure", () =>
    Effect.gen(function* () {
      const answer = yield* check
      expect(answer).toMatchObject({ isGranted: true, source: "fallback" })
    }).pipe(
      Effect.provide(
        Entitlements.layer({ fallback: true }).pipe(
          Layer.provide(Stigg.layer({ apiKey: Redacted.make("server-key") })),
          Layer.provide(RequestOptions.layer({ maxResponseBytes: 10 })),
          Layer.provide(Emulator.layerHttpClient),
          Layer.provide(Emulator.layer({ seed: { customers: [{ id: "acme" }] } }))
        )
      )
    )
  )
})
