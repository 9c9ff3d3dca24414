import { describe, expect, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as HandlerServer from "./transport/HandlerServer.js"
import type { Script } from "./transport/ScriptedServer.js"
import * as ScriptedServer from "./transport/ScriptedServer.js"

const { silence } = HandlerServer

describe("fails as the platform's undici client does:", () => {
  const failure = (
    layer: typeof UndiciHttpClient.layer,
    run: (client: HttpClient.HttpClient) => Effect.Effect<unknown, HttpClientError.HttpClientError>
  ) =>
    Effect.flatMap(HttpClient.HttpClient, run).pipe(
      Effect.flip,
      Effect.map(({ _tag, reason }) => ({ _tag, reason })),
      Effect.provide(layer)
    )

  const failures = (run: Parameters<typeof failure>[1]) =>
    Effect.all([failure(UndiciHttpClient.layer, run), failure(NodeHttpClient.layerUndici, run)])

  it.live.each<readonly [string, Script, string]>([
    ["reset before the headers", ScriptedServer.resetBeforeHeaders, "RequestError"],
    ["closed before the headers", ScriptedServer.closeBeforeHeaders, "RequestError"],
    ["not HTTP", ScriptedServer.garbage(() => "Hello, I am no web server\r\n\r\n"), "RequestError"],
    ["an unasked 100", ScriptedServer.garbage(() => "HTTP/1.1 100 Continue\r\n\r\n"), "RequestError"],
    [
      "an unasked 101",
      ScriptedServer.garbage(() => "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
      "RequestError"
    ],
    ["ended inside the headers", ScriptedServer.garbage(() => "HTTP/1.1 200 OK\r\ncontent-le"), "RequestError"],
    ["reset inside the body", ScriptedServer.resetInsideBody, "ResponseError"],
    ["ended inside the body", ScriptedServer.endInsideBody, "ResponseError"],
    [
      "an invalid chunk",
      ScriptedServer.garbage(() => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n"),
      "ResponseError"
    ]
  ])("%s", ([, script, _tag]) =>
    Effect.gen(function* () {
      const server = yield* ScriptedServer.make(script)
      const text = yield* failures((client) => Effect.flatMap(client.get(server.url), ({ text }) => text))
      const stream = yield* failures((client) =>
        Effect.flatMap(client.get(server.url), ({ stream }) => Stream.runDrain(stream))
      )
      const expected = { _tag, reason: _tag === "RequestError" ? "Transport" : "Decode" }
      expect([...text, ...stream]).toEqual([expected, expected, expected, expected])
    }).pipe(Effect.scoped)
  )

  it.live.each<readonly [string, (url: string) => HttpClientRequest.HttpClientRequest, string]>([
    ["refused", (url) => HttpClientRequest.get(url), "Transport"],
    ["an invalid URL", () => HttpClientRequest.get("not a URL"), "InvalidUrl"],
    ["another protocol", () => HttpClientRequest.get("ftp://localhost/"), "Transport"],
    ["an invalid header", (url) => HttpClientRequest.setHeader(HttpClientRequest.get(url), "x", "a\nb"), "Transport"],
    [
      "a forbidden header",
      (url) => HttpClientRequest.setHeader(HttpClientRequest.get(url), "upgrade", "x"),
      "Transport"
    ],
    [
      "a wrong length",
      (url) =>
        HttpClientRequest.post(url).pipe(
          HttpClientRequest.bodyText("body"),
          HttpClientRequest.setHeader("content-length", "7")
        ),
      "Transport"
    ]
  ])("%s", ([, request, reason]) =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(HandlerServer.make(silence))
      const expected = { _tag: "RequestError", reason }
      expect(yield* failures((client) => client.execute(request(url)))).toEqual([expected, expected])
    })
  )
})
