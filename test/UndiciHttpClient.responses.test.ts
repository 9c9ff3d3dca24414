import { describe, expect, it } from "@effect/vitest"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import type { Handler } from "./transport/HandlerServer.js"
import { exchange } from "./transport/undiciExchange.js"

/** Gets a response that the handler writes. */
const got = <A, E>(
  respond: (response: Parameters<Handler>[1]) => void,
  use: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, E>
) => exchange((_, response) => respond(response), HttpClientRequest.get("/"), use)

describe("a response", () => {
  it.live("has its status, headers, and cookies; repeated headers are joined as in the platform", () =>
    Effect.gen(function* () {
      const { headers, ...response } = yield* got(
        (response) => {
          response.writeHead(418, {
            "X-One": "1",
            "x-many": ["a", "b", "c"],
            "set-cookie": ["id=1; Path=/; HttpOnly", "theme=dark"]
          })
          response.end()
        },
        ({ cookies, headers, request, status }) => Effect.succeed({ cookies, headers, method: request.method, status })
      )
      expect(response).toMatchObject({ status: 418, method: "GET" })
      expect(headers).toMatchObject({
        "x-one": "1",
        "x-many": "a, b, c",
        "set-cookie": "id=1; Path=/; HttpOnly, theme=dark"
      })
      expect(response.cookies.toJSON()).toMatchObject({
        cookies: { id: { value: "1", options: { path: "/", httpOnly: true } }, theme: { value: "dark" } }
      })
    })
  )

  it.live("without cookies has none", () =>
    Effect.gen(function* () {
      const cookies = yield* got(
        (response) => response.end(),
        ({ cookies }) => Effect.succeed(cookies)
      )
      expect(cookies.toJSON()).toMatchObject({ cookies: {} })
    })
  )

  it.live("has a text that can be read twice, also as bytes, JSON, and parameters", () =>
    Effect.gen(function* () {
      const read = yield* got(
        (response) => response.end("12"),
        ({ arrayBuffer, json, text, urlParamsBody }) =>
          Effect.all([text, text, json, arrayBuffer, urlParamsBody, text], { concurrency: 2 })
      )
      expect(read).toEqual(["12", "12", 12, Uint8Array.of(49, 50).buffer, [["12", ""]], "12"])
    })
  )

  it.live("is decoded from UTF-8, without a byte order mark, also if characters are split over chunks", () =>
    Effect.gen(function* () {
      const bytes = Buffer.from("\uFEFFé🎉 – ü")
      const text = yield* got(
        (response) => {
          const write = (at: number) => {
            if (at === bytes.length) response.end()
            else response.write(bytes.subarray(at, at + 1), () => write(at + 1))
          }
          write(0)
        },
        ({ text }) => text
      )
      expect(text).toBe("é🎉 – ü")
    })
  )

  it.live("that is empty is null as JSON, and invalid JSON is a decode error with the response", () =>
    Effect.gen(function* () {
      expect(
        yield* got(
          (response) => response.end(),
          ({ json }) => json
        )
      ).toBeNull()
      const error = yield* Effect.flip(
        got(
          (response) => response.writeHead(203).end('{"data":'),
          ({ json }) => json
        )
      )
      expect(error).toMatchObject({ _tag: "ResponseError", reason: "Decode", response: { status: 203 } })
      expect(error.cause).toBeInstanceOf(SyntaxError)
    })
  )

  it.live("can be read as form data, which fails on any other type", () =>
    Effect.gen(function* () {
      const form = (type: string, body: string) =>
        got(
          (response) => response.writeHead(200, { "content-type": type }).end(body),
          ({ formData }) => Effect.map(formData, (form) => [...form])
        )
      expect(yield* form("application/x-www-form-urlencoded", "a=1&a=2&b=%C3%A9")).toEqual([
        ["a", "1"],
        ["a", "2"],
        ["b", "é"]
      ])
      const part = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
      expect(yield* form("multipart/form-data; boundary=x", part)).toEqual([["a", "1"]])
      expect(yield* Effect.flip(form("text/plain", "a=1"))).toMatchObject({ _tag: "ResponseError", reason: "Decode" })
    })
  )

  it.live("hands out bytes that a change leaves as they are for other readers", () =>
    Effect.gen(function* () {
      const text = yield* got(
        (response) => response.end("kept"),
        ({ arrayBuffer, text }) =>
          Effect.andThen(
            Effect.map(arrayBuffer, (bytes) => {
              expect(bytes.byteLength).toBe(4)
              new Uint8Array(bytes).fill(0)
            }),
            text
          )
      )
      expect(text).toBe("kept")
    })
  )

  it.live("streams its chunks as they arrive", () =>
    Effect.gen(function* () {
      const chunks = yield* got(
        (response) => {
          response.write("first")
        },
        ({ stream }) => Stream.runCollect(Stream.take(stream, 1))
      )
      expect(Chunk.toReadonlyArray(chunks).map(String)).toEqual([String(Buffer.from("first"))])
      const all = yield* got(
        (response) => {
          let count = 0
          const write = () => {
            if (count++ === 50) response.end()
            else response.write(String(count).padStart(10_000, "."), () => setImmediate(write))
          }
          write()
        },
        ({ stream }) => Stream.runCollect(stream)
      )
      expect(all.length).toBeGreaterThan(1)
      const text = Buffer.concat(Chunk.toReadonlyArray(all)).toString()
      expect(text).toBe(Array.from({ length: 50 }, (_, at) => String(at + 1).padStart(10_000, ".")).join(""))
    })
  )

  it.live("is read once as a stream: reading it again, or after its text, is a decode error", () =>
    Effect.gen(function* () {
      const again = yield* got(
        (response) => response.end("body"),
        ({ json, stream, text }) =>
          Stream.runDrain(stream).pipe(
            Effect.andThen(Effect.all([Effect.flip(text), Effect.flip(json), Effect.flip(Stream.runDrain(stream))]))
          )
      )
      const late = yield* got(
        (response) => response.end("body"),
        ({ stream, text }) => Effect.andThen(text, Effect.flip(Stream.runDrain(stream)))
      )
      for (const error of [...again, late]) {
        expect(error).toMatchObject({ _tag: "ResponseError", reason: "Decode" })
        expect(String(error.cause)).toContain("already read")
      }
    })
  )

  it.live.each([
    [204, "GET"],
    [304, "GET"],
    [200, "HEAD"]
  ] as const)("of a %d to %s has no body", ([status, method]) =>
    Effect.gen(function* () {
      const read = yield* exchange(
        (_, response) => response.writeHead(status, method === "HEAD" ? { "content-length": "5" } : {}).end(),
        HttpClientRequest.make(method)("/"),
        ({ json, status, text }) => Effect.all([Effect.succeed(status), text, json])
      )
      expect(read).toEqual([status, "", null])
    })
  )

  it.live("has no part of informational responses and trailers", () =>
    Effect.gen(function* () {
      const { headers, ...read } = yield* got(
        (response) => {
          response.writeProcessing()
          response.writeEarlyHints({ link: "</style.css>; rel=preload" }, () => {
            response.writeHead(200, { trailer: "x-checksum" })
            response.write("body")
            response.addTrailers({ "x-checksum": "1" })
            response.end()
          })
        },
        ({ headers, status, text }) => Effect.map(text, (text) => ({ headers, status, text }))
      )
      expect(read).toEqual({ status: 200, text: "body" })
      expect(headers).not.toHaveProperty("link")
      expect(headers).not.toHaveProperty("x-checksum")
    })
  )

  it.live.each([301, 302, 303, 307, 308])("%d is returned, and its location not requested", (status) =>
    Effect.gen(function* () {
      const targets: Array<string | undefined> = []
      const read = yield* exchange(
        ({ url }, response) => {
          targets.push(url)
          response.writeHead(status, { location: "/elsewhere" }).end("moved")
        },
        HttpClientRequest.get("/here"),
        ({ headers, status, text }) => Effect.map(text, (text) => ({ status, text, location: headers["location"] }))
      )
      expect(read).toEqual({ status, text: "moved", location: "/elsewhere" })
      expect(targets).toEqual(["/here"])
    })
  )

  it.live("can be inspected", () =>
    Effect.gen(function* () {
      const [json, shown] = yield* got(
        (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"a":1}'),
        (response) => Effect.as(response.text, [response.toJSON(), inspect(response)])
      )
      expect(json).toMatchObject({
        _id: "@effect/platform/HttpClientResponse",
        status: 200,
        request: { method: "GET" },
        body: { a: 1 }
      })
      expect(shown).toContain("status: 200")
    })
  )
})
