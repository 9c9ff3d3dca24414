import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type { StiggClient } from "effect-stigg"
import { Stigg } from "effect-stigg"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

/** A request as sent. */
export interface Sent {
  readonly method: string
  readonly url: URL
  /** Path and query, as in the request line. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Milliseconds of the clock. */
  readonly at: number
}

/** The outcome of a request: a response, or a broken connection with its cause. */
export type Answer = Effect.Effect<Response, Error>

/** An `HttpClient` without a socket, for rules about time. `script` responds to each request by its number, from 0. */
export const make = (script: (sent: Sent, index: number) => Answer) => {
  const sent: Array<Sent> = []
  const interrupted: Array<number> = []
  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      const one: Sent = {
        method: request.method,
        url,
        target: url.pathname + url.search,
        headers: { ...request.headers },
        body,
        at: yield* Clock.currentTimeMillis
      }
      const index = sent.push(one) - 1
      return yield* script(one, index).pipe(
        Effect.map((response) => HttpClientResponse.fromWeb(request, response)),
        Effect.mapError((cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })),
        Effect.onInterrupt(() => Effect.sync(() => interrupted.push(index)))
      )
    })
  )
  return { sent, interrupted, client, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

/** Like {@link make}, with one response after another. The last one repeats. */
export const sequence = (...answers: readonly [Answer, ...ReadonlyArray<Answer>]) =>
  make((_, index) => answers[Math.min(index, answers.length - 1)] ?? answers[0])

export const apiKey = "server-key-0123456789"

/** All services on a scripted client. */
export const services = (
  scripted: { readonly layer: Layer.Layer<HttpClient.HttpClient> },
  options: Partial<StiggClient.Options> = {}
): Layer.Layer<Stigg.Services> =>
  Stigg.layer({ apiKey: Redacted.make(apiKey), ...options } as StiggClient.Options).pipe(
    Layer.provide(scripted.layer),
    Layer.orDie
  )

export const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  Effect.sync(
    () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers: { ...headers } })
  )

export const ok = (data: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(200, { data }, headers)

/** The API's error format. */
export const refusal = (status: number, code: string | null = null, headers: Readonly<Record<string, string>> = {}) =>
  answer(status, { message: `refused with ${status}`, code }, headers)

/** A broken connection, as the system reports it. */
export const reset: Answer = Effect.failSync(() =>
  Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", errno: -104 })
)

/** Headers and the first bytes, then nothing more. */
export const stalledBody: Answer = Effect.sync(
  () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) }))
)

export const customer = (id: string) => ({
  id,
  createdAt: "2026-06-13T10:00:00.000Z",
  updatedAt: "2026-06-13T10:00:00.000Z",
  archivedAt: null
})
