import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { StiggClient } from "effect-stigg"
import { RequestOptions, RetryPolicy, Stigg } from "effect-stigg"
import * as UndiciHttpClient from "effect-stigg/UndiciHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"

/** The clients for which the promises about sockets hold. */
export const httpClients = [
  { name: "UndiciHttpClient", http: UndiciHttpClient.layer },
  { name: "platform's undici", http: NodeHttpClient.layerUndici },
  { name: "node:http", http: NodeHttpClient.layer },
  { name: "fetch", http: FetchHttpClient.layer }
] as const

export type Http = (typeof httpClients)[number]["http"]

export const apiKey = "server-key-0123456789"

/** All services on a real socket, with short timeouts where the defaults are long. */
export const services = (
  http: Http,
  baseUrl: string,
  options: Partial<StiggClient.Options> = {}
): Layer.Layer<Stigg.Services> =>
  Stigg.layer({ apiKey: Redacted.make(apiKey), baseUrl, ...options } as StiggClient.Options).pipe(
    Layer.provide(http),
    Layer.provide(RetryPolicy.layer({ schedule: Schedule.spaced("1 millis") })),
    Layer.provide(RequestOptions.layer({ timeout: "2 seconds" })),
    Layer.orDie
  )
