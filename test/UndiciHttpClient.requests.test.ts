import { describe, expect, it } from "@effect/vitest"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createReadStream } from "node:fs"
import { fileURLToPath } from "node:url"
import * as HandlerServer from "./transport/HandlerServer.js"
import { exchange } from "./transport/undiciExchange.js"

/** Sends one request, and returns what the server received. */
const sent = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.map(
    exchange(HandlerServer.echo, request, ({ json }) => json),
    (json) => {
      const echoed = json as HandlerServer.Echoed
      return { ...echoed, text: Buffer.from(echoed.body, "base64").toString("utf8") }
    }
  )

const post = HttpClientRequest.post("/things")

describe("a request", () => {
  it.live.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const)(
    "%s arrives with its query and headers",
    (method) =>
      Effect.gen(function* () {
        const received: Array<object> = []
        const request = HttpClientRequest.make(method)("/a/b?x=1", {
          urlParams: [
            ["y", "a b&c"],
            ["y", "é"]
          ],
          hash: "unsent",
          headers: { "X-Name": "value", "x-empty": "" }
        })
        const status = yield* exchange(
          ({ headers, method, url }, response) => {
            received.push({ method, url, headers })
            response.writeHead(204).end()
          },
          request,
          (response) => Effect.as(response.text, response.status)
        )
        expect(status).toBe(204)
        expect(received).toMatchObject([
          { method, url: "/a/b?x=1&y=a+b%26c&y=%C3%A9", headers: { "x-name": "value", "x-empty": "" } }
        ])
      })
  )

  it.live("without a body sends none", () =>
    Effect.gen(function* () {
      const get = yield* sent(HttpClientRequest.get("/"))
      expect(get).toMatchObject({ body: "" })
      expect(get.headers).not.toHaveProperty("content-length")
      expect(yield* sent(post)).toMatchObject({ body: "", headers: { "content-length": "0" } })
    })
  )

  it.live("sends text as UTF-8 with its type and length", () =>
    Effect.gen(function* () {
      expect(yield* sent(HttpClientRequest.bodyText(post, "é🎉", "text/x"))).toMatchObject({
        text: "é🎉",
        headers: { "content-type": "text/x", "content-length": "6" }
      })
      expect(yield* sent(HttpClientRequest.bodyText(post, ""))).toMatchObject({ text: "" })
    })
  )

  it.live("sends bytes as they are, also a part of a larger buffer", () =>
    Effect.gen(function* () {
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
      for (const body of [bytes, bytes.subarray(3, 200), new Uint8Array()]) {
        const received = yield* sent(HttpClientRequest.bodyUint8Array(post, body))
        expect(received.body).toBe(Buffer.from(body).toString("base64"))
        expect(received.headers).toMatchObject({
          "content-type": "application/octet-stream",
          "content-length": String(body.length)
        })
      }
    })
  )

  it.live("sends a FormData as multipart, files included", () =>
    Effect.gen(function* () {
      const body = new FormData()
      body.append("name", "acme é")
      body.append("file", new File(["content"], "a.txt", { type: "text/plain" }))
      const { headers, text } = yield* sent(HttpClientRequest.bodyFormData(post, body))
      const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1] ?? "none"
      expect(text.split(boundary)).toHaveLength(4)
      expect(text).toContain('name="name"\r\n\r\nacme é\r\n')
      expect(text).toContain('name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n')
    })
  )

  it.live("sends a stream in chunks, or with the length that it is said to have", () =>
    Effect.gen(function* () {
      const chunks = ["é".slice(0, 1), "", "two", "three"].map((text) => new TextEncoder().encode(text))
      const body = Stream.concat(
        Stream.fromIterable(chunks),
        Stream.unwrap(Effect.delay(Effect.succeed(Stream.make(Buffer.from("late"))), "5 millis"))
      )
      const chunked = yield* sent(HttpClientRequest.bodyStream(post, body, { contentType: "text/x" }))
      expect(chunked).toMatchObject({
        text: "étwothreelate",
        headers: { "transfer-encoding": "chunked", "content-type": "text/x" }
      })
      expect(chunked.headers).not.toHaveProperty("content-length")
      const announced = yield* sent(HttpClientRequest.bodyStream(post, body, { contentLength: 14 }))
      expect(announced).toMatchObject({ text: "étwothreelate", headers: { "content-length": "14" } })
      expect(announced.headers).not.toHaveProperty("transfer-encoding")
      expect(yield* sent(HttpClientRequest.bodyStream(post, Stream.empty))).toMatchObject({ text: "" })
    })
  )

  it.live("sends a raw body that undici can send, such as a file, and fails on any other", () =>
    Effect.gen(function* () {
      const file = createReadStream(fileURLToPath(new URL("transport/texts.ts", import.meta.url)))
      const raw = (body: unknown) => HttpClientRequest.setBody(post, HttpBody.raw(body))
      expect((yield* sent(raw(file))).text).toContain("export const")
      expect(yield* Effect.flip(sent(raw({ not: "sendable" })))).toMatchObject({
        _tag: "RequestError",
        reason: "Transport"
      })
    })
  )
})
