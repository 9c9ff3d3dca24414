import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator } from "effect-stigg/testing"
import type { Json } from "./document.js"
import { departures, json, list } from "./document.js"

/** Requests as any client would send them, with their responses checked against the vendor's document. */

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: Json
  /** `data` of the body, if it is one object. */
  readonly data: Json
  /** The ids in `data`, if it is a list. */
  readonly ids: ReadonlyArray<unknown>
  readonly next: unknown
  readonly prev: unknown
}

export interface Options {
  readonly body?: unknown
  /** A body that need not be JSON. */
  readonly text?: string
  readonly contentType?: string
  readonly headers?: { readonly [name: string]: string }
  readonly baseUrl?: string
}

type Method = "GET" | "POST" | "PATCH" | "DELETE" | "PUT"

export const send = (method: Method, path: string, options: Options = {}) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const text = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
    const request = HttpClientRequest.make(method)(`${options.baseUrl ?? "http://emulator"}${path}`).pipe(
      HttpClientRequest.setHeaders({ "x-api-key": "any", accept: "application/json", ...options.headers }),
      text === undefined ? (self) => self : HttpClientRequest.bodyText(text, options.contentType ?? "application/json")
    )
    const response = yield* client.execute(request)
    const raw = yield* response.text
    const whole: unknown = JSON.parse(raw)
    expect(departures(method, path, response.status, whole), raw).toEqual([])
    const { traceId, ...body } = json(whole)
    expect(traceId, raw).toBe(response.headers["x-trace-id"])
    const pagination = json(json(body)["pagination"])
    const data = json(body)["data"]
    return {
      status: response.status,
      headers: response.headers,
      body: json(body),
      data: json(data),
      ids: list(data).map((item) => json(item)["id"]),
      next: pagination["next"],
      prev: pagination["prev"]
    } satisfies Answer
  })

export const get = (path: string, options?: Options) => send("GET", path, options)
export const post = (path: string, body?: unknown, options?: Options) => send("POST", path, { body, ...options })
export const patch = (path: string, body?: unknown) => send("PATCH", path, { body })
export const remove = (path: string) => send("DELETE", path)

export const customers = "/api/v1/customers"

/** An existing customer. */
export const provisioned = (id: string, more: Json = {}) => post(customers, { id, ...more })

/** An in-process emulator and a client for it. */
export const emulated = (options: Emulator.Options = {}) =>
  Emulator.layerHttpClient.pipe(Layer.provideMerge(Emulator.layer(options)))

/** A failure in short form: its status and code. */
export const failure = ({ body, status }: Answer) => ({ status, code: body["code"] })
